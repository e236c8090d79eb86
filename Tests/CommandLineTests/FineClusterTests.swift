import ArgumentParser
import Foundation
import Testing
import linewatch

@Suite("linewatch fine cluster")
struct FineClusterTests {
    /// A folder of its own that goes with the value.
    private final class Folder {
        let path = FileManager.default.temporaryDirectory.appending(path: "fine-\(UUID().uuidString)").path

        init() throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        /// A grey picture of 64 x 64 pixels.
        func write(_ name: String, _ level: (Int, Int) -> UInt8) throws {
            let pixels = (0..<64 * 64).flatMap { [UInt8](repeating: level($0 % 64, $0 / 64), count: 3) }
            let file = URL(filePath: path).appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(PNGBytes.of(pixels, side: 64)).write(to: file)
        }
    }

    private func command(_ options: [String]) throws -> FineCluster {
        let model = URL(filePath: #filePath).appending(path: "../../../Models/efficientnet-lite0")
            .standardized
        let parsed = try Linewatch.parseAsRoot(
            ["fine", "cluster", "--model", model.path, "--input", "64"] + options)
        return try #require(parsed as? FineCluster)
    }

    private func stripes(_ folder: Folder, count: Int) throws {
        for index in 0..<count {
            try folder.write("across/\(index) <b>&\"'.png") { x, y in
                UInt8(clamping: (y + index) % 8 < 4 ? 40 + x % 5 : 200)
            }
            try folder.write("along-\(index).png") { x, y in
                UInt8(clamping: (x + index) % 16 < 3 ? 90 : 100 + (y + index) % 7)
            }
        }
    }

    @Test("two kinds of surfaces are told apart, and names are shown as they are")
    func surfaces() throws {
        let folder = try Folder()
        try stripes(folder, count: 6)
        try Data([1, 2, 3]).write(to: URL(filePath: folder.path).appending(path: "broken.png"))
        let sorted = try command(["--data", folder.path, "--types", "2"]).sorted()
        let kinds = sorted.figures.kinds.map { Set($0.map { $0.hasPrefix("across/") }) }
        #expect(kinds.count == 2 && kinds.allSatisfy { $0.count == 1 } && sorted.figures.images == 12)
        #expect(sorted.figures.acc == nil)
        #expect(sorted.page.contains("across/3 &lt;b&gt;&amp;&quot;") && !sorted.page.contains("<b>"))
        #expect(sorted.page.contains("Left out:") && sorted.page.contains("broken.png"))
    }

    @Test("one image, equal images and one type are one kind")
    func few() throws {
        let folder = try Folder()
        try folder.write("a.png") { x, y in UInt8((x * y) % 200) }
        #expect(try command(["--data", folder.path]).sorted().figures.kinds == [["a.png"]])
        for name in ["b.png", "c.png", "d.png"] { try folder.write(name) { x, y in UInt8((x * y) % 200) } }
        #expect(try command(["--data", folder.path]).sorted().figures.kinds.count == 1)
        #expect(try command(["--data", folder.path, "--types", "3"]).sorted().figures.kinds.count == 1)
        #expect(try command(["--data", folder.path, "--types", "1"]).sorted().figures.kinds.count == 1)
    }

    @Test("fewer images than types, and a folder without images, are refused")
    func refused() throws {
        let folder = try Folder()
        #expect(throws: (any Error).self) { try command(["--data", folder.path]).sorted() }
        try folder.write("a.png") { _, _ in 100 }
        let error = #expect(throws: (any Error).self) {
            try command(["--data", folder.path, "--types", "4"]).sorted()
        }
        #expect(
            error.map { "\($0)" }
                == "1 images cannot be of 4 types. Set --types to at most 1, or leave it out.")
        for options in ["--data d --types 0", "--data d --report page.txt", "--data d --auxiliary no"] {
            #expect(throws: (any Error).self) {
                try Linewatch.parseAsRoot(
                    ["fine", "cluster"] + options.split(separator: " ").map(String.init))
            }
        }
    }

    @Test(
        "steel defects are sorted nearly without error",
        .enabled(
            if: SharedImages.folder != nil && ProcessInfo.processInfo.environment["LINEWATCH_LONG"] != nil,
            "needs the inspection images and a minute: set LINEWATCH_SHARED and LINEWATCH_LONG=1"))
    func steel() throws {
        let folder = (SharedImages.folder ?? "") + "/neu_det"
        let sorted = try command(["--data", folder, "--types", "6", "--input", "256"]).sorted()
        #expect(try #require(sorted.figures.acc) > 97)
    }
}

/// A PNG without compression: signature, IHDR, IDAT of one stored block, IEND.
private enum PNGBytes {
    static func of(_ pixels: [UInt8], side: Int) -> [UInt8] {
        var rows: [UInt8] = []
        for row in 0..<side {
            rows.append(0)
            rows.append(contentsOf: pixels[3 * side * row..<3 * side * (row + 1)])
        }
        let low = UInt8(rows.count & 255), high = UInt8(rows.count >> 8)
        var stored: [UInt8] = [0x78, 0x01, 1, low, high, ~low, ~high]
        stored += rows
        stored += number(adler(rows))
        var header: [UInt8] = number(UInt32(side))
        header += number(UInt32(side))
        header += [8, 2, 0, 0, 0]
        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        file += chunk("IHDR", header)
        file += chunk("IDAT", stored)
        file += chunk("IEND", [])
        return file
    }

    private static func chunk(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
        var body = Array(name.utf8)
        body += bytes
        var chunk = number(UInt32(bytes.count))
        chunk += body
        chunk += number(crc(body))
        return chunk
    }

    private static func number(_ value: UInt32) -> [UInt8] {
        let shifts: [UInt32] = [24, 16, 8, 0]
        return shifts.map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    private static func adler(_ bytes: [UInt8]) -> UInt32 {
        var a: UInt32 = 1, b: UInt32 = 0
        for byte in bytes {
            a = (a + UInt32(byte)) % 65_521
            b = (b + a) % 65_521
        }
        return b << 16 | a
    }

    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        var sum: UInt32 = ~0
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? (sum >> 1) ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }
}
