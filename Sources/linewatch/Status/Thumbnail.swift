import Imaging

/// A picture as small as a few characters: cells that are two pixels high.
///
/// What stands out as a heat-map does, from yellow to red, stays visible however small it is: where a block has
/// such pixels, the cell shows their mean and not that of the block.
package struct Thumbnail: Hashable, Sendable {
    package let columns: Int
    package let rows: Int
    /// `[2 * rows, columns]`, top row first.
    package let pixels: [Colour]
    /// For each pixel, whether it shows those of a heat-map.
    package let isHot: [Bool]

    /// By how much red exceeds blue in the colours of a heat-map. Green lies between them.
    private static let strong = 64

    /// Shrinks a JPEG or PNG file. Throws `ImagingError`, `path` is for its message.
    package init(encoded bytes: [UInt8], path: String, columns: Int, rows: Int) throws {
        let image = try RGBImage(encoded: bytes, path: path)
        self.init(
            pixels: image.pixels, width: image.size.width, height: image.size.height, columns: columns,
            rows: rows)
    }

    /// Shrinks `pixels`: `[height, width, 3]`, R G B.
    ///
    /// - Precondition: all sides are positive and `pixels` has the bytes for them.
    package init(pixels: [UInt8], width: Int, height: Int, columns: Int, rows: Int) {
        precondition(
            width > 0 && height > 0 && columns > 0 && rows > 0 && pixels.count == 3 * width * height,
            "a thumbnail of \(pixels.count) bytes for \(width)x\(height)")
        (self.columns, self.rows) = (columns, rows)
        var cells: [Colour] = []
        var hot: [Bool] = []
        for row in 0..<2 * rows {
            let top = row * height / (2 * rows)
            let bottom = max((row + 1) * height / (2 * rows), top + 1)
            for column in 0..<columns {
                let left = column * width / columns
                let right = max((column + 1) * width / columns, left + 1)
                var block = Block()
                for y in top..<bottom {
                    for x in left..<right {
                        let at = 3 * (y * width + x)
                        block.add(pixels[at], pixels[at + 1], pixels[at + 2], strong: Self.strong)
                    }
                }
                cells.append(block.colour)
                hot.append(block.isHot)
            }
        }
        (self.pixels, isHot) = (cells, hot)
    }

    /// The lines of it, `rows` of `columns` characters: half blocks in colour, or shades.
    package func lines(for ability: TerminalAbility) -> [StyledLine] {
        (0..<rows).map { row in
            var line = StyledLine()
            for column in 0..<columns {
                let upper = 2 * row * columns + column
                let lower = upper + columns
                if ability.colours != .none && ability.hasBlocks {
                    line.append("\u{2580}", .cell(upper: pixels[upper], lower: pixels[lower]))
                } else {
                    line.append(shade(upper, lower))
                }
            }
            return line
        }
    }

    private static let shades: [Character] = Array(" .:-=+*#%@")

    /// One of " .:-=+*#%@": the first six for how bright it is, the last four for what is hot.
    private func shade(_ upper: Int, _ lower: Int) -> String {
        let both = [upper, lower]
        let brightness =
            both.map { pixel in
                (299 * Int(pixels[pixel].red) + 587 * Int(pixels[pixel].green) + 114 * Int(pixels[pixel].blue))
                    / 1_000
            }.reduce(0, +) / 2
        guard both.contains(where: { isHot[$0] }) else { return String(Self.shades[brightness * 5 / 255]) }
        let heat = both.filter { isHot[$0] }.map { Self.saturation(pixels[$0]) }.max() ?? 0
        return String(Self.shades[6 + min(max(heat - Self.strong, 0) * 4 / (256 - Self.strong), 3)])
    }

    private static func saturation(_ colour: Colour) -> Int {
        Int(max(colour.red, colour.green, colour.blue)) - Int(min(colour.red, colour.green, colour.blue))
    }
}

/// The pixels under one half of a cell.
private struct Block {
    private var sum = (0, 0, 0)
    private var count = 0
    private var hotSum = (0, 0, 0)
    private var hotCount = 0

    var isHot: Bool { hotCount > 0 }

    mutating func add(_ red: UInt8, _ green: UInt8, _ blue: UInt8, strong: Int) {
        let (r, g, b) = (Int(red), Int(green), Int(blue))
        sum = (sum.0 + r, sum.1 + g, sum.2 + b)
        count += 1
        guard r - b >= strong, r >= g, g >= b else { return }
        hotSum = (hotSum.0 + r, hotSum.1 + g, hotSum.2 + b)
        hotCount += 1
    }

    var colour: Colour {
        let (total, number) = isHot ? (hotSum, hotCount) : (sum, max(count, 1))
        return Colour(
            UInt8(total.0 / number), UInt8(total.1 / number), UInt8(total.2 / number))
    }
}
