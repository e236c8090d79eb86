package import Imaging

/// A part of the frame that an inspection looks at, and how.
package struct TaughtRegion: Sendable, Hashable {
    /// In pixels of the frame.
    package let rect: Region
    /// The side of its tiles in pixels; 0 scales it whole to the network's input.
    package let tile: Int
    /// The share of a tile that the next one repeats, 0...0.5.
    package let overlap: Double
    /// nil if all of it is looked at.
    package let mask: RegionMask?

    /// - Precondition: `tile` is 0...4096 and `overlap` 0...0.5.
    package init(rect: Region, tile: Int, overlap: Double, mask: RegionMask?) {
        precondition(0...4096 ~= tile && 0...0.5 ~= overlap, "tiles of \(tile) that share \(overlap)")
        self.rect = rect
        self.tile = tile
        self.overlap = overlap
        self.mask = mask
    }

    /// Its tiles, all of one size.
    package var tiles: [Region] { TilePlan(region: rect, side: tile, overlap: overlap).tiles }

    /// The network's input for each of them.
    package var input: Size { PatchDetector.inputSize(for: rect.size, tile: tile) }

    /// The cells of the score map of each tile that are looked at; nil if all are.
    ///
    /// Throws `outside` and `mask`.
    package func masks(frame: Size) throws(TeachingError) -> [[UInt8]]? {
        guard rect.isContained(in: frame) else { throw .outside(region: rect, frame: frame) }
        guard let mask else { return nil }
        let mapSize = Size(width: input.width / 2, height: input.height / 2)
        let masks = tiles.compactMap { mask.cells(of: $0, in: rect, frame: frame, mapSize: mapSize) }
        guard masks.count == tiles.count else { throw .mask(region: rect, found: mask.size, frame: frame) }
        return masks
    }
}
