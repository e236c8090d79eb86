/// How much is known about an inspection's threshold (OPERATIONS 8). Only `calibrated` prints a rate.
public enum CalibrationLevel: UInt8, Comparable, Sendable {
    /// No good part known: nothing is ever OK.
    case none = 0
    /// OK is given, always flagged.
    case provisional = 1
    /// The stated rate holds.
    case calibrated = 2

    public static func < (left: CalibrationLevel, right: CalibrationLevel) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// The limit that splits the good from the rest, and what supports it.
public struct Threshold: Hashable, Sendable {
    public var level: CalibrationLevel
    /// T: a part with a score at or below it is accepted. In the model's own units.
    public var limit: Float
    /// m: the median score of the good parts; the zero of the printed score.
    public var median: Float
    /// The good parts it rests on, and those of them above `limit`.
    public var partCount: Int
    public var rejectCount: Int
    /// The claim that holds; nil unless `level` is calibrated.
    public var claim: FalseRejectClaim?

    /// An untaught inspection: `median` and `limit` come from the model's manifest, to scale scores and to
    /// split NG from UNSURE.
    public init(untaughtMedian median: Float, limit: Float) {
        self.init(level: .none, limit: limit, median: median, partCount: 0, rejectCount: 0)
    }

    init(
        level: CalibrationLevel, limit: Float, median: Float, partCount: Int, rejectCount: Int,
        claim: FalseRejectClaim? = nil
    ) {
        self.level = level
        // A limit at the median would make every score infinite; 1e-3 is the floor of the rule's spread.
        self.limit = max(limit, median + 1e-6)
        self.median = median
        self.partCount = partCount
        self.rejectCount = rejectCount
        self.claim = claim
    }

    /// 10,000 * (raw - median) / (limit - median), held to 0...9,999,999: 10,000 is the threshold itself.
    ///
    /// Never says 10,000 or less of a score above the limit, nor more of one at or below it, whatever
    /// rounding does. A score that is no number gets the largest value. Allocation-free.
    public func printedScore(_ raw: Float) -> UInt32 {
        guard raw.isFinite else { return raw == -.infinity ? 0 : 9_999_999 }
        let scaled = 10_000 * (Double(raw) - Double(median)) / (Double(limit) - Double(median))
        let rounded = UInt32(min(max(scaled.rounded(), 0), 9_999_999))
        return raw > limit ? max(rounded, 10_001) : min(rounded, 10_000)
    }
}
