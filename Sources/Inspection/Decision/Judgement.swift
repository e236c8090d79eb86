public import Events

/// What one inspection says of one score.
public struct Judgement: Hashable, BitwiseCopyable, Sendable {
    public var verdict: Verdict
    public var reason: Reason
    /// 1/10,000 of the threshold; 0 for INVALID.
    public var score: UInt32

    public init(_ reason: Reason, score: UInt32 = 0) {
        self.verdict = reason.verdict
        self.reason = reason
        self.score = reason.verdict == .invalid ? 0 : score
    }

    /// Whether `raw` is above the limit, whatever the verdict became of it.
    public var isAboveLimit: Bool { score > 10_000 }
}

extension Threshold {
    /// The verdict on `raw` (OPERATIONS 8): OK up to the limit, UNSURE in the band above it, NG beyond.
    ///
    /// `band` (0...1) is a share of the distance from the median to the limit. At level none nothing is ever
    /// OK. A score that is no number is INVALID. Allocation-free.
    public func judge(_ raw: Float, band: Float) -> Judgement {
        guard !raw.isNaN else { return Judgement(.internal) }
        let score = printedScore(raw)
        if raw > limit + band * (limit - median) { return Judgement(.anomaly, score: score) }
        if level == .none { return Judgement(.uncalibrated, score: score) }
        return raw > limit ? Judgement(.inBand, score: score) : Judgement(.none, score: score)
    }
}

/// The verdict on a frame from those of its inspections: NG if any is, else INVALID, else UNSURE, else OK.
///
/// Nothing judged is INVALID. Add them in any order; allocation-free.
public struct FrameVerdict: Hashable, BitwiseCopyable, Sendable {
    /// The one that decided: of equal verdicts the highest score.
    public private(set) var worst = Judgement(.noImage)
    /// Some region was not judged while others were.
    public private(set) var isPartial = false
    private var count = 0
    private var invalidCount = 0

    public init() {}

    public mutating func add(_ judgement: Judgement) {
        let isWorse =
            Self.rank(judgement.verdict) > Self.rank(worst.verdict)
            || (judgement.verdict == worst.verdict && judgement.score > worst.score)
        if count == 0 || isWorse { worst = judgement }
        count += 1
        if judgement.verdict == .invalid { invalidCount += 1 }
        isPartial = invalidCount > 0 && invalidCount < count
    }

    private static func rank(_ verdict: Verdict) -> Int {
        switch verdict {
        case .ok: 0
        case .unsure: 1
        case .invalid: 2
        case .ng: 3
        }
    }
}
