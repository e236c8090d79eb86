import Imaging
import Inference
import Kernels
import Platform

/// A fusion block and the first layer behind it, ready to run on what the adapters said. For one thread; running it
/// allocates nothing, and gives the same bits on every instruction set.
@safe
final class FusionPass {
    private static let evidence = SegmentationHead.evidence
    static let scoreCount = FoldedBlock.all

    /// Numbers of v, and of an adapted patch: multiples of 16.
    let width: Int
    private let half: Int
    /// Numbers of a patch in front of the first layer: Y, r, the evidence of all taps, what is said; and what is read of it.
    private let inputs: Int
    private let depth: Int
    /// By tap, numbers of a row.
    private let widths: [Int]

    let block: FoldedBlock
    let patches: Int
    private let buffers: FloatBuffers
    private let raises: [KernelCall]
    private let score: KernelCall
    private let mix: KernelCall
    private let open: KernelCall
    private let layer: KernelCall
    /// By tap, at the finest grid: `[patches, inputWidth]`.
    private let rows: [UnsafeMutablePointer<Float>]
    /// n(v) `[patches, width]`; scores, then probabilities `[patches, scoreCount]`; the change of v; [X; r]; the gate; and what
    /// the first layer reads.
    let normal: UnsafeMutablePointer<Float>
    let scores: UnsafeMutablePointer<Float>
    private let change: UnsafeMutablePointer<Float>
    private let pairs: UnsafeMutablePointer<Float>
    private let gate: UnsafeMutablePointer<Float>
    private let fused: UnsafeMutablePointer<Float>
    /// T', T_N first; what the heads of a word saw, `[words, width]`; and what they say of it.
    let words: UnsafeMutablePointer<Float>
    let sights: UnsafeMutablePointer<Float>
    let says: UnsafeMutablePointer<Float>
    /// h of every patch before its bias, `[patches, hidden]`.
    let sums: UnsafeMutablePointer<Float>
    private let changeBias: [SIMD16<Float>]
    private let direction: [SIMD16<Float>]
    private let gateBias: [SIMD8<Float>]
    let offsets: [SIMD8<Float>]

    /// The pass over `rows` of the taps, whose grids are `grids`, finest first. Throws if there is no memory.
    init(
        _ head: SegmentationHead, _ block: FoldedBlock, rows own: [UnsafeMutablePointer<Float>],
        grids: [Size], kernels: KernelTable
    ) throws(PlatformError) {
        let grid = grids[0], patches = grid.pixelCount, width = SegmentationHead.blockWidth(head.width)
        let inputs = 2 * width + SegmentationHead.taps.count * Self.evidence + FusionBlock.said
        let hidden = SegmentationHead.hidden, depth = inputs + 1, scoreCount = Self.scoreCount
        let widths = SegmentationHead.taps.map { SegmentationHead.inputWidth($0, head.width) }
        (self.block, self.patches) = (block, patches)
        (self.width, half, self.inputs, self.depth, self.widths) = (width, head.width, inputs, depth, widths)
        let raisedWidths = widths.dropFirst().map { patches * $0 }
        buffers = try FloatBuffers(
            [
                patches * width, patches * scoreCount, patches * width, patches * 2 * width, patches * width,
                patches * depth, 2 * width, FoldedBlock.words * width, 2 * width, patches * hidden,
                width * scoreCount, scoreCount * width, 2 * width * width, depth * hidden,
            ] + raisedWidths,
            scratchBytes: KernelCall.resizeScratchBytes(
                width: grid.width * (widths.max() ?? 0), outWidth: grid.width * (widths.max() ?? 0)) + 4096)
        let buffers = buffers
        unsafe (normal, scores, change) = unsafe (buffers[0], buffers[1], buffers[2])
        unsafe (pairs, gate, fused) = unsafe (buffers[3], buffers[4], buffers[5])
        unsafe (words, sights, says, sums) = unsafe (buffers[6], buffers[7], buffers[8], buffers[9])
        unsafe rows = [own[0]] + (1..<grids.count).map { unsafe buffers[13 + $0] }
        unsafe FloatBuffers.transpose(block.scores, rows: scoreCount, to: buffers[10])
        unsafe FloatBuffers.transpose(block.change, rows: width, to: buffers[11])
        unsafe FloatBuffers.transpose(head["block.gate.weight"], rows: width, to: buffers[12])
        unsafe FloatBuffers.transpose(Self.firstLayer(head), rows: hidden, to: buffers[13])
        let rows = unsafe rows
        raises = (1..<grids.count).map { tap in
            unsafe .resize(
                kernels, own[tap], height: grids[tap].height, width: grids[tap].width, channels: widths[tap],
                to: rows[tap], height: grid.height, width: grid.width)
        }
        func product(
            _ from: UnsafeMutablePointer<Float>, _ depth: Int, _ weight: Int, _ columns: Int,
            _ out: UnsafeMutablePointer<Float>
        ) -> KernelCall {
            // The weight has `depth` rows of as many columns as the result.
            unsafe .floatProduct(
                kernels, from, rows: patches, depth: depth, weight: buffers[weight], stride: columns,
                columns: columns, out: out)
        }
        score = unsafe product(normal, width, 10, scoreCount, scores)
        mix = unsafe product(scores, scoreCount, 11, width, change)
        open = unsafe product(pairs, 2 * width, 12, width, gate)
        layer = unsafe product(fused, depth, 13, hidden, sums)
        changeBias = SegmentationPass.halves(block.changeBias)
        direction = SegmentationPass.halves(block.direction)
        gateBias = Self.eighths(head["block.gate.bias"])
        offsets = Self.eighths(block.offsets)
    }

