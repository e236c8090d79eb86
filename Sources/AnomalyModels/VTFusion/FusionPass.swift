import Imaging
import Inference
import Kernels
import Platform

/// The attention of a fusion block, ready to run on what the adapters said. For one thread; running it allocates nothing,
/// and gives the same bits on every instruction set.
@safe
final class FusionPass {
    /// Numbers of v, and of an adapted patch: multiples of 16.
    let width: Int
    private let half: Int
    let patches: Int
    let block: FoldedBlock
    private let buffers: FloatBuffers
    private let score: KernelCall
    private let look: KernelCall
    /// A(q) of the coarser taps, and how it is brought to the finest grid.
    private let coarse: [Coarse]
    /// A(q) of each tap at the finest grid: rows, and numbers of a row.
    private let adapted: [UnsafeMutablePointer<Float>]
    private let strides: [Int]
    /// n(v) `[patches, width]`, and 1 / |v|.
    let normal: UnsafeMutablePointer<Float>
    private let inverseLengths: UnsafeMutablePointer<Float>
    /// Of each patch, `[patches, FoldedBlock.all]`: scores; after a run probabilities, what is said, and a 1.
    let scores: UnsafeMutablePointer<Float>
    /// T', T_N first; what the heads of a word saw, `[words, width]`; and what they say of it.
    let words: UnsafeMutablePointer<Float>
    let sights: UnsafeMutablePointer<Float>
    let says: UnsafeMutablePointer<Float>
    private let direction: [SIMD16<Float>]

    /// A tap at its own grid.
    @safe
    private struct Coarse {
        let rows: UnsafeMutablePointer<Float>
        let stride: Int
        let patches: Int
        let dense: UnsafeMutablePointer<Float>
        let raise: KernelCall
    }

    /// The pass over `rows` of the taps, whose grids are `grids`, finest first. Throws if there is no memory.
    init(
        _ head: SegmentationHead, _ block: FoldedBlock, rows: [UnsafeMutablePointer<Float>], grids: [Size],
        kernels: KernelTable
    ) throws(PlatformError) {
        let grid = grids[0], patches = grid.pixelCount, half = head.width
        let width = SegmentationHead.blockWidth(half), all = FoldedBlock.all
        let taps = SegmentationHead.adaptedTaps.indices
        precondition(all == KernelCall.keyRow, "rows of \(all) scores")
        (self.block, self.patches, self.width, self.half) = (block, patches, width, half)
        buffers = try FloatBuffers(
            [
                patches * width, patches, patches * all, 2 * width, FoldedBlock.words * width, 2 * width,
                width * all, all,
            ] + taps.dropFirst().flatMap { [grids[$0].pixelCount * half, patches * half] },
            scratchBytes: KernelCall.resizeScratchBytes(
                width: grid.width * half, outWidth: grid.width * half) + 4096)
        let buffers = buffers
        unsafe (normal, inverseLengths, scores) = unsafe (buffers[0], buffers[1], buffers[2])
        unsafe (words, sights, says) = unsafe (buffers[3], buffers[4], buffers[5])
        unsafe FloatBuffers.transpose(block.scores, rows: all, to: buffers[6])
        let widths = taps.map { SegmentationHead.inputWidth(SegmentationHead.taps[$0], half) }
        coarse = taps.dropFirst().map { tap in
            let dense = unsafe buffers[6 + 2 * tap], own = grids[tap]
            return unsafe Coarse(
                rows: rows[tap], stride: widths[tap], patches: own.pixelCount, dense: dense,
                raise: .resize(
                    kernels, dense, height: own.height, width: own.width, channels: half,
                    to: buffers[7 + 2 * tap], height: grid.height, width: grid.width))
        }
        unsafe adapted = [rows[0]] + taps.dropFirst().map { unsafe buffers[7 + 2 * $0] }
        strides = [widths[0]] + taps.dropFirst().map { _ in half }
        // The weight has `width` rows of `all` numbers.
        score = unsafe .floatProduct(
            kernels, normal, rows: patches, depth: width, weight: buffers[6], stride: all, columns: all,
            out: scores)
        unsafe buffers[7].update(from: block.offsets, count: block.offsets.count)
        look = unsafe .keySoftmax(
            kernels, scores, count: patches, keys: FoldedBlock.keys, offsets: buffers[7])
        direction = SegmentationPass.halves(block.direction)
    }

    deinit {
        for call in coarse.map(\.raise) + [score, look] { call.destroy() }
    }

    /// Fills `scores`. Allocation-free.
    func run() {
        for tap in coarse { raise(tap) }
        normalise()
        unsafe score.run(0..<score.unitCount, scratch: buffers.scratch)
        unsafe look.run(0..<look.unitCount, scratch: buffers.scratch)
        read(below: peaks())
        for word in 0..<2 { speak(word) }
        say()
    }

    /// The sixteen numbers `index` of v of patch `patch`.
    @inline(__always)
    func v(_ index: Int, of patch: Int) -> SIMD16<Float> {
        let each = half / 16, tap = index / each
        return unsafe SegmentationPass.lanes(
            adapted[tap] + patch * strides[tap] + 16 * (index - tap * each))
    }

    /// Brings A(q) of a tap, which its rows begin with, to the finest grid.
    private func raise(_ tap: Coarse) {
        for patch in 0..<tap.patches {
            let from = unsafe tap.rows + patch * tap.stride, to = unsafe tap.dense + patch * half
            for index in 0..<half { unsafe to[index] = from[index] }
        }
        unsafe tap.raise.run(0..<tap.raise.unitCount, scratch: buffers.scratch)
    }

    /// n(v) and 1 / |v|.
    private func normalise() {
        let count = width / 16
        for patch in 0..<patches {
            var sum = v(0, of: patch), square = sum * sum
            for index in 1..<count {
                let own = v(index, of: patch)
                sum += own
                square += own * own
            }
            unsafe inverseLengths[patch] = 1 / max(square.total.squareRoot(), 1e-12)
            let mean = sum.total / Float(width)
            var spread = SIMD16<Float>.zero
            for index in 0..<count {
                let own = v(index, of: patch) - mean
                spread += own * own
            }
            let scale = 1 / (spread.total / Float(width) + FusionBlock.epsilon).squareRoot()
            let target = unsafe UnsafeMutableRawPointer(normal + patch * width)
            for index in 0..<count {
                unsafe target.storeBytes(
                    of: (v(index, of: patch) - mean) * scale, toByteOffset: 64 * index, as: SIMD16<Float>.self
                )
            }
        }
    }

    /// What is said of v, and a 1, behind the probabilities.
    private func say() {
        for patch in 0..<patches {
            var margin = SIMD16<Float>.zero, normal = margin, abnormal = margin
            for index in 0..<width / 16 {
                let own = v(index, of: patch)
                margin += own * direction[index]
                // T' has `width` numbers for each word.
                unsafe normal += own * SegmentationPass.lanes(words + 16 * index)
                unsafe abnormal += own * SegmentationPass.lanes(words + width + 16 * index)
            }
            let scale = unsafe inverseLengths[patch]
            let row = unsafe scores + patch * FoldedBlock.all + FoldedBlock.said
            unsafe (row[0], row[1], row[2]) = (
                margin.total * scale, normal.total * scale, abnormal.total * scale
            )
            unsafe row[FusionBlock.said] = 1
        }
    }
}
