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
    private let fusion: FusionPass?
    private let first: FirstLayer
    private let enlarge: KernelCall
    /// By tap: rows of the inputs, `[patches, width]`.
    private let widths: [Int]
    private let rows: [UnsafeMutablePointer<Float>]
    /// What add up to h, `[patches, hidden]` at the finest grid each.
    private let sums: [UnsafeMutablePointer<Float>]
    private let state: UnsafeMutablePointer<Float>
    private let logits: UnsafeMutablePointer<Float>
    private let enlarged: UnsafeMutablePointer<Float>
    /// By half of the channels.
    private let bias: [SIMD16<Float>]
    private let output: [SIMD16<Float>]
    private let outputBias: Float
    private let weight: Float

    private enum FirstLayer {
        case taps(TapSums)
        case gate(GatePass)
    }

    /// The pass of `head` over patches of `trunk`, whose nearest are those of `bank`. Blocks. Throws `weights` if
    /// there is no memory.
    init(
        _ head: SegmentationHead, _ bank: PatchBank, on trunk: PatchTrunk, mapSize: Size, kernels: KernelTable
    ) throws(ModelError) {
        (self.trunk, self.mapSize) = (trunk, mapSize)
        let hidden = SegmentationHead.hidden, grid = trunk.grid(0), patches = grid.pixelCount
        let taps = trunk.taps.count, grids = trunk.taps.indices.map { trunk.grid($0) }
        let widths = SegmentationHead.taps.map { SegmentationHead.inputWidth($0, head.width) }
        self.widths = widths
        do {
            buffers = try FloatBuffers(
                zip(grids, widths).map { $0.pixelCount * $1 } + [
                    patches * hidden, patches, mapSize.pixelCount,
                ],
                scratchBytes: KernelCall.resizeScratchBytes(width: grid.width, outWidth: mapSize.width) + 4096
            )
            let buffers = buffers
            unsafe rows = (0..<taps).map { unsafe buffers[$0] }
            unsafe (state, logits, enlarged) = unsafe (buffers[taps], buffers[taps + 1], buffers[taps + 2])
            let adapters = try SegmentationHead.adaptedTaps.indices.map { tap throws(PlatformError) in
                try PatchAdapter(head, tap, bank.vectors[tap], of: trunk, kernels: kernels)
            }
            self.adapters = adapters
            // One that was not trained adds nothing.
            let trained = (0..<SegmentationHead.mixers).filter { index in
                ["point", "point.bias"].contains { head["mix.\(index).\($0)"].contains { $0 != 0 } }
            }
            mixers = try trained.map { index throws(PlatformError) in
                try Mixer(head, index, grid: grid, kernels: kernels)
            }
            let (rows, logits, enlarged) = unsafe (self.rows, self.logits, self.enlarged)
            fusion = try head.block.map { _ throws(PlatformError) in
                let block = FoldedBlock(head, centres: Self.tokens(PatchCentres.of(bank), adapters))
                return unsafe try FusionPass(head, block, rows: rows, grids: grids, kernels: kernels)
            }
            if let fusion, head.block == .gated {
                let pass = unsafe try GatePass(head, fusion, rows: rows, grids: grids, kernels: kernels)
                unsafe (first, sums) = unsafe (.gate(pass), [pass.sums])
            } else {
                let pass = unsafe try TapSums(head, fusion, rows: rows, grids: grids, kernels: kernels)
                unsafe (first, sums) = unsafe (.taps(pass), pass.raised)
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
        enlarge.destroy()
    }

    /// Adds the weighted logits to `map`, of as many cells as the map has; what falls below 0 or rises above 2
    /// stays there. Allocation-free.
    func run(_ evidence: PatchEvidence, addingTo map: UnsafeMutablePointer<Float>) {
        let scratch = unsafe buffers.scratch
        for tap in unsafe rows.indices { fill(tap, evidence) }
        fusion?.run()
        switch first {
        case .taps(let pass): pass.run()
        case .gate(let pass): pass.run()
        }
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

    /// Centres of each adapted tap, in the numbers of its adapter and with 0 for those of the other taps.
    private static func tokens(_ centres: [[Float]], _ adapters: [PatchAdapter]) -> [[Float]] {
        zip(adapters.indices, adapters).flatMap { tap, adapter in
            let width = centres[tap].count / FusionBlock.centres
            return (0..<FusionBlock.centres).map { number in
                let own = adapter.adapted(Array(centres[tap][number * width..<(number + 1) * width]))
                var token = [Float](repeating: 0, count: SegmentationHead.blockWidth(own.count))
                for index in own.indices { token[tap * own.count + index] = own[index] }
                return token
            }
        }
    }

    /// Writes the input rows of tap `tap`.
    private func fill(_ tap: Int, _ evidence: PatchEvidence) {
        let scalars = unsafe evidence.scalars(tap), rows = unsafe rows[tap]
        let width = widths[tap], first = width - SegmentationHead.evidence
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
        let bias = bias, sums = unsafe sums
        for patch in 0..<trunk.grid(0).pixelCount {
            for half in 0..<SegmentationHead.hidden / 16 {
                let place = patch * SegmentationHead.hidden + 16 * half
                var sum = bias[half]
                for map in unsafe sums.indices { unsafe sum += Self.lanes(sums[map] + place) }
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
