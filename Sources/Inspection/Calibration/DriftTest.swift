internal import Glibc

/// Whether today's good parts still look like those of the calibration: the two-sample test of Kolmogorov
/// and Smirnov, with the asymptotic distribution (Smirnov 1948; series as in Stephens 1970).
public enum DriftTest {
    /// The probability of a difference at least this large if both samples were alike; 1 if one is empty.
    ///
    /// - Complexity: O(n log n).
    public static func probability(_ recent: [Float], against calibration: [Float]) -> Double {
        guard !recent.isEmpty, !calibration.isEmpty else { return 1 }
        let distance = distance(recent.sorted(), calibration.sorted())
        let (n, m) = (Double(recent.count), Double(calibration.count))
        let root = (n * m / (n + m)).squareRoot()
        return survival((root + 0.12 + 0.11 / root) * distance)
    }

    /// The largest distance of the two empirical distributions.
    private static func distance(_ left: [Float], _ right: [Float]) -> Double {
        var (i, j, largest) = (0, 0, 0.0)
        while i < left.count, j < right.count {
            let value = min(left[i], right[j])
            while i < left.count, left[i] == value { i += 1 }
            while j < right.count, right[j] == value { j += 1 }
            largest = max(largest, abs(Double(i) / Double(left.count) - Double(j) / Double(right.count)))
        }
        return largest
    }

    /// Q(x) = 2 sum of (-1)^(k-1) exp(-2 k^2 x^2); 1 where the series has not begun to fall.
    private static func survival(_ x: Double) -> Double {
        guard x > 0.2 else { return 1 }
        var (sum, sign) = (0.0, 1.0)
        for k in 1...100 {
            let term = exp(-2 * Double(k * k) * x * x)
            sum += sign * term
            sign = -sign
            if term < 1e-18 { break }
        }
        return min(max(2 * sum, 0), 1)
    }
}
