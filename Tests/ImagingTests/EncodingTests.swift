import Imaging
import Testing

struct EncodingTests {
    /// A soft ramp, which JPEG keeps nearly as it is.
    private static func ramp(_ size: Size) throws -> RGBImage {
        let pixels = (0..<size.pixelCount).flatMap { index in
            let x = index % size.width, y = index / size.width
            return [UInt8(2 * x), UInt8(2 * y), UInt8(x + y)]
        }
        return try RGBImage(size: size, pixels: pixels)
    }

    @Test("a JPEG of high quality decodes to nearly the same pixels, and of low quality is smaller")
    func jpeg() throws {
        let image = try EncodingTests.ramp(Size(width: 96, height: 64))
        let file = try image.encodedAsJPEG(quality: 95)
        let decoded = try RGBImage(encoded: file, path: "ramp.jpg")
        let largest = zip(decoded.pixels, image.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 255
        #expect(decoded.size == image.size && largest <= 12)
        #expect(try image.encodedAsJPEG(quality: 30).count < file.count)
    }

    @Test("a quality that is not 1...100 is refused")
    func quality() throws {
        let image = try EncodingTests.ramp(Size(width: 8, height: 8))
        for quality in [0, 101] {
            #expect(throws: ImagingError.self) { try image.encodedAsJPEG(quality: quality) }
        }
    }

    @Test("a grey PNG has one channel and decodes to the same grey levels")
    func grey() throws {
        let size = Size(width: 13, height: 7)
        let pixels = (0..<size.pixelCount).map { UInt8($0 * 2) }
        let file = try GreyImage(size: size, pixels: pixels).encodedAsPNG()
        // The colour type in the header: 0 is grey.
        #expect(file[25] == 0)
        let decoded = try RGBImage(encoded: file, path: "grey.png")
        #expect(decoded.pixels == pixels.flatMap { [$0, $0, $0] })
        #expect(throws: ImagingError.self) { _ = try GreyImage(size: size, pixels: []) }
    }
}
