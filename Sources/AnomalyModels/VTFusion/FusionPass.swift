import Imaging
import Inference
import Kernels
import Platform

/// A fusion block and the first layer behind it, ready to run on what the adapters said. For one thread; running it
/// allocates nothing, and gives the same bits on every instruction set.
@safe
final class FusionPass {
    private static let width = FusionBlock.width
    private static let half = SegmentationHead.embedding
    private static let evidence = SegmentationHead.evidence
    /// Numbers of a patch in front of the first layer: Y, r, the evidence of all taps, what is said; and what is read of it.
    private static let inputs = 2 * width + SegmentationHead.taps.count * evidence + FusionBlock.said
    private static let depth = inputs + 1

    private let block: FoldedBlock
    private let patches: Int
    private let buffers: FloatBuffers
    private let raises: [KernelCall]
    private let score: KernelCall
    private let mix: KernelCall
    private let open: KernelCall
    private let layer: KernelCall
    /// By tap, at the finest grid: `[patches, inputWidth]`.
    private let rows: [UnsafeMutablePointer<Float>]
    /// n(v) `[patches, width]`; scores, then probabilities `[patches, width]`; the change of v; [X; r]; the gate; and what
    /// the first layer reads.
    private let normal: UnsafeMutablePointer<Float>
    private let scores: UnsafeMutablePointer<Float>
    private let change: UnsafeMutablePointer<Float>
    private let pairs: UnsafeMutablePointer<Float>
    private let gate: UnsafeMutablePointer<Float>
    private let fused: UnsafeMutablePointer<Float>
    /// T', T_N first; what the heads of a word saw, `[words, width]`; and what they say of it.
    private let words: UnsafeMutablePointer<Float>
    private let sights: UnsafeMutablePointer<Float>
    private let says: UnsafeMutablePointer<Float>
    /// h of every patch before its bias, `[patches, hidden]`.
    let sums: UnsafeMutablePointer<Float>
    private let changeBias: [SIMD16<Float>]
    private let direction: [SIMD16<Float>]
    private let gateBias: [SIMD8<Float>]
    private let offsets: [SIMD8<Float>]

