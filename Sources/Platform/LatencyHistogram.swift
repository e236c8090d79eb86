import Synchronization

/// How often which latency occurred: eight steps to a doubling, from 16 us to 134 s, so that a quantile is within
/// 9 % of the truth. Any number of threads add and read; nothing allocates or locks.
package final class LatencyHistogram: Sendable {
    private static let stepCount = 8 * 23
    private static let least = 16.0
    private let steps = Counts()
    private let sum = Atomic<Int>(0)

    package init() {}

    /// Adds `microseconds`.
    package func add(_ microseconds: UInt32) {
        steps[Self.step(microseconds)].add(1, ordering: .relaxed)
        sum.add(Int(microseconds), ordering: .relaxed)
    }

    /// Values added so far, and their sum in microseconds.
    package var count: Int { (0..<Self.stepCount).reduce(0) { $0 + steps[$1].load(ordering: .relaxed) } }
    package var sumMicroseconds: Int { sum.load(ordering: .relaxed) }

    /// The value below which the share `quantile` (0...1) of all lie, in microseconds; 0 where there is none.
    package func quantile(_ quantile: Double) -> UInt32 {
        let wanted = max(1, Int((Double(count) * quantile).rounded(.up)))
        var seen = 0
        for step in 0..<Self.stepCount {
            seen += steps[step].load(ordering: .relaxed)
            if seen >= wanted { return UInt32(Self.bound(step + 1)) }
        }
        return 0
    }

    /// Values of at most `microseconds`, by whole steps.
    package func count(upTo microseconds: Double) -> Int {
        (0..<Self.stepCount).reduce(0) {
            Self.bound($1 + 1) <= microseconds * 1.001 ? $0 + steps[$1].load(ordering: .relaxed) : $0
        }
    }

    private static func step(_ microseconds: UInt32) -> Int {
        let value = max(Double(microseconds), least) / least
        // Whole doublings by the exponent, eighths by comparing: no logarithm on the way of a frame.
        var step = 8 * Int(value.exponent)
        var rest = value.significand
        while rest >= 1.0905077326652577 {
            rest /= 1.0905077326652577
            step += 1
        }
        return min(step, stepCount - 1)
    }

    private static func bound(_ step: Int) -> Double {
        var bound = least
        for _ in 0..<(step / 8) { bound *= 2 }
        for _ in 0..<(step % 8) { bound *= 1.0905077326652577 }
        return bound
    }

    /// A fixed array of counters.
    private final class Counts: Sendable {
        private let counters = InlineArray<184, Atomic<Int>> { _ in Atomic(0) }

        subscript(index: Int) -> Atomic<Int> {
            _read { yield counters[index] }
        }
    }
}
