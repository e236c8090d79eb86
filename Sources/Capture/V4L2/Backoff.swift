/// The waits between attempts to open a camera: each twice the one before, from the least to the longest,
/// each up to 20 % shorter or longer, so that many cameras behind one hub do not come all at once.
struct Backoff {
    private let range: ClosedRange<Int64>
    /// Waits since the last reset.
    private(set) var count: UInt32 = 0

    /// `range` in milliseconds.
    init(_ range: ClosedRange<Int64>) { self.range = range }

    /// The next wait in nanoseconds; `random` in 0..<1.
    mutating func next(random: Double) -> Int64 {
        let doubled = range.lowerBound << Int64(min(count, 20))
        count += 1
        let wait = Double(min(doubled, range.upperBound)) * 1e6
        return Int64(wait * (0.8 + 0.4 * random))
    }

    /// The next wait is the least again.
    mutating func reset() { count = 0 }
}
