import CKernels
import Kernels
import Platform
import Testing

/// A float32 product or convolution, for any instruction set.
struct FloatProduct {
    var rows: Int, depth: Int, columns: Int
    var epilogue = CK_FLOAT
    var segments = 1
    var width: Int?
    var blockRows = 13
    var extraStride = 0

    var bStride: Int { KernelTable.padded(columns) + extraStride }

    /// [rows, columns]. `b` is [segments * depth, columns], `bias` [columns]; the rows of `a` move by `depth`
    /// in a matrix and by 2 in a convolution, whose image rows are `pitch` floats.
    func run(
        _ instructions: InstructionSet, a: [Float], b: [Float], bias: [Float]?, residual: [Float]? = nil,
        pitch: Int = 0, split: Split = .whole
    ) -> Buffer<Float> {
        var paddedB = [Float](repeating: 7, count: segments * depth * bStride)
        for k in 0..<segments * depth {
            for c in 0..<columns { paddedB[k * bStride + c] = b[k * columns + c] }
        }
        let a = Buffer(a), b = Buffer(paddedB), out = Buffer<Float>(count: rows * columns)
        let bias = bias.map { Buffer($0 + Array(repeating: 0, count: KernelTable.padded(columns) - columns)) }
        let residual = residual.map { Buffer($0) }
        var op = unsafe ck_f32_gemm(
            a: a.read, rows: rows, row_width: width ?? rows, row_stride: width == nil ? depth : 2,
            row_pitch: pitch,
            segments: segments, segment_stride: pitch, depth: depth, b: b.read, columns: columns,
            b_stride: bStride,
            block_rows: blockRows, epilogue: epilogue, bias: bias?.read, out: out.pointer,
            out_stride: columns,
            residual: residual?.read, residual_stride: columns)
        split.forEachRange(of: (rows + blockRows - 1) / blockRows) { begin, end in
            unsafe instructions.table.pointee.f32_gemm(&op, begin, end, nil)
        }
        return withExtendedLifetime((a, b, bias, residual)) { out }
    }
}

@Suite("the float32 product equals scalar to the bit")
struct FloatProductTests {
    @Test("with every epilogue, at sizes around the vector widths", arguments: InstructionSet.vectors)
    func sizes(instructions: InstructionSet) throws {
        for epilogue in [CK_FLOAT, CK_FLOAT_GELU, CK_FLOAT_QUICK_GELU, CK_FLOAT_RELU6, CK_FLOAT_RESIDUAL] {
            for rows in [1, 2, 5, 6, 7, 12, 13, 14, 30] {
                for (depth, columns) in [
                    (1, 1), (3, 15), (17, 16), (64, 17), (5, 31), (9, 32), (33, 33), (20, 70),
                ] {
                    var random = SplitMix64(seed: UInt64(rows * columns))
                    let a = random.floats(rows * depth), b = random.floats(depth * columns)
                    let bias = rows % 2 == 0 ? nil : random.floats(columns),
                        residual = random.floats(rows * columns)
                    let product = FloatProduct(
                        rows: rows, depth: depth, columns: columns, epilogue: epilogue,
                        extraStride: rows % 3 * 16)
                    let expected = product.run(.scalar, a: a, b: b, bias: bias, residual: residual)
                    for split in Split.allCases {
                        let result = product.run(
                            instructions, a: a, b: b, bias: bias, residual: residual, split: split)
                        try requireSame(
                            result, expected, "\(rows) x \(depth) x \(columns), epilogue \(epilogue.rawValue)"
                        )
                    }
                }
            }
        }
    }

    @Test("as an implicit convolution", arguments: InstructionSet.vectors)
    func convolutions(instructions: InstructionSet) throws {
        for width in [1, 4, 7, 13] {
            var random = SplitMix64(seed: UInt64(width))
            let pitch = 2 * width + 10, depth = 6
            let product = FloatProduct(
                rows: 3 * width, depth: depth, columns: 20, segments: 3, width: width, blockRows: 5)
            let a = random.floats(pitch * 5), b = random.floats(3 * depth * 20), bias = random.floats(20)
            try requireSame(
                product.run(instructions, a: a, b: b, bias: bias, pitch: pitch, split: .unevenParts),
                product.run(.scalar, a: a, b: b, bias: bias, pitch: pitch), "width \(width)")
        }
    }

    @Test("with zeros of both signs and numbers too small to be normal", arguments: InstructionSet.vectors)
    func signsAndSubnormals(instructions: InstructionSet) throws {
        let tiny = Float.leastNonzeroMagnitude
        let values: [Float] = [0, -0.0, tiny, -3 * tiny, 1, -1, 1e18, -1e18, 1e-20, -1e-25]
        var random = SplitMix64(seed: 9)
        let a = (0..<7 * 8).map { _ in values.randomElement(using: &random)! }
        let b = (0..<8 * 40).map { _ in values.randomElement(using: &random)! }
        let bias = (0..<40).map { _ in [Float(0), -0.0].randomElement(using: &random)! }
        for depth in [1, 2] {
            let product = FloatProduct(rows: 7, depth: depth, columns: 40)
            let a = Array(a.prefix(7 * depth)), b = Array(b.prefix(depth * 40))
            try requireSame(
                product.run(instructions, a: a, b: b, bias: bias),
                product.run(.scalar, a: a, b: b, bias: bias),
                "depth \(depth)")
        }
    }
}