    deinit {
        for call in raises + [score, mix, open, layer] { call.destroy() }
    }

    /// Fills `sums`. Allocation-free.
    func run() {
        let scratch = unsafe buffers.scratch
        for call in raises { unsafe call.run(0..<call.unitCount, scratch: scratch) }
        normalise()
        unsafe score.run(0..<score.unitCount, scratch: scratch)
        let peaks = look()
        unsafe mix.run(0..<mix.unitCount, scratch: scratch)
        read(below: peaks)
        for word in 0..<2 { speak(word) }
        join()
        unsafe open.run(0..<open.unitCount, scratch: scratch)
        choose()
        unsafe layer.run(0..<layer.unitCount, scratch: scratch)
    }

    /// The sixteen numbers `index` of v of patch `patch`: rows of both taps begin with A(q), then the distance.
    @inline(__always)
    private func sixteen(_ index: Int, of patch: Int) -> UnsafeMutablePointer<Float> {
        let each = half / 16, tap = index / each
        return unsafe rows[tap] + patch * widths[tap] + 16 * (index - tap * each)
    }

    /// The sum of the products of v of `patch` and `other`, `width` numbers in sixteens.
    @inline(__always)
    private func product(_ patch: Int, _ other: (Int) -> SIMD16<Float>) -> Float {
        var sum = unsafe SegmentationPass.lanes(sixteen(0, of: patch)) * other(0)
        for index in 1..<width / 16 {
            unsafe sum += SegmentationPass.lanes(sixteen(index, of: patch)) * other(index)
        }
        return sum.total
    }

    /// n(v), and r beside the place of X.
    private func normalise() {
        let count = width / 16
        for patch in 0..<patches {
            var sum = unsafe SegmentationPass.lanes(sixteen(0, of: patch))
            for index in 1..<count { unsafe sum += SegmentationPass.lanes(sixteen(index, of: patch)) }
            let mean = sum.total / Float(width)
            let first = unsafe SegmentationPass.lanes(sixteen(0, of: patch)) - mean
            var square = first * first
            for index in 1..<count {
                let own = unsafe SegmentationPass.lanes(sixteen(index, of: patch)) - mean
                square += own * own
            }
            let scale = 1 / (square.total / Float(width) + FusionBlock.epsilon).squareRoot()
            let target = unsafe UnsafeMutableRawPointer(normal + patch * width)
            let pair = unsafe UnsafeMutableRawPointer(pairs + patch * 2 * width + width)
            for index in 0..<count {
                let own = unsafe sixteen(index, of: patch)
                let centred = unsafe SegmentationPass.lanes(own) - mean
                unsafe target.storeBytes(
                    of: centred * scale, toByteOffset: 64 * index, as: SIMD16<Float>.self)
                unsafe pair.storeBytes(
                    of: SegmentationPass.lanes(own + half), toByteOffset: 64 * index, as: SIMD16<Float>.self)
            }
        }
    }

