package import Imaging
import Platform

/// A defect that was painted on a picture of a good part, to see whether it is found: the simplest recipes of
/// METHODS 6, so gross that nobody would overlook one. A pure function of the picture, the region and the seed.
package struct PaintedDefect: Sendable {
    package enum Recipe: String, Sendable, CaseIterable {
        /// A straight strip, brighter or darker (`scratch`).
        case scratch
        /// A piece from elsewhere in the region, laid on its side, brighter or darker (after CutPaste, Li et al. 2021).
        case cutpaste
        /// A soft-edged spot, brighter or darker (`stain`).
        case blob
    }

    package let recipe: Recipe
    /// The part with the defect.
    package let picture: ReferencePicture
    /// The box of the changed pixels.
    package let box: Region

    /// Paints a defect of `recipe` on what `region` looks at of `picture`, or returns nil where ten tries change
    /// it by fewer than 20 grey levels on average.
    ///
    /// Sizes are those of a picture of 256 pixels, scaled to the region, or to its tiles, and by `scale`.
    /// - Precondition: the region is inside the picture.
    package init?(
        _ recipe: Recipe, on original: ReferencePicture, in region: TaughtRegion, seed: UInt64,
        scale: Double = 1
    ) {
        var random = SplitMix64(seed: seed)
        let rect = region.rect
        let side = scale * (region.tile > 0 ? min(Double(region.tile), rect.side) : rect.side)
        for _ in 0..<10 {
            var canvas = PaintCanvas(original, region)
            switch recipe {
            case .scratch: canvas.scratch(unit: side / 256, &random)
            case .cutpaste: canvas.paste(unit: side / 256, &random)
            case .blob: canvas.blob(unit: side / 256, &random)
            }
            guard let box = canvas.box, canvas.meanChange >= 20 else { continue }
            self.recipe = recipe
            picture = ReferencePicture(original, pixels: canvas.pixels)
            self.box = box
            return
        }
        return nil
    }
}

extension Region {
    /// The side of a square of the same area.
    fileprivate var side: Double { Double(width * height).squareRoot() }
}

/// The pixels of a picture being painted on, and what was changed of them.
private struct PaintCanvas {
    private(set) var pixels: [UInt8]
    /// The changed pixels; nil if none is.
    private(set) var box: Region?
    private var changedCount = 0
    private var changeSum = 0
    private let original: ReferencePicture
    private let region: TaughtRegion
    private let looked: [UInt8]?

    init(_ picture: ReferencePicture, _ region: TaughtRegion) {
        pixels = picture.pixels
        (original, self.region) = (picture, region)
        looked = region.mask?.cells(
            of: region.rect, in: region.rect, frame: picture.size, mapSize: region.rect.size)
    }

    var meanChange: Double { Double(changeSum) / Double(max(1, changedCount * original.channelCount)) }

    mutating func scratch(unit: Double, _ random: inout SplitMix64) {
        let length = random.within(40, 90) * unit, half = random.within(2, 4) * unit
        let level = random.level(50, 110)
        // A direction without trigonometry: the diagonal of a random box.
        let across = random.within(-1, 1), down = random.within(-1, 1)
        let norm = max((across * across + down * down).squareRoot(), 1e-3)
        let (dx, dy) = (across / norm, down / norm)
        let centre = random.point(in: region.rect)
        paint(around: centre, reach: length / 2 + half) { x, y in
            let along = x * dx + y * dy, aside = x * dy - y * dx
            return abs(along) <= length / 2 && abs(aside) <= half ? level : 0
        }
    }

    mutating func blob(unit: Double, _ random: inout SplitMix64) {
        let radius = random.within(8, 16) * unit, level = random.level(50, 110)
        paint(around: random.point(in: region.rect), reach: radius) { x, y in
            let distance = (x * x + y * y).squareRoot() / radius
            return distance < 0.75 ? level : distance < 1 ? level * (1 - distance) * 4 : 0
        }
    }

    mutating func paste(unit: Double, _ random: inout SplitMix64) {
        let rect = region.rect, limit = max(1, min(rect.width, rect.height) / 2)
        let width = min(max(2, Int(random.within(28, 60) * unit)), limit)
        let height = min(max(2, Int(random.within(28, 60) * unit)), limit)
        let factor = 1 + random.level(0.2, 0.4)
        func start(_ length: Int, _ piece: Int, _ random: inout SplitMix64) -> Int {
            Int(random.within(0, Double(length - piece)))
        }
        let to = (
            x: rect.x + start(rect.width, width, &random), y: rect.y + start(rect.height, height, &random)
        )
        let from = (
            x: rect.x + start(rect.width, height, &random), y: rect.y + start(rect.height, width, &random)
        )
        let channels = original.channelCount
        for y in 0..<height {
            for x in 0..<width {
                // Rows become columns.
                let source = channels * ((from.y + x) * original.size.width + from.x + y)
                for channel in 0..<channels {
                    put(to.x + x, to.y + y, channel, Int(Double(original.pixels[source + channel]) * factor))
                }
            }
        }
    }

    /// Adds `level` of the distance from `centre` in pixels to each pixel within `reach`.
    private mutating func paint(
        around centre: (x: Double, y: Double), reach: Double, _ level: (Double, Double) -> Double
    ) {
        let rect = region.rect
        let left = max(rect.x, Int(centre.x - reach)), top = max(rect.y, Int(centre.y - reach))
        let right = min(rect.x + rect.width, Int(centre.x + reach) + 1)
        let bottom = min(rect.y + rect.height, Int(centre.y + reach) + 1)
        for y in top..<max(top, bottom) {
            for x in left..<max(left, right) {
                let change = level(Double(x) - centre.x, Double(y) - centre.y)
                guard change != 0 else { continue }
                for channel in 0..<original.channelCount {
                    let index = original.channelCount * (y * original.size.width + x) + channel
                    put(x, y, channel, Int(original.pixels[index]) + Int(change))
                }
            }
        }
    }

    /// Sets a sample, unless the mask hides it.
    private mutating func put(_ x: Int, _ y: Int, _ channel: Int, _ value: Int) {
        let rect = region.rect
        if let looked, looked[(y - rect.y) * rect.width + x - rect.x] == 0 { return }
        let index = original.channelCount * (y * original.size.width + x) + channel
        let clamped = UInt8(min(max(value, 0), 255))
        pixels[index] = clamped
        changeSum += abs(Int(clamped) - Int(original.pixels[index]))
        guard channel == 0 else { return }
        changedCount += 1
        guard let old = box else {
            box = Region(x: x, y: y, width: 1, height: 1)
            return
        }
        let left = min(old.x, x), top = min(old.y, y)
        box = Region(
            x: left, y: top, width: max(old.x + old.width, x + 1) - left,
            height: max(old.y + old.height, y + 1) - top)
    }
}

extension SplitMix64 {
    /// Uniform between `low` and `high`.
    fileprivate mutating func within(_ low: Double, _ high: Double) -> Double {
        low + (high - low) * Double(next() >> 11) / Double(1 << 53)
    }

    /// `low` to `high`, up or down.
    fileprivate mutating func level(_ low: Double, _ high: Double) -> Double {
        let size = within(low, high)
        return next() & 1 == 0 ? size : -size
    }

    /// A point of the middle nine tenths of `rect`.
    fileprivate mutating func point(in rect: Region) -> (x: Double, y: Double) {
        (
            Double(rect.x) + Double(rect.width) * within(0.05, 0.95),
            Double(rect.y) + Double(rect.height) * within(0.05, 0.95)
        )
    }
}
