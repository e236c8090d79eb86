internal import CTurboJPEG

/// Decodes the JPEG pictures of a camera, one after the other, into memory that is there already.
///
/// Unlike a file's reader it forgives what cameras get wrong: bytes before the end marker, missing Huffman
/// tables, a wrong restart. A picture that ends early is not forgiven: part of it would be grey.
@safe
package final class JPEGFrameDecoder {
    // Only its owner's thread uses it.
    private let decoder: tjhandle

    /// Nil if the library has no memory for one.
    package init?() {
        guard let decoder = unsafe tjInitDecompress() else { return nil }
        unsafe self.decoder = unsafe decoder
    }

    deinit { unsafe tjDestroy(decoder) }

    /// Decodes `jpeg` to R G B without padding into `target`; false if it cannot be, or has another size than
    /// `size`. What is in `target` then is no picture.
    ///
    /// - Precondition: `target` has `3 * size.pixelCount` bytes.
    package func decode(
        _ jpeg: UnsafeRawBufferPointer, size: Size, into target: UnsafeMutableRawBufferPointer
    ) -> Bool {
        precondition(target.count >= 3 * size.pixelCount, "\(target.count) bytes for \(size)")
        guard jpeg.count > 3, let start = unsafe jpeg.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
            return false
        }
        var width: CInt = 0, height: CInt = 0, subsampling: CInt = 0, colours: CInt = 0
        let header = unsafe tjDecompressHeader3(
            decoder, start, CUnsignedLong(jpeg.count), &width, &height, &subsampling, &colours)
        guard header == 0, Size(width: Int(width), height: Int(height)) == size else { return false }
        let status = unsafe tjDecompress2(
            decoder, start, CUnsignedLong(jpeg.count), target.assumingMemoryBound(to: UInt8.self).baseAddress,
            width, 3 * width, height, CInt(TJPF_RGB.rawValue), TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS)
        // A warning leaves a picture; one of a cut end leaves a grey part, and is an error here.
        guard status != 0 else { return true }
        guard unsafe tjGetErrorCode(decoder) == CInt(TJERR_WARNING.rawValue) else { return false }
        return unsafe !isCut(jpeg)
    }

    /// Whether the end marker is missing from the last bytes, which cameras fill with zeros.
    private func isCut(_ jpeg: UnsafeRawBufferPointer) -> Bool {
        var index = jpeg.count - 1
        while index > 1, unsafe jpeg[index] == 0 { index -= 1 }
        return unsafe jpeg[index] != 0xd9 || jpeg[index - 1] != 0xff
    }
}
