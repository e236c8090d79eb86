/// A false-reject rate that is asked for: at most `rate` of the good parts are not accepted, and that
/// statement is wrong with probability 1 - `confidence` at most (OPERATIONS 8, rule 2).
public struct FalseRejectClaim: Hashable, Sendable {
    /// 1e-5...0.2.
    public var rate: Double
    /// 0.8...0.999.
    public var confidence: Double

    public init(rate: Double = 0.005, confidence: Double = 0.95) {
        (self.rate, self.confidence) = (rate, confidence)
    }

    /// How many of `count` good parts may lie above the threshold; nil if `count` parts are too few to say
    /// anything. With threshold s(n-r) the true rate follows Beta(r+1, n-r).
    ///
    /// - Complexity: O(r^2), r being about `rate * count`.
    public func permittedRejects(among count: Int) -> Int? {
        var permitted: Int?
        var rejects = 0
        while rejects < count, Binomial.cumulative(rejects, of: count, rate: rate) <= 1 - confidence {
            permitted = rejects
            rejects += 1
        }
        return permitted
    }

    /// The fewest good parts that can support the claim: n >= ln(1 - confidence) / ln(1 - rate).
    public var fewestParts: Int {
        // Doubling, then halving: the cumulative at no reject falls with the number of parts.
        func supports(_ count: Int) -> Bool {
            Binomial.cumulative(0, of: count, rate: rate) <= 1 - confidence
        }
        var high = 1
        while !supports(high) { high *= 2 }
        var low = high / 2
        while high - low > 1 {
            let middle = (low + high) / 2
            if supports(middle) { high = middle } else { low = middle }
        }
        return high
    }
}
