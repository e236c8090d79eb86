import Imaging
import Inference
import Kernels
import Platform

/// What the class name of a product adds to its map: `weight` times the margin of its sentences, less `centre`.
package struct PatchText: Sendable, Hashable {
    package let margin: ClassMargin
    package let weight: Float
    /// The usual margin of the patches of good parts.
    package let centre: Float

    /// What the margin counts beside the map of the nearest patches, both in deviations over good parts. Chosen on
    /// magnetic_tile and glassfiber.
    package static let strength: Float = 0.5

    package init(_ margin: ClassMargin, weight: Float, centre: Float) {
        (self.margin, self.weight, self.centre) = (margin, weight, centre)
    }
}

/// A `PatchText` ready to run on what a trunk saw. For one thread; running it allocates nothing.
@safe
final class TextPass {
    private let embedding: PatchEmbedding
    private let patches: Int
    private let mapSize: Size
    private let weight: Float
    private let centre: Float
    private let buffers: FloatBuffers
    private let enlarge: KernelCall
    private let enlarged: UnsafeMutablePointer<Float>

    /// Blocks. Throws `weights` if there is no memory.
    init(_ text: PatchText, on trunk: PatchTrunk, mapSize: Size, kernels: KernelTable) throws(ModelError) {
        embedding = try PatchEmbedding(text.margin, on: trunk, kernels: kernels)
        (self.mapSize, weight, centre) = (mapSize, text.weight, text.centre)
        let grid = trunk.grid(0)
        patches = grid.pixelCount
        do {
            buffers = try FloatBuffers(
                [mapSize.pixelCount],
                scratchBytes: KernelCall.resizeScratchBytes(width: grid.width, outWidth: mapSize.width))
        } catch { throw .weights(directory: trunk.directory, .outOfMemory(bytes: 4 * mapSize.pixelCount)) }
        unsafe enlarged = buffers[0]
        let (embedding, enlarged) = unsafe (self.embedding, self.enlarged)
        enlarge = unsafe .resize(
            kernels, embedding.margins, height: grid.height, width: grid.width, to: enlarged,
            height: mapSize.height, width: mapSize.width)
    }

    deinit { enlarge.destroy() }

    /// Adds what the margins say to `map`; what falls below 0 or rises above 2 stays there. Allocation-free.
    func run(_ rarity: PatchRarity, addingTo map: UnsafeMutablePointer<Float>) {
        embedding.run(rarity)
        guard weight != 0 else { return }
        unsafe enlarge.run(0..<enlarge.unitCount, scratch: buffers.scratch)
        for cell in 0..<mapSize.pixelCount {
            unsafe map[cell] = min(max(map[cell] + weight * (enlarged[cell] - centre), 0), 2)
        }
    }

    /// The margin of each patch of the last run, row-major.
    var margins: UnsafeBufferPointer<Float> {
        // The embedding has one for each patch of the finest grid.
        unsafe UnsafeBufferPointer(start: embedding.margins, count: patches)
    }
}
