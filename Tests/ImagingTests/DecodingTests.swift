import Imaging
import Testing

/// JPEG and PNG files in, pixels out.
struct DecodingTests {
    @Test(
        "a PNG comes out as it went in, transparent pixels black, sixteen bits as eight",
        arguments: [
            "colour.png", "grey.png", "alpha.png", "deep.png",
        ])
    func png(name: String) throws {
        let image = try RGBImage(encoded: Pictures().bytes(name), path: name)
        #expect(image.size == Pictures.size)
        #expect(image.pixels == Pictures.pixels(of: name))
    }

    @Test(
        "a JPEG of high quality comes within 12 of its picture",
        arguments: [
            "colour.jpg", "progressive.jpg", "grey.jpg",
        ])
    func jpeg(name: String) throws {
        let image = try RGBImage(encoded: Pictures().bytes(name), path: name)
        #expect(image.size == Pictures.size)
        let worst = zip(image.pixels, Pictures.pixels(of: name)).map { abs(Int($0) - Int($1)) }.max()
        #expect(worst ?? 255 <= 12)
    }

    @Test("a picture written as PNG is read back the same")
    func roundTrip() throws {
        let image = try RGBImage(size: Pictures.size, pixels: Pictures.pixels(of: "colour.png"))
        let folder = TemporaryFolder()
        let path = try folder.write(image.encodedAsPNG(), to: "a.png")
        #expect(try RGBImage(contentsOf: path) == image)
    }

    @Test("the kind of a file is told by its bytes, not by its name")
    func misnamed() throws {
        let folder = TemporaryFolder()
        let path = try folder.write(Pictures().bytes("colour.jpg"), to: "picture.png")
        #expect(try RGBImage(contentsOf: path).size == Pictures.size)
    }

    @Test("what cannot be read is refused with one line that names it")
    func refusals() throws {
        let folder = TemporaryFolder()
        func message(_ path: String) -> String {
            do throws(ImagingError) {
                _ = try RGBImage(contentsOf: path)
                return ""
            } catch {
                return error.description
            }
        }
        let text = folder.write(Array("not an image".utf8), to: "a.png")
        #expect(message(text) == "'\(text)' is neither JPEG nor PNG. Convert it to one of them.")
        #expect(message(folder.write([], to: "empty.jpg")).contains("neither JPEG nor PNG"))
        #expect(message(folder.path) == "'\(folder.path)' cannot be read: it is not a regular file.")
        #expect(message("/nowhere/a.png") == "'/nowhere/a.png' cannot be read: no such file or directory.")
        let cut = try folder.write(Pictures().bytes("colour.jpg").dropLast(40), to: "cut.jpg")
        #expect(message(cut).hasPrefix("'\(cut)' is a damaged JPEG image: "))
        #expect(!message(cut).contains("\n"))
    }

    @Test("a claimed size beyond 16384 is refused before any memory is taken for it")
    func hugeClaims() throws {
        // A PNG whose header claims 20000 x 20000, its checksum as zlib counts it.
        var png = try Pictures().bytes("colour.png")
        png.replaceSubrange(16..<24, with: [0, 0, 0x4E, 0x20, 0, 0, 0x4E, 0x20])
        png.replaceSubrange(29..<33, with: checksum(png[12..<29]))
        #expect(throws: ImagingError.self) { try RGBImage(encoded: png, path: "a") }
        // One that claims 16384 x 16384 and has far too few bytes for it.
        png.replaceSubrange(16..<24, with: [0, 0, 0x40, 0, 0, 0, 0x40, 0])
        png.replaceSubrange(29..<33, with: checksum(png[12..<29]))
        #expect(
            throws: ImagingError.damaged(
                path: "a", format: "PNG", reason: "too few bytes for 16384x16384 pixels")
        ) { try RGBImage(encoded: png, path: "a") }
    }

    /// CRC-32 as PNG has it (ISO 3309), most significant byte first.
    private func checksum(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: ~crc >> $0) }
    }
}
