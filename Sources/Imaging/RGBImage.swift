/// A picture that owns its pixels: `[height, width, 3]`, row-major, top row first, R G B, 0...255, sRGB.
public struct RGBImage: Hashable, Sendable {
    /// Width and height in pixels.
    public let size: Size
    /// `size.height * size.width * 3` bytes.
    public let pixels: [UInt8]

    /// Throws `ImagingError.badFrame` if `size` is out of range or `pixels` has another count.
    public init(size: Size, pixels: [UInt8]) throws(ImagingError) {
        guard size.isValid else { throw .badFrame("no image can be \(size)") }
        guard pixels.count == 3 * size.pixelCount else {
            throw .badFrame("an RGB image of \(size) has \(3 * size.pixelCount) bytes, not \(pixels.count)")
        }
        self.size = size
        self.pixels = pixels
    }

    /// Reads the JPEG or PNG file at `path`, told apart by its first bytes. Blocks.
    ///
    /// Transparent pixels of a PNG are laid on black; sixteen bits become eight. An orientation noted
    /// in a JPEG is not applied. Throws `ImagingError` naming `path`.
    public init(contentsOf path: String) throws(ImagingError) {
        try self.init(encoded: ImageFile.bytes(of: path), path: path)
    }

    /// Decodes a JPEG or PNG file's `bytes`. `path` is only for the message of an error.
    public init(encoded bytes: [UInt8], path: String) throws(ImagingError) {
        switch EncodedFormat(of: bytes) {
        case .jpeg: self = try JPEG.decoded(bytes, path: path)
        case .png: self = try PNG.decoded(bytes, path: path)
        case nil: throw .unknownFormat(path: path)
        }
    }

    /// The picture as the bytes of a PNG file.
    public func encodedAsPNG() throws(ImagingError) -> [UInt8] {
        try PNG.encoded(pixels, size: size, channelCount: 3)
    }

    /// The picture as the bytes of a JPEG file. `quality` is 1 (small) to 100 (true).
    public func encodedAsJPEG(quality: Int) throws(ImagingError) -> [UInt8] {
        guard 1...100 ~= quality else {
            throw .notEncoded(format: "JPEG", reason: "a quality of \(quality) is not in 1...100")
        }
        return try JPEG.encoded(pixels, size: size, quality: quality)
    }

    /// Calls `body` with the pixels as a frame of RGB3. The view is valid inside `body` only.
    public func withView<Result>(_ body: (ImageView) throws -> Result) rethrows -> Result {
        try unsafe pixels.withUnsafeBytes { bytes in
            // The invariant of this type is that of an RGB3 frame without padding.
            let view = unsafe try? ImageView(
                unsafeBytes: bytes, format: .rgb24, size: size, bytesPerRow: 3 * size.width)
            guard let view else { preconditionFailure("\(pixels.count) bytes for \(size)") }
            return try body(view)
        }
    }
}

/// What the first bytes of a file say it is.
enum EncodedFormat {
    case jpeg, png

    init?(of bytes: [UInt8]) {
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else {
            return nil
        }
    }
}
