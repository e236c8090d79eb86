import CKernels
import Kernels
import Platform
import Testing

/// A matrix product or implicit convolution with random operands, for any instruction set.
private struct Product {
    var rows: Int, depth: Int, columns: Int
    var epilogue: ck_epilogue
    var codes = Codes.random
    var segments = 1
    // A convolution reads `width` windows from each row of the image, `step` pixels apart.
    var width: Int?
    var step = 1
    var blockRows = 5
    var zero: Int32?
    /// Whether the rows have zero points of their own; otherwise the offsets of the columns have them.
    var hasZeros = true

    /// The bytes of the output of `instructions`.
    func run(_ instructions: InstructionSet, split: Split, seed: UInt64) -> Buffer<UInt8> {
        var random = SplitMix64(seed: seed)
        let k = segments * depth, width = width ?? rows
        let isConvolution = self.width != nil
        // A window is `depth` codes wide and moves by 4 * step; the rows of the image are `pitch` bytes.
        let stride = isConvolution ? 4 * step : depth
        let pitch = isConvolution ? (width - 1) * stride + depth + 12 : rows * depth
        let imageRows = (rows + width - 1) / width + segments - 1
        let a = Buffer(codes.activations(pitch * imageRows, using: &random))
        let w = codes.weights(columns * k, using: &random)
        let packed = Buffer<UInt8>(count: unsafe ck_packed_bytes(instructions.table, columns, k))
        unsafe instructions.table.pointee.pack(w, columns, k, packed.raw)
        let sums = Buffer((0..<columns).map { c in (0..<k).reduce(Int32(0)) { $0 + Int32(w[c * k + $1]) } })

        let toCodes = epilogue == CK_CODES || epilogue == CK_CODES_RESIDUAL
        let columnScale = Buffer(random.floats(columns, 1e-5...2e-3))
        let bias = Buffer(random.floats(columns))
        let offset = Buffer(random.integers(columns, -20_000...20_000))
        let rowScale = Buffer(random.floats(rows, 1e-3...0.05))
        let rowZero = Buffer(zero.map { Array(repeating: $0, count: rows) } ?? random.integers(rows, 0...255))
        let residualCodes = Buffer(Codes.random.activations(rows * columns, using: &random))
        let residualFloats = Buffer(random.floats(rows * columns))
        let out = Buffer<UInt8>(count: rows * columns * (toCodes ? 1 : 4))

        var g = unsafe ck_gemm()
        unsafe g.a = a.read
        unsafe (g.rows, g.row_width, g.row_stride, g.row_pitch) = (
            rows, width, stride, isConvolution ? pitch : 0
        )
        unsafe (g.segments, g.segment_stride, g.depth) = (segments, pitch, depth)
        unsafe g.b = UnsafeRawPointer(packed.raw)
        unsafe (g.columns, g.panels) = (columns, ck_panels(instructions.table, columns))
        unsafe (g.block_rows, g.epilogue) = (isConvolution ? width : blockRows, epilogue)
        unsafe (g.out, g.out_stride) = (out.raw, columns)
        unsafe (g.column_scale, g.bias) = (columnScale.read, bias.read)
        if toCodes {
            unsafe g.offset = offset.read
            unsafe (g.residual, g.residual_stride) = (UnsafeRawPointer(residualCodes.raw), columns)
            unsafe (g.residual_scale, g.residual_zero) = (0.37, 13)
            unsafe (g.zero, g.low, g.high) = (zero ?? 5, 3, 251)
        } else {
            unsafe g.row_scale = rowScale.read
            if hasZeros {
                unsafe (g.row_zero, g.column_sum) = (rowZero.read, sums.read)
            } else {
                unsafe g.offset = offset.read
            }
            unsafe (g.residual, g.residual_stride) = (UnsafeRawPointer(residualFloats.raw), columns)
        }
        // Blocks may not straddle rows of the image unless they are whole ones.
        if !isConvolution { unsafe (g.row_width, g.row_pitch) = (blockRows, blockRows * depth) }
        let blocks = unsafe (rows + g.block_rows - 1) / g.block_rows
        unsafe split.forEachRange(of: blocks * g.panels) { begin, end in
            unsafe instructions.table.pointee.qu8_qc8w_gemm(&g, begin, end, nil)
        }
        return withExtendedLifetime(
            (a, packed, sums, columnScale, bias, offset, rowScale, rowZero, residualCodes, residualFloats)
        ) { out }
    }

    func check(_ instructions: InstructionSet, split: Split = .whole, seed: UInt64 = 1) throws(Difference) {
        let context =
            "\(rows) x \(segments) x \(depth) x \(columns), epilogue \(epilogue.rawValue), \(codes), \(split)"
        try requireSame(
            run(instructions, split: split, seed: seed), run(.scalar, split: .whole, seed: seed), context)
    }
}

private let epilogues = [
    CK_INT32, CK_FLOAT, CK_FLOAT_GELU, CK_FLOAT_QUICK_GELU, CK_FLOAT_RELU6, CK_FLOAT_RESIDUAL, CK_CODES,
    CK_CODES_RESIDUAL,
]

@Suite("the int8 product equals scalar to the bit")
struct Int8ProductTests {
    @Test("with every epilogue, at sizes around the vector widths", arguments: InstructionSet.vectors)
    func sizes(instructions: InstructionSet) throws {
        for epilogue in epilogues {
            for rows in [1, 2, 4, 5, 6, 7, 11, 12, 13, 25] {
                for (depth, columns) in [(4, 16), (12, 32), (60, 48), (64, 96), (100, 80)] {
                    for hasZeros in [true, false] {
                        try Product(
                            rows: rows, depth: depth, columns: columns, epilogue: epilogue, blockRows: 12,
                            hasZeros: hasZeros
                        ).check(instructions, seed: UInt64(rows * depth))
                    }
                }
            }
        }
    }

    @Test("with codes at the ends of their ranges and a depth of 4,096", arguments: InstructionSet.vectors)
    func extremes(instructions: InstructionSet) throws {
        for codes in Codes.allCases {
            for epilogue in [CK_INT32, CK_FLOAT, CK_CODES] {
                try Product(rows: 3, depth: 4096, columns: 32, epilogue: epilogue, codes: codes).check(
                    instructions)
            }
        }
    }

    @Test("at every zero point", arguments: InstructionSet.vectors)
    func zeroPoints(instructions: InstructionSet) throws {
        for zero in Int32(0)...255 {
            for epilogue in [CK_INT32, CK_FLOAT, CK_CODES, CK_CODES_RESIDUAL] {
                try Product(rows: 2, depth: 20, columns: 16, epilogue: epilogue, codes: .ends, zero: zero)
                    .check(instructions)
            }
        }
    }

    @Test("as an implicit convolution, stride 1 and 2", arguments: InstructionSet.vectors)
    func convolutions(instructions: InstructionSet) throws {
        for epilogue in [CK_INT32, CK_FLOAT_GELU, CK_CODES, CK_CODES_RESIDUAL] {
            for step in [1, 2] {
                for width in [1, 3, 7, 13] {
                    try Product(
                        rows: 4 * width, depth: 12 * step, columns: 48, epilogue: epilogue, segments: 3,
                        width: width,
                        step: step
                    ).check(instructions, split: .backwardsOneByOne)
                }
            }
        }
    }

    @Test("however its units are shared out", arguments: InstructionSet.vectors, Split.allCases)
    func splits(instructions: InstructionSet, split: Split) throws {
        for epilogue in epilogues {
            try Product(rows: 23, depth: 36, columns: 112, epilogue: epilogue).check(
                instructions, split: split)
        }
    }
}
