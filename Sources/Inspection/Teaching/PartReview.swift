package import AnomalyModels
internal import Events
package import Imaging
package import Inference
package import Kernels
package import ModelPackages

/// What speaks against pictures that are given as good parts, before anything is learned of them (METHODS.md 4.5, step 1).
package struct PartReview: Sendable {
    /// Parts are counted from 1.
    package enum Objection: Sendable, Hashable, CustomStringConvertible {
        /// To the last pixel the picture of another part.
        case identical(part: Int, to: Int)
        /// So much like another one that it shows the same part.
        case same(part: Int, as: Int)
        /// Mean grey levels, 0...255, of it and of the others.
        case otherLight(part: Int, mean: Double, others: Double)
        /// Its sharpness as a share of the others'.
        case blurred(part: Int, share: Double)
        /// NG by the name alone: the score, the limit, and the worst place in pixels of the frame.
        case defective(part: Int, score: Float, limit: Float, at: Region)

        /// Nobody can insist on it.
        package var isFinal: Bool { if case .identical = self { true } else { false } }

        package var description: String {
            switch self {
            case .identical(let part, let other):
                "Part \(part) is the very picture of part \(other): give a picture of another part."
            case .same(let part, let other):
                "Part \(part) shows what part \(other) shows: give another part, not the same one again."
            case .otherLight(let part, let mean, let others):
                "Part \(part) has other light: its mean is \(Int(mean.rounded())) of 255, that of the others "
                    + "\(Int(others.rounded())). Look at exposure and lamp."
            case .blurred(let part, let share):
                "Part \(part) is out of focus, or was moving: it has \(Int((100 * share).rounded())) % of the "
                    + "others' sharpness."
            case .defective(let part, let score, let limit, let box):
                "Part \(part) looks defective by its name alone, at \(box): score \(Self.text(score)), NG above "
                    + "\(Self.text(limit)). Is it good?"
            }
        }

        private static func text(_ score: Float) -> String {
            let thousandths = Int((1_000 * Double(score)).rounded())
            let fraction = String(thousandths % 1_000)
            return "\(thousandths / 1_000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
        }
    }

    /// In the order of the parts.
    package let objections: [Objection]
    /// How many of them somebody overruled, in the manifest of what was learned.
    package static let manifestKey = "parts.overruled"

    /// Two parts above this cosine are one: METHODS.md 4.5. Different parts of the simulated line and of five sets of
    /// photographs have at most 0.998.
    private static let sameCosine: Float = 0.9995
    /// Two parts below it may be of different products, or of one whose parts differ much.
    private static let strangeCosine: Float = 0.85
    /// Shares of the others' mean and sharpness that still are like them.
    private static let likeMean = 0.5...2.0
    private static let likeSharpness = 0.2
    /// Grey levels of a mean that says something at all.
    private static let usableMean = 8.0...247.0

    /// Two parts that hardly resemble each other, as those of different products; nil where all do.
    package let strangers: (Int, Int)?

    package init(objections: [Objection]) { (self.objections, strangers) = (objections, nil) }

    /// Looks at `pictures` in their order, by `zeroShot` where there is one. Blocks, for some hundredths of a second a tile.
    ///
    /// Throws what loading the networks throws, `TeachingError` for regions that do not fit.
    /// - Precondition: the pictures are of one size and format, with every region inside.
    package init(
        of pictures: [ReferencePicture], regions: [TaughtRegion], trunk: ModelPackage,
        zeroShot: InspectionPlan.ZeroShot?, kernels: KernelTable, pool: TensorPool
    ) throws {
        guard let first = pictures.first else {
            (objections, strangers) = ([], nil)
            return
        }
        let gate = try QualityGate(.off, format: first.format, frame: first.size, kernels: kernels)
        let looks = pictures.map { picture in
            picture.withView { view in (mean: gate.mean(of: view), sharpness: gate.sharpness) }
        }
        let features = try PartFeature.features(
            of: pictures, regions: regions, trunk: trunk, kernels: kernels, pool: pool)
        let judge = try zeroShot.map {
            try NameJudge($0, regions, first, kernels: kernels, pool: pool)
        }
        var found: [Objection] = []
        for (index, picture) in pictures.enumerated() {
            let before = pictures.indices.prefix(index)
            if let other = before.first(where: { pictures[$0].pixels == picture.pixels }) {
                found.append(.identical(part: index + 1, to: other + 1))
                continue
            }
            let feature = features[index]
            if let other = before.first(where: { features[$0].cosine(to: feature) > Self.sameCosine }) {
                found.append(.same(part: index + 1, as: other + 1))
            }
            let others = looks.indices.filter { $0 != index }.map { looks[$0] }
            found += Self.objections(to: looks[index], index + 1, beside: others)
            if let defect = judge?.objection(to: picture, index + 1) { found.append(defect) }
        }
        objections = found
        strangers = Self.strangers(features)
    }

    private static func strangers(_ features: [PartFeature]) -> (Int, Int)? {
        let pairs = features.indices.flatMap { one in features.indices.prefix(one).map { ($0, one) } }
        let least = pairs.min {
            features[$0.0].cosine(to: features[$0.1]) < features[$1.0].cosine(to: features[$1.1])
        }
        guard let (one, other) = least, features[one].cosine(to: features[other]) < strangeCosine else {
            return nil
        }
        return (one + 1, other + 1)
    }

    /// What is wrong with light and focus of a part. Of two that differ the darker and the duller one is meant.
    static func objections(
        to look: (mean: Double, sharpness: Double), _ part: Int,
        beside others: [(mean: Double, sharpness: Double)]
    ) -> [Objection] {
        var found: [Objection] = []
        let mean = median(others.map(\.mean)) ?? look.mean
        let sharpness = median(others.map(\.sharpness)) ?? look.sharpness
        let isDarker = look.mean < likeMean.lowerBound * mean
        let isBrighter = look.mean > likeMean.upperBound * mean && others.count > 1
        if !usableMean.contains(look.mean) || isDarker || isBrighter {
            found.append(.otherLight(part: part, mean: look.mean, others: mean))
        } else if sharpness > 0, look.sharpness < likeSharpness * sharpness {
            found.append(.blurred(part: part, share: look.sharpness / sharpness))
        }
        return found
    }

    private static func median(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.sorted()[values.count / 2]
    }
}

/// Judges pictures by what the parts are called, as an inspection does that was taught nothing.
private struct NameJudge {
    private let inspector: FrameInspector
    private let limit: Float

    init(
        _ zeroShot: InspectionPlan.ZeroShot, _ regions: [TaughtRegion], _ picture: ReferencePicture,
        kernels: KernelTable, pool: TensorPool
    ) throws {
        limit = zeroShot.head.limit
        var plan = InspectionPlan(index: 0, name: "", regions: regions, taught: nil)
        plan.zeroShot = zeroShot
        let rule = InspectionRule(
            threshold: Threshold(untaughtMedian: zeroShot.head.median, limit: limit), band: 0)
        inspector = try FrameInspector(
            [plan], rules: [rule], format: picture.format, size: picture.size, kernels: kernels, pool: pool,
            quality: .off)
    }

    func objection(to picture: ReferencePicture, _ part: Int) -> PartReview.Objection? {
        var outcome = Outcome()
        picture.withView { inspector.inspect($0, validRows: picture.size.height, into: &outcome) }
        guard outcome.verdict == .ng else { return nil }
        let box = outcome.box
        return .defective(
            part: part, score: outcome.rawScore, limit: limit,
            at: Region(x: Int(box.x), y: Int(box.y), width: Int(box.width), height: Int(box.height)))
    }
}