    /// X, and what is said of v.
    private func join() {
        for patch in 0..<patches {
            let moved = unsafe change + patch * width
            let pair = unsafe UnsafeMutableRawPointer(pairs + patch * 2 * width)
            for index in 0..<width / 16 {
                let own = unsafe SegmentationPass.lanes(sixteen(index, of: patch))
                let x = unsafe own + SegmentationPass.lanes(moved + 16 * index) + changeBias[index]
                // X has `width` floats in front of r.
                unsafe pair.storeBytes(of: x, toByteOffset: 64 * index, as: SIMD16<Float>.self)
            }
            let square = product(patch) { unsafe SegmentationPass.lanes(sixteen($0, of: patch)) }
            let length = max(square.squareRoot(), 1e-12)
            // What is said lies behind Y, r and the evidence, in front of a place that stays 0.
            let said = unsafe fused + patch * depth + inputs - FusionBlock.said
            unsafe said[0] = product(patch) { direction[$0] } / length
            for word in 0..<2 {
                let place = unsafe words + word * width
                unsafe said[1 + word] =
                    product(patch) { unsafe SegmentationPass.lanes(place + 16 * $0) } / length
            }
        }
    }

    /// Y of X, r and the gate, r and the evidence: what the first layer reads.
    private func choose() {
        for patch in 0..<patches {
            let target = unsafe fused + patch * depth, pair = unsafe pairs + patch * 2 * width
            for eighth in 0..<width / 8 {
                // X and r have `width` numbers each, as the gate has.
                let x = unsafe Self.eight(pair + 8 * eighth),
                    gap = unsafe Self.eight(pair + width + 8 * eighth)
                let open = unsafe (Self.eight(gate + patch * width + 8 * eighth) + gateBias[eighth]).logistic
                let place = unsafe UnsafeMutableRawPointer(target + 8 * eighth)
                unsafe place.storeBytes(of: gap + open * (x - gap), as: SIMD8<Float>.self)
                unsafe place.storeBytes(of: gap, toByteOffset: 4 * width, as: SIMD8<Float>.self)
            }
            for tap in widths.indices {
                let values = unsafe rows[tap] + (patch + 1) * widths[tap] - Self.evidence
                for index in 0..<Self.evidence {
                    unsafe target[2 * width + tap * Self.evidence + index] = values[index]
                }
            }
        }
    }

    /// The first layer for rows of [Y, r, evidence of all taps, what is said, 0].
    private static func firstLayer(_ head: SegmentationHead) -> [Float] {
        (0..<SegmentationHead.hidden).flatMap { row in
            let parts = SegmentationHead.taps.map { tap -> ArraySlice<Float> in
                let stride = SegmentationHead.inputWidth(tap, head.width)
                return head["input.\(tap)"][row * stride..<(row + 1) * stride]
            }
            let adapted = parts.prefix(SegmentationHead.adaptedTaps.count)
            let said = head["block.said"][row * FusionBlock.said..<(row + 1) * FusionBlock.said]
            var line = adapted.flatMap { $0.prefix(head.width) }
            line += adapted.flatMap { $0.dropFirst(head.width).prefix(head.width) }
            line += parts.flatMap { $0.suffix(evidence) }
            return line + said + [0]
        }
    }

    private static func eighths(_ values: [Float]) -> [SIMD8<Float>] {
        stride(from: 0, to: values.count, by: 8).map { SIMD8(values[$0..<$0 + 8]) }
    }

    @inline(__always)
    private static func eight(_ place: UnsafePointer<Float>) -> SIMD8<Float> {
        unsafe UnsafeRawPointer(place).loadUnaligned(as: SIMD8<Float>.self)
    }
}
