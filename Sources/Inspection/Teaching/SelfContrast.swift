internal import AnomalyModels
internal import Imaging
internal import Inference
internal import Kernels
internal import ModelPackages

/// Whether painted defects stand out in good parts that were not learned: parts are left out in turn, the rest is taught,
/// and the highest point of the left-out part's map has to be the defect. No limit is asked for. Where there is one part,
/// nothing can be left out, and it says only that defects are seen at all.
package struct SelfContrast: Sendable, Hashable {
    /// Defects of full size, and those of them that stand out; then the same at half the size.
    package let fullCount: Int
    package let fullSeen: Int
    package let halfCount: Int
    package let halfSeen: Int

    /// The shares that have to stand out.
    package static let demanded = (full: 0.8, half: 0.5)
    /// Parts that are left out in turn; each costs a teaching of the rest.
    private static let mostParts = 2
    /// Of each recipe, size and part.
    private static let defectsOfAKind = 4

    /// Whether there was a second part to learn from.
    package let leavesOut: Bool

    /// Blocks, for some seconds. Throws what teaching throws. Tiles of a region are known each by itself where they are in
    /// `product`.
    init(
        _ product: TaughtProduct, pictures: [ReferencePicture], trunk: ModelPackage, kernels: KernelTable,
        pool: TensorPool
    ) throws(TeachingError) {
        var counts = (full: 0, fullSeen: 0, half: 0, halfSeen: 0)
        // A picture that is there twice is one part.
        leavesOut = pictures.contains { $0.pixels != pictures[0].pixels }
        for left in pictures.indices.prefix(leavesOut ? Self.mostParts : 1) {
            let others = leavesOut ? pictures.filter { $0.pixels != pictures[left].pixels } : pictures
            let rest = try TaughtProduct.teach(
                name: product.name, pictures: others, regions: product.regions, trunk: trunk,
                fusion: product.banks[0].fusion, views: product.views,
                positions: product.banks.map { $0.positions > 1 ? .always : .never }, kernels: kernels,
                pool: pool, progress: { _, _ in })
            let judge = try ProductJudge(rest, trunk: trunk, kernels: kernels, pool: pool)
            for index in 0..<Self.defectsOfAKind * PaintedDefect.Recipe.allCases.count {
                for scale in [1, 0.5] {
                    guard let defect = Self.defect(index, on: pictures[left], product, scale) else {
                        continue
                    }
                    let isSeen =
                        SelfCheck.isNear(try judge.score(defect.picture), defect.box, product) ? 1 : 0
                    if scale == 1 {
                        (counts.full, counts.fullSeen) = (counts.full + 1, counts.fullSeen + isSeen)
                    } else {
                        (counts.half, counts.halfSeen) = (counts.half + 1, counts.halfSeen + isSeen)
                    }
                }
            }
        }
        (fullCount, fullSeen, halfCount, halfSeen) = (
            counts.full, counts.fullSeen, counts.half, counts.halfSeen
        )
    }

    private static func defect(
        _ index: Int, on picture: ReferencePicture, _ product: TaughtProduct, _ scale: Double
    ) -> PaintedDefect? {
        let recipes = PaintedDefect.Recipe.allCases
        return PaintedDefect(
            recipes[index % recipes.count], on: picture, in: product.regions[index % product.regions.count],
            seed: 1_000 + UInt64(index), scale: scale)
    }

    package var isEnough: Bool {
        fullCount > 0 && halfCount > 0 && Double(fullSeen) >= Self.demanded.full * Double(fullCount)
            && Double(halfSeen) >= Self.demanded.half * Double(halfCount)
    }

    package var description: String {
        "in \(leavesOut ? "parts that were not learned" : "the part itself") \(fullSeen) of \(fullCount) stand out, and \(halfSeen) of \(halfCount) of half "
            + "the size"
    }
}
