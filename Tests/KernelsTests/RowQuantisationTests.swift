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
        let rest: Buffer<Float>, input: [Float]
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
            normalised: Buffer((0..<rows * width).map { _ in 0 }),
            rest: Buffer(count: rows * width), input: values)
        let scratch = Buffer<UInt8>(count: ck_scratch_bytes(width, 1, 1))
        var op = unsafe ck_rows(
            in: input.read, width: width, in_stride: width, gain: normalises ? gain.read : nil,
            shift: normalises ? shift.read : nil, epsilon: 1e-5, factors: hasFactors ? factors.read : nil,
            codes: output.codes.pointer, scale: output.scale.pointer, zero: output.zero.pointer,
            rest: output.rest.pointer,
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
                        try requireSame(result.rest, expected.rest, "rests of \(context)")
                    }
                }
            }
        }
    }
}

extension RowQuantisationTests {
    @Test(
        "codes and what they leave are the row again, and that is no more than a step",
        arguments: InstructionSet.available)
    func rest(instructions: InstructionSet) {
        let output = Rows(rows: 3, width: 384, normalises: false, hasFactors: false, range: -2...9).run(
            instructions, split: .whole)
        for (index, x) in output.input.enumerated() {
            let row = index / 384, scale = output.scale.elements[row], rest = output.rest.elements[index]
            let code = Float(Int32(output.codes.elements[index]) - output.zero.elements[row])
            #expect(abs(code * scale + rest - x) <= 1e-6 * 11 && abs(rest) <= 1.01 * scale)
        }
    }
}

@Suite("rows as unit vectors in int8")
struct UnitRowTests {
    @Test(
        "are what rounding each value by the largest says, at any width", arguments: InstructionSet.available)
    func sizes(instructions: InstructionSet) throws {
        for (rows, width) in [(1, 1), (3, 15), (2, 16), (5, 40), (4, 112), (2, 321)] {
            let stride = width + 3, depth = width + 7
            var random = SplitMix64(seed: UInt64(width))
            for range: ClosedRange<Float> in [-3...3, 0...6, -2e-20...1e-20, -1e30...1e30] {
                var values = random.floats(rows * stride, range)
                for i in 0..<width { values[i] = 0 }  // the first row is all zeros
                let input = Buffer(values), codes = Buffer([UInt8](repeating: 9, count: rows * depth))
                let scales = Buffer<Float>(count: rows)
                var op = unsafe ck_unit_rows(
                    in: input.read, width: width, in_stride: stride, codes: codes.pointer, code_stride: depth,
                    scale: scales.pointer)
                unsafe instructions.table.pointee.f32_unit_rows(&op, 0, rows, nil)
                for row in 0..<rows {
                    let row = (values: Array(values[row * stride..<row * stride + width]), index: row)
                    let most = row.values.map(abs).max() ?? 0, factor = most > 0 ? 127 / most : 0
                    let wanted = row.values.map { Int(($0 * factor).rounded(.toNearestOrEven)) }
                    let square = wanted.reduce(0) { $0 + $1 * $1 }
                    let found = codes.elements[row.index * depth..<(row.index + 1) * depth]
                    #expect(found.prefix(width).map { Int($0) - 128 } == wanted)
                    #expect(found.suffix(depth - width).allSatisfy { $0 == 9 })
                    #expect(scales.elements[row.index] == (square > 0 ? 1 / Float(square).squareRoot() : 0))
                }
            }
        }
    }
}
