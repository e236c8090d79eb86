import AnomalyModels
import ArgumentParser
import Foundation
import Imaging
import Inference
import Kernels
import ModelPackages
import SimulatedLine
import Training

/// What LiteVL and its baseline are made of: the trunk, the network that reads, and the names of the trunk's classes.
struct LiteVLParts {
    let trunk: ModelPackage
    let text: ModelPackage
    let phrases: PhraseEncoder
    private let path: String
    private let names: [String]

    /// Throws `ValidationError` if the file `names` does not have as many lines as the trunk has classes.
    init(trunk: ModelPackage, text: ModelPackage, names path: String, kernels: KernelTable) throws {
        (self.trunk, self.text, self.path) = (trunk, text, path)
        phrases = PhraseEncoder(try SentenceEncoder(text, kernels: kernels))
        let lines = String(decoding: try ImageFile.bytes(of: path), as: UTF8.self)
        names = lines.split(whereSeparator: \.isNewline).map(String.init)
        guard names.count == TokenCache.classes else {
            throw ValidationError("'\(path)' has \(names.count) names, not \(TokenCache.classes).")
        }
    }

    func architecture(width: Int, layers: Int) throws -> Architecture.LiteVL {
        guard case .efficientNetLite(let network) = try Network(of: trunk).architecture else {
            throw ValidationError("'\(trunk.manifest.name)' is no EfficientNet-Lite.")
        }
        return Architecture.LiteVL(trunk: network, width: width, layers: layers)
    }

    /// The regression from the names of the classes. Blocks; seconds.
    func classes(ridge: Double) throws -> NamedClasses {
        NamedClasses(
            sentences: try names.flatMap { try phrases.vector(of: $0) }, width: phrases.width, ridge: ridge)
    }

    /// What the mean of the trunk's last map says of names, `[width, 1280]`.
    func knownNames(_ classes: NamedClasses) throws -> [Float] {
        let channels = EfficientNetLite.headChannels
        let rows = try PackageSource(trunk).floats(
            "classifier.weight", shape: [TokenCache.classes, channels])
        return classes.product(with: rows, channels: channels)
    }

    /// Good and defective practice pictures that were not trained on, to even out channels on.
    static func pictures(seed: UInt64) -> [[UInt8]] {
        let practice = PracticePictures(
            kinds: PracticeCatalogue.kinds, products: 1, side: 256, seed: seed &+ 2_000_003)
        return (0..<LiteVLPackage.pictures).map { practice[$0 * 5].image.pixels }
    }

    /// Writes the network that reads, and where the names come from, to a manifest.
    func describe(_ manifest: inout Manifest) throws {
        manifest.configuration["text.name"] = .string(text.manifest.name)
        manifest.configuration["text.digest"] = .string(text.digest.description)
        manifest.provenance.append(
            Manifest.Source(
                file: URL(filePath: path).lastPathComponent,
                sha256: try PackageDigest(ofFile: path).description,
                origin:
                    "the names of ImageNet's classes, in OpenAI's notebook Prompt_Engineering_for_ImageNet",
                licence: "MIT"))
    }
}
