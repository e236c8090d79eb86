internal import CKernels
public import Imaging

/// How frames of one camera become the input tensor of one network: everything that can be worked out
/// before the first frame comes.
///
/// The tensor is `[output.height, output.width, 3]`, row-major, R G B, one byte each:
/// `clamp(round(value * scale + offset), 0, 255)` of values 0...255, halves to even. Samples of more than
/// 8 bits are scaled so that their largest code becomes 255. Areas are averaged with exact fractional
/// borders; axes that grow are interpolated. camera.h says precisely what is computed. The codes are
/// the same on every instruction set.
@safe
public struct CameraPlan: Sendable {
    /// The format of the frames.
    public let format: PixelFormat
    /// The size of the frames.
    public let frame: Size
    /// The part of a frame that is looked at.
    public let crop: Region
    /// The size of the tensor.
    public let output: Size

    private let tables: CameraTables
    // Its pointers are nil; `convert` fills them in on a copy, for the time of one call.
    nonisolated(unsafe) private let prototype: ck_camera

    /// A plan for frames of `format` and size `frame`. `scale` and `offset` are per channel, R G B.
    ///
    /// Throws `ImagingError.badFrame` if a size is out of range, not a multiple of the format's
    /// granularity, or `crop` has no pixel or one outside the frame.
    public init(
        format: PixelFormat, frame: Size, crop: Region, output: Size, range: YUVRange,
        scale: SIMD3<Float>, offset: SIMD3<Float>
    ) throws(ImagingError) {
        let step = format.granularity
        guard frame.isValid, frame.width % step.width == 0, frame.height % step.height == 0 else {
            throw .badFrame("a \(format.rawValue) frame cannot be \(frame): sides are multiples of \(step)")
        }
        guard crop.isContained(in: frame) else {
            throw .badFrame("the crop \(crop) is not inside the frame of \(frame)")
        }
        guard output.isValid else { throw .badFrame("no input tensor can be \(output)") }

        (self.format, self.frame, self.crop, self.output) = (format, frame, crop, output)
        let layout = CameraLayout(format)
        tables = CameraTables(layout, crop: crop, output: output)
        let totals = zip(tables.rowTotals, tables.columnTotals).map { Double($0 * $1) }
        unsafe prototype = unsafe CameraPlan.prototype(
            format, layout, tables, crop: crop, output: output,
            colour: CameraColour(format, range: range, totals: totals), scale: scale, offset: offset)
    }

    /// The bytes of the tensor.
    public var outputByteCount: Int { 3 * output.pixelCount }

    /// The bytes, aligned to 64, that one call of `convert` needs for itself.
    public var scratchByteCount: Int {
        unsafe withUnsafePointer(to: prototype) { unsafe ck_camera_scratch_bytes($0) }
    }

    /// Writes the rows `rows` of the tensor of `image` into `tensor`. Allocation-free. Calls for other rows
    /// of the same tensor may run at the same time, each with its own scratch memory.
    ///
    /// - Precondition: `image` has the plan's format and size, `tensor` has `outputByteCount` bytes,
    ///   `scratch` has `scratchByteCount` bytes and is aligned to 64, `rows` are rows of the tensor.
    package func convert(
        _ image: ImageView, rows: Range<Int>, into tensor: UnsafeMutableRawBufferPointer,
        scratch: UnsafeMutableRawBufferPointer, with kernels: KernelTable
    ) {
        precondition(
            image.format == format && image.size == frame,
            "a frame of \(image.format) \(image.size), not \(format) \(frame)")
        precondition(tensor.count >= outputByteCount, "\(tensor.count) bytes for a tensor of \(output)")
        precondition(scratch.count >= scratchByteCount, "\(scratch.count) bytes of scratch memory")
        precondition(rows.lowerBound >= 0 && rows.upperBound <= output.height, "rows \(rows) of \(output)")
        unsafe tables.words.withUnsafeBufferPointer { words in
            var operation = unsafe prototype
            unsafe point(&operation, at: image, words: words, tensor: tensor)
            unsafe kernels.table.pointee.u8_camera(
                &operation, rows.lowerBound, rows.upperBound, scratch.baseAddress)
        }
    }

    /// The tensor of `image`, on the calling thread, in memory of its own.
    package func tensor(of image: ImageView, with kernels: KernelTable) -> [UInt8] {
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: scratchByteCount, alignment: 64)
        defer { unsafe scratch.deallocate() }
        var tensor = [UInt8](repeating: 0, count: outputByteCount)
        unsafe tensor.withUnsafeMutableBytes { bytes in
            unsafe convert(image, rows: 0..<output.height, into: bytes, scratch: scratch, with: kernels)
        }
        return tensor
    }
}

extension CameraPlan {
    /// Fills in the pointers. The view's invariant and the preconditions of `convert` keep them in bounds.
    private func point(
        _ operation: inout ck_camera, at image: ImageView, words: UnsafeBufferPointer<UInt32>,
        tensor: UnsafeMutableRawBufferPointer
    ) {
        let pixels = unsafe image.bytes.assumingMemoryBound(to: UInt8.self).baseAddress!
        let base = words.baseAddress!
        let last = tables.rows.count - 1
        unsafe operation.planes.0 = unsafe pixels
        unsafe operation.planes.1 = unsafe pixels + (format.planeCount - 1) * image.bytesPerRow * frame.height
        unsafe operation.pitch = (image.bytesPerRow, image.bytesPerRow)
        unsafe operation.rows = unsafe (
            CameraPlan.taps(tables.rows[0], base), CameraPlan.taps(tables.rows[last], base)
        )
        unsafe operation.columns = unsafe (
            CameraPlan.taps(tables.columns[0], base), CameraPlan.taps(tables.columns[last], base)
        )
        unsafe operation.out = unsafe tensor.assumingMemoryBound(to: UInt8.self).baseAddress
        unsafe operation.out_pitch = 3 * output.width
    }

    private static func taps(_ axis: CameraTables.Axis, _ base: UnsafePointer<UInt32>) -> ck_camera_taps {
        unsafe ck_camera_taps(
            first: base + axis.firsts, weights: base + axis.weights, count: UInt32(axis.count))
    }
}
