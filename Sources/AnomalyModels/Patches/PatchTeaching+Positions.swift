import Imaging
import Inference

extension PatchTeaching {
    /// How far beyond a tile lies what it knows, as a share of its side: so far a part may be shifted.
    private static let reach = 0.2

    /// From now on banks know each of `tiles` by itself, those that every part has, in their order; with nil all together.
    ///
    /// A tile knows what the parts show there and a fifth of its side around it.
    /// - Precondition: views are fixed and of one size.
    mutating func know(_ tiles: [Region]?) {
        guard let tiles, let first else {
            nearby = nil
            return
        }
        precondition(looked.count == tiles.count, "\(tiles.count) tiles of \(looked.count)")
        nearby = first.taps.indices.map { tap in
            let grid = first.grid(tap)
            // The middles of all patches of a part, in the order of their codes.
            let middles = zip(tiles, looked).flatMap { tile, looked in
                looked[tap].map { patch in
                    (
                        x: Double(tile.x) + (Double(patch % grid.width) + 0.5) * Double(tile.width)
                            / Double(grid.width),
                        y: Double(tile.y) + (Double(patch / grid.width) + 0.5) * Double(tile.height)
                            / Double(grid.height)
                    )
                }
            }
            return tiles.map { tile in
                let (across, down) = (Self.reach * Double(tile.width), Self.reach * Double(tile.height))
                let columns = Double(tile.x) - across...Double(tile.x + tile.width) + across
                let rows = Double(tile.y) - down...Double(tile.y + tile.height) + down
                return middles.indices.filter { columns ~= middles[$0].x && rows ~= middles[$0].y }
            }
        }
    }
}
