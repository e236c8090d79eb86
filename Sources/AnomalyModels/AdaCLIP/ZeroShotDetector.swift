package import Imaging
package import Inference
package import Kernels
package import ModelPackages
import Platform

/// AdaCLIP-E: an image is as anomalous as its patches are rare in it and nearer to the sentences of a defect than to
/// those of a good part. It needs a class name and no good part.
///
/// The map is the distance of rare patches, weighed over the taps as the nearest-patch detector does, plus
/// `mapWeight` times the margin (see `ZeroShotHead`), at half the size of the input. The score of the image is the
/// mean of the highest hundredth of the distances to the fewer neighbours, plus `imageWeight` times that of the
/// margins; at least 0. All of it is the same to the bit on every instruction set.
@safe
package final class ZeroShotDetector: MapDetector {
    package var size: Size { trunk.size }
    package let mapSize: Size
    package let trunk: PatchTrunk
    private let rarity: PatchRarity
    private let distance: RarityDistance
    private let embedding: PatchEmbedding
    private let mapWeight: Float
    private let imageWeight: Float
    private let memory: Memory
    private let scratch: UnsafeMutableRawPointer
    private let map: UnsafeMutablePointer<Float>
    private let enlarge: KernelCall
    private let topMean: TopMean

    /// Loads `head` for a class with the trunk in `package`, for images of `size`. Blocks.
    ///
    /// Throws `otherTower` if the head was made with another trunk, and what `PatchTrunk` throws.
    package convenience init(
        _ head: ZeroShotHead, _ columns: ClassColumns, trunk package: ModelPackage, size: Size,
        kernels: KernelTable, pool: TensorPool
    ) throws(ModelError) {
        try self.init(
            head, columns, on: PatchTrunk(package, size: size, kernels: kernels, pool: pool), kernels: kernels
        )
    }

    /// A detector on a trunk that others may use too: then they share its input, and one at a time runs. Blocks.
    ///
    /// Throws `otherTower` if the head was made with another trunk, `weights` if there is no memory.
    package init(
        _ head: ZeroShotHead, _ columns: ClassColumns, on trunk: PatchTrunk, kernels: KernelTable
    ) throws(ModelError) {
        guard head.trunk.digest == trunk.digest, head.channels == trunk.taps.map(\.channels) else {
            throw .otherTower(directory: trunk.directory, digest: trunk.digest, wanted: head.trunk)
        }
        self.trunk = trunk
        (mapWeight, imageWeight) = (head.mapWeight, head.imageWeight)
        rarity = try PatchRarity(of: trunk, kernels: kernels)
        distance = try RarityDistance(rarity, of: trunk, kernels: kernels)
        embedding = try PatchEmbedding(ClassMargin(head, columns), on: trunk, kernels: kernels)
        let size = trunk.size, grid = trunk.grid(0)
        let mapSize = Size(width: size.width / 2, height: size.height / 2)
        self.mapSize = mapSize
        topMean = TopMean(count: grid.pixelCount)
        let mapBytes = 4 * mapSize.pixelCount + KernelTable.overread
        let scratchBytes = KernelTable.aligned(
            KernelCall.resizeScratchBytes(width: grid.width, outWidth: mapSize.width))
        do { memory = try Memory(byteCount: scratchBytes + mapBytes) } catch {
            throw .weights(directory: trunk.directory, .outOfMemory(bytes: mapBytes))
        }
        unsafe scratch = memory.base
        // The map begins behind the scratch, and both fit.
        unsafe map = (memory.base + scratchBytes).assumingMemoryBound(to: Float.self)
        enlarge = unsafe .resize(
            kernels, distance.sum, height: grid.height, width: grid.width, to: map, height: mapSize.height,
            width: mapSize.width)
    }

    deinit { enlarge.destroy() }

    package func withInput<Result>(_ body: (UnsafeMutableRawBufferPointer) throws -> Result) rethrows
        -> Result
    {
        try unsafe trunk.withInput(body)
    }

    package func run() -> Float {
        trunk.run()
        return unsafe judge(isLooked: nil)
    }

    package func run(mask: UnsafePointer<UInt8>) -> Float {
        trunk.run()
        let score = unsafe judge(isLooked: mask)
        for cell in 0..<mapSize.pixelCount where unsafe mask[cell] == 0 { unsafe map[cell] = 0 }
        return score
    }

    package func withMap<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
        try unsafe body(UnsafeBufferPointer(start: map, count: mapSize.pixelCount))
    }

    /// The map and the score from the trunk's patches. A patch counts for the score if any of the cells of the map
    /// over it does.
    private func judge(isLooked mask: UnsafePointer<UInt8>?) -> Float {
        let cells = MaskedGrid(grid: trunk.grid(0), map: mapSize), count = cells.grid.pixelCount
        let sum = unsafe distance.sum
        rarity.run()
        embedding.run(rarity)
        distance.fill(0)
        var looked = count
        if let mask = unsafe mask {
            looked = 0
            for patch in 0..<count {
                if unsafe cells.counts(patch, mask) { looked += 1 } else { unsafe sum[patch] = 0 }
            }
        }
        let peakDistance = unsafe topMean.of(sum, looked: looked)
        let peak = embedding.peakMargin { patch in unsafe mask.map { unsafe cells.counts(patch, $0) } ?? true
        }
        distance.fill(1)
        for patch in 0..<count { unsafe sum[patch] += mapWeight * embedding.margins[patch] }
        unsafe enlarge.run(0..<enlarge.unitCount, scratch: scratch)
        return max(peakDistance + imageWeight * peak, 0)
    }
}
