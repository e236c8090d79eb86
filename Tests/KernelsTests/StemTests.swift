import CKernels
import Kernels
import Platform
import Testing

/// A first convolution 3x3 of stride 2 over padded pixels and the depthwise one behind it, with random operands.
private struct Stem {
    var height: Int, width: Int, channels: Int

    func run(_ instructions: InstructionSet, split: Split) -> Buffer<UInt8> {
        var random = SplitMix64(seed: UInt64(height * width + channels))
        let table = unsafe instructions.table, pitch = (2 * width + 1) * 3, depth = 12
        let image = Buffer(Codes.random.activations((2 * height + 1) * pitch, using: &random))
        let codes = Codes.random.weights(channels * 3 * depth, using: &random)
        let packed = unsafe Buffer<UInt8>(count: ck_packed_bytes(table, channels, 3 * depth))
        unsafe table.pointee.pack(codes, channels, 3 * depth, packed.raw)
        let columnScale = Buffer(random.floats(channels, 1e-6...4e-5))
        let offset = Buffer(random.integers(channels, -90_000...90_000))
        let firstBias = Buffer(random.floats(channels, -1...4))
        let weights = Buffer(random.floats(9 * channels, -1...1)),
            bias = Buffer(random.floats(channels, -1...3))
        let out = Buffer<UInt8>(count: height * width * channels)
        let scratch = Buffer<UInt8>(count: ck_scratch_bytes(channels, 1, width))
        var op = unsafe ck_stem()
        unsafe op.first.a = image.read
        unsafe op.first.rows = width
        unsafe op.first.row_width = width
        unsafe op.first.row_stride = 6
        unsafe op.first.row_pitch = 2 * pitch
        unsafe op.first.segments = 3
        unsafe op.first.segment_stride = pitch
        unsafe op.first.depth = depth
        unsafe op.first.b = UnsafeRawPointer(packed.raw)
        unsafe op.first.columns = channels
        unsafe op.first.panels = ck_panels(table, channels)
        unsafe op.first.block_rows = width
        unsafe op.first.epilogue = CK_FLOAT_RELU6
        unsafe op.first.out_stride = channels
        unsafe op.first.column_scale = columnScale.read
        unsafe op.first.offset = offset.read
        unsafe op.first.bias = firstBias.read
        unsafe op.height = height
        unsafe op.weights = weights.read
        unsafe op.bias = bias.read
        unsafe op.scale = 255 / 6
        unsafe op.high = 250
        unsafe op.out = out.pointer
        split.forEachRange(of: height) { begin, end in
            unsafe table.pointee.qu8_stem(&op, begin, end, scratch.raw)
        }
        return withExtendedLifetime((image, packed, columnScale, offset, firstBias, weights, bias)) { out }
    }
}

@Suite("the first two convolutions in one")
struct StemTests {
    @Test(
        "equal scalar to the bit, whatever range of rows is computed at once",
        arguments: InstructionSet.vectors)
    func sizes(instructions: InstructionSet) throws {
        for (height, width) in [(1, 1), (2, 3), (5, 16), (8, 7), (3, 33)] {
            for channels in [16, 32] {
                let stem = Stem(height: height, width: width, channels: channels)
                let expected = stem.run(.scalar, split: .whole)
                #expect(Set(expected.elements).count > min(8, height * width), "codes that tell nothing")
                for split in Split.allCases {
                    try requireSame(stem.run(instructions, split: split), expected, "\(stem), \(split)")
                }
            }
        }
    }

    @Test(
        "a float map becomes codes channel by channel as in scalar, to the bit",
        arguments: InstructionSet.vectors)
    func mapCodes(instructions: InstructionSet) throws {
        for (pixels, channels) in [(1, 16), (9, 48), (50, 112)] {
            var random = SplitMix64(seed: UInt64(channels))
            let values = Buffer(random.floats(pixels * channels, -40...40))
            let factor = Buffer(random.floats(channels, 0...9)),
                zero = Buffer(random.floats(channels, 0...255))
            func run(_ instructions: InstructionSet, _ split: Split) -> Buffer<UInt8> {
                let out = Buffer<UInt8>(count: pixels * channels)
                var op = unsafe ck_map(
                    in: values.read, channels: channels, factor: factor.read, zero: zero.read,
                    out: out.pointer)
                split.forEachRange(of: pixels) { begin, end in
                    unsafe instructions.table.pointee.f32_qu8_map(&op, begin, end, nil)
                }
                return out
            }
            for split in Split.allCases {
                try requireSame(run(instructions, split), run(.scalar, .whole), "\(pixels) x \(channels)")
            }
        }
    }
}
