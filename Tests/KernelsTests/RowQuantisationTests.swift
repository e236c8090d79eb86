import CKernels
import Kernels
import Platform
import Testing

private struct Rows {
    var rows: Int, width: Int
    var normalises: Bool, hasFactors: Bool
    var range: ClosedRange<Float> = -3...3

    struct Output {
        let codes: Buffer<UInt8>, scale: Buffer<Float>, zero: Buffer<Int32>, normalised: Buffer<Float>
    }

    func run(_ instructions: InstructionSet, split: Split) -> Output {
        var random = SplitMix64(seed: UInt64(rows * width))
        var values = random.floats(rows * width, range)
        for i in 0..<width { values[i] = 0 }  // the first row is all zeros
        let input = Buffer(values)
        let gain = Buffer(random.floats(width)), shift = Buffer(random.floats(width)),
            factors = Buffer(random.floats(width))
        let output = Output(
            codes: Buffer(count: rows * width), scale: Buffer(count: rows), zero: Buffer(count: rows),
            normalised: Buffer((0..<rows * width).map { _ in 0 }))
        let scratch = Buffer<UInt8>(count: ck_scratch_bytes(width, 1, 1))
        var op = unsafe ck_rows(
            in: input.read, width: width, in_stride: width, gain: normalises ? gain.read : nil,
            shift: normalises ? shift.read : nil, epsilon: 1e-5, factors: hasFactors ? factors.read : nil,
            codes: output.codes.pointer, scale: output.scale.pointer, zero: output.zero.pointer,
            normalised: output.normalised.pointer, normalised_stride: width)
        split.forEachRange(of: rows) { begin, end in
            unsafe instructions.table.pointee.f32_qd8_rows(&op, begin, end, scratch.raw)
            if normalises { unsafe instructions.table.pointee.f32_layer_norm(&op, begin, end, scratch.raw) }
        }
        return withExtendedLifetime((input, gain, shift, factors)) { output }
    }
}

@Suite("the quantisation of rows equals scalar to the bit")
struct RowQuantisationTests {
    @Test("with and without layer norm and factors", arguments: InstructionSet.vectors)
    func sizes(instructions: InstructionSet) throws {
        for (normalises, hasFactors) in [(false, false), (true, false), (false, true), (true, true)] {
            for range: ClosedRange<Float> in [-3...3, 0...6, -2e-20...1e-20, -1e30...1e30] {
                for (rows, width) in [(1, 16), (2, 32), (3, 48), (5, 384), (7, 768)] {
                    let rows = Rows(
                        rows: rows, width: width, normalises: normalises, hasFactors: hasFactors, range: range
                    )
                    let expected = rows.run(.scalar, split: .whole)
                    for split in Split.allCases {
                        let result = rows.run(instructions, split: split)
                        let context = "\(rows)"
                        try requireSame(result.codes, expected.codes, "codes of \(context)")
                        try requireSame(result.scale, expected.scale, "scales of \(context)")
                        try requireSame(result.zero, expected.zero, "zero points of \(context)")
                        try requireSame(result.normalised, expected.normalised, "layer norm of \(context)")
                    }
                }
            }
        }
    }
}
