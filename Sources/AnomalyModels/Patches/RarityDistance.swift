import Imaging
import Inference
import Kernels
import Platform

/// The distance of rare patches, weighed over the taps of a trunk, at the grid of its first tap: 0...2 for each patch.
@safe
final class RarityDistance {
    /// Of the last `fill`, row-major.
    let sum: UnsafeMutablePointer<Float>
    private let trunk: PatchTrunk
    private let rarity: PatchRarity
    private let memory: Memory
    private let scratch: UnsafeMutableRawPointer
    /// The taps' distances at their grids, then at that of the first tap.
    private let coarse: [UnsafeMutablePointer<Float>]
    private let fine: [UnsafeMutablePointer<Float>]
    private let raises: [KernelCall]

    /// Memory for the patches of `trunk`. Throws `weights` if there is none.
    init(_ rarity: PatchRarity, of trunk: PatchTrunk, kernels: KernelTable) throws(ModelError) {
        (self.trunk, self.rarity) = (trunk, rarity)
        let grid = trunk.grid(0), taps = trunk.taps.count
        let floats =
            trunk.taps.indices.map { trunk.grid($0).pixelCount }
            + Array(repeating: grid.pixelCount, count: taps + 1)
        let places = floats.map { KernelTable.aligned(4 * $0 + KernelTable.overread) }
        let scratchBytes = KernelTable.aligned(
            KernelCall.resizeScratchBytes(width: grid.width, outWidth: grid.width))
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
        unsafe (coarse, fine) = unsafe (Array(buffers[..<taps]), Array(buffers[taps..<2 * taps]))
        unsafe sum = buffers[2 * taps]
        let (coarse, fine) = unsafe (self.coarse, self.fine)
        raises = trunk.taps.indices.map { tap in
            unsafe .resize(
                kernels, coarse[tap], height: trunk.grid(tap).height, width: trunk.grid(tap).width,
                to: fine[tap], height: grid.height, width: grid.width)
        }
    }

    deinit {
        for call in raises { call.destroy() }
    }

    /// The weighted mean of the taps' distances to their fewer (0) or more (1) nearest patches, 0...2, from the last
    /// run of the rarity. Allocation-free.
    func fill(_ which: Int) {
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
