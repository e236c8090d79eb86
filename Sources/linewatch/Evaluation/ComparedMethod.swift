import Evaluation
import Imaging

/// A method whose trunk runs in int8, beside the same method with its trunk in float32, taught with the same parts. What it
/// finds is what int8 finds; what float32 says of the same images is kept.
struct ComparedMethod: DetectionMethod {
    /// The methods whose trunk can run in float32.
    static let names = ["patch", "fusion", "vtfusion"]
    static let isTrained = true
    private var int8: any DetectionMethod
    private var float: any DetectionMethod
    /// Of each image since learning, in their order.
    private(set) var images: [Image] = []

    struct Image {
        let int8: Float
        let float: Float
        /// Pearson's correlation of both maps.
        let correlation: Double
    }

    init(int8: any DetectionMethod, float: any DetectionMethod) { (self.int8, self.float) = (int8, float) }

    var threshold: Float? { int8.threshold }
    /// Of int8 and of float32.
    var limits: [VerdictLimits] { [VerdictLimits(int8), VerdictLimits(float)] }

    mutating func learn(from references: [RGBImage], seed: Int) throws {
        images = []
        try int8.learn(from: references, seed: seed)
        try float.learn(from: references, seed: seed)
    }

    mutating func detect(in image: RGBImage) throws -> Detection {
        let found = try int8.detect(in: image), exact = try float.detect(in: image)
        images.append(
            Image(
                int8: found.score, float: exact.score,
                correlation: Self.correlation(found.map.scores, exact.map.scores)))
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

/// The limit that a method fixed on its good parts and the usual score of one: what verdicts are made with.
struct VerdictLimits {
    /// The band above the limit that is UNSURE, in the way from the usual score to the limit: the configuration's default.
    private static let band: Float = 0.1
    private let limit: Float
    private let usual: Float

    init(_ method: some DetectionMethod) {
        limit = method.threshold ?? .infinity
        usual = (method as? PatchMethod)?.goodScore ?? (method as? VTFusionMethod)?.goodScore ?? limit
    }

    init(limit: Float, usual: Float) { (self.limit, self.usual) = (limit, usual) }

    enum Verdict: Hashable { case ok, unsure, ng }

    func verdict(_ score: Float) -> Verdict {
        score <= limit ? .ok : score > limit + Self.band * (limit - usual) ? .ng : .unsure
    }
}
