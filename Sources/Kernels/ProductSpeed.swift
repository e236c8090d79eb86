import CKernels
import Platform

/// How fast this core multiplies int8 matrices, and how fast it could.
public struct ProductSpeed: Sendable {
    public let rows: Int
    public let depth: Int
    public let columns: Int
    /// 10^9 multiply-adds per second of the best of the rounds, by the time of this thread alone.
    public let gmacs: Double
    /// The same of dot products on registers alone, measured before and after.
    public let peakGmacs: Double

    /// The products of a vision transformer: ViT-B/32@224, ViT-B/16@240, ViT-S/14@448 (rows, depth, columns).
    public static let transformerShapes = [
        (50, 768, 2304), (50, 768, 768), (50, 768, 3072), (50, 3072, 768), (226, 768, 2304),
        (226, 768, 3072), (226, 3072, 768), (1025, 384, 1152), (1025, 384, 1536), (1025, 1536, 384),
    ]

    /// Measures one product of zeros with per-row and per-column dequantisation. Allocates; takes about 50
    /// ms.
    public init(rows: Int, depth: Int, columns: Int, kernels: KernelTable, rounds: Int = 15) {
        (self.rows, self.depth, self.columns) = (rows, depth, columns)
        let before = kernels.peakGmacs()
        let packed = kernels.packedBytes(columns: columns, depth: depth)
        let sizes = [rows * depth, packed, rows * columns * 4, (rows + columns) * 8]
        let buffers = unsafe sizes.map { size in
            let memory = UnsafeMutableRawPointer.allocate(
                byteCount: size + KernelTable.overread, alignment: 64)
            unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: size + KernelTable.overread)
            return unsafe memory
        }
        defer { for index in unsafe buffers.indices { unsafe buffers[index].deallocate() } }
        let blocks = (rows + 119) / 120
        let floats = unsafe buffers[3].assumingMemoryBound(to: Float.self)
        let integers = unsafe buffers[3].assumingMemoryBound(to: Int32.self)
        var g = unsafe ck_gemm()
        unsafe g.a = UnsafePointer(buffers[0].assumingMemoryBound(to: UInt8.self))
        unsafe g.rows = rows
        unsafe g.block_rows = (rows + blocks - 1) / blocks
        unsafe g.row_width = g.block_rows
        unsafe g.row_stride = depth
        unsafe g.row_pitch = g.block_rows * depth
        unsafe g.segments = 1
        unsafe g.depth = depth
        unsafe g.b = UnsafeRawPointer(buffers[1])
        unsafe g.columns = columns
        unsafe g.epilogue = CK_FLOAT
        unsafe g.out = buffers[2]
        unsafe g.out_stride = columns
        unsafe g.row_scale = UnsafePointer(floats)
        unsafe g.row_zero = UnsafePointer(integers)
        unsafe g.column_scale = UnsafePointer(floats)
        unsafe g.column_sum = UnsafePointer(integers)
        unsafe g.bias = UnsafePointer(floats)
        let call = unsafe KernelCall.gemm(kernels, g)
        defer { call.destroy() }
        var least = Int.max
        for _ in 0..<rounds {
            let start = ThreadClock.now
            unsafe call.run(0..<call.unitCount, scratch: buffers[3])
            least = min(least, ThreadClock.now - start)
        }
        gmacs = Double(rows * depth * columns) / Double(max(least, 1))
        peakGmacs = max(before, kernels.peakGmacs())
    }
}
