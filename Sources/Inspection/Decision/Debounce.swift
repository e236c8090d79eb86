internal import Events

/// N of the last M strips must be above the limit before one is NG (web mode only), and a run of NG ends
/// later than it began.
///
/// Turns NG into UNSURE and never anything into OK (OPERATIONS O20).
public struct Debounce: Hashable, BitwiseCopyable, Sendable {
    /// 1...`window`.
    public let needed: Int
    /// 1...16.
    public let window: Int
    /// The share of the limit that counts while the previous strip was NG, 0.5...1.
    public let release: Float
    /// Bit 0 is the last strip.
    private var history: UInt16 = 0
    private var wasNG = false

    /// - Precondition: `1 <= needed <= window <= 16`, `0.5 <= release <= 1`.
    public init(needed: Int = 1, window: Int = 1, release: Float = 1) {
        precondition(needed >= 1 && needed <= window && window <= 16, "\(needed) of \(window)")
        precondition(release >= 0.5 && release <= 1, "release \(release)")
        (self.needed, self.window, self.release) = (needed, window, release)
    }

    /// The verdict on the next strip, and whether debouncing changed it. Allocation-free.
    ///
    /// A strip that was not judged counts as not above the limit, and stays INVALID.
    public mutating func apply(to judgement: Judgement) -> (judgement: Judgement, wasChanged: Bool) {
        let holds = wasNG && Float(judgement.score) > 10_000 * release
        let isAbove = judgement.verdict != .invalid && (judgement.isAboveLimit || holds)
        history = history << 1 | (isAbove ? 1 : 0)
        let mask: UInt16 = window == 16 ? .max : (1 << UInt16(window)) - 1
        let isConfirmed = (history & mask).nonzeroBitCount >= needed

        var result = judgement
        if judgement.verdict == .ng, !isConfirmed {
            result = Judgement(.debounce, score: judgement.score)
        } else if holds, isConfirmed, judgement.verdict == .ok || judgement.verdict == .unsure {
            // The run goes on: still the same defect, a little below the limit.
            result = Judgement(.anomaly, score: judgement.score)
        }
        wasNG = result.verdict == .ng
        return (result, result != judgement)
    }
}
