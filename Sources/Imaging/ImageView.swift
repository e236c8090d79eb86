/// The pixels of a frame, borrowed: it owns nothing and frees nothing.
///
/// A view is valid as long as the memory it was made from: inside the closure that handed the memory
/// out, or until its frame goes back to the driver. Do not store one. (It is no `~Escapable` type
/// because the language has no settled way yet to say what a stored one depends on.)
///
/// - Invariant: `size` is valid and a multiple of the format's granularity, `bytesPerRow` holds a row,
///   and `bytes` holds all planes, the last row of the last plane perhaps without its padding.
@safe
public struct ImageView {
    /// How the samples lie in `bytes`.
    public let format: PixelFormat
    /// Width and height in pixels.
    public let size: Size
    /// Bytes from the start of a row to the start of the next, in every plane.
    public let bytesPerRow: Int
    /// All planes, top row first; the second plane begins `bytesPerRow * size.height` bytes in.
    public let bytes: UnsafeRawBufferPointer

    /// A view of `bytes`, which must stay allocated and unchanged for as long as it is used.
    ///
    /// Throws `ImagingError.badFrame` if `bytes` cannot be such a frame.
    public init(
        unsafeBytes bytes: UnsafeRawBufferPointer, format: PixelFormat, size: Size, bytesPerRow: Int
    ) throws(ImagingError) {
        let step = format.granularity
        guard size.isValid, size.width % step.width == 0, size.height % step.height == 0 else {
            throw .badFrame("a \(format.rawValue) frame cannot be \(size): sides are multiples of \(step)")
        }
        let minimum = format.minimumBytesPerRow(width: size.width)
        guard bytesPerRow >= minimum, bytesPerRow <= 1 << 24 else {
            throw .badFrame(
                "rows of \(bytesPerRow) bytes cannot hold \(size.width) pixels of \(format.rawValue)")
        }
        let needed = format.byteCount(height: size.height, bytesPerRow: bytesPerRow) - bytesPerRow + minimum
        guard bytes.count >= needed else {
            throw .badFrame("a \(format.rawValue) frame of \(size) has \(bytes.count) bytes, not \(needed)")
        }
        self.format = format
        self.size = size
        self.bytesPerRow = bytesPerRow
        unsafe self.bytes = unsafe bytes
    }
}
