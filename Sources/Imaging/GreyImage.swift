/// A picture that owns its pixels: `[height, width]`, row-major, top row first, 0...255.
public struct GreyImage: Hashable, Sendable {
    /// Width and height in pixels.
    public let size: Size
    /// `size.height * size.width` bytes.
    public let pixels: [UInt8]

    /// Throws `ImagingError.badFrame` if `size` is out of range or `pixels` has another count.
    public init(size: Size, pixels: [UInt8]) throws(ImagingError) {
        guard size.isValid else { throw .badFrame("no image can be \(size)") }
        guard pixels.count == size.pixelCount else {
            throw .badFrame("a grey image of \(size) has \(size.pixelCount) bytes, not \(pixels.count)")
        }
        self.size = size
        self.pixels = pixels
    }

    /// The picture as the bytes of a PNG file of one channel.
    public func encodedAsPNG() throws(ImagingError) -> [UInt8] {
        try PNG.encoded(pixels, size: size, channelCount: 1)
    }
}
