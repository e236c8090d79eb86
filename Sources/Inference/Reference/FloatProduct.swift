import CKernels
import Kernels

/// A matrix with its bias, ready to be multiplied from the right: y = x W^T + b in float32.
struct FloatProduct {
    let columns: Int
    let depth: Int
    private let stride: Int
    private let weights: FloatBuffer
    private let bias: FloatBuffer

    /// Transposes `values`, `[columns, depth]`.
    init(_ values: [Float], bias: [Float]?, columns: Int, depth: Int) {
        self.columns = columns
        self.depth = depth
        // An odd number of lanes spreads the rows over the sets of the caches.
        let lanes = KernelTable.padded(columns) / KernelTable.lanes
        stride = (lanes | 1) * KernelTable.lanes
        weights = FloatBuffer(count: depth * stride)
        self.bias = FloatBuffer((bias ?? []) + [Float](repeating: 0, count: stride - (bias?.count ?? 0)))
        let transposed = unsafe weights.values, stride = stride
        unsafe values.withUnsafeBufferPointer { values in
            for column in 0..<columns {
                for k in 0..<depth { unsafe transposed[k * stride + column] = values[column * depth + k] }
            }
        }
    }

    /// The rows that are multiplied, as in `ck_gemm`: row r starts `(r / width) * pitch + (r mod width) *
    /// stride` floats behind `base` and has `segments` runs of `depth` floats, `segmentStride` apart.
    @safe
    struct Rows {
        let base: UnsafePointer<Float>
        let count: Int
        let width: Int
        let stride: Int
        let pitch: Int
        let segments: Int
        let segmentStride: Int
        let depth: Int

        init(
            _ base: UnsafePointer<Float>, count: Int, width: Int, stride: Int, pitch: Int, segments: Int = 1,
            segmentStride: Int = 0, depth: Int
        ) {
            unsafe self.base = base
            (self.count, self.width, self.stride, self.pitch) = (count, width, stride, pitch)
            (self.segments, self.segmentStride, self.depth) = (segments, segmentStride, depth)
        }

        /// A dense matrix `[count, depth]`, `stride` floats from row to row.
        init(matrix base: UnsafePointer<Float>, count: Int, depth: Int, stride: Int) {
            unsafe self.init(base, count: count, width: count, stride: stride, pitch: 0, depth: depth)
        }
    }

    /// Writes `[rows.count, columns]` to `out`, `outStride` floats from row to row.
    func multiply(_ rows: Rows, to out: UnsafeMutablePointer<Float>, outStride: Int, kernels: KernelTable) {
        precondition(
            rows.segments * rows.depth == depth,
            "\(rows.segments) x \(rows.depth) floats times a depth of \(depth)")
        var g = unsafe ck_f32_gemm()
        unsafe g.a = rows.base
        unsafe g.rows = rows.count
        unsafe g.row_width = rows.width
        unsafe g.row_stride = rows.stride
        unsafe g.row_pitch = rows.pitch
        unsafe g.segments = rows.segments
        unsafe g.segment_stride = rows.segmentStride
        unsafe g.depth = rows.depth
        unsafe g.b = UnsafePointer(weights.base)
        unsafe g.columns = columns
        unsafe g.b_stride = stride
        unsafe g.block_rows = min(rows.count, 96)
        unsafe g.epilogue = CK_FLOAT
        unsafe g.bias = UnsafePointer(bias.base)
        unsafe g.out = out
        unsafe g.out_stride = outStride
        let call = unsafe KernelCall.floatGemm(kernels, g)
        // The float product needs no scratch.
        unsafe call.run(0..<call.unitCount, scratch: UnsafeMutableRawPointer(out))
        call.destroy()
    }
}
