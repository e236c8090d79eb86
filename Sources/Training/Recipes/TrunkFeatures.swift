package import AnomalyModels
package import Imaging
import Inference
package import Kernels
package import ModelPackages

/// What a frozen trunk says of a picture.
package struct PictureFeatures: Sendable {
    /// The maps of the trunk's taps, `[height, width, channels]` of each.
    package let maps: [[Float]]
}

/// A frozen EfficientNet-Lite as training reads it: through the runtime that inspects, in int8.
package final class TrunkFeatures {
    package let network: EfficientNetLite
    package let taps: [PatchTap]
    package let side: Int
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
        (self.network, self.side) = (network, side)
        taps = network.patchTaps
        digest = package.digest.description
        let graph = network.graph(
            height: side, width: side, taps: taps.map(\.block), hasClassifier: false)
        do {
            session = try unsafe Session(
                CompiledModel(graph, weights: PackageSource(package), kernels: kernels), pool: TensorPool())
        } catch { throw .weights(directory: package.directory, error) }
    }

    /// The maps of `image`, which has `side` x `side` pixels. Allocates.
    package func of(_ image: RGBImage) -> PictureFeatures {
        precondition(image.size == Size(width: side, height: side), "a picture of \(image.size)")
        // As many bytes as the input of the graph, by the precondition.
        unsafe session.withInput { input in unsafe input.copyBytes(from: image.pixels) }
        session.run()
        return PictureFeatures(
            maps: taps.map { tap in
                guard let map = session.floats(tap.output) else {
                    preconditionFailure("the trunk lacks '\(tap.output)'")
                }
                return map
            })
    }
}
