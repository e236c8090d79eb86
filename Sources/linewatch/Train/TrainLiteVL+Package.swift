import AnomalyModels
import Foundation
import Imaging
import Inference
import ModelPackages
import SimulatedLine
import Training

extension TrainLiteVL {
    /// Writes the package, and compares it with float32 if there is a checkpoint of the trunk.
    func write(
        _ made: LiteVLPackage, _ recipe: LiteVLRecipe, _ taught: FloatWeights, trunk: ModelPackage,
        text: ModelPackage
    ) throws {
        var package = try made.package(name: recipe.name, version: recipe.version)
        package.manifest.configuration["text.name"] = .string(text.manifest.name)
        package.manifest.configuration["text.digest"] = .string(text.digest.description)
        if !recipe.heldOut.isEmpty {
            package.manifest.configuration["heldOut"] = .string(recipe.heldOut.joined(separator: ", "))
        }
        package.manifest.provenance =
            trunk.manifest.provenance + text.manifest.provenance + [
                Manifest.Source(
                    file: URL(filePath: names).lastPathComponent,
                    sha256: try PackageDigest(ofFile: names).description,
                    origin:
                        "the names of ImageNet's classes, in OpenAI's notebook Prompt_Engineering_for_ImageNet",
                    licence: "MIT")
            ]
        package.add("recipe.toml", try ImageFile.bytes(of: config))
        var written = try package.write(to: output, replacing: true)
        if let checkpoint {
            let taps = try accuracy(written, taught, checkpoint, recipe)
            for tap in taps {
                package.manifest.accuracy["\(tap.name).cosine"] = (tap.cosine * 1e6).rounded() / 1e6
                package.manifest.accuracy["\(tap.name).relative_l2"] = (tap.relativeL2 * 1e6).rounded() / 1e6
            }
            written = try package.write(to: output, replacing: true)
            print(
                table(
                    [["int8 against float32", "cosine", "relative L2"]]
                        + taps.map { [$0.name, decimals($0.cosine, 5), decimals($0.relativeL2, 4)] }))
        }
        print("'\(output)': \(written.digest)")
    }

    /// Every tap in int8 against float32 throughout, on practice pictures that nothing was fitted on.
    private func accuracy(
        _ package: ModelPackage, _ taught: FloatWeights, _ checkpoint: String, _ recipe: LiteVLRecipe
    ) throws -> [TapAccuracy] {
        var weights = try CheckpointReader.read(path: checkpoint, activation: nil).weights
        for (name, tensor) in taught.tensors { weights.tensors[name] = tensor }
        let practice = PracticePictures(
            kinds: PracticeCatalogue.kinds, products: 1, side: 256, seed: recipe.seed &+ 3_000_003)
        let source = PackageSource(package)
        let image = source.activation("image").map { ["image": $0] } ?? [:]
        return try AccuracyCheck.taps(
            of: Network(of: package), quantised: source,
            float: FloatSource(weights, activations: image),
            samples: (0..<24).map { .image(practice[$0 * 3].image.pixels) }
        ) { _ in }
    }
}
