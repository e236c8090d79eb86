internal import CPNG

/// PNG through libpng's simplified interface, which keeps its jumps to itself.
enum PNG {
    static func decoded(_ bytes: [UInt8], path: String) throws(ImagingError) -> RGBImage {
        var image = unsafe png_image()
        unsafe image.version = png_uint_32(PNG_IMAGE_VERSION)
        defer { unsafe png_image_free(&image) }

        // libpng keeps the pointer until png_image_finish_read, so one closure holds both calls.
        let result: Result<RGBImage, ImagingError> = unsafe bytes.withUnsafeBytes { source in
            guard unsafe png_image_begin_read_from_memory(&image, source.baseAddress, source.count) != 0
            else {
                return .failure(.damaged(path: path, format: "PNG", reason: unsafe complaint(of: image)))
            }
            let size = unsafe Size(width: Int(image.width), height: Int(image.height))
            guard size.isValid else {
                return .failure(
                    .tooLarge(
                        path: path, found: "\(size) pixels",
                        allowed: "\(Size.maximumSide)x\(Size.maximumSide) pixels"))
            }
            // deflate makes at most 1032 bytes out of one, and a pixel takes at least one bit.
            guard size.pixelCount / 8 / 1032 <= bytes.count else {
                return .failure(
                    .damaged(path: path, format: "PNG", reason: "too few bytes for \(size) pixels"))
            }
            unsafe image.format = png_uint_32(PNG_FORMAT_FLAG_COLOR)
            // Sixteen bits without a gamma are sRGB like eight, not linear light.
            unsafe image.flags |= png_uint_32(PNG_IMAGE_FLAG_16BIT_sRGB)
            var pixels = [UInt8](repeating: 0, count: 3 * size.pixelCount)
            var black = png_color(red: 0, green: 0, blue: 0)
            let status = unsafe pixels.withUnsafeMutableBytes { target in
                unsafe png_image_finish_read(&image, &black, target.baseAddress, 0, nil)
            }
            guard status != 0, unsafe image.warning_or_error & 2 == 0 else {
                return .failure(.damaged(path: path, format: "PNG", reason: unsafe complaint(of: image)))
            }
            return Result { () throws(ImagingError) in try RGBImage(size: size, pixels: pixels) }
        }
        return try result.get()
    }

    /// The PNG file of `pixels`: `[height, width, channelCount]`, 1 channel for grey, 3 for colour.
    static func encoded(_ pixels: [UInt8], size: Size, channelCount: Int) throws(ImagingError) -> [UInt8] {
        var image = unsafe png_image()
        unsafe image.version = png_uint_32(PNG_IMAGE_VERSION)
        unsafe image.width = png_uint_32(size.width)
        unsafe image.height = png_uint_32(size.height)
        unsafe image.format = channelCount == 3 ? png_uint_32(PNG_FORMAT_FLAG_COLOR) : 0
        defer { unsafe png_image_free(&image) }

        var byteCount = 0
        let measured = unsafe png_image_write_to_memory(&image, nil, &byteCount, 0, pixels, 0, nil)
        guard measured != 0 else { throw .notEncoded(format: "PNG", reason: unsafe complaint(of: image)) }
        var file = [UInt8](repeating: 0, count: byteCount)
        let written = unsafe png_image_write_to_memory(&image, &file, &byteCount, 0, pixels, 0, nil)
        guard written != 0 else { throw .notEncoded(format: "PNG", reason: unsafe complaint(of: image)) }
        return Array(file.prefix(byteCount))
    }

    /// libpng's last message: up to 63 bytes and a zero.
    private static func complaint(of image: png_image) -> String {
        unsafe withUnsafeBytes(of: image.message) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
