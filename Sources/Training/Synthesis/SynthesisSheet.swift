public import Imaging
import SimulatedLine

/// Small pictures of what the recipes make: a row for each recipe, each picture once plain and once with its mask
/// outlined.
public enum SynthesisSheet {
    private static let side = 160
    private static let gap = 4
    private static let captionHeight = 16
    private static let background: [UInt8] = [24, 24, 26]
    private static let captionColour: [UInt8] = [200, 200, 204]
    private static let outlineColour: [UInt8] = [255, 96, 32]

    /// The sheet of `recipes` in `pictures`, the anomalies of index 0, 1, ... of the sequence `seed`. What a recipe
    /// cannot do to a picture is left empty.
    ///
    /// `sources` gives the other pictures that an anomaly in picture `index` may take from.
    /// Throws `ImagingError.badFrame` if the sheet would be too large for an image.
    public static func drawn(
        of recipes: [SynthesisRecipe], in pictures: [Picture], seed: UInt64,
        sources: (_ index: Int) -> SynthesisSources
    ) throws(ImagingError) -> RGBImage {
        let pitch = Size(width: side + gap, height: side + captionHeight + gap)
        let size = Size(
            width: 2 * pictures.count * pitch.width + gap, height: recipes.count * pitch.height + gap)
        guard size.isValid else { throw .badFrame("a sheet cannot be \(size): give fewer pictures") }
        var sheet = Sheet(size: size, pixels: [])
        sheet.pixels.reserveCapacity(3 * size.pixelCount)
        for _ in 0..<size.pixelCount { sheet.pixels += background }
        for (column, picture) in pictures.enumerated() {
            let synthesizer = Synthesizer(sources: sources(column))
            let foreground = PixelMask.foreground(of: picture)
            for (row, recipe) in recipes.enumerated() {
                let x = gap + 2 * column * pitch.width, y = gap + row * pitch.height
                let name = recipe.rawValue.uppercased()
                guard
                    let made = synthesizer.anomaly(
                        recipe, in: picture, foreground: foreground, seed: seed, index: UInt64(column))
                else {
                    sheet.write(name + " - NONE", x + 2, y + side + 4)
                    continue
                }
                sheet.place(made.picture, x, y)
                sheet.place(made.picture, x + pitch.width, y)
                sheet.outline(made.mask, x + pitch.width, y)
                sheet.write(name, x + 2, y + side + 4)
            }
        }
        return try RGBImage(size: size, pixels: sheet.pixels)
    }

    /// A sheet of pictures with their masks, each once plain and once with its mask outlined, `across` in a row.
    ///
    /// Throws `ImagingError.badFrame` if the sheet would be too large for an image.
    static func drawn(
        _ pictures: [(picture: Picture, mask: PixelMask)], across: Int = 4
    ) throws(ImagingError) -> RGBImage {
        let pitch = side + gap, rows = max(1, (pictures.count + across - 1) / across)
        let size = Size(width: 2 * across * pitch + gap, height: rows * pitch + gap)
        guard size.isValid else { throw .badFrame("a sheet cannot be \(size): give fewer pictures") }
        var sheet = Sheet(
            size: size, pixels: (0..<size.pixelCount).flatMap { _ in background })
        for (index, shown) in pictures.enumerated() {
            let x = gap + 2 * (index % across) * pitch, y = gap + index / across * pitch
            sheet.place(shown.picture, x, y)
            sheet.place(shown.picture, x + pitch, y)
            sheet.outline(shown.mask, x + pitch, y)
        }
        return try RGBImage(size: size, pixels: sheet.pixels)
    }

    /// The sheet while it is drawn. `pixels` is `[height, width, 3]`.
    private struct Sheet {
        let size: Size
        var pixels: [UInt8]

        private mutating func set(_ x: Int, _ y: Int, _ colour: [UInt8]) {
            for channel in 0..<3 { pixels[(y * size.width + x) * 3 + channel] = colour[channel] }
        }

        mutating func place(_ picture: Picture, _ left: Int, _ top: Int) {
            let cell = Size(width: side, height: side)
            let small = picture.converted(toChannels: 3).resized(to: cell)
            for y in 0..<side {
                for x in 0..<side {
                    let first = 3 * (y * side + x)
                    set(left + x, top + y, Array(small.levels[first..<first + 3]))
                }
            }
        }

        /// Draws a line around what `mask` covers, two pixels away.
        mutating func outline(_ mask: PixelMask, _ left: Int, _ top: Int) {
            var grown = [Bool](repeating: false, count: side * side)
            for index in mask.pixels.indices where mask.pixels[index] {
                let x = index % mask.size.width * side / mask.size.width
                let y = index / mask.size.width * side / mask.size.height
                for row in max(0, y - 2)...min(side - 1, y + 2) {
                    for column in max(0, x - 2)...min(side - 1, x + 2) { grown[row * side + column] = true }
                }
            }
            for y in 0..<side {
                for x in 0..<side where grown[y * side + x] {
                    let isInner =
                        x > 0 && y > 0 && x < side - 1 && y < side - 1 && grown[y * side + x - 1]
                        && grown[y * side + x + 1] && grown[(y - 1) * side + x] && grown[(y + 1) * side + x]
                    if !isInner { set(left + x, top + y, outlineColour) }
                }
            }
        }

        mutating func write(_ text: String, _ left: Int, _ top: Int) {
            let caption = Caption(text, height: 9)
            for y in 0..<caption.size.height {
                for x in 0..<min(caption.size.width, size.width - left) {
                    let cover = caption.cover[y * caption.size.width + x]
                    guard cover > 0 else { continue }
                    set(
                        left + x, top + y,
                        zip(background, captionColour).map { dark, light in
                            UInt8(Float(dark) + (Float(light) - Float(dark)) * cover)
                        })
                }
            }
        }
    }
}
