import CKernels
import Kernels
import Platform
import Testing

/// A depthwise convolution with random operands, for any instruction set.
private struct Depthwise {
    var height: Int, width: Int, channels: Int
    var kernel: Int, stride: Int
    var codes = Codes.random
    var inputZero: Int32 = 7

    func run(_ instructions: InstructionSet, split: Split) -> Buffer<UInt8> {
        var random = SplitMix64(seed: UInt64(height * width * channels))
        let outHeight = (height + stride - 1) / stride, outWidth = (width + stride - 1) / stride
        let padTop = max(0, (outHeight - 1) * stride + kernel - height) / 2
        let padLeft = max(0, (outWidth - 1) * stride + kernel - width) / 2
        let input = Buffer(codes.activations(height * width * channels, using: &random))
        let w = codes.weights(kernel * kernel * channels, using: &random)
        let scale = random.floats(channels, 1e-5...5e-3).map(\.bitPattern)
        let offset = random.integers(channels, -20_000...20_000).map { UInt32(bitPattern: $0) }
        let table = unsafe instructions.table
        let packed = Buffer<UInt8>(count: ck_packed_depthwise_bytes(kernel, channels))
        let packedScale = Buffer<UInt32>(count: (channels + 63) / 64 * 64)
        let packedOffset = Buffer<UInt32>(count: (channels + 63) / 64 * 64)
        unsafe table.pointee.pack_depthwise(w, kernel, channels, packed.raw)
        unsafe table.pointee.pack_depthwise_channels(scale, channels, packedScale.pointer)
        unsafe table.pointee.pack_depthwise_channels(offset, channels, packedOffset.pointer)
        let out = Buffer<UInt8>(count: outHeight * outWidth * channels)
        let scratch = Buffer<UInt8>(count: ck_scratch_bytes(channels, 1, width))
        var op = unsafe ck_depthwise(
            in: input.read, height: height, width: width, channels: channels, kernel: kernel, stride: stride,
            pad_top: padTop, pad_left: padLeft, out_height: outHeight, out_width: outWidth,
            weights: UnsafeRawPointer(packed.raw),
            scale: UnsafeRawPointer(packedScale.raw).assumingMemoryBound(to: Float.self),
            offset: UnsafeRawPointer(packedOffset.raw).assumingMemoryBound(to: Int32.self),
            input_zero: inputZero, zero: 3, low: 3, high: 250, out: out.pointer)
        split.forEachRange(of: outHeight) { begin, end in
            unsafe table.pointee.qu8_qc8w_depthwise(&op, begin, end, scratch.raw)
        }
        return withExtendedLifetime((input, packed, packedScale, packedOffset)) { out }
    }

    func check(_ instructions: InstructionSet, split: Split = .whole) throws(Difference) {
        let context =
            "\(height) x \(width) x \(channels), kernel \(kernel), stride \(stride), \(codes), zero \(inputZero)"
        try requireSame(run(instructions, split: split), run(.scalar, split: .whole), context)
    }
}

@Suite("the depthwise convolution equals scalar to the bit")
struct DepthwiseTests {
    @Test("3 x 3 and 5 x 5, stride 1 and 2, at odd sizes", arguments: InstructionSet.vectors)
    func sizes(instructions: InstructionSet) throws {
        for (kernel, stride) in [(3, 1), (3, 2), (5, 1), (5, 2)] {
            for (height, width) in [(1, 1), (2, 3), (7, 9), (8, 8), (14, 5)] {
                for channels in [16, 32, 48, 64, 80, 144] {
                    for split in Split.allCases {
                        try Depthwise(
                            height: height, width: width, channels: channels, kernel: kernel, stride: stride
                        )
                        .check(instructions, split: split)
                    }
                }
            }
        }
    }

    @Test("with codes at the ends of their ranges", arguments: InstructionSet.vectors, Codes.allCases)
    func extremes(instructions: InstructionSet, codes: Codes) throws {
        for kernel in [3, 5] {
            try Depthwise(height: 6, width: 7, channels: 32, kernel: kernel, stride: 1, codes: codes).check(
                instructions)
        }
    }

    @Test("at every zero point", arguments: InstructionSet.vectors)
    func zeroPoints(instructions: InstructionSet) throws {
        for zero in Int32(0)...255 {
            for kernel in [3, 5] {
                try Depthwise(height: 3, width: 3, channels: 16, kernel: kernel, stride: 1, inputZero: zero)
                    .check(instructions)
            }
        }
    }
}
