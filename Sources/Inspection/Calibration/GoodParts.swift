/// The scores of good parts, one per part, from which a threshold is made. Defects are never needed.
public struct GoodParts: Hashable, Sendable {
    /// One good part: the largest score of its frames, and when it was seen.
    public struct Part: Hashable, Sendable {
        /// In the model's own units; finite.
        public var score: Float
        /// UTC milliseconds.
        public var timeMilliseconds: Int64
        /// A reference of the bank: its score is left out of a claim, since the bank knows it.
        public var isReference: Bool

        public init(score: Float, timeMilliseconds: Int64, isReference: Bool = false) {
            self.score = score
            self.timeMilliseconds = timeMilliseconds
            self.isReference = isReference
        }
    }

    /// Noise of a camera that sees the same part again is no defect.
    private static let leastLimit: Float = 3e-3

    public private(set) var parts: [Part]
    /// Scores of the references, each left out of the bank that judged it.
    public private(set) var leaveOneOutScores: [Float]

    /// Scores that are not finite are dropped: they say nothing about good parts.
    public init(parts: [Part], leaveOneOutScores: [Float] = []) {
        self.parts = parts.filter { $0.score.isFinite }
        self.leaveOneOutScores = leaveOneOutScores.filter(\.isFinite)
    }

    /// The parts that a claim may rest on, lowest score first.
    public var sample: [Float] { parts.filter { !$0.isReference }.map(\.score).sorted() }

    /// Production intervals that the sample comes from: begun anew after 30 minutes without a part.
    public var intervalCount: Int {
        let times = parts.filter { !$0.isReference }.map(\.timeMilliseconds).sorted()
        guard let first = times.first else { return 0 }
        return zip([first] + times, times).reduce(1) { $0 + ($1.1 - $1.0 >= 30 * 60_000 ? 1 : 0) }
    }

    /// The threshold that these parts support, or nil without any good part.
    ///
    /// Calibrated where the sample supports `claim` and comes from three intervals: the largest r with
    /// P(X <= r) <= 1 - confidence is used, which is the least sensitive to one odd part. Else provisional: no stranger
    /// than the strangest good part, the references among them until 20 are confirmed. Two or three scores do not
    /// tell a spread, and a multiple of one that they seem to have hides most defects.
    public func threshold(for claim: FalseRejectClaim) -> Threshold? {
        let sample = sample
        if intervalCount >= 3, let rejects = claim.permittedRejects(among: sample.count) {
            let limit = sample[sample.count - 1 - rejects]
            return Threshold(
                level: .calibrated, limit: limit, median: Self.median(ofSorted: sample),
                partCount: sample.count, rejectCount: sample.count { $0 > limit }, claim: claim)
        }
        let known = (sample + leaveOneOutScores).sorted()
        guard !known.isEmpty else { return nil }
        let limit = max((sample.count >= 20 ? sample : known).last ?? 0, Self.leastLimit)
        return Threshold(
            level: .provisional, limit: limit, median: min(Self.median(ofSorted: known), 0.9 * limit),
            partCount: sample.count, rejectCount: sample.count { $0 > limit })
    }

    /// The threshold that an operator fixed: provisional, whatever the sample.
    public func threshold(fixedAt limit: Float) -> Threshold {
        let known = (sample + leaveOneOutScores).sorted()
        let median = known.isEmpty ? 0 : Self.median(ofSorted: known)
        return Threshold(
            level: .provisional, limit: limit, median: median, partCount: sample.count,
            rejectCount: sample.count { $0 > limit })
    }

    private static func median(ofSorted values: [Float]) -> Float {
        let middle = values.count / 2
        return values.count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2
    }
}
