import Imaging
import Inference
import Kernels
import Platform

/// A segmentation head ready to run on what a patch detector found. For one thread; running it allocates nothing.
///
/// Float products are chains of fused multiply-adds over rising depth, and all else is added and multiplied in a
/// fixed order: the same to the bit on every instruction set.
@safe
final class SegmentationPass {
    private let trunk: PatchTrunk
    private let mapSize: Size
    private let buffers: FloatBuffers
    private let adapters: [PatchAdapter]
    private let mixers: [Mixer]
    private let inputs: [KernelCall]
    private let raises: [KernelCall]
    private let enlarge: KernelCall
    /// By tap: rows of the inputs, `[patches, inputWidth]`; their products at the tap's own grid and at the finest,
    /// `[patches, hidden]`.
    private let rows: [UnsafeMutablePointer<Float>]
    private let raised: [UnsafeMutablePointer<Float>]
    private let state: UnsafeMutablePointer<Float>
    private let logits: UnsafeMutablePointer<Float>
    private let enlarged: UnsafeMutablePointer<Float>
    /// By half of the channels.
    private let bias: [SIMD16<Float>]
    private let output: [SIMD16<Float>]
    private let outputBias: Float
    private let weight: Float

    /// The pass of `head` over patches of `trunk`, whose nearest are those of `bank`. Blocks. Throws `weights` if
    /// there is no memory.
    init(
        _ head: SegmentationHead, _ bank: PatchBank, on trunk: PatchTrunk, mapSize: Size, kernels: KernelTable
    ) throws(ModelError) {
        (self.trunk, self.mapSize) = (trunk, mapSize)
        let hidden = SegmentationHead.hidden, grid = trunk.grid(0), patches = grid.pixelCount
        let counts = trunk.taps.indices.map { trunk.grid($0).pixelCount }
        let widths = SegmentationHead.taps.map(SegmentationHead.inputWidth)
        do {
            buffers = try FloatBuffers(
                zip(counts, widths).map { $0 * $1 } + counts.map { $0 * hidden }
                    + counts.dropFirst().map { _ in patches * hidden }
                    + [patches * hidden, patches, mapSize.pixelCount] + widths.map { $0 * hidden },
                scratchBytes: KernelCall.resizeScratchBytes(
                    width: grid.width * hidden, outWidth: max(grid.width * hidden, mapSize.width)) + 4096)
            let taps = counts.count, buffers = buffers
            unsafe rows = (0..<taps).map { unsafe buffers[$0] }
            let products = unsafe (0..<taps).map { unsafe buffers[taps + $0] }
            unsafe raised = unsafe [products[0]] + (1..<taps).map { unsafe buffers[2 * taps - 1 + $0] }
            unsafe state = buffers[3 * taps - 1]
            unsafe (logits, enlarged) = unsafe (buffers[3 * taps], buffers[3 * taps + 1])
            for (tap, name) in SegmentationHead.taps.enumerated() {
                unsafe FloatBuffers.transpose(
                    head["input.\(name)"], rows: hidden, to: buffers[3 * taps + 2 + tap])
            }
            adapters = try SegmentationHead.adaptedTaps.indices.map { tap throws(PlatformError) in
                try PatchAdapter(head, tap, bank.vectors[tap], of: trunk, kernels: kernels)
            }
            mixers = try (0..<SegmentationHead.mixers).map { index throws(PlatformError) in
                try Mixer(head, index, grid: grid, kernels: kernels)
            }
            let (rows, raised, logits, enlarged) = unsafe (self.rows, self.raised, self.logits, self.enlarged)
            inputs = (0..<taps).map { tap in
                unsafe .floatProduct(
                    kernels, rows[tap], rows: counts[tap], depth: widths[tap],
                    weight: buffers[3 * taps + 2 + tap], stride: hidden, columns: hidden, out: products[tap])
            }
            raises = (1..<taps).map { tap in
                unsafe .resize(
                    kernels, products[tap], height: trunk.grid(tap).height, width: trunk.grid(tap).width,
                    channels: hidden, to: raised[tap], height: grid.height, width: grid.width)
            }
            enlarge = unsafe .resize(
                kernels, logits, height: grid.height, width: grid.width, to: enlarged, height: mapSize.height,
                width: mapSize.width)
        } catch { throw .weights(directory: trunk.directory, .outOfMemory(bytes: 0)) }
        bias = Self.halves(head["input.bias"])
        output = Self.halves(head["output"])
        outputBias = head["output.bias"][0] - head.centre
        weight = head.weight
    }

