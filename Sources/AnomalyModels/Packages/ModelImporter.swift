import Imaging
import Inference
import Kernels
package import ModelPackages
import Platform
import Tensors

/// Makes a model package from a published checkpoint: reads, fits and quantises, compares with float32,
/// writes.
package struct ModelImporter: Sendable {
    /// What the checkpoint holds.
    package let network: Network
    private let path: String
    private let weights: FloatWeights

    /// What is asked for.
    package struct Request: Sendable {
        package var name: String
        package var version = "1.0.0"
        package var images = ImageSamples.patterns
        /// The tokenizer's vocabulary, unpacked; text networks need it.
        package var vocabulary: (path: String, bytes: [UInt8])?
        /// Where the checkpoint can be had.
        package var origin = "unknown"
        /// Its licence, as an SPDX identifier.
        package var licence = "unknown"
        /// Whether a network that is too inaccurate in int8 is written all the same, and the manifest says
        /// so.
        package var isForced = false
        /// What is computed more finely than in int8: nodes of blocks, as `Network.blockNodes(named:)` reads them. nil: what
        /// the network needs, `Network.usuallyFiner`.
        package var finer: [String]?
        /// How far the channels of a transformer are evened out, 0...1.
        package var equalisation = Equalisation.usualExponent
        /// Whether a package of this name is replaced.
        package var replaces = false

        package init(name: String) { self.name = name }
    }

    /// A part of the work that takes its time.
    package enum Step: String, Sendable {
        case fitting, comparing, writing
    }

    /// What was written.
    package struct Report: Sendable {
        package let package: ModelPackage
        package let taps: [TapAccuracy]
    }

    /// Reads and recognises the checkpoint at `path`; see `CheckpointReader`. Throws `checkpoint`.
    package init(checkpoint path: String, activation: Architecture.Activation?) throws(ModelError) {
        do {
            let checkpoint = try CheckpointReader.read(path: path, activation: activation)
            network = Network(checkpoint.architecture)
            weights = checkpoint.weights
        } catch { throw .checkpoint(error) }
        self.path = path
    }

    /// Writes the package to the folder `directory`. Blocks, from seconds to minutes.
    ///
    /// Throws `vocabularyRequired`, `vocabularyUnreadable`, `image` if a picture cannot be read,
    /// `tooInaccurate`, or
    /// `package`; then nothing was written.
    /// - Parameter progress: called with how much of a step is done.
    package func write(
        _ request: Request, to directory: String, progress: (Step, _ done: Int, _ of: Int) -> Void
    ) throws(ModelError) -> Report {
        var network = network
        for name in request.finer ?? network.usuallyFiner {
            network.finer.formUnion(try network.blockNodes(named: name))
        }
        let encoder = try TextEncoder(of: network, vocabulary: request.vocabulary, checkpoint: path)
        let fitted = try Int8Fit(
            network, weights, request.images, encoder, exponent: request.equalisation
        ) { progress(.fitting, $0, $1) }
        let builder = try PackageBuilder(network, weights: fitted.weights, calibration: fitted.calibration)
        let activations = fitted.calibration?.activations ?? [:]
        let float = FloatSource(weights, activations: activations)
        let quantised = FloatSource(fitted.weights, activations: activations)

        let samples = try heldBack(request.images, encoder)
        progress(.comparing, 0, samples.count)
        let taps = try AccuracyCheck.taps(of: network, quantised: quantised, float: float, samples: samples) {
            progress(.comparing, $0, samples.count)
        }
        let demand = network.accuracyDemand
        let worst = taps.first { !$0.meets(demand) }
        if let worst, !request.isForced {
            throw .tooInaccurate(
                tap: worst.name, cosine: worst.cosine, relativeL2: worst.relativeL2, demand: demand)
        }

        progress(.writing, 0, 1)
        var writer = builder.package(name: request.name, version: request.version)
        writer.manifest.provenance = try provenance(request)
        if request.equalisation != Equalisation.usualExponent {
            writer.manifest.quantisation?.equalisation = (Double(request.equalisation) * 1e6).rounded() / 1e6
        }
        for tap in taps {
            writer.manifest.accuracy["\(tap.name).cosine"] = rounded(tap.cosine)
            writer.manifest.accuracy["\(tap.name).relative_l2"] = rounded(tap.relativeL2)
        }
        if worst != nil { writer.manifest.configuration["forced"] = .bool(true) }
        if let vocabulary = request.vocabulary, let name = encoder?.fileName {
            writer.add(name, vocabulary.bytes)
        }
        do {
            let package = try writer.write(to: directory, replacing: request.replaces)
            progress(.writing, 1, 1)
            return Report(package: package, taps: taps)
        } catch { throw .package(error) }
    }

    /// Every block of a package as it runs against float32 from the checkpoint that it was imported from, on
    /// patterns and sentences that it was not calibrated on. Blocks.
    ///
    /// Throws `otherNetwork` if the checkpoint is of another network, or what import throws.
    package static func layers(
        of package: ModelPackage, checkpoint path: String, progress: (_ done: Int, _ of: Int) -> Void
    ) throws(ModelError) -> [TapAccuracy] {
        let network = try Network(of: package)
        var activation: Architecture.Activation?
        if case .clip(let clip) = network.architecture { activation = clip.activation }
        let importer = try ModelImporter(checkpoint: path, activation: activation)
        guard importer.network.architecture == network.architecture else {
            throw .otherNetwork(
                file: path, found: "\(importer.network.architecture)", wanted: "\(network.architecture)")
        }
        let vocabulary = try TextEncoder.vocabulary(of: package)
        let samples = try importer.heldBack(
            .patterns, try TextEncoder(of: network, vocabulary: vocabulary, checkpoint: package.directory))
        let source = PackageSource(package)
        let image = source.activation("image").map { ["image": $0] } ?? [:]
        return try AccuracyCheck.taps(
            of: network, quantised: source, float: FloatSource(importer.weights, activations: image),
            samples: samples
        ) { progress($0, samples.count) }
    }

    /// Inputs that nothing was fitted on.
    private func heldBack(
        _ images: ImageSamples, _ encoder: TextEncoder?
    ) throws(ModelError) -> [AccuracyCheck.Sample] {
        var samples: [AccuracyCheck.Sample] = []
        if case .image(let side) = network.nativeInput {
            for index in 0..<images.heldBackCount {
                do { samples.append(.image(try images.heldBackImage(index, side: side))) } catch {
                    throw .image(error)
                }
            }
        }
        for index in 0..<(encoder == nil ? 0 : Self.sentenceCount) {
            guard let encoder else { continue }
            samples.append(.tokens(try encoder.encode(SampleSentences.sentence(Self.sentenceCount + index))))
        }
        return samples
    }

    private static let sentenceCount = 40

    private func provenance(_ request: Request) throws(ModelError) -> [Manifest.Source] {
        do {
            return [
                Manifest.Source(
                    file: fileName(path), sha256: try PackageDigest(ofFile: path).description,
                    origin: request.origin, licence: request.licence)
            ]
        } catch { throw .package(.unreadable(error)) }
    }
}

extension Network {
    /// How close to float32 an import has to come.
    package var accuracyDemand: TapAccuracy.Demand {
        if case .efficientNetLite = architecture { .featureMaps } else { .tokens }
    }
}

/// The part of `path` behind the last slash.
private func fileName(_ path: String) -> String {
    String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...])
}

/// `value` to six decimals, as a manifest keeps it.
private func rounded(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 }
