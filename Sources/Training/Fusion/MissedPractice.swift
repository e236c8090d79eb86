import AnomalyModels
import Imaging

/// Defects that operators marked as missed, as practice: the piece that shows one as it is, or its crop in a good part.
struct MissedPractice {
    private let defects: [HeadLesson.Missed]
    private let isByPosition: Bool

    init(_ lesson: HeadLesson) {
        (defects, isByPosition) = (lesson.missed, lesson.teaching.isByPosition)
    }

    /// How many of the practice defects are marked ones, where there are any.
    private static let share = 1.0 / 3
    /// How far a crop is moved at most, and how wide its edge fades, in pixels.
    private static let shift = 8
    private static let edge = 3

    /// A marked defect for the good part `good`, tile `tile` of its region, a third of the time, and the tile that it is
    /// then; nil otherwise, and always where there is none of its size. Nothing is drawn where there are no defects.
    ///
    /// Where tiles are known each by itself, a crop stays in its own: in another tile the defect is as it is in its frame.
    func defect(
        in good: Picture, tile: Int, _ random: inout RandomNumbers
    ) -> (picture: Picture, mask: PixelMask, tile: Int)? {
        let fitting = defects.filter { $0.size == good.size }
        guard !fitting.isEmpty, random.nextUnit() < Self.share else { return nil }
        let defect = fitting[random.nextIndex(below: fitting.count)]
        guard random.nextUnit() < 0.5, !isByPosition || defect.tile == tile else {
            return (
                Picture(size: defect.size, channelCount: 3, levels: defect.pixels),
                Self.mask(defect.box, in: defect.size), defect.tile
            )
        }
        func moved(_ start: Int, _ length: Int, _ side: Int) -> Int {
            min(max(start + random.nextIndex(below: 2 * Self.shift + 1) - Self.shift, 0), side - length)
        }
        let place = Region(
            x: moved(defect.box.x, defect.box.width, good.size.width),
            y: moved(defect.box.y, defect.box.height, good.size.height), width: defect.box.width,
            height: defect.box.height)
        return (Self.pasted(defect, into: good, at: place), Self.mask(place, in: good.size), tile)
    }

    private static func mask(_ box: Region, in size: Size) -> PixelMask {
        PixelMask(
            size: size,
            pixels: (0..<size.pixelCount).map { pixel in
                let (x, y) = (pixel % size.width - box.x, pixel / size.width - box.y)
                return 0..<box.width ~= x && 0..<box.height ~= y
            })
    }

    /// `good` with the crop of `defect` at `place`, a box of its size: whole inside, fading over its edge.
    private static func pasted(_ defect: HeadLesson.Missed, into good: Picture, at place: Region) -> Picture {
        let (box, width) = (defect.box, good.size.width)
        var levels = good.converted(toChannels: 3).levels
        for y in 0..<box.height {
            for x in 0..<box.width {
                let inset = min(x, y, box.width - 1 - x, box.height - 1 - y)
                let share = min(inset + 1, edge + 1)
                for channel in 0..<3 {
                    let source = 3 * ((box.y + y) * width + box.x + x) + channel
                    let target = 3 * ((place.y + y) * width + place.x + x) + channel
                    let mixed = share * Int(defect.pixels[source]) + (edge + 1 - share) * Int(levels[target])
                    levels[target] = UInt8(mixed / (edge + 1))
                }
            }
        }
        return Picture(size: good.size, channelCount: 3, levels: levels)
    }
}
