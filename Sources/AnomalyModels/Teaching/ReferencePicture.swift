package import Imaging

/// A picture of a good part, as it was kept: the bytes of its file, and its pixels as the camera gave them.
///
/// A PNG of one channel is a frame of GREY, any other picture one of RGB3: what a network reads of it is, to the
/// bit, what it reads of the frame of that format.
@safe
package struct ReferencePicture: Sendable, Hashable {
    /// The PNG or JPEG file.
    package let file: [UInt8]
    /// Width and height in pixels.
    package let size: Size
    /// GREY or RGB3.
    package let format: PixelFormat
    /// Row-major, without padding.
    package let pixels: [UInt8]

    /// Decodes a PNG or JPEG file. `path` is for the message of an error only.
    package init(file: [UInt8], path: String) throws(ImagingError) {
        let image = try RGBImage(encoded: file, path: path)
        self.file = file
        size = image.size
        format = Self.isGrey(file) ? .grey : .rgb24
        pixels =
            format == .grey ? (0..<image.size.pixelCount).map { image.pixels[3 * $0] } : image.pixels
    }

    /// Reads the PNG or JPEG file at `path`. Blocks.
    package init(contentsOf path: String) throws(ImagingError) {
        try self.init(file: ImageFile.bytes(of: path), path: path)
    }

    /// The picture with other pixels of the same size and format, such as a defect painted on it. Its file is
    /// that of the original.
    ///
    /// - Precondition: as many `pixels` as there are.
    package init(_ original: ReferencePicture, pixels: [UInt8]) {
        precondition(pixels.count == original.pixels.count, "\(pixels.count) bytes for \(original.size)")
        (file, size, format) = (original.file, original.size, original.format)
        self.pixels = pixels
    }

    /// Bytes of a pixel: 1 or 3.
    package var channelCount: Int { format == .grey ? 1 : 3 }

    /// The ending of a file's name.
    package var suffix: String { Self.isPNG(file) ? "png" : "jpg" }

    /// Calls `body` with the pixels as a frame. The view is valid inside `body` only.
    package func withView<Result>(_ body: (ImageView) throws -> Result) rethrows -> Result {
        try unsafe pixels.withUnsafeBytes { bytes in
            // The pixels are a frame of this size and format without padding.
            let view = unsafe try? ImageView(
                unsafeBytes: bytes, format: format, size: size, bytesPerRow: channelCount * size.width)
            guard let view else { preconditionFailure("\(pixels.count) bytes for \(format) \(size)") }
            return try body(view)
        }
    }

    private static func isPNG(_ file: [UInt8]) -> Bool { file.starts(with: [0x89, 0x50, 0x4E, 0x47]) }

    /// Whether the file is a PNG of the colour type 0 (PNG specification, section 11.2.2).
    private static func isGrey(_ file: [UInt8]) -> Bool { isPNG(file) && file.count > 25 && file[25] == 0 }
}
