import AnomalyModels
import Imaging
import Kernels
import Platform
import Testing

@Suite("a picture of a good part")
struct ReferencePictureTests {
    @Test(
        "gives the network what the frame gives it, to the bit",
        arguments: [PixelFormat.grey, .rgb24, .bgr24], ["0+0", "13+7"])
    func sameAsFrame(format: PixelFormat, corner: String) throws {
        let size = Size(width: 101, height: 67), rowBytes = 320
        var random = SplitMix64(seed: 3)
        let frame = (0..<rowBytes * size.height).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let picture = try ReferencePicture(file: try png(frame, format, size, rowBytes), path: "frame")
        #expect(picture.format == (format == .grey ? .grey : .rgb24) && picture.size == size)

        let place = corner.split(separator: "+").compactMap { Int($0) }
        let crop = Region(x: place[0], y: place[1], width: 80, height: 60)
        for output in [Size(width: 64, height: 64), Size(width: 160, height: 96)] {
            for instructions in InstructionSet.available {
                let kernels = KernelTable(instructions)
                func plan(_ format: PixelFormat) throws -> CameraPlan {
                    try CameraPlan(
                        format: format, frame: size, crop: crop, output: output, range: .full,
                        scale: SIMD3(repeating: 1), offset: .zero)
                }
                let expected = try unsafe frame.withUnsafeBytes { bytes in
                    // The bytes live as long as the closure.
                    let view = try unsafe ImageView(
                        unsafeBytes: bytes, format: format, size: size, bytesPerRow: rowBytes)
                    return try plan(format).tensor(of: view, with: kernels)
                }
                let pictured = try plan(picture.format)
                let found = picture.withView { pictured.tensor(of: $0, with: kernels) }
                #expect(found == expected, "\(instructions) \(output)")
            }
        }
    }

    @Test("keeps its file as it came, and tells PNG from JPEG")
    func files() throws {
        let image = try RGBImage(size: PatchFixture.size, pixels: PatchFixture.part(1))
        for (file, suffix) in [
            (try image.encodedAsPNG(), "png"), (try image.encodedAsJPEG(quality: 90), "jpg"),
        ] {
            let picture = try ReferencePicture(file: file, path: "part")
            #expect(picture.file == file && picture.suffix == suffix && picture.format == .rgb24)
        }
        #expect(throws: ImagingError.self) { try ReferencePicture(file: [1, 2, 3], path: "part") }
    }

    /// The frame as the daemon keeps it.
    private func png(_ frame: [UInt8], _ format: PixelFormat, _ size: Size, _ rowBytes: Int) throws -> [UInt8]
    {
        let places = (0..<size.pixelCount).map { ($0 / size.width * rowBytes, $0 % size.width) }
        if format == .grey {
            return try GreyImage(size: size, pixels: places.map { frame[$0.0 + $0.1] }).encodedAsPNG()
        }
        let order = format == .rgb24 ? [0, 1, 2] : [2, 1, 0]
        let pixels = places.flatMap { row, x in order.map { frame[row + 3 * x + $0] } }
        return try RGBImage(size: size, pixels: pixels).encodedAsPNG()
    }
}
