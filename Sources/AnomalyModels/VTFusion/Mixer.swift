import Imaging
import Inference
import Kernels
import Platform

/// One layer of the segmentation network: each patch looks at its eight neighbours, then channels are mixed, and the
/// result is added to what was there. Outside the image there are zeros.
@safe
final class Mixer {
    private static let hidden = SegmentationHead.hidden
    private let grid: Size
    private let buffers: FloatBuffers
    private let product: KernelCall
    private let seen: UnsafeMutablePointer<Float>
    private let mixed: UnsafeMutablePointer<Float>
    /// By kernel tap and half of the channels.
    private let kernel: [SIMD16<Float>]
    private let depthBias: [SIMD16<Float>]
    private let pointBias: [SIMD16<Float>]

    /// Layer `index` of `head` for patches on `grid`.
    init(_ head: SegmentationHead, _ index: Int, grid: Size, kernels: KernelTable) throws(PlatformError) {
        self.grid = grid
        let hidden = Self.hidden, patches = grid.pixelCount
        buffers = try FloatBuffers(
            [patches * hidden, patches * hidden, hidden * hidden], scratchBytes: 4096)
        unsafe (seen, mixed) = unsafe (buffers[0], buffers[1])
        let weight = unsafe buffers[2]
        unsafe FloatBuffers.transpose(head["mix.\(index).point"], rows: hidden, to: weight)
        product = unsafe .floatProduct(
            kernels, seen, rows: patches, depth: hidden, weight: weight, stride: hidden, columns: hidden,
            out: mixed)
        kernel = SegmentationPass.halves(head["mix.\(index).depth"])
        depthBias = SegmentationPass.halves(head["mix.\(index).depth.bias"])
        pointBias = SegmentationPass.halves(head["mix.\(index).point.bias"])
    }

    deinit { product.destroy() }

    /// Changes `state`, `[patches, hidden]`. Allocation-free.
    func run(on state: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer) {
        for y in 0..<grid.height {
            for x in 0..<grid.width { unsafe look(state, x, y) }
        }
        unsafe product.run(0..<product.unitCount, scratch: scratch)
        for patch in 0..<grid.pixelCount {
            for half in 0..<2 {
                let place = patch * Self.hidden + 16 * half
                var change = unsafe SegmentationPass.lanes(mixed + place) + pointBias[half]
                change.replace(with: 0, where: change .< 0)
                // Both buffers have `hidden` floats for each patch.
                let sum = unsafe SegmentationPass.lanes(state + place) + change
                unsafe UnsafeMutableRawPointer(state + place).storeBytes(of: sum, as: SIMD16<Float>.self)
            }
        }
    }

    /// The depthwise convolution at (x, y), rectified.
    @inline(__always)
    private func look(_ state: UnsafeMutablePointer<Float>, _ x: Int, _ y: Int) {
        for half in 0..<2 {
            var sum = depthBias[half]
            for row in max(y - 1, 0)...min(y + 1, grid.height - 1) {
                for column in max(x - 1, 0)...min(x + 1, grid.width - 1) {
                    let tap = (row - y + 1) * 3 + column - x + 1
                    let place = (row * grid.width + column) * Self.hidden + 16 * half
                    unsafe sum += SegmentationPass.lanes(state + place) * kernel[2 * tap + half]
                }
            }
            sum.replace(with: 0, where: sum .< 0)
            let place = (y * grid.width + x) * Self.hidden + 16 * half
            // As many floats as patches times `hidden`.
            unsafe UnsafeMutableRawPointer(seen + place).storeBytes(of: sum, as: SIMD16<Float>.self)
        }
    }
}
