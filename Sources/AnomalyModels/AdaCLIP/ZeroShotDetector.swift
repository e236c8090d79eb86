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
    private let embedding: PatchEmbedding
    private let mapWeight: Float
    private let imageWeight: Float
    private let memory: Memory
    private let scratch: UnsafeMutableRawPointer
    /// The taps' distances at their grids, then at that of stride 8, and the sum; then the map.
    private let coarse: [UnsafeMutablePointer<Float>]
    private let fine: [UnsafeMutablePointer<Float>]
    private let sum: UnsafeMutablePointer<Float>
    private let map: UnsafeMutablePointer<Float>
    private let raises: [KernelCall]
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
        embedding = try PatchEmbedding(ClassMargin(head, columns), on: trunk, kernels: kernels)
        let size = trunk.size, grid = trunk.grid(0)
        let mapSize = Size(width: size.width / 2, height: size.height / 2)
        self.mapSize = mapSize
        topMean = TopMean(count: grid.pixelCount)
        let counts =
            trunk.taps.indices.map { trunk.grid($0).pixelCount }
            + trunk.taps.map { _ in grid.pixelCount } + [grid.pixelCount, mapSize.pixelCount]
        let places = counts.map { KernelTable.aligned(4 * $0 + KernelTable.overread) }
        let scratchBytes = KernelTable.aligned(
            KernelCall.resizeScratchBytes(width: grid.width, outWidth: mapSize.width))
        do { memory = try Memory(byteCount: scratchBytes + places.reduce(0, +)) } catch {
            throw .weights(directory: trunk.directory, .outOfMemory(bytes: places.reduce(0, +)))
        }
        unsafe scratch = memory.base
        var next = unsafe memory.base + scratchBytes
        var buffers: [UnsafeMutablePointer<Float>] = unsafe []
        for place in places {
            // Each buffer has room for its floats and what kernels read behind them.
            unsafe buffers.append(next.assumingMemoryBound(to: Float.self))
            unsafe next += place
        }
        let taps = trunk.taps.count
        unsafe (coarse, fine) = unsafe (Array(buffers[..<taps]), Array(buffers[taps..<2 * taps]))
        unsafe (sum, map) = unsafe (buffers[2 * taps], buffers[2 * taps + 1])
        let (coarse, fine, sum, map) = unsafe (self.coarse, self.fine, self.sum, self.map)
        raises = trunk.taps.indices.map { tap in
            unsafe .resize(
                kernels, coarse[tap], height: trunk.grid(tap).height, width: trunk.grid(tap).width,
                to: fine[tap], height: grid.height, width: grid.width)
        }
        enlarge = unsafe .resize(
            kernels, sum, height: grid.height, width: grid.width, to: map, height: mapSize.height,
            width: mapSize.width)
    }

    deinit {
        for call in raises + [enlarge] { call.destroy() }
    }

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
        let grid = trunk.grid(0)
        rarity.run()
        embedding.run(rarity)
        fillSum(0)
        var looked = grid.pixelCount
        if let mask = unsafe mask {
            looked = 0
            for patch in 0..<grid.pixelCount {
                if unsafe counts(patch, mask) { looked += 1 } else { unsafe sum[patch] = 0 }
            }
        }
        let distance = unsafe topMean.of(sum, looked: looked)
        let peak = embedding.peakMargin { patch in unsafe mask.map { unsafe counts(patch, $0) } ?? true }
        fillSum(1)
        for patch in 0..<grid.pixelCount { unsafe sum[patch] += mapWeight * embedding.margins[patch] }
        unsafe enlarge.run(0..<enlarge.unitCount, scratch: scratch)
        return max(distance + imageWeight * peak, 0)
    }

    /// Whether `mask`, of the map's size, leaves any of the 4 x 4 cells of `patch`.
    private func counts(_ patch: Int, _ mask: UnsafePointer<UInt8>) -> Bool {
        let side = mapSize.width / trunk.grid(0).width, across = trunk.grid(0).width
        let first = patch / across * side * mapSize.width + patch % across * side
        for row in 0..<side {
            for column in 0..<side where unsafe mask[first + row * mapSize.width + column] != 0 {
                return true
            }
        }
        return false
    }

    /// The weighted mean of the taps' distances to their fewer (0) or more (1) nearest patches, 0...2.
    private func fillSum(_ which: Int) {
        let whole = trunk.taps.reduce(0) { $0 + $1.weight }, count = trunk.grid(0).pixelCount
        for patch in 0..<count { unsafe sum[patch] = 0 }
        for tap in raises.indices {
            unsafe rarity.withMap(tap, which) { map in
                for patch in map.indices { unsafe coarse[tap][patch] = (2 * map[patch]).squareRoot() }
            }
            unsafe raises[tap].run(0..<raises[tap].unitCount, scratch: scratch)
            let share = trunk.taps[tap].weight / whole
            for patch in 0..<count { unsafe sum[patch] += share * fine[tap][patch] }
        }
    }
}
