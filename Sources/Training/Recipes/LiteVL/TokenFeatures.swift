package import AnomalyModels
package import Imaging
import Inference
package import Kernels
package import ModelPackages

/// What a frozen trunk says of one picture, as LiteVL's blocks read it.
package struct PictureTokens: Sendable, Hashable {
    /// Of each tap `[patches, channels]`, -127...127: a patch is its codes times its scale.
    package var codes: [[Int8]]
    /// Of each tap `[patches]`.
    package var scales: [[Float]]
    /// The trunk's own classifier, `[1000]`.
    package var logits: [Float]
}

/// A frozen EfficientNet-Lite as LiteVL's training reads it: the maps of the runtime that inspects, rounded to a
/// byte a number.
package final class TokenFeatures {
    /// Pixels along a side of the pictures.
    package let side: Int
    /// The taps of the trunk, in the order of their strides.
    package let taps: [PatchTap]
    /// Of the trunk's package.
    package let digest: String
    private let session: Session

    /// Compiles the trunk in `package` for pictures of `side` x `side` pixels. Blocks.
    ///
    /// Throws `unknownArchitecture` if it is no EfficientNet-Lite, `weights` if they do not fit.
    package init(_ package: ModelPackage, side: Int, kernels: KernelTable) throws(ModelError) {
        guard case .efficientNetLite(let network) = try Network(of: package).architecture else {
            throw .unknownArchitecture(
                directory: package.directory, found: package.manifest.architecture,
                known: EfficientNetLite.allCases.map { "efficientnet-lite\($0.rawValue)" })
        }
        self.side = side
        taps = network.patchTaps
        digest = package.digest.description
        let graph = network.graph(height: side, width: side, taps: network.tapBlocks, hasClassifier: true)
        do {
            session = try unsafe Session(
                CompiledModel(graph, weights: PackageSource(package), kernels: kernels), pool: TensorPool())
        } catch { throw .weights(directory: package.directory, error) }
    }

    /// The patches of tap `index`.
    package func patches(_ index: Int) -> Int { (side / taps[index].stride) * (side / taps[index].stride) }

    /// The features of `image`, which has `side` x `side` pixels. Allocates.
    package func of(_ image: RGBImage) -> PictureTokens {
        precondition(image.size == Size(width: side, height: side), "a picture of \(image.size)")
        // As many bytes as the trunk's input, by the precondition.
        unsafe session.withInput { input in unsafe input.copyBytes(from: image.pixels) }
        session.run()
        var tokens = PictureTokens(codes: [], scales: [], logits: session.floats("logits") ?? [])
        for tap in taps {
            let rounded = Self.rounded(session.floats(tap.output) ?? [], width: tap.channels)
            tokens.codes.append(rounded.codes)
            tokens.scales.append(rounded.scales)
        }
        return tokens
    }

    /// Rows of `width` values as codes, the largest of a row 127 in magnitude, and the scale of each row.
    private static func rounded(_ values: [Float], width: Int) -> (codes: [Int8], scales: [Float]) {
        var codes: [Int8] = [], scales: [Float] = []
        codes.reserveCapacity(values.count)
        for start in stride(from: 0, to: values.count, by: width) {
            let row = values[start..<start + width]
            let largest = row.reduce(Float(0)) { max($0, abs($1)) }
            let factor = largest > 0 ? 127 / largest : 0
            for value in row { codes.append(Int8((value * factor).rounded(.toNearestOrEven))) }
            scales.append(largest / 127)
        }
        return (codes, scales)
    }
}
