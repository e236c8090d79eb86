/// Where the tiles of a region lie: all of one size, overlapping, the outermost flush with the border, so
/// that small defects are seen at native resolution and none only at the edge of a tile.
public struct TilePlan: Hashable, Sendable {
    /// Row by row, from the top left; in pixels of the frame.
    public let tiles: [Region]

    /// Tiles of `side` pixels over `region`, each sharing at least `overlap` (0...0.5) of its side with the
    /// next. A side that is no longer than one tile gets one tile, cut to it; `side` 0 means the region
    /// whole.
    public init(region: Region, side: Int, overlap: Double) {
        guard side > 0 else {
            tiles = [region]
            return
        }
        let width = min(side, region.width)
        let height = min(side, region.height)
        let columns = Self.starts(length: region.width, side: width, overlap: overlap)
        let rows = Self.starts(length: region.height, side: height, overlap: overlap)
        tiles = rows.flatMap { y in
            columns.map { x in Region(x: region.x + x, y: region.y + y, width: width, height: height) }
        }
    }

    /// Evenly spread starts of pieces of `side` that cover `length`.
    private static func starts(length: Int, side: Int, overlap: Double) -> [Int] {
        guard length > side else { return [0] }
        let step = max(Int(Double(side) * (1 - overlap)), 1)
        let gaps = (length - side + step - 1) / step
        return (0...gaps).map { ($0 * (length - side) + gaps / 2) / gaps }
    }
}
