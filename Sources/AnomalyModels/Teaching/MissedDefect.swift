package import Imaging

/// A frame with a defect that was missed, and where it is there: what an operator's correction says.
package struct MissedDefect: Sendable {
    package let picture: ReferencePicture
    package let box: Region

    package init(picture: ReferencePicture, box: Region) { (self.picture, self.box) = (picture, box) }

    /// The largest part of a piece that names a place: of a box like the whole frame nobody can say what is wrong there.
    private static let largestShare = 0.25

    /// The pieces of region `region` that show at least half of the defect. None for a frame of another size than that of
    /// `cuts`, nor where the box is more than a quarter of the piece.
    func pieces(_ cuts: TileCuts, region: Int) -> [HeadLesson.Missed] {
        guard picture.size == cuts.frame else { return [] }
        return cuts.tiles.filter { $0.region == region }.compactMap { tile in
            guard let seen = box.overlap(with: tile.rect),
                2 * seen.size.pixelCount >= box.size.pixelCount,
                Double(seen.size.pixelCount) <= Self.largestShare * Double(tile.rect.size.pixelCount)
            else { return nil }
            // From pixels of the frame to those of the input, rounded outwards.
            func scaled(_ start: Int, _ length: Int, _ from: Int, _ to: Int) -> (start: Int, length: Int) {
                let first = start * to / from, end = min(((start + length) * to + from - 1) / from, to)
                return (first, end - first)
            }
            let across = scaled(seen.x - tile.rect.x, seen.width, tile.rect.width, tile.input.width)
            let down = scaled(seen.y - tile.rect.y, seen.height, tile.rect.height, tile.input.height)
            return HeadLesson.Missed(
                tile: tile.number, pixels: cuts.pixels(of: picture, tile), size: tile.input,
                box: Region(x: across.start, y: down.start, width: across.length, height: down.length))
        }
    }
}

extension Region {
    /// What both cover; nil if that is nothing.
    fileprivate func overlap(with other: Region) -> Region? {
        let left = max(x, other.x), top = max(y, other.y)
        let found = Region(
            x: left, y: top, width: min(x + width, other.x + other.width) - left,
            height: min(y + height, other.y + other.height) - top)
        return found.isEmpty ? nil : found
    }
}
