package import AnomalyModels
package import Imaging
import Inference
package import Kernels
package import ModelPackages

/// What a frozen tower says of a picture where prompts begin: its tokens in front of that block, and what its embedding
/// has beside the class token's part. From the runtime that inspects.
package final class TowerTokens {
    /// Pixels along a side of the pictures.
    package let side: Int
    package let layout: PromptLayout
    /// Tokens along a side.
    package let grid: Int
    /// Of the package.
    package let digest: String
    private let session: Session
    private let node: String

    /// Compiles the tower in `package` for pictures of `side` x `side` pixels. Blocks.
    ///
    /// Throws `unknownArchitecture` if it is no tower, `inputSize` or `weights` if they do not fit.
    package init(
        _ package: ModelPackage, kind: PromptLayout.Kind, side: Int, kernels: KernelTable
    ) throws(ModelError) {
        let tower = try PromptedTower(package, kind: kind, size: Size(width: side, height: side))
        (self.side, layout, grid) = (side, tower.layout, tower.grid.width)
        digest = package.digest.description
        node = layout.first == 0 ? "vision.norm_pre" : "vision.layer\(layout.first - 1).fc2"
        var graph = try Network(of: package).graph(.image(side: side), outputs: .last)
        graph.outputNode(node)
        graph.outputNode("vision.names")
        do {
            session = try unsafe Session(
                CompiledModel(
                    graph, weights: PromptedSource(PackageSource(package), FloatWeights(), grid: tower.grid),
                    kernels: kernels),
                pool: TensorPool())
        } catch { throw .weights(directory: package.directory, error) }
    }

    /// The rows of `tokens(of:)`: the class token and the others.
    package var rows: Int { grid * grid + 1 }

    /// Of `image`, which has `side` x `side` pixels: the tokens `[rows, width]`, and `[embeddingWidth]` to be added to
    /// what the class token says. Allocates.
    package func of(_ image: RGBImage) -> (tokens: [Float], beside: [Float]) {
        precondition(image.size == Size(width: side, height: side), "a picture of \(image.size)")
        // As many bytes as the tower's input, by the precondition.
        unsafe session.withInput { input in unsafe input.copyBytes(from: image.pixels) }
        session.run()
        let beside =
            session.floats("vision.names") ?? [Float](repeating: 0, count: layout.embeddingWidth)
        return (session.floats(node) ?? [], beside)
    }
}