    deinit {
        for call in inputs + raises + [enlarge] { call.destroy() }
    }

    /// Adds the weighted logits to `map`, of as many cells as the map has; what falls below 0 or rises above 2
    /// stays there. Allocation-free.
    func run(_ evidence: PatchEvidence, addingTo map: UnsafeMutablePointer<Float>) {
        let scratch = unsafe buffers.scratch
        for tap in unsafe rows.indices { fill(tap, evidence) }
        for call in inputs { unsafe call.run(0..<call.unitCount, scratch: scratch) }
        for call in raises { unsafe call.run(0..<call.unitCount, scratch: scratch) }
        begin()
        for mixer in mixers { unsafe mixer.run(on: state, scratch: scratch) }
        decide()
        unsafe enlarge.run(0..<enlarge.unitCount, scratch: scratch)
        for cell in 0..<mapSize.pixelCount {
            unsafe map[cell] = min(max(map[cell] + weight * enlarged[cell], 0), 2)
        }
    }

    /// The logit of every patch of the last run, less the centre.
    var said: UnsafeBufferPointer<Float> {
        // `logits` has one for each patch of the finest grid.
        unsafe UnsafeBufferPointer(start: logits, count: trunk.grid(0).pixelCount)
    }

    /// Writes the input rows of tap `tap`.
    private func fill(_ tap: Int, _ evidence: PatchEvidence) {
        let scalars = unsafe evidence.scalars(tap), rows = unsafe rows[tap]
        let width = SegmentationHead.inputWidth(SegmentationHead.taps[tap])
        let first = width - SegmentationHead.evidence
        if tap < adapters.count {
            unsafe adapters[tap].run(evidence, to: rows, stride: width, buffers.scratch)
        }
        for patch in 0..<evidence.counts[tap] {
            let row = unsafe rows + patch * width + first
            for index in 0..<SegmentationHead.evidence {
                unsafe row[index] = scalars[patch * SegmentationHead.evidence + index]
            }
        }
    }

    /// h of every patch: the taps and the bias, rectified.
    private func begin() {
        let bias = bias, raised = unsafe raised
        for patch in 0..<trunk.grid(0).pixelCount {
            for half in 0..<SegmentationHead.hidden / 16 {
                let place = patch * SegmentationHead.hidden + 16 * half
                var sum = bias[half]
                for map in unsafe raised { unsafe sum += Self.lanes(map + place) }
                sum.replace(with: 0, where: sum .< 0)
                // As many floats as patches times `hidden`.
                unsafe UnsafeMutableRawPointer(state + place).storeBytes(of: sum, as: SIMD16<Float>.self)
            }
        }
    }

    /// The logit of every patch.
    private func decide() {
        for patch in 0..<trunk.grid(0).pixelCount {
            let row = unsafe state + patch * SegmentationHead.hidden
            let terms =
                unsafe SegmentationPass.lanes(row) * output[0] + SegmentationPass.lanes(row + 16) * output[1]
            let eight = terms.lowHalf + terms.highHalf
            let four = eight.lowHalf + eight.highHalf
            let two = four.lowHalf + four.highHalf
            unsafe logits[patch] = two.x + two.y + outputBias
        }
    }

    /// Values in sixteens.
    static func halves(_ values: [Float]) -> [SIMD16<Float>] {
        stride(from: 0, to: values.count, by: 16).map { SIMD16(values[$0..<$0 + 16]) }
    }

    /// The sixteen floats at `place`.
    @inline(__always)
    static func lanes(_ place: UnsafePointer<Float>) -> SIMD16<Float> {
        unsafe UnsafeRawPointer(place).loadUnaligned(as: SIMD16<Float>.self)
    }
}
