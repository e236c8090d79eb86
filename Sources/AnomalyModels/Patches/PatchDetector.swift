package import Imaging
package import Inference
package import Kernels
package import ModelPackages
import Platform

/// The nearest-patch detector: a patch is as anomalous as it is far from every patch of the good parts
/// (Cohen and Hoshen 2020; Roth et al. 2022, without their averaging of neighbours).
///
/// Distance = 1 - cosine to the nearest vector of the bank. Each tap gives a map of its own; the maps are
/// brought to half the input bilinearly and averaged with the weights of their taps, so that scores are in
/// 0...2. The score of an image is the mean of the highest hundredth of its map. All of it is the same to the
/// bit on every instruction set.
@safe
package final class PatchDetector {
    /// Width and height of the input in pixels.
    package var size: Size { trunk.size }
    /// Width and height of the score map: half of the input.
    package let mapSize: Size
    private let trunk: PatchTrunk
    private let banks: [VectorBank]
    /// Search and resize of each tap.
    private let searches: [KernelCall]
    private let resizes: [KernelCall]
    private let memory: Memory
    private let grids: [UnsafeMutablePointer<Float>]
    private let maps: [UnsafeMutablePointer<Float>]
    private let scratch: UnsafeMutableRawPointer
    private let topMean: TopMean

    /// Loads `bank` with its trunk from `package`, for images of `size`, which need not be the size that the
    /// bank was taught with. Blocks.
    ///
    /// Throws `otherTrunk` if the bank was made with another trunk, and what `PatchTrunk` throws.
    package init(
        _ bank: PatchBank, trunk package: ModelPackage, size: Size, kernels: KernelTable, pool: TensorPool
    ) throws(ModelError) {
        guard bank.trunk.digest == package.digest.description else {
            throw .otherTrunk(
                directory: package.directory, digest: package.digest.description, wanted: bank.trunk)
        }
        let trunk = try PatchTrunk(package, size: size, kernels: kernels, pool: pool)
        self.trunk = trunk
        let mapSize = Size(width: size.width / 2, height: size.height / 2)
        self.mapSize = mapSize
        topMean = TopMean(count: mapSize.pixelCount)
        do {
            let banks = try zip(bank.vectors, trunk.taps.indices).map {
                (vectors, index) throws(PlatformError) in
                try VectorBank(vectors.padded, depth: trunk.depth(index), kernels: kernels)
            }
            self.banks = banks
            memory = try Memory(byteCount: Self.layout(trunk, mapSize).byteCount)
        } catch {
            throw .weights(
                directory: package.directory, .outOfMemory(bytes: Self.layout(trunk, mapSize).byteCount))
        }
        let layout = Self.layout(trunk, mapSize), base = unsafe memory.base
        unsafe grids = layout.grids.map { unsafe (base + $0).assumingMemoryBound(to: Float.self) }
        unsafe maps = layout.maps.map { unsafe (base + $0).assumingMemoryBound(to: Float.self) }
        unsafe scratch = base + layout.scratch
        let index = unsafe (base + layout.index).assumingMemoryBound(to: Int32.self)
        let (grids, maps, banks) = unsafe (self.grids, self.maps, self.banks)
        searches = banks.indices.map { tap in
            unsafe .nearest(trunk.patches(tap), in: banks[tap], cosines: grids[tap], index: index)
        }
        resizes = banks.indices.map { tap in
            unsafe .resize(
                kernels, grids[tap], height: trunk.grid(tap).height, width: trunk.grid(tap).width,
                to: maps[tap], height: mapSize.height, width: mapSize.width)
        }
    }

    deinit {
        for call in searches + resizes { call.destroy() }
    }

    /// The input: u8 RGB `[height, width, 3]`. Written by the caller before `run`.
    package func withInput<Result>(_ body: (UnsafeMutableRawBufferPointer) throws -> Result) rethrows
        -> Result
    {
        try unsafe trunk.withInput(body)
    }

    /// Scores the input: fills the map and returns the score of the image, 0...2. Allocation-free.
    package func run() -> Float {
        trunk.run()
        for tap in banks.indices {
            unsafe searches[tap].run(0..<searches[tap].unitCount, scratch: scratch)
            let grid = unsafe grids[tap], count = trunk.grid(tap).pixelCount
            for patch in 0..<count { unsafe grid[patch] = max(1 - grid[patch], 0) }
            unsafe resizes[tap].run(0..<resizes[tap].unitCount, scratch: scratch)
        }
        combine()
        return unsafe topMean.of(maps[0])
    }

    /// Calls `body` with the score map of the last run, `[mapSize.height, mapSize.width]`, row-major.
    package func withMap<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
        try unsafe body(UnsafeBufferPointer(start: maps[0], count: mapSize.pixelCount))
    }

    /// The weighted mean of all maps, in the place of the first.
    private func combine() {
        let whole = trunk.taps.reduce(0) { $0 + $1.weight }
        let sum = unsafe maps[0]
        for tap in banks.indices {
            let share = trunk.taps[tap].weight / whole, map = unsafe maps[tap]
            if tap == 0 {
                for pixel in 0..<mapSize.pixelCount { unsafe sum[pixel] = share * map[pixel] }
            } else {
                for pixel in 0..<mapSize.pixelCount { unsafe sum[pixel] += share * map[pixel] }
            }
        }
    }

    /// Offsets of the buffers behind one another.
    private static func layout(_ trunk: PatchTrunk, _ mapSize: Size) -> (
        grids: [Int], maps: [Int], index: Int, scratch: Int, byteCount: Int
    ) {
        var end = 0
        func place(_ byteCount: Int) -> Int {
            defer { end += KernelTable.aligned(byteCount + KernelTable.overread) }
            return end
        }
        let counts = trunk.taps.indices.map { trunk.grid($0).pixelCount }
        let grids = counts.map { place(4 * $0) }
        let maps = counts.map { _ in place(4 * mapSize.pixelCount) }
        let index = place(4 * (counts.max() ?? 0))
        let widest = trunk.taps.indices.map { trunk.grid($0).width }.max() ?? 0
        let scratch = place(
            max(
                KernelCall.nearestScratchBytes,
                KernelCall.resizeScratchBytes(width: widest, outWidth: mapSize.width)))
        return (grids, maps, index, scratch, end)
    }
}
