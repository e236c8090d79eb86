import CKernels
import Foundation
import Kernels
import Platform
import Testing

/// Softmax or L2 normalisation of rows, for any instruction set.
struct FloatRows {
    enum Kernel: CaseIterable { case softmax, normalise }

    var kernel: Kernel
    var rows: Int, width: Int
    var factor: Float = 1
    var isInPlace = false

    func run(_ instructions: InstructionSet, _ values: [Float], split: Split = .whole) -> Buffer<Float> {
        let input = Buffer(values), out = isInPlace ? input : Buffer<Float>(count: rows * width)
        var op = unsafe ck_float_rows(
            in: input.read, width: width, in_stride: width, factor: factor, out: out.pointer,
            out_stride: width)
        split.forEachRange(of: rows) { begin, end in
            switch kernel {
            case .softmax: unsafe instructions.table.pointee.f32_softmax(&op, begin, end, nil)
            case .normalise: unsafe instructions.table.pointee.f32_l2_normalise(&op, begin, end, nil)
            }
        }
        return withExtendedLifetime(input) { out }
    }
}

@Suite("softmax and L2 normalisation equal scalar to the bit")
struct FloatRowTests {
    @Test("at widths around the vector widths", arguments: InstructionSet.vectors, FloatRows.Kernel.allCases)
    func sizes(instructions: InstructionSet, kernel: FloatRows.Kernel) throws {
        for width in [1, 2, 3, 15, 16, 17, 31, 32, 33, 77, 1000] {
            for range: ClosedRange<Float> in [-3...3, -200...200, -1e-25...1e-25] {
                var random = SplitMix64(seed: UInt64(width))
                let values = random.floats(5 * width, range)
                var rows = FloatRows(kernel: kernel, rows: 5, width: width, factor: 1.75)
                let expected = rows.run(.scalar, values)
                for split in Split.allCases {
                    for isInPlace in [false, true] {
                        rows.isInPlace = isInPlace
                        try requireSame(
                            rows.run(instructions, values, split: split), expected, "\(rows), \(range)")
                    }
                }
            }
        }
    }

    @Test(
        "and a row of zeros stays zero, a row of equal values has equal shares",
        arguments: InstructionSet.available)
    func plainRows(instructions: InstructionSet) {
        let zeros = FloatRows(kernel: .normalise, rows: 1, width: 20).run(
            instructions, Array(repeating: 0, count: 20))
        #expect(zeros.elements == Array(repeating: 0, count: 20))
        let equal = FloatRows(kernel: .softmax, rows: 1, width: 32).run(
            instructions, Array(repeating: 5, count: 32))
        #expect(equal.elements == Array(repeating: 1 / 32, count: 32))
    }
}

@Suite("softmax over a few keys of four heads")
struct KeySoftmaxTests {
    /// The rows after the kernel.
    private func rows(
        _ instructions: InstructionSet, _ values: [Float], _ offsets: [Float], keys: Int,
        split: Split = .whole
    ) -> Buffer<Float> {
        let rows = Buffer(values), added = Buffer(offsets)
        // The buffers outlive the call.
        var op = unsafe ck_key_softmax(rows: rows.pointer, offsets: added.read, keys: keys)
        split.forEachRange(of: values.count / Int(CK_KEY_ROW)) { begin, end in
            unsafe instructions.table.pointee.f32_key_softmax(&op, begin, end, nil)
        }
        return withExtendedLifetime(added) { rows }
    }

    @Test("equals scalar to the bit", arguments: InstructionSet.vectors, 1...8)
    func instructionSets(instructions: InstructionSet, keys: Int) throws {
        for range: ClosedRange<Float> in [-3...3, -200...200, -1e-25...1e-25] {
            var random = SplitMix64(seed: UInt64(keys))
            let values = random.floats(7 * Int(CK_KEY_ROW), range)
            let offsets = random.floats(Int(CK_KEY_ROW), -2...2)
            let expected = rows(.scalar, values, offsets, keys: keys)
            for split in Split.allCases {
                try requireSame(
                    rows(instructions, values, offsets, keys: keys, split: split), expected,
                    "\(keys) keys, \(range)")
            }
        }
    }

    @Test("gives what exponentials and their sums give, and leaves the rest", arguments: 1...8)
    func definition(keys: Int) {
        var random = SplitMix64(seed: 9)
        let row = random.floats(Int(CK_KEY_ROW), -4...4), offsets = random.floats(Int(CK_KEY_ROW), -1...1)
        let found = rows(.scalar, row, offsets, keys: keys).elements
        for head in 0..<4 {
            let places = stride(from: head, to: 4 * keys, by: 4)
            let powers = places.map { exp(Double(row[$0]) + Double(offsets[$0])) }
            for (place, power) in zip(places, powers) {
                #expect(abs(Double(found[place]) - power / powers.reduce(0, +)) < 1e-6, "place \(place)")
            }
        }
        #expect(Array(found[(4 * keys)...]) == Array(row[(4 * keys)...]))
    }
}

@Suite("sums of rows")
struct SumTests {
    @Test("are those of their elements, and in place as well", arguments: InstructionSet.available)
    func sums(instructions: InstructionSet) {
        for width in [1, 15, 16, 33] {
            var random = SplitMix64(seed: UInt64(width))
            let a = random.floats(3 * width, -9...9), b = random.floats(3 * width, -9...9)
            let first = Buffer(a), second = Buffer(b)
            for split in Split.allCases {
                let out = split == .whole ? first : Buffer<Float>(count: 3 * width)
                let left = Buffer(a)
                let isInPlace = split == .whole
                // The buffers outlive the call.
                var op = unsafe ck_sum(
                    a: isInPlace ? first.read : left.read, b: second.read, width: width, out: out.pointer)
                split.forEachRange(of: 3) { begin, end in
                    unsafe instructions.table.pointee.f32_sum(&op, begin, end, nil)
                }
                #expect(out.elements == zip(a, b).map { $0 + $1 } && out.isIntact)
                withExtendedLifetime((left, second)) {}
            }
        }
    }
}
