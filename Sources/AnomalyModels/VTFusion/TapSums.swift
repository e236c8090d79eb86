import Imaging
import Inference
import Kernels
import Platform

/// The first layer without a gate: each tap is multiplied at its own grid, then brought to the finest; what a fusion block
/// found is multiplied there. For one thread; running it allocates nothing.
@safe
final class TapSums {
    private let buffers: FloatBuffers
    private let inputs: [KernelCall]
    private let raises: [KernelCall]
    /// What the taps and the fusion block say at the finest grid, `[patches, hidden]` each.
    let raised: [UnsafeMutablePointer<Float>]

    /// Of `rows` of the taps, whose grids are `grids`, finest first, and of `fusion`. Throws if there is no memory.
    init(
        _ head: SegmentationHead, _ fusion: FusionPass?, rows: [UnsafeMutablePointer<Float>], grids: [Size],
        kernels: KernelTable
    ) throws(PlatformError) {
        let hidden = SegmentationHead.hidden, grid = grids[0], taps = grids.count
        let widths = SegmentationHead.taps.map { SegmentationHead.inputWidth($0, head.width) }
        buffers = try FloatBuffers(
            grids.map { $0.pixelCount * hidden } + grids.dropFirst().map { _ in grid.pixelCount * hidden }
                + widths.map { $0 * hidden }
                + (fusion.map { [$0.patches * hidden, FoldedBlock.all * hidden] } ?? []),
            scratchBytes: KernelCall.resizeScratchBytes(
                width: grid.width * hidden, outWidth: grid.width * hidden) + 4096)
        let buffers = buffers
        let products = unsafe (0..<taps).map { unsafe buffers[$0] }
        let places = unsafe (1..<taps).map { unsafe buffers[taps - 1 + $0] }, last = 3 * taps - 1
        for (tap, name) in SegmentationHead.taps.enumerated() {
            unsafe FloatBuffers.transpose(
                head["input.\(name)"], rows: hidden, to: buffers[2 * taps - 1 + tap])
        }
        let ofTaps: [KernelCall] = (0..<taps).map { tap in
            unsafe .floatProduct(
                kernels, rows[tap], rows: grids[tap].pixelCount, depth: widths[tap],
                weight: buffers[2 * taps - 1 + tap], stride: hidden, columns: hidden, out: products[tap])
        }
        let ofFusion = fusion.map { fusion in
            unsafe FloatBuffers.transpose(
                fusion.block.firstLayer(head), rows: hidden, to: buffers[last + 1])
            return unsafe KernelCall.floatProduct(
                kernels, fusion.scores, rows: fusion.patches, depth: FoldedBlock.all,
                weight: buffers[last + 1], stride: hidden, columns: hidden, out: buffers[last])
        }
        inputs = ofTaps + (ofFusion.map { [$0] } ?? [])
        unsafe raised = [products[0]] + places + (fusion == nil ? [] : [buffers[last]])
        raises = (1..<taps).map { tap in
            unsafe .resize(
                kernels, products[tap], height: grids[tap].height, width: grids[tap].width,
                channels: hidden, to: places[tap - 1], height: grid.height, width: grid.width)
        }
    }

    deinit {
        for call in inputs + raises { call.destroy() }
    }

    /// Fills `raised`. Allocation-free.
    func run() {
        for call in inputs { unsafe call.run(0..<call.unitCount, scratch: buffers.scratch) }
        for call in raises { unsafe call.run(0..<call.unitCount, scratch: buffers.scratch) }
    }
}
