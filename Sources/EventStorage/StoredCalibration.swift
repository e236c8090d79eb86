/// The good parts behind one inspection's threshold, and what was made of them (OPERATIONS 8).
///
/// A calibration never changes: a new one gets a new number, and each result names the one it was judged by.
public struct StoredCalibration: Hashable, Sendable {
    /// The number that results carry. 0 until it is stored.
    public var id: Int32 = 0
    /// The name of the inspection.
    public var inspect: String
    /// SHA-256 of the model: 64 hexadecimal digits in lower case.
    public var model: String
    /// 1 provisional, 2 calibrated.
    public var level: UInt8
    /// Parts per million of good parts that may be rejected, as asked, and the bound that the parts support. Both
    /// nil at level 1, which claims no rate; both present at level 2.
    public var ppm: Int?
    public var boundPPM: Int?
    /// The raw score up to which a part is accepted, and the median of good parts. The model's own units, finite.
    public var threshold: Float
    public var median: Float
    /// When it was made: UTC milliseconds.
    public var timeMilliseconds: Int64
    /// The good parts, in the order in which they came.
    public var parts: [Part] = []
    /// Scores of the augmented good parts, references leave-one-out: what a provisional threshold comes from.
    public var leaveOneOutScores: [Float] = []

    /// One good part.
    public struct Part: Hashable, Sendable {
        /// The highest raw score of its frames. Finite.
        public var score: Float
        /// When it was seen: UTC milliseconds.
        public var timeMilliseconds: Int64
        /// It is in the reference bank, so its score says nothing about the rate.
        public var isReference: Bool

        public init(score: Float, timeMilliseconds: Int64, isReference: Bool) {
            (self.score, self.timeMilliseconds, self.isReference) = (score, timeMilliseconds, isReference)
        }
    }

    public init(
        inspect: String, model: String, level: UInt8, ppm: Int? = nil, boundPPM: Int? = nil,
        threshold: Float, median: Float, timeMilliseconds: Int64, parts: [Part] = [],
        leaveOneOutScores: [Float] = []
    ) {
        (self.inspect, self.model, self.level) = (inspect, model, level)
        (self.ppm, self.boundPPM) = (ppm, boundPPM)
        (self.threshold, self.median, self.timeMilliseconds) = (threshold, median, timeMilliseconds)
        (self.parts, self.leaveOneOutScores) = (parts, leaveOneOutScores)
    }

    /// At most so many parts, and so many scores, fit into one calibration.
    public static let partLimit = 1 << 20

    /// Why the log cannot keep it; nil if it can.
    var flaw: String? {
        if inspect.isEmpty { return "it names no inspection" }
        let digits = model.utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }
        guard model.utf8.count == 64, digits else { return "its model is no SHA-256 in lower-case digits" }
        guard 1...2 ~= level else { return "its level is \(level), not 1 or 2" }
        guard (ppm != nil) == (level == 2), (boundPPM != nil) == (level == 2) else {
            return level == 1
                ? "a provisional one claims no rate" : "a calibrated one has a rate and its bound"
        }
        guard threshold.isFinite, median.isFinite else { return "its threshold or median is no number" }
        guard parts.allSatisfy(\.score.isFinite), leaveOneOutScores.allSatisfy(\.isFinite) else {
            return "one of its scores is no number"
        }
        guard max(parts.count, leaveOneOutScores.count) <= Self.partLimit else {
            return "it has more than \(Self.partLimit) parts"
        }
        return nil
    }

    /// Good parts that are not references, and how many of them the threshold rejects.
    var sampleCounts: (parts: Int, rejects: Int) {
        let sample = parts.filter { !$0.isReference }
        return (sample.count, sample.count { $0.score > threshold })
    }
}
