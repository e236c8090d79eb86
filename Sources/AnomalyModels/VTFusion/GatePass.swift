import Imaging
import Inference
import Kernels
import Platform

/// The gate of a fusion block and the first layer behind it. For one thread; running it allocates nothing, and gives the
/// same bits on every instruction set.
@safe
final class GatePass {
    private static let evidence = SegmentationHead.evidence

    private let fusion: FusionPass
    private let width: Int
    private let half: Int
    /// Numbers of a patch in front of the first layer: Y, r, the evidence of all taps, what is said; and what is read of it.
    private let inputs: Int
    private let depth: Int
    /// By tap, numbers of a row.
    private let widths: [Int]
    private let buffers: FloatBuffers
    private let raises: [KernelCall]
    private let mix: KernelCall
    private let open: KernelCall
    private let layer: KernelCall
    /// By tap, at the finest grid: `[patches, inputWidth]`.
    private let rows: [UnsafeMutablePointer<Float>]
    /// The change of v, `[patches, width]`; [X; r]; the gate; and what the first layer reads.
    private let change: UnsafeMutablePointer<Float>
    private let pairs: UnsafeMutablePointer<Float>
    private let gate: UnsafeMutablePointer<Float>
    private let fused: UnsafeMutablePointer<Float>
    /// h of every patch before its bias, `[patches, hidden]`.
    let sums: UnsafeMutablePointer<Float>
    private let gateBias: [SIMD8<Float>]

    /// Behind `fusion`, over the same `rows` of the taps, whose grids are `grids`, finest first. Throws if there is no memory.
    init(
        _ head: SegmentationHead, _ fusion: FusionPass, rows own: [UnsafeMutablePointer<Float>],
        grids: [Size], kernels: KernelTable
    ) throws(PlatformError) {
        let grid = grids[0], patches = fusion.patches, width = fusion.width, all = FoldedBlock.all
        let inputs = 2 * width + SegmentationHead.taps.count * Self.evidence + FusionBlock.said
        let hidden = SegmentationHead.hidden, depth = inputs + 1
        let widths = SegmentationHead.taps.map { SegmentationHead.inputWidth($0, head.width) }
        (self.fusion, self.width, half, self.inputs) = (fusion, width, head.width, inputs)
        (self.depth, self.widths) = (depth, widths)
        buffers = try FloatBuffers(
            [
                patches * width, patches * 2 * width, patches * width, patches * depth, patches * hidden,
                all * width, 2 * width * width, depth * hidden,
            ] + widths.dropFirst().map { patches * $0 },
            scratchBytes: KernelCall.resizeScratchBytes(
                width: grid.width * (widths.max() ?? 0), outWidth: grid.width * (widths.max() ?? 0)) + 4096)
        let buffers = buffers
        unsafe (change, pairs, gate) = unsafe (buffers[0], buffers[1], buffers[2])
        unsafe (fused, sums) = unsafe (buffers[3], buffers[4])
        unsafe rows = [own[0]] + (1..<grids.count).map { unsafe buffers[7 + $0] }
        unsafe FloatBuffers.transpose(fusion.block.change, rows: width, to: buffers[5])
        unsafe FloatBuffers.transpose(head["block.gate.weight"], rows: width, to: buffers[6])
        unsafe FloatBuffers.transpose(Self.firstLayer(head), rows: hidden, to: buffers[7])
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
        mix = unsafe product(fusion.scores, all, 5, width, change)
        open = unsafe product(pairs, 2 * width, 6, width, gate)
        layer = unsafe product(fused, depth, 7, hidden, sums)
        let bias = head["block.gate.bias"]
        gateBias = stride(from: 0, to: width, by: 8).map { SIMD8(bias[$0..<$0 + 8]) }
    }

    deinit {
        for call in raises + [mix, open, layer] { call.destroy() }
    }

    /// Fills `sums` of what `fusion` found. Allocation-free.
    func run() {
        let scratch = unsafe buffers.scratch
        for call in raises { unsafe call.run(0..<call.unitCount, scratch: scratch) }
        unsafe mix.run(0..<mix.unitCount, scratch: scratch)
        join()
        unsafe open.run(0..<open.unitCount, scratch: scratch)
        choose()
        unsafe layer.run(0..<layer.unitCount, scratch: scratch)
    }

    /// X and r side by side.
    private func join() {
        let each = half / 16
        for patch in 0..<fusion.patches {
            let moved = unsafe change + patch * width
            let pair = unsafe UnsafeMutableRawPointer(pairs + patch * 2 * width)
            for index in 0..<width / 16 {
                let tap = index / each, place = 16 * (index - tap * each)
                let x = unsafe fusion.v(index, of: patch) + SegmentationPass.lanes(moved + 16 * index)
                let gap = unsafe SegmentationPass.lanes(rows[tap] + patch * widths[tap] + half + place)
                // X has `width` floats in front of as many of r.
                unsafe pair.storeBytes(of: x, toByteOffset: 64 * index, as: SIMD16<Float>.self)
                unsafe pair.storeBytes(of: gap, toByteOffset: 64 * index + 4 * width, as: SIMD16<Float>.self)
            }
        }
    }

    /// What the first layer reads: Y of X, r and the gate; r, the evidence and what is said.
    private func choose() {
        for patch in 0..<fusion.patches {
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
            let said = unsafe fusion.scores + patch * FoldedBlock.all + FoldedBlock.said
            // In front of the last number, which stays 0.
            for index in 0..<FusionBlock.said {
                unsafe target[inputs - FusionBlock.said + index] = said[index]
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

    @inline(__always)
    private static func eight(_ place: UnsafePointer<Float>) -> SIMD8<Float> {
        unsafe UnsafeRawPointer(place).loadUnaligned(as: SIMD8<Float>.self)
    }
}
