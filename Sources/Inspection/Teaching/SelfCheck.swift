package import AnomalyModels
package import Imaging
package import Inference
package import Kernels
package import ModelPackages

/// What a product that was just taught is put to before it judges parts: the good parts must pass its
/// provisional threshold, and defects painted on them must be found, where they are.
///
/// Where good parts differ much, as strong textures do, their limit lies above many painted defects. Then the question
/// is asked the other way: does a defect stand out in a part that was not learned, at full and at half size? If so, the
/// product is weak: it sees defects, and only more good parts can bring the limit down to them.
///
/// It says whether teaching worked, not how many real defects will be found.
package struct SelfCheck: Sendable, Hashable {
    /// What becomes of the product.
    package enum Grade: Int, Sendable {
        /// It is not used, unless somebody insists.
        case failed = 0
        case weak, passed
    }

    /// The share of the painted defects that must be found.
    package static let demandedShare = 0.8

    /// That of the leave-one-out scores.
    package let threshold: Threshold
    /// The good parts that do not pass, counted from 1.
    package let rejectedParts: [Int]
    /// The painted defects, those above the threshold, and those of them whose highest point lies on the defect.
    package let paintedCount: Int
    package let foundCount: Int
    package let locatedCount: Int
    /// The real defects that operators marked as missed, and those of them that are found where they are.
    package let markedCount: Int
    package let markedFoundCount: Int
    /// How defects stand out in parts that were not learned; nil where it was not asked.
    package let contrast: SelfContrast?

    /// A defect that an operator marked as missed: the frame, and where it is there.
    package struct MarkedDefect: Sendable {
        package let picture: ReferencePicture
        package let box: Region

        package init(picture: ReferencePicture, box: Region) { (self.picture, self.box) = (picture, box) }
    }

    /// Judges `pictures`, those `product` was taught with, as they are and with painted defects, always the same;
    /// and the defects of `marked`, which are practice as the painted ones are.
    ///
    /// Blocks, for a second or two where regions are not tiled. `progress` gets how many pictures are done, and
    /// of how many. Throws what `ProductJudge` throws.
    package init(
        _ product: TaughtProduct, pictures: [ReferencePicture], marked: [MarkedDefect], trunk: ModelPackage,
        kernels: KernelTable, pool: TensorPool, progress: (Int, Int) -> Void
    ) throws(TeachingError) {
        precondition(pictures.count == product.referenceCount, "\(pictures.count) pictures")
        let good = GoodParts(parts: [], leaveOneOutScores: product.leaveOneOutScores)
        guard let threshold = good.threshold(for: FalseRejectClaim()) else {
            preconditionFailure("a product without leave-one-out scores")
        }
        self.threshold = threshold
        let judge = try ProductJudge(product, trunk: trunk, kernels: kernels, pool: pool)
        let defectCount = Self.defectCount
        var rejected: [Int] = []
        for (index, picture) in pictures.enumerated() {
            if try judge.score(picture).score > threshold.limit { rejected.append(index + 1) }
            progress(index + 1, pictures.count + defectCount)
        }
        var painted = 0, found = 0, located = 0
        for index in 0..<defectCount {
            let defect = PaintedDefect(
                PaintedDefect.Recipe.allCases[index % PaintedDefect.Recipe.allCases.count],
                on: pictures[index / 3 % pictures.count],
                in: product.regions[index / 3 / pictures.count % product.regions.count],
                seed: UInt64(index))
            progress(pictures.count + index + 1, pictures.count + defectCount)
            guard let defect else { continue }
            let score = try judge.score(defect.picture)
            painted += 1
            guard score.score > threshold.limit else { continue }
            found += 1
            if Self.isNear(score, defect.box, product) { located += 1 }
        }
        var markedFound = 0
        for defect in marked {
            let score = try judge.score(defect.picture)
            if score.score > threshold.limit, Self.isNear(score, defect.box, product) { markedFound += 1 }
        }
        (markedCount, markedFoundCount) = (marked.count, markedFound)
        rejectedParts = rejected
        (paintedCount, foundCount, locatedCount) = (painted, found, located)
        let isPassed = Self.isEnough(located + markedFound, of: painted + marked.count)
        contrast =
            isPassed || !rejected.isEmpty || painted == 0
            ? nil : try SelfContrast(product, pictures: pictures, trunk: trunk, kernels: kernels, pool: pool)
    }

    package var grade: Grade {
        guard rejectedParts.isEmpty, paintedCount > 0 else { return .failed }
        if Self.isEnough(locatedCount + markedFoundCount, of: paintedCount + markedCount) { return .passed }
        return contrast?.isEnough == true ? .weak : .failed
    }

    package var isPassed: Bool { grade == .passed }

    /// For the manifest of the product, so that the daemon can say how much it is worth.
    package var accuracy: [String: Double] {
        [
            "self-check.grade": Double(grade.rawValue),
            "self-check.found": Double(locatedCount) / Double(max(1, paintedCount)),
        ]
    }

    private static func isEnough(_ found: Int, of count: Int) -> Bool {
        Double(found) >= demandedShare * Double(count)
    }

    /// What was found, and, where the check was not passed, what to do; one line.
    package var description: String {
        if let part = rejectedParts.first {
            return
                "good part \(part) does not pass its own threshold. Teach again without it, or with more good parts."
        }
        let marks = markedCount > 0 ? ", and \(markedFoundCount) of \(markedCount) marked ones" : ""
        let counts = "\(locatedCount) of \(paintedCount) painted defects were found where they are" + marks
        guard !isPassed else { return "all good parts pass, \(counts)." }
        if grade == .weak, let contrast {
            return
                "weak: \(counts) above the limit of good parts, and \(contrast.description). Teach with more good "
                + "parts to find more."
        }
        return paintedCount == 0
            ? "no defect can be painted on these pictures. Look at them: are they dark, or masked all over?"
            : counts + (contrast.map { ", and \($0.description)" } ?? "")
                + ", \(Int(100 * Self.demandedShare)) % are asked for. Teach with more good parts, all "
                + "lying alike in even light, or with another 'tile' of the region (0: all of it at once)."
    }

    /// Of each recipe as many.
    private static let defectCount = 30

    /// Whether the highest point lies on the defect or within a patch of stride 16 beside it.
    static func isNear(
        _ score: PartScore, _ box: Region, _ product: TaughtProduct
    ) -> Bool {
        let region = product.regions[score.region], tile = region.tiles[0]
        let reachX = 16 * tile.width / region.input.width + 1
        let reachY = 16 * tile.height / region.input.height + 1
        let x = score.peak.x + score.peak.width / 2, y = score.peak.y + score.peak.height / 2
        return x >= box.x - reachX && x < box.x + box.width + reachX
            && y >= box.y - reachY && y < box.y + box.height + reachY
    }
}
