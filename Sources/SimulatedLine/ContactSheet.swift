public import Imaging

/// Small pictures of what the line makes: a row per surface, good parts first, then defects with their masks
/// outlined.
public enum ContactSheet {
    /// Pictures in a row: two good parts and four defects.
    public static let columnCount = 6
    private static let gap = 4
    private static let captionHeight = 18
    private static let background: [UInt8] = [24, 24, 26]
    private static let captionColour: [UInt8] = [200, 200, 204]
    private static let outlineColour: [UInt8] = [255, 96, 32]

    /// The sheet of `surfaces`, whose frames are `frameSize` and shown at half that size.
    ///
    /// Throws if a line of such frames cannot be, or if the sheet would be too large for an image.
    public static func drawn(
        of surfaces: [Surface], seed: UInt32, frameSize: Size
    ) throws -> RGBImage {
        let cell = Size(width: frameSize.width / 2, height: frameSize.height / 2)
        let pitch = Size(width: cell.width + gap, height: cell.height + captionHeight + gap)
        let size = Size(
            width: columnCount * pitch.width + gap, height: surfaces.count * pitch.height + gap)
        guard size.isValid else { throw SimulatedLineError.badSize(frameSize) }
        var sheet = Sheet(size: size, pixels: [], cell: cell)
        sheet.pixels.reserveCapacity(3 * size.pixelCount)
        for _ in 0..<size.pixelCount { sheet.pixels += background }

        for (row, surface) in surfaces.enumerated() {
            var line = try ProductionLine(
                LineSettings(
                    surface: surface, form: .parts, seed: seed, size: frameSize, defectsPerMillion: 0))
            for column in 0..<columnCount {
                let origin = (x: gap + column * pitch.width, y: gap + row * pitch.height)
                let part = shown(column, &line)
                sheet.place(part, at: origin)
                let caption = part.defect.map { "\($0.kind.rawValue)" } ?? "\(surface.rawValue)"
                sheet.write(caption.uppercased(), at: (origin.x + 2, origin.y + cell.height + 5))
            }
        }
        return try RGBImage(size: size, pixels: sheet.pixels)
    }

    /// The part for `column`: good ones, then one of each kind that the surface usually gets, plain enough to
    /// be seen on a small picture.
    private static func shown(_ column: Int, _ line: inout ProductionLine) -> RenderedPart {
        guard column >= 2 else { return line.part(column, defect: .none) }
        var kinds: [DefectKind] = []
        for kind in line.settings.surface.usualDefects where !kinds.contains(kind) { kinds.append(kind) }
        let kind = kinds[(column - 2) % kinds.count]
        var best = line.part(100 * column, defect: .forced(kind))
        for index in 100 * column + 1..<100 * column + 40 where !isPlain(best.defect) {
            best = line.part(index, defect: .forced(kind))
        }
        return best
    }

    private static func isPlain(_ defect: Defect?) -> Bool {
        guard let defect else { return false }
        let length = max(defect.region.width, defect.region.height)
        return defect.strength > 0.55 && defect.changedPixelCount > 300 && (40...240).contains(length)
    }

    /// The sheet while it is drawn. `pixels` is `[height, width, 3]`.
    private struct Sheet {
        let size: Size
        var pixels: [UInt8]
        let cell: Size

        private mutating func set(_ x: Int, _ y: Int, _ colour: [UInt8]) {
            for channel in 0..<3 { pixels[(y * size.width + x) * 3 + channel] = colour[channel] }
        }

        /// Puts `part` at half size with its upper left corner at `origin`.
        mutating func place(_ part: RenderedPart, at origin: (x: Int, y: Int)) {
            let width = part.size.width
            for y in 0..<cell.height {
                for x in 0..<cell.width {
                    let first = (2 * y * width + 2 * x) * 3
                    let colour = (0..<3).map { channel in
                        let above =
                            Int(part.colour.pixels[first + channel])
                            + Int(part.colour.pixels[first + 3 + channel])
                        let below =
                            Int(part.colour.pixels[first + 3 * width + channel])
                            + Int(part.colour.pixels[first + 3 * width + 3 + channel])
                        return UInt8((above + below + 2) / 4)
                    }
                    set(origin.x + x, origin.y + y, colour)
                }
            }
            outline(part, at: origin)
        }

        /// Draws a line around what the mask covers, at some distance so that the defect stays visible.
        private mutating func outline(_ part: RenderedPart, at origin: (x: Int, y: Int)) {
            guard part.defect != nil else { return }
            let near = 3
            var grown = [Bool](repeating: false, count: cell.pixelCount)
            for y in 0..<cell.height {
                for x in 0..<cell.width where part.mask[2 * y * part.size.width + 2 * x] != 0 {
                    for row in max(0, y - near)...min(cell.height - 1, y + near) {
                        for column in max(0, x - near)...min(cell.width - 1, x + near) {
                            grown[row * cell.width + column] = true
                        }
                    }
                }
            }
            for y in 1..<cell.height - 1 {
                for x in 1..<cell.width - 1 where grown[y * cell.width + x] {
                    let index = y * cell.width + x
                    let isInside =
                        grown[index - 1] && grown[index + 1] && grown[index - cell.width]
                        && grown[index + cell.width]
                    if !isInside { set(origin.x + x, origin.y + y, outlineColour) }
                }
            }
        }

        /// Writes `text` in small capitals.
        mutating func write(_ text: String, at origin: (x: Int, y: Int)) {
            let height: Float = 9
            let strokes = Lettering.strokes(of: text, at: SIMD2(0, 0), size: height)
            let width = min(Int(Lettering.width(of: text, size: height)) + 2, cell.width)
            for y in 0..<Int(height) + 2 {
                for x in 0..<width {
                    let point = SIMD2(Float(x), Float(y))
                    let distance = strokes.map { $0.distance(to: point) }.min() ?? 100
                    let cover = min(max(1.1 - distance, 0), 1)
                    guard cover > 0 else { continue }
                    let colour = zip(background, captionColour).map { dark, light in
                        UInt8(Float(dark) + (Float(light) - Float(dark)) * cover)
                    }
                    set(origin.x + x, origin.y + y, colour)
                }
            }
        }
    }
}