    /// The pass over `rows` of the taps, whose grids are `grids`, finest first. Throws if there is no memory.
    init(
        _ head: SegmentationHead, _ block: FoldedBlock, rows own: [UnsafeMutablePointer<Float>],
        grids: [Size], kernels: KernelTable
    ) throws(PlatformError) {
        let grid = grids[0], patches = grid.pixelCount, width = Self.width, depth = Self.depth
        let hidden = SegmentationHead.hidden, widths = SegmentationHead.taps.map(SegmentationHead.inputWidth)
        (self.block, self.patches) = (block, patches)
        let raisedWidths = widths.dropFirst().map { patches * $0 }
        buffers = try FloatBuffers(
            [
                patches * width, patches * width, patches * width, patches * 2 * width, patches * width,
                patches * depth, 2 * width, FoldedBlock.words * width, 2 * width, patches * hidden,
                width * width, width * width, 2 * width * width, depth * hidden,
            ] + raisedWidths,
            scratchBytes: KernelCall.resizeScratchBytes(
                width: grid.width * (widths.max() ?? 0), outWidth: grid.width * (widths.max() ?? 0)) + 4096)
        let buffers = buffers
        unsafe (normal, scores, change) = unsafe (buffers[0], buffers[1], buffers[2])
        unsafe (pairs, gate, fused) = unsafe (buffers[3], buffers[4], buffers[5])
        unsafe (words, sights, says, sums) = unsafe (buffers[6], buffers[7], buffers[8], buffers[9])
        unsafe rows = [own[0]] + (1..<grids.count).map { unsafe buffers[13 + $0] }
        unsafe FloatBuffers.transpose(block.scores, rows: width, to: buffers[10])
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
        score = unsafe product(normal, width, 10, width, scores)
        mix = unsafe product(scores, width, 11, width, change)
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

    /// n(v), and r beside the place of X.
    private func normalise() {
        let (fine, coarse, stride) = unsafe (rows[0], rows[1], 2 * Self.half + Self.evidence)
        for patch in 0..<patches {
            // Rows of both taps begin with A(q), then the distance, `half` numbers each.
            let first = unsafe SegmentationPass.lanes(fine + patch * stride)
            let second = unsafe SegmentationPass.lanes(coarse + patch * stride)
            let mean = (first + second).total / Float(Self.width)
            let (a, b) = (first - mean, second - mean)
            let variance = (a * a + b * b).total / Float(Self.width)
            let scale = 1 / (variance + FusionBlock.epsilon).squareRoot()
            let target = unsafe UnsafeMutableRawPointer(normal + patch * Self.width)
            unsafe target.storeBytes(of: a * scale, as: SIMD16<Float>.self)
            unsafe target.storeBytes(of: b * scale, toByteOffset: 64, as: SIMD16<Float>.self)
            let pair = unsafe UnsafeMutableRawPointer(pairs + patch * 2 * Self.width)
            let gaps = unsafe (
                SegmentationPass.lanes(fine + patch * stride + Self.half),
                SegmentationPass.lanes(coarse + patch * stride + Self.half)
            )
            unsafe pair.storeBytes(of: gaps.0, toByteOffset: 128, as: SIMD16<Float>.self)
            unsafe pair.storeBytes(of: gaps.1, toByteOffset: 192, as: SIMD16<Float>.self)
        }
    }

    /// Makes probabilities of the scores of words and centres; returns the highest score of each head of the words.
    private func look() -> SIMD8<Float> {
        var peaks = SIMD8<Float>(repeating: -.infinity)
        let (a, b, c) = (offsets[0], offsets[1], offsets[2])
        for patch in 0..<patches {
            let row = unsafe UnsafeMutableRawPointer(scores + patch * Self.width)
            // `width` scores: those of six keys, four heads each, then of the heads of the words.
            var first = unsafe row.loadUnaligned(as: SIMD8<Float>.self) + a
            var second = unsafe row.loadUnaligned(fromByteOffset: 32, as: SIMD8<Float>.self) + b
            var third = unsafe row.loadUnaligned(fromByteOffset: 64, as: SIMD8<Float>.self) + c
            let own = unsafe row.loadUnaligned(fromByteOffset: 96, as: SIMD8<Float>.self)
            peaks = peaks.larger(own)
            let most = first.larger(second).larger(third)
            let peak = most.lowHalf.larger(most.highHalf), both = SIMD8(lowHalf: peak, highHalf: peak)
            (first, second, third) = (
                (first - both).exponential, (second - both).exponential, (third - both).exponential
            )
            let sum = first + second + third, whole = sum.lowHalf + sum.highHalf
            let wholes = SIMD8(lowHalf: whole, highHalf: whole)
            unsafe row.storeBytes(of: first / wholes, as: SIMD8<Float>.self)
            unsafe row.storeBytes(of: second / wholes, toByteOffset: 32, as: SIMD8<Float>.self)
            unsafe row.storeBytes(of: third / wholes, toByteOffset: 64, as: SIMD8<Float>.self)
        }
        return peaks
    }

    /// What each head of the words sees: the mean of n(v), weighted by its probabilities.
    private func read(below peaks: SIMD8<Float>) {
        var wholes = SIMD8<Float>.zero
        for patch in 0..<patches {
            // Behind the probabilities of a patch lie the scores of these heads, which become weights.
            let row = unsafe UnsafeMutableRawPointer(scores + patch * Self.width + FoldedBlock.looks)
            let weights = unsafe (row.loadUnaligned(as: SIMD8<Float>.self) - peaks).exponential
            wholes += weights
            unsafe row.storeBytes(of: weights, as: SIMD8<Float>.self)
        }
        for head in 0..<FoldedBlock.words {
            var low = SIMD16<Float>.zero, high = low
            for patch in 0..<patches {
                let weight = unsafe scores[patch * Self.width + FoldedBlock.looks + head]
                unsafe low += weight * SegmentationPass.lanes(normal + patch * Self.width)
                unsafe high += weight * SegmentationPass.lanes(normal + patch * Self.width + 16)
            }
            // `width` floats for each head.
            let target = unsafe UnsafeMutableRawPointer(sights + head * Self.width)
            unsafe target.storeBytes(of: low / wholes[head], as: SIMD16<Float>.self)
            unsafe target.storeBytes(of: high / wholes[head], toByteOffset: 64, as: SIMD16<Float>.self)
        }
    }

    /// T' of word `word`.
    private func speak(_ word: Int) {
        let width = Self.width, size = width / FusionBlock.heads
        let (seen, seenBias, out, outBias) = (block.seen, block.seenBias, block.out, block.outBias)
        let said = unsafe says + word * width
        for row in 0..<width {
            // The rows of a head read what that head saw.
            let sight = unsafe sights + (word * FusionBlock.heads + row / size) * width
            var sum = seenBias[row]
            for index in 0..<width { unsafe sum += seen[row * width + index] * sight[index] }
            unsafe said[row] = sum
        }
        for row in 0..<width {
            var sum = outBias[row]
            for index in 0..<width { unsafe sum += out[row * width + index] * said[index] }
            // T has `width` numbers for each word.
            unsafe words[word * width + row] = block.text[word * width + row] + sum
        }
    }

    /// X, and what is said of v.
    private func join() {
        let stride = 2 * Self.half + Self.evidence, width = Self.width, depth = Self.depth
        let normalWord = unsafe (SegmentationPass.lanes(words), SegmentationPass.lanes(words + 16))
        let abnormalWord = unsafe (
            SegmentationPass.lanes(words + width), SegmentationPass.lanes(words + width + 16)
        )
        for patch in 0..<patches {
            let first = unsafe SegmentationPass.lanes(rows[0] + patch * stride)
            let second = unsafe SegmentationPass.lanes(rows[1] + patch * stride)
            let moved = unsafe change + patch * width
            let x = unsafe (
                first + SegmentationPass.lanes(moved) + changeBias[0],
                second + SegmentationPass.lanes(moved + 16) + changeBias[1]
            )
            let pair = unsafe UnsafeMutableRawPointer(pairs + patch * 2 * width)
            unsafe pair.storeBytes(of: x.0, as: SIMD16<Float>.self)
            unsafe pair.storeBytes(of: x.1, toByteOffset: 64, as: SIMD16<Float>.self)
            let length = max((first * first + second * second).total.squareRoot(), 1e-12)
            // What is said lies behind Y, r and the evidence, in front of a place that stays 0.
            let said = unsafe fused + patch * depth + Self.inputs - FusionBlock.said
            unsafe said[0] = (first * direction[0] + second * direction[1]).total / length
            unsafe said[1] = (first * normalWord.0 + second * normalWord.1).total / length
            unsafe said[2] = (first * abnormalWord.0 + second * abnormalWord.1).total / length
        }
    }

    /// Y of X, r and the gate, r and the evidence: what the first layer reads.
    private func choose() {
        let width = Self.width, depth = Self.depth
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
            for (tap, name) in SegmentationHead.taps.enumerated() {
                let stride = SegmentationHead.inputWidth(name)
                let values = unsafe rows[tap] + (patch + 1) * stride - Self.evidence
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
                let stride = SegmentationHead.inputWidth(tap)
                return head["input.\(tap)"][row * stride..<(row + 1) * stride]
            }
            let adapted = parts.prefix(SegmentationHead.adaptedTaps.count)
            let said = head["block.said"][row * FusionBlock.said..<(row + 1) * FusionBlock.said]
            var line = adapted.flatMap { $0.prefix(half) }
            line += adapted.flatMap { $0.dropFirst(half).prefix(half) }
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
