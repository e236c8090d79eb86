package import Imaging
package import Inference
package import Kernels
package import ModelPackages

/// The score of a part, and where it comes from.
package struct PartScore: Sendable, Hashable {
    /// The largest of all tiles of all regions, 0...2.
    package var score: Float = 0
    /// The index of the region of that tile.
    package var region = 0
    /// The highest cell of that tile's map, in pixels of the frame.
    package var peak = Region(x: 0, y: 0, width: 1, height: 1)
}

/// Judges whole pictures with the banks of their regions, as the daemon judges frames. For one thread.
package final class ProductJudge {
    private let banks: [PatchBank]
    private let cuts: TileCuts
    private let trunks: PatchTrunks
    private var detectors: [Key: PatchDetector] = [:]

    private struct Key: Hashable {
        let region: Int
        let size: Size
    }

    /// Judges pictures of the frame of `product` with its banks and their trunk. Blocks.
    ///
    /// Throws `model` if `trunk` is not that of the banks or cannot be loaded.
    package convenience init(
        _ product: TaughtProduct, trunk: ModelPackage, kernels: KernelTable, pool: TensorPool
    ) throws(TeachingError) {
        let cuts = try TileCuts(
            product.regions, frame: product.frame, format: product.format, kernels: kernels)
        self.init(product.banks, cuts, PatchTrunks(trunk, kernels: kernels, pool: pool))
        do {
            for (index, region) in product.regions.enumerated() { _ = try detector(index, region.input) }
        } catch { throw .model(error) }
    }

    /// The score of `picture`. Blocks.
    ///
    /// - Precondition: it has the size and the format of the product's frame.
    package func score(_ picture: ReferencePicture) throws(TeachingError) -> PartScore {
        do { return try judge(picture, .plain, .none) } catch { throw .model(error) }
    }

    /// One bank for each region of `cuts`.
    init(_ banks: [PatchBank], _ cuts: TileCuts, _ trunks: PatchTrunks) {
        (self.banks, self.cuts, self.trunks) = (banks, cuts, trunks)
    }

    /// The score of a view of every tile of `picture`, of every region or of `region`. Blocks. Throws what `PatchDetector` throws.
    ///
    /// - Precondition: `picture` has the size and the format of the cuts.
    func judge(
        _ picture: ReferencePicture, _ view: ReferenceViews.View = .plain, _ change: SelfView = .none,
        region: Int? = nil
    ) throws(ModelError) -> PartScore {
        var worst = PartScore(score: -1)
        for tile in cuts.tiles where region == nil || tile.region == region {
            let pixels = change.of(cuts.pixels(of: picture, tile), tile.input)
            let detector = try detector(tile.region, view.size(tile.input))
            let turned = view.of(pixels, tile.input, channels: 3)
            detector.begin(tile: tile.number)
            unsafe detector.withInput { input in unsafe input.copyBytes(from: turned) }
            let score: Float
            if let mask = tile.mask {
                let size = Size(width: tile.input.width / 2, height: tile.input.height / 2)
                score = unsafe detector.run(mask: view.of(mask, size, channels: 1))
            } else {
                score = detector.run()
            }
            if score > worst.score {
                worst = PartScore(score: score, region: tile.region, peak: Self.peak(detector, tile.rect))
            }
        }
        return worst
    }

    /// The pixels of the frame under the highest cell of the map of `tile`, seen as it was taken.
    private static func peak(_ detector: PatchDetector, _ tile: Region) -> Region {
        let size = detector.mapSize
        let cell = unsafe detector.withMap { map in
            map.indices.max { unsafe map[$0] < map[$1] } ?? 0
        }
        let left = tile.x + cell % size.width * tile.width / size.width
        let top = tile.y + cell / size.width * tile.height / size.height
        return Region(
            x: left, y: top, width: max(1, tile.width / size.width), height: max(1, tile.height / size.height)
        )
    }

    private func detector(_ region: Int, _ size: Size) throws(ModelError) -> PatchDetector {
        let key = Key(region: region, size: size)
        if let known = detectors[key] { return known }
        let made = try PatchDetector(banks[region], on: trunks.trunk(size), kernels: trunks.kernels)
        detectors[key] = made
        return made
    }
}
