/// How far a training is, how fast it goes and when it will end, from the moments of its last steps.
///
/// A value: whoever shows it decides where and how often.
public struct TrainingProgress: Sendable {
    public let totalSteps: Int
    /// The last step that was taken.
    public private(set) var step: Int
    /// A running mean of the loss over about 50 steps, of those that were finite.
    public private(set) var loss = Double.nan
    /// Moments of the last steps, oldest first, at most `windowLength`.
    private var moments: [Int]
    private static let windowLength = 64

    /// At `step` of `totalSteps`, at the moment `now` in nanoseconds of a clock that does not jump.
    public init(totalSteps: Int, startingAt step: Int = 0, now: Int) {
        self.totalSteps = totalSteps
        self.step = step
        moments = [now]
    }

    /// Takes in a step that ended at `now`.
    public mutating func add(step: Int, loss: Double, now: Int) {
        self.step = step
        if loss.isFinite { self.loss = self.loss.isNaN ? loss : self.loss + (loss - self.loss) / 50 }
        moments.append(now)
        if moments.count > Self.windowLength { moments.removeFirst() }
    }

    /// Steps per second over the last steps; nil before the first.
    public var rate: Double? {
        guard moments.count > 1, let first = moments.first, let last = moments.last, last > first else {
            return nil
        }
        return Double(moments.count - 1) / (Double(last - first) * 1e-9)
    }

    /// Seconds until the end at this rate.
    public var remainingSeconds: Double? { rate.map { Double(totalSteps - step) / $0 } }

    /// As in "loss 0.4312  12.3 steps/s  1:02:07 left".
    public var text: String {
        var parts: [String] = []
        if loss.isFinite { parts.append("loss \(rounded(loss, 4))") }
        if let rate {
            parts.append(rate >= 1 ? "\(rounded(rate, 1)) steps/s" : "\(rounded(1 / rate, 1)) s/step")
        }
        if let seconds = remainingSeconds { parts.append("\(Self.clock(Int(seconds.rounded()))) left") }
        return parts.joined(separator: "  ")
    }

    /// As in "2:07" and "1:02:07".
    package static func clock(_ seconds: Int) -> String {
        func two(_ value: Int) -> String { (value < 10 ? "0" : "") + String(value) }
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(seconds % 60))" : "\(minutes):\(two(seconds % 60))"
    }
}

/// `value` with so many digits after the point; in scientific notation where that would be all zeros or very long.
func rounded(_ value: Double, _ digits: Int) -> String {
    let factor = (0..<digits).reduce(1.0) { product, _ in product * 10 }
    guard value.isFinite, abs(value) < 1e9, value == 0 || abs(value) * factor >= 1 else { return "\(value)" }
    let scaled = Int((abs(value) * factor).rounded())
    let fraction = String(scaled % Int(factor))
    let sign = value < 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(scaled)" }
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(sign)\(scaled / Int(factor)).\(zeros)\(fraction)"
}
