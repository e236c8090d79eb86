internal import Glibc

/// A learning rate that rises for some steps and then falls along half a cosine.
public struct Schedule: Sendable, Hashable {
    /// The largest rate.
    public let peak: Double
    public let warmUpSteps: Int
    public let totalSteps: Int

    /// - Precondition: `warmUpSteps` is below `totalSteps`.
    public init(peak: Double, warmUpSteps: Int, totalSteps: Int) {
        precondition(0..<totalSteps ~= warmUpSteps, "\(warmUpSteps) steps of warm-up of \(totalSteps)")
        self.peak = peak
        self.warmUpSteps = warmUpSteps
        self.totalSteps = totalSteps
    }

    /// The rate of step 1, 2, ...: peak · min(1, t/w) · ½ (1 + cos π (t-w)/(T-w)), at least 1 % of the peak
    /// once the warm-up is over.
    public func rate(at step: Int) -> Double {
        if step < warmUpSteps { return peak * Double(step) / Double(warmUpSteps) }
        let part = Double(step - warmUpSteps) / Double(totalSteps - warmUpSteps)
        return peak * max(0.01, 0.5 * (1 + cos(.pi * min(1, part))))
    }
}
