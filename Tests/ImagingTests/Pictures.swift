import Foundation
import Imaging
import Testing

/// The image files of Golden/pictures.txt, which Golden/pictures.py made.
struct Pictures {
    let files: [String: [UInt8]]

    static let size = Size(width: 24, height: 16)

    init() throws {
        let url = try #require(
            Bundle.module.url(forResource: "pictures", withExtension: "txt", subdirectory: "Golden"))
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
        try #require(lines.first?.hasPrefix("# pictures 1,") == true)
        var files: [String: [UInt8]] = [:]
        for line in lines.dropFirst() {
            let words = line.split(separator: " ")
            try #require(words.count == 2)
            let digits = words[1].utf8.map { UInt8($0 < 58 ? $0 - 48 : $0 - 87) }
            files[String(words[0])] = stride(from: 0, to: digits.count, by: 2).map {
                digits[$0] << 4 | digits[$0 + 1]
            }
        }
        self.files = files
    }

    /// The bytes of a file, by its name.
    func bytes(_ name: String) throws -> [UInt8] { try #require(files[name]) }

    /// R, G and B of every pixel as the file `name` should have them.
    static func pixels(of name: String) -> [UInt8] {
        var pixels: [UInt8] = []
        for y in 0..<size.height {
            for x in 0..<size.width {
                let rgb = name.hasPrefix("grey") ? [10 * x, 10 * x, 10 * x] : [10 * x, 15 * y, 4 * (x + y)]
                pixels += rgb.map { name == "alpha.png" && x < 12 ? 0 : UInt8($0) }
            }
        }
        return pixels
    }
}
