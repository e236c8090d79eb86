import FoundationEssentials
import Imaging
import Platform
import Sockets

/// Kinds of defects with pictures, as one page that needs nothing else.
struct TypePage {
    private let portraits: [TypePortrait]
    /// Pictures as addresses, by result and kind.
    private var pictures: [String: String] = [:]

    /// Defects of a kind that are shown, if the daemon has their pictures.
    private static let shown = 16

    /// Asks `client` for the pictures. Blocks.
    init(_ portraits: [TypePortrait], _ client: StationClient) throws {
        self.portraits = portraits
        for portrait in portraits {
            for exemplar in portrait.exemplars.prefix(Self.shown) {
                guard let bytes = try Self.picture(of: exemplar.seq, client),
                    let image = try? RGBImage(encoded: bytes, path: "\(exemplar.seq)"),
                    let png = try? Self.crop(image, exemplar).encodedAsPNG()
                else { continue }
                pictures[Self.key(portrait, exemplar)] =
                    "data:image/png;base64," + Data(png).base64EncodedString()
            }
        }
    }

    private static func key(_ portrait: TypePortrait, _ exemplar: TypePortrait.Exemplar) -> String {
        "\(portrait.row.type) \(exemplar.seq) \(exemplar.x) \(exemplar.y)"
    }

    /// The frame of the result `seq`, without its heat-map where it is stored; nil if it is gone.
    private static func picture(
        of seq: UInt64, _ client: StationClient
    ) throws(CommandFailure) -> [UInt8]? {
        do throws(CommandFailure) {
            if let image = try client.record(seq)?.number("img") {
                return try client.blob(.imageGet, [JSONMember("img", .integer(image))])
            }
            return try client.blob(.imageGet, [JSONMember("seq", .integer(Int64(clamping: seq)))])
        } catch {
            guard error.exit == .failed else { throw error }
            return nil
        }
    }

    /// The defect with as much around it as makes it at least 96 pixels to a side, its box outlined.
    private static func crop(_ image: RGBImage, _ exemplar: TypePortrait.Exemplar) throws -> RGBImage {
        let box = Region(
            x: exemplar.x, y: exemplar.y, width: max(exemplar.width, 1), height: max(exemplar.height, 1))
        let side = min(max(96, 3 * max(box.width, box.height) / 2), min(image.size.width, image.size.height))
        func start(_ middle: Int, _ length: Int) -> Int { min(max(0, middle - side / 2), length - side) }
        let left = start(box.x + box.width / 2, image.size.width)
        let top = start(box.y + box.height / 2, image.size.height)
        var pixels: [UInt8] = []
        for y in top..<top + side {
            for x in left..<left + side {
                let isAcross = (y == box.y || y == box.y + box.height - 1) && box.x..<box.x + box.width ~= x
                let isDown = (x == box.x || x == box.x + box.width - 1) && box.y..<box.y + box.height ~= y
                let start = 3 * (y * image.size.width + x)
                pixels += isAcross || isDown ? [235, 90, 20] : image.pixels[start..<start + 3]
            }
        }
        return try RGBImage(size: Size(width: side, height: side), pixels: pixels)
    }

    var html: String {
        let sections = portraits.map { portrait in
            let lines = portrait.lines(
                now: WallClock.now, secondsFromUTC: secondsFromUTC(), hasBlocks: true
            ).dropFirst()
            let figures = portrait.exemplars.prefix(Self.shown).compactMap { exemplar in
                pictures[Self.key(portrait, exemplar)].map {
                    """
                    <figure><img src="\($0)" alt="result \(exemplar.seq)"><figcaption>\(exemplar.seq), \
                    similarity \(decimals(exemplar.similarity, 2))</figcaption></figure>
                    """
                }
            }
            let missing = min(portrait.exemplars.count, Self.shown) - figures.count
            let note =
                missing > 0
                ? "<p>Of \(missing) more no picture is kept: see [images] keep in the settings.</p>" : ""
            return """
                <h2>\(Evaluated.escaped("\(portrait.row.type) \(portrait.row.name)")): \(portrait.row.count) defects</h2>
                <pre>\(Evaluated.escaped(lines.joined(separator: "\n")))</pre>
                <div class="sheet">\(figures.joined(separator: "\n"))</div>\(note)
                """
        }
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>Linewatch: kinds of defects</title>
            <style>
            body { font: 15px/1.4 system-ui, sans-serif; margin: 2em auto; max-width: 75em; color: #222; background: #fff; }
            .sheet { display: flex; flex-wrap: wrap; gap: 8px; } figure { margin: 0; width: 144px; }
            img { width: 144px; height: 144px; object-fit: contain; background: #eee; image-rendering: pixelated; }
            figcaption { font-size: 12px; color: #555; } pre { white-space: pre-wrap; font-size: 13px; }
            </style></head><body>
            <h1>\(portraits.count) kind\(portraits.count == 1 ? "" : "s") of defects</h1>
            \(sections.joined(separator: "\n"))
            </body></html>

            """
    }
}
