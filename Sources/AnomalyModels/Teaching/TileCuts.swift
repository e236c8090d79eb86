import Imaging
import Kernels

/// How frames of one size and format become inputs of the network: every tile of every region, converted as the
/// daemon converts frames.
struct TileCuts {
    struct Tile {
        /// The index of its region.
        let region: Int
        /// Counted from 0 in its region.
        let number: Int
        let rect: Region
        let input: Size
        let plan: CameraPlan
        /// The cells of the map that are looked at; nil if all are.
        let mask: [UInt8]?
    }

    /// Region after region.
    let tiles: [Tile]
    let frame: Size
    private let kernels: KernelTable

    /// Throws `outside`, `mask` and `image`.
    init(_ regions: [TaughtRegion], frame: Size, format: PixelFormat, kernels: KernelTable)
        throws(TeachingError)
    {
        var tiles: [Tile] = []
        for (index, region) in regions.enumerated() {
            let masks = try region.masks(frame: frame)
            for (number, rect) in region.tiles.enumerated() {
                let plan: CameraPlan
                do {
                    plan = try CameraPlan(
                        format: format, frame: frame, crop: rect, output: region.input, range: .full,
                        scale: SIMD3(repeating: 1), offset: .zero)
                } catch { throw .image(error) }
                tiles.append(
                    Tile(
                        region: index, number: number, rect: rect, input: region.input, plan: plan,
                        mask: masks?[number]))
            }
        }
        (self.tiles, self.frame, self.kernels) = (tiles, frame, kernels)
    }

    /// The input for `tile` of `picture`: RGB `[input.height, input.width, 3]`.
    func pixels(of picture: ReferencePicture, _ tile: Tile) -> [UInt8] {
        picture.withView { tile.plan.tensor(of: $0, with: kernels) }
    }
}
