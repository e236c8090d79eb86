internal import Glibc

/// The binomial distribution as far as statements about rates need it.
public enum Binomial {
    /// The probability of at most `successes` in `trials` independent tries of probability `rate` (0...1).
    ///
    /// Sums the terms from the largest down, so that it is exact to about 1e-12 also where each is tiny.
    ///
    /// - Complexity: O(`successes`).
    public static func cumulative(_ successes: Int, of trials: Int, rate: Double) -> Double {
        guard successes >= 0 else { return 0 }
        guard successes < trials else { return 1 }
        guard rate > 0 else { return 1 }
        guard rate < 1 else { return 0 }
        // Term i over term i-1 is (n-i+1)/i * p/(1-p): in logarithms, because (1-p)^n underflows.
        let odds = log(rate) - log1p(-rate)
        var term = Double(trials) * log1p(-rate)
        var terms = [term]
        for index in stride(from: 1, through: successes, by: 1) {
            term += log(Double(trials - index + 1)) - log(Double(index)) + odds
            terms.append(term)
        }
        let largest = terms.max() ?? 0
        return min(exp(largest) * terms.reduce(0) { $0 + exp($1 - largest) }, 1)
    }

    /// The largest rate that `failures` in `trials` leave possible with probability 1 - `confidence`: the
    /// one-sided upper limit of Clopper and Pearson, "The use of confidence or fiducial limits", 1934.
    ///
    /// 1 if every trial failed. Exact to 1e-12, by bisection of `cumulative`, which falls with the rate.
    public static func upperBound(failures: Int, of trials: Int, confidence: Double) -> Double {
        guard failures < trials else { return 1 }
        var (low, high) = (0.0, 1.0)
        while high - low > 1e-12 {
            let middle = (low + high) / 2
            if cumulative(failures, of: trials, rate: middle) > 1 - confidence {
                low = middle
            } else {
                high = middle
            }
        }
        return high
    }
}
