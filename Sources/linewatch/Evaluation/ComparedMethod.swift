import AnomalyModels
import Evaluation
import Events
import Imaging
import Inspection

/// A method whose trunk runs in int8, beside the same method with its trunk in float32, taught with the same parts. What it
/// finds is what int8 finds; what float32 says of the same images is kept.
struct ComparedMethod: DetectionMethod {
    /// The methods whose trunk can run in float32.
    static let names = ["patch", "fusion", "vtfusion"]
    static let isTrained = true
    private var int8: any TwinMethod
    private var float: any TwinMethod
    /// Whether the bank of float32 keeps the patches of the places that the one of int8 keeps: then arithmetic is all
    /// that differs.
    private let sharesPlaces: Bool
    /// Of each image since learning, in their order.
    private(set) var images: [Image] = []

    struct Image {
        let int8: Float
        /// What float32 says.
        let exact: Detection
        var float: Float { exact.score }
        /// Pearson's correlation of both maps.
        let correlation: Double
        /// Of each tap.
        let taps: [TapAgreement]
    }

    init(int8: any TwinMethod, float: any TwinMethod, sharesPlaces: Bool) {
        (self.int8, self.float, self.sharesPlaces) = (int8, float, sharesPlaces)
    }

    var threshold: Float? { int8.threshold }
    /// Of int8 and of float32.
    var limits: [VerdictLimits] { [VerdictLimits(int8.goodScores), VerdictLimits(float.goodScores)] }

    mutating func learn(from references: [RGBImage], seed: Int) throws {
        images = []
        try int8.learn(from: references, seed: seed)
        try float.learn(from: references, seed: seed, places: sharesPlaces ? int8.teaching : nil)
    }

    mutating func detect(in image: RGBImage) throws -> Detection {
        let found = try int8.detect(in: image), exact = try float.detect(in: image)
        guard let own = int8.trunk, let other = float.trunk else { preconditionFailure("no trunk looked") }
        images.append(
            Image(
                int8: found.score, exact: exact,
                correlation: Self.correlation(found.map.scores, exact.map.scores),
                taps: own.taps.indices.map { TapAgreement($0, of: own, other) }))
        return found
    }

    /// 1 for maps that are both flat.
    private static func correlation(_ a: [Float], _ b: [Float]) -> Double {
        precondition(a.count == b.count, "maps of \(a.count) and \(b.count) cells")
        let count = Double(a.count)
        let (meanA, meanB) = (
            a.reduce(0.0) { $0 + Double($1) } / count, b.reduce(0.0) { $0 + Double($1) } / count
        )
        var (both, own, other) = (0.0, 0.0, 0.0)
        for index in a.indices {
            let (x, y) = (Double(a[index]) - meanA, Double(b[index]) - meanB)
            (both, own, other) = (both + x * y, own + x * x, other + y * y)
        }
        guard own > 0, other > 0 else { return own == other ? 1 : 0 }
        return both / (own * other).squareRoot()
    }
}

/// What float32 said of the images of a run, again in their order: so that it is measured as int8 is.
struct RepeatedMethod: DetectionMethod {
    static let isTrained = true
    private var left: ArraySlice<Detection>

    init(_ pair: ComparedMethod) { left = pair.images.map(\.exact)[...] }

    var threshold: Float? { nil }

    mutating func learn(from _: [RGBImage], seed _: Int) {}

    mutating func detect(in _: RGBImage) throws -> Detection {
        guard let next = left.popFirst() else { preconditionFailure("more images than were compared") }
        return next
    }
}

/// What verdicts are made with: the threshold that a product taught with the same parts has.
struct VerdictLimits {
    /// The band above the limit that is UNSURE: the configuration's default.
    private static let band: Float = 0.1
    private let threshold: Threshold?

    /// - Parameter scores: those of good parts before banks that do not know them.
    init(_ scores: [Float]) {
        threshold = GoodParts(parts: [], leaveOneOutScores: scores).threshold(for: FalseRejectClaim())
    }

    func verdict(_ score: Float) -> Verdict { threshold?.judge(score, band: Self.band).verdict ?? .invalid }
}
