import CKernels
import Kernels
import Testing

@Suite("a transposed convolution in int8 is a product and depth to space, exact to the integer")
struct TransposedInt8Tests {
    private let height = 4, width = 5, inputs = 8, channels = 3
    private let zero: Int32 = 37

    /// Upsampled int32 [2 * height, 2 * width, channels]: a window x window convolution of a map whose rows
    /// are `pitch` codes, with weights [16 columns, of which 12 in the order dy, dx, channel][window * window
    /// * inputs].
    private func upsampled(
        _ instructions: InstructionSet, _ codes: [UInt8], pitch: Int, window: Int, weights: [Int8]
    ) -> Buffer<Int32> {
        let table = unsafe instructions.table, depth = window * inputs, columns = 16
        let a = Buffer(codes),
            packed = Buffer<UInt8>(count: unsafe ck_packed_bytes(table, columns, window * depth))
        unsafe table.pointee.pack(weights, columns, window * depth, packed.raw)
        let sums = Buffer(
            (0..<columns).map { c in
                weights[c * window * depth..<(c + 1) * window * depth].reduce(Int32(0)) { $0 + Int32($1) }
            })
        let zeros = Buffer(Array(repeating: zero, count: height * width))
        let product = Buffer<Int32>(count: height * width * columns)
        var g = unsafe ck_gemm()
        unsafe (g.a, g.rows, g.row_width) = (a.read, height * width, width)
        unsafe (g.row_stride, g.row_pitch, g.block_rows) = (inputs, pitch, width)
        unsafe (g.segments, g.segment_stride, g.depth) = (window, pitch, depth)
        unsafe (g.b, g.columns, g.panels) = (UnsafeRawPointer(packed.raw), columns, ck_panels(table, columns))
        unsafe (g.epilogue, g.out, g.out_stride) = (CK_INT32, product.raw, columns)
        unsafe (g.row_zero, g.column_sum) = (zeros.read, sums.read)
        unsafe table.pointee.qu8_qc8w_gemm(&g, 0, height * g.panels, nil)
        return withExtendedLifetime((a, packed, sums, zeros)) {
            depthToSpace(
                instructions, product.elements, height: height, width: width, block: 2, channels: channels,
                gap: 4)
        }
    }

    @Test("2 x 2, stride 2", arguments: InstructionSet.available)
    func twoByTwo(instructions: InstructionSet) throws {
        let golden = try GoldenVectors()
        let w = try golden.int8("transposed_s8.2.w")  // [inputs][dy][dx][channels]
        var weights = [Int8](repeating: 0, count: 16 * inputs)
        for column in 0..<12 { for k in 0..<inputs { weights[column * inputs + k] = w[k * 12 + column] } }
        let result = upsampled(
            instructions, try golden.uint8("transposed_s8.x"), pitch: width * inputs, window: 1,
            weights: weights)
        #expect(result.elements == (try golden.int32("transposed_s8.2.y")))
    }

    @Test("4 x 4, stride 2, padding 1, as a 3 x 3 convolution", arguments: InstructionSet.available)
    func fourByFour(instructions: InstructionSet) throws {
        let golden = try GoldenVectors()
        let w = try golden.int8("transposed_s8.4.w")  // [inputs][4][4][channels]
        var weights: [Int8] = []
        for column in 0..<16 {
            let (dy, dx, channel) = (column / 6, column / 3 % 2, column % 3)
            for i in 0..<3 {
                for j in 0..<3 {
                    let (y, x) = (dy + 3 - 2 * i, dx + 3 - 2 * j)
                    let isTap = column < 12 && 0..<4 ~= y && 0..<4 ~= x
                    for k in 0..<inputs {
                        weights.append(isTap ? w[((k * 4 + y) * 4 + x) * channels + channel] : 0)
                    }
                }
            }
        }
        // The map with a border of zero points.
        let codes = try golden.uint8("transposed_s8.x"), pitch = (width + 2) * inputs
        var padded = [UInt8](repeating: UInt8(zero), count: (height + 2) * pitch)
        for y in 0..<height {
            for i in 0..<width * inputs {
                padded[(y + 1) * pitch + inputs + i] = codes[y * width * inputs + i]
            }
        }
        let result = upsampled(instructions, padded, pitch: pitch, window: 3, weights: weights)
        #expect(result.elements == (try golden.int32("transposed_s8.4.y")))
    }
}
