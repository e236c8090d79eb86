import CKernels
import Kernels
import Platform
import Testing

/// A feed-forward block with random operands, for any instruction set.
private struct FeedForward {
    var rows: Int, width: Int, hidden: Int, blockRows: Int
    var activation: ck_epilogue
    var hasFactors: Bool
    var codes = Codes.random

    func run(_ instructions: InstructionSet, split: Split) -> Buffer<Float> {
        var random = SplitMix64(seed: UInt64(rows * hidden))
        let table = unsafe instructions.table
        let a = Buffer(codes.activations(rows * width, using: &random))
        let first = unsafe Layer(table, columns: hidden, depth: width, codes, &random)
        let second = unsafe Layer(table, columns: width, depth: hidden, codes, &random)
        let rowScale = Buffer(random.floats(rows, 1e-3...0.02)),
            rowZero = Buffer(random.integers(rows, 0...255))
        let factors = Buffer(random.floats(hidden, 0.1...2))
        let residual = Buffer(random.floats(rows * width)), out = Buffer<Float>(count: rows * width)
        var op = unsafe ck_mlp()
        unsafe op.first = first.operands(epilogue: activation)
        unsafe (op.first.a, op.first.row_stride) = (a.read, width)
        unsafe (op.first.row_scale, op.first.row_zero) = (rowScale.read, rowZero.read)
        unsafe op.second = second.operands(epilogue: CK_FLOAT_RESIDUAL)
        unsafe (op.second.out, op.second.out_stride, op.second.row_stride) = (out.raw, width, hidden)
        unsafe (op.second.residual, op.second.residual_stride) = (UnsafeRawPointer(residual.raw), width)
        unsafe (op.rows, op.block_rows, op.factors) = (rows, blockRows, hasFactors ? factors.read : nil)
        let scratch = Buffer<UInt8>(count: ck_scratch_bytes(hidden, 1, 1))
        split.forEachRange(of: (rows + blockRows - 1) / blockRows) { begin, end in
            unsafe table.pointee.qd8_qc8w_mlp(&op, begin, end, scratch.raw)
        }
        return withExtendedLifetime((a, first, second, rowScale, rowZero, factors, residual)) { out }
    }
}

/// The packed weights of one product of the block.
@safe
private final class Layer {
    private let table: UnsafePointer<ck_kernels>
    private let columns: Int, depth: Int
    private let packed: Buffer<UInt8>, sums: Buffer<Int32>, scale: Buffer<Float>, bias: Buffer<Float>

    init(
        _ table: UnsafePointer<ck_kernels>, columns: Int, depth: Int, _ codes: Codes,
        _ random: inout SplitMix64
    ) {
        unsafe self.table = table
        (self.columns, self.depth) = (columns, depth)
        let w = codes.weights(columns * depth, using: &random)
        packed = Buffer(count: unsafe ck_packed_bytes(table, columns, depth))
        unsafe table.pointee.pack(w, columns, depth, packed.raw)
        sums = Buffer(
            (0..<columns).map { c in (0..<depth).reduce(Int32(0)) { $0 + Int32(w[c * depth + $1]) } })
        scale = Buffer(random.floats(columns, 1e-4...2e-3))
        bias = Buffer(random.floats(columns))
    }

    func operands(epilogue: ck_epilogue) -> ck_gemm {
        var g = unsafe ck_gemm()
        unsafe (g.segments, g.depth, g.b, g.columns) = (1, depth, UnsafeRawPointer(packed.raw), columns)
        unsafe (g.panels, g.epilogue) = (ck_panels(table, columns), epilogue)
        unsafe (g.column_scale, g.column_sum, g.bias) = (scale.read, sums.read, bias.read)
        return unsafe g
    }
}

@Suite("the feed-forward block equals scalar to the bit")
struct FeedForwardTests {
    @Test(
        "with both activations and with factors, however its rows are shared out",
        arguments: InstructionSet.vectors)
    func sizes(instructions: InstructionSet) throws {
        for (activation, hasFactors) in [
            (CK_FLOAT_GELU, false), (CK_FLOAT_QUICK_GELU, true), (CK_FLOAT_RELU6, false),
        ] {
            for (rows, width, hidden, blockRows) in [
                (1, 16, 32, 1), (7, 32, 48, 3), (13, 48, 128, 12), (70, 32, 64, 64),
            ] {
                let block = FeedForward(
                    rows: rows, width: width, hidden: hidden, blockRows: blockRows, activation: activation,
                    hasFactors: hasFactors)
                let expected = block.run(.scalar, split: .whole)
                for split in Split.allCases {
                    try requireSame(block.run(instructions, split: split), expected, "\(block), \(split)")
                }
            }
        }
    }

    @Test("with codes at the ends of their ranges", arguments: InstructionSet.vectors, Codes.allCases)
    func extremes(instructions: InstructionSet, codes: Codes) throws {
        let block = FeedForward(
            rows: 5, width: 64, hidden: 256, blockRows: 5, activation: CK_FLOAT_GELU, hasFactors: false,
            codes: codes)
        try requireSame(block.run(instructions, split: .whole), block.run(.scalar, split: .whole), "\(block)")
    }
}
