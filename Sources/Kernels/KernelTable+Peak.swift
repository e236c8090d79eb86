import CKernels
import Platform

extension KernelTable {
    /// Multiply-adds done by `steps` rounds of dot products on registers alone, for timing: this core's
    /// ceiling in int8.
    public func multiplyAddsAtPeak(steps: Int) -> Int {
        Int(unsafe table.pointee.peak(UInt64(steps)))
    }

    /// This core's ceiling in int8, 10^9 multiply-adds per second: the best of several probes of about 2 ms, by
    /// the time of this thread alone.
    public func peakGmacs() -> Double {
        var steps = 1000, best = 0.0, rounds = 0
        while rounds < 5 {
            let start = ThreadClock.now
            let count = multiplyAddsAtPeak(steps: steps)
            let time = ThreadClock.now - start
            if time < 2_000_000 {
                steps *= 2
                continue
            }
            best = max(best, Double(count) / Double(time))
            rounds += 1
        }
        return best
    }
}
