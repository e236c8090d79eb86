import Inference
package import Kernels
package import ModelPackages

/// Pictures to unit vectors in the space of sentences, by a LiteVL.
package final class PictureEncoder {
    /// Pixels along a side of the pictures.
    package let side: Int
    package let width: Int
    private let session: Session

    /// Compiles the network in `package` for pictures of its own size. Blocks.
    ///
    /// Throws `unknownArchitecture` if it is no LiteVL, `weights` if they do not fit.
    package init(_ package: ModelPackage, kernels: KernelTable) throws(ModelError) {
        let network = try Network(of: package)
        guard case .liteVL(let architecture) = network.architecture else {
            throw .unknownArchitecture(
                directory: package.directory, found: package.manifest.architecture, known: ["litevl"])
        }
        side = Architecture.LiteVL.grid * Architecture.LiteVL.stride
        width = architecture.embeddingWidth
        let graph = try network.graph(network.nativeInput, outputs: .last)
        do {
            session = try unsafe Session(
                CompiledModel(graph, weights: PackageSource(package), kernels: kernels), pool: TensorPool())
        } catch { throw .weights(directory: package.directory, error) }
    }

    /// The unit vector of the RGB `pixels`, `[side, side, 3]`. Allocates the result.
    ///
    /// - Precondition: there are as many.
    package func embedding(of pixels: [UInt8]) -> [Float] {
        precondition(pixels.count == side * side * 3, "\(pixels.count) bytes for \(side) x \(side)")
        // As many bytes as the input, by the precondition.
        unsafe session.withInput { input in unsafe input.copyBytes(from: pixels) }
        session.run()
        guard let embedding = session.floats("vision.embedding") else {
            preconditionFailure("LiteVL gives no embedding")
        }
        let length = embedding.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return embedding.map { $0 / max(length, 1e-12) }
    }
}
