import CKernels
import Kernels

/// Bilinear resize of a map [height, width, channels], for any instruction set.
struct Bilinear {
    var height: Int, width: Int, channels: Int
    var outHeight: Int, outWidth: Int
    var alignsCorners: Bool

    func run(_ instructions: InstructionSet, _ values: [Float], split: Split = .whole) -> Buffer<Float> {
        let input = Buffer(values), out = Buffer<Float>(count: outHeight * outWidth * channels)
        var op = unsafe ck_bilinear(
            in: input.read, height: height, width: width, channels: channels,
            align_corners: alignsCorners ? 1 : 0,
            out: out.pointer, out_height: outHeight, out_width: outWidth)
        let scratch = Buffer<UInt8>(count: ck_bilinear_scratch_bytes(width, channels, outWidth))
        split.forEachRange(of: outHeight) { begin, end in
            unsafe instructions.table.pointee.f32_bilinear(&op, begin, end, scratch.raw)
        }
        return withExtendedLifetime(input) { out }
    }
}

/// Pooling of a map [height, width, channels], for any instruction set.
struct Pool {
    enum Kind: CaseIterable { case average, maximum }

    var kind: Kind
    var height: Int, width: Int, channels: Int
    var kernel: Int, stride: Int, pad: Int

    var outHeight: Int { max(0, height + 2 * pad - kernel) / stride + 1 }
    var outWidth: Int { max(0, width + 2 * pad - kernel) / stride + 1 }

    func run(_ instructions: InstructionSet, _ values: [Float], split: Split = .whole) -> Buffer<Float> {
        let input = Buffer(values), out = Buffer<Float>(count: outHeight * outWidth * channels)
        var op = unsafe ck_pool(
            in: input.read, height: height, width: width, channels: channels, kernel: kernel, stride: stride,
            pad_top: pad,
            pad_left: pad, out: out.pointer, out_height: outHeight, out_width: outWidth)
        split.forEachRange(of: outHeight) { begin, end in
            switch kind {
            case .average: unsafe instructions.table.pointee.f32_average_pool(&op, begin, end, nil)
            case .maximum: unsafe instructions.table.pointee.f32_max_pool(&op, begin, end, nil)
            }
        }
        return withExtendedLifetime(input) { out }
    }
}

/// Transposed convolution 2 x 2 with stride 2, in float32.
struct Transposed2x2 {
    var height: Int, width: Int, inputs: Int, channels: Int

    /// [2 * height, 2 * width, channels]. `weights` are [inputs][dy][dx][channels], `bias` [channels].
    func run(
        _ instructions: InstructionSet, _ values: [Float], weights: [Float], bias: [Float],
        split: Split = .whole
    ) -> Buffer<Float> {
        let columns = 4 * channels, stride = 2 * channels + KernelTable.padded(2 * channels)
        let bStride = KernelTable.padded(stride)
        var padded = [Float](repeating: 3, count: inputs * bStride)
        for k in 0..<inputs { for c in 0..<columns { padded[k * bStride + c] = weights[k * columns + c] } }
        let repeated = (0..<bStride).map { $0 < columns ? bias[$0 % channels] : 0 }
        let input = Buffer(values), b = Buffer(padded), biases = Buffer(repeated)
        let out = Buffer<Float>(count: height * width * columns)
        var op = unsafe ck_f32_gemm()
        unsafe (op.a, op.rows, op.row_width) = (input.read, height * width, width)
        unsafe (op.row_stride, op.row_pitch, op.segments, op.depth) = (inputs, width * inputs, 1, inputs)
        unsafe (op.b, op.columns, op.b_stride) = (b.read, columns, bStride)
        unsafe (op.epilogue, op.bias, op.out) = (CK_FLOAT, biases.read, out.pointer)
        split.forEachRange(of: height) { begin, end in
            unsafe instructions.table.pointee.f32_transposed_2x2(&op, begin, end, nil)
        }
        return withExtendedLifetime((input, b, biases)) { out }
    }
}

/// Depth to space of [height, width][block][block][channels], with `gap` elements behind every pixel.
func depthToSpace<Element: BitwiseCopyable>(
    _ instructions: InstructionSet, _ values: [Element], height: Int, width: Int, block: Int, channels: Int,
    gap: Int = 0,
    split: Split = .whole
) -> Buffer<Element> {
    let size = MemoryLayout<Element>.stride
    let input = Buffer(values), out = Buffer<Element>(count: height * width * block * block * channels)
    var op = unsafe ck_depth_to_space(
        in: UnsafeRawPointer(input.raw), height: height, width: width,
        pixel_stride: (block * block * channels + gap) * size, block: block, channel_bytes: channels * size,
        out: out.raw)
    split.forEachRange(of: height) { begin, end in
        unsafe instructions.table.pointee.xx_depth_to_space(&op, begin, end, nil)
    }
    return withExtendedLifetime(input) { out }
}

/// The mean over all pixels of codes [pixels, channels + gap].
func globalMean(
    _ instructions: InstructionSet, _ codes: [UInt8], pixels: Int, channels: Int, gap: Int, zero: Int32,
    scale: Float,
    split: Split = .whole
) -> Buffer<Float> {
    let input = Buffer(codes), out = Buffer<Float>(count: channels)
    var op = unsafe ck_global_mean(
        in: input.read, pixels: pixels, channels: channels, in_stride: channels + gap, zero: zero,
        scale: scale / Float(pixels), out: out.pointer)
    split.forEachRange(of: channels / KernelTable.lanes) { begin, end in
        unsafe instructions.table.pointee.qu8_global_mean(&op, begin, end, nil)
    }
    return withExtendedLifetime(input) { out }
}
