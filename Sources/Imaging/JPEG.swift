internal import CTurboJPEG

/// JPEG through libjpeg-turbo.
enum JPEG {
    /// Throws `.damaged` if libjpeg-turbo finds anything to complain about, a cut end included: a picture
    /// that is grey in part must not pass for a picture of a part.
    static func decoded(_ bytes: [UInt8], path: String) throws(ImagingError) -> RGBImage {
        guard let decoder = unsafe tjInitDecompress() else {
            throw .damaged(path: path, format: "JPEG", reason: "no decoder could be made")
        }
        defer { unsafe tjDestroy(decoder) }

        var width: CInt = 0, height: CInt = 0, subsampling: CInt = 0, colours: CInt = 0
        let header = unsafe bytes.withUnsafeBufferPointer { source in
            unsafe tjDecompressHeader3(
                decoder, source.baseAddress, CUnsignedLong(source.count), &width, &height, &subsampling,
                &colours)
        }
        guard header == 0 else {
            throw .damaged(path: path, format: "JPEG", reason: unsafe complaint(of: decoder))
        }

        let size = Size(width: Int(width), height: Int(height))
        guard size.isValid else {
            throw .tooLarge(
                path: path, found: "\(size) pixels", allowed: "\(Size.maximumSide)x\(Size.maximumSide) pixels"
            )
        }
        var status: CInt = 0
        let count = 3 * size.pixelCount
        // The decoder may stop early; `status` says so, and then the pixels are thrown away. They are
        // zeroed beforehand so that no code path can hand out memory that nobody wrote.
        var pixels = [UInt8](repeating: 0, count: count)
        unsafe bytes.withUnsafeBufferPointer { source in
            unsafe pixels.withUnsafeMutableBufferPointer { target in
                status = unsafe tjDecompress2(
                    decoder, source.baseAddress, CUnsignedLong(source.count), target.baseAddress, width,
                    3 * width,
                    height, CInt(TJPF_RGB.rawValue),
                    TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS)
            }
        }
        guard status == 0 else {
            throw .damaged(path: path, format: "JPEG", reason: unsafe complaint(of: decoder))
        }
        return try RGBImage(size: size, pixels: pixels)
    }

    /// The JPEG file of `pixels`, `[height, width, 3]`: 4:2:0, `quality` 1...100.
    static func encoded(_ pixels: [UInt8], size: Size, quality: Int) throws(ImagingError) -> [UInt8] {
        guard let encoder = unsafe tjInitCompress() else {
            throw .notEncoded(format: "JPEG", reason: "no encoder could be made")
        }
        defer { unsafe tjDestroy(encoder) }

        var file: UnsafeMutablePointer<UInt8>?
        var byteCount: CUnsignedLong = 0
        let status = unsafe pixels.withUnsafeBufferPointer { source in
            unsafe tjCompress2(
                encoder, source.baseAddress, CInt(size.width), CInt(3 * size.width), CInt(size.height),
                CInt(TJPF_RGB.rawValue), &file, &byteCount, CInt(TJSAMP_420.rawValue), CInt(quality),
                TJFLAG_ACCURATEDCT)
        }
        // The library allocated the file, if it came so far; it lives until here.
        defer { unsafe tjFree(file) }
        guard status == 0, let start = unsafe file else {
            throw .notEncoded(format: "JPEG", reason: unsafe complaint(of: encoder))
        }
        return unsafe Array(UnsafeBufferPointer(start: start, count: Int(byteCount)))
    }

    /// The decoder's last message, without its final stop.
    private static func complaint(of decoder: tjhandle) -> String {
        // A C string inside the decoder, which the caller still holds.
        guard let text = unsafe tjGetErrorStr2(decoder) else { return "unknown error" }
        let message = unsafe String(cString: text)
        return message.hasSuffix(".") ? String(message.dropLast()) : message
    }
}
