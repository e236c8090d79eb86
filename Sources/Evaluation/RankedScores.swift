/// The scores of good and defective items, sorted: what every threshold-free figure is computed from.
///
/// An item is an image or a pixel. Each defective item has a weight, so that one pass over the thresholds
/// gives counts (for AUROC, AP, F1) and covered regions (for PRO) alike. Equal scores are one threshold.
public struct RankedScores: Sendable {
    /// Those of good items, highest first.
    private let negatives: [Float]
    /// Those of defective items with their weights, highest first.
    private let positives: [(score: Float, weight: Double)]

    /// The number of good items.
    public var negativeCount: Int { negatives.count }
    /// The number of defective items.
    public var positiveCount: Int { positives.count }

    /// - Precondition: no score is NaN.
    /// - Complexity: O(n) for the good items (a radix sort), O(n log n) for the others.
    public init(negatives: [Float], positives: [(score: Float, weight: Double)]) {
        precondition(positives.allSatisfy { !$0.score.isNaN }, "a score is NaN")
        self.negatives = negatives.sortedDescending()
        // Adding zero makes -0 and 0 one threshold.
        self.positives = positives.map { ($0.score + 0, $0.weight) }.sorted { $0.score > $1.score }
    }

    /// Scores whose defective items count one each.
    public init(negatives: [Float], positives: [Float]) {
        self.init(negatives: negatives, positives: positives.map { ($0, 1) })
    }

    /// How many items a threshold finds: those whose score is at least `score`.
    struct Threshold {
        var score: Float
        var truePositives: Int
        var falsePositives: Int
        /// The sum of the weights of the defective items found.
        var weight: Double
    }

    /// Calls `body` for each distinct score, highest first, until it returns false.
    @inline(__always)
    func forEachThreshold(_ body: (Threshold) -> Bool) {
        var at = Threshold(score: .infinity, truePositives: 0, falsePositives: 0, weight: 0)
        while at.falsePositives < negatives.count || at.truePositives < positives.count {
            let negative = at.falsePositives < negatives.count ? negatives[at.falsePositives] : -.infinity
            let positive =
                at.truePositives < positives.count ? positives[at.truePositives].score : -.infinity
            at.score = max(negative, positive)
            while at.falsePositives < negatives.count, negatives[at.falsePositives] == at.score {
                at.falsePositives += 1
            }
            while at.truePositives < positives.count, positives[at.truePositives].score == at.score {
                at.weight += positives[at.truePositives].weight
                at.truePositives += 1
            }
            guard body(at) else { return }
        }
    }

    /// The highest and the lowest score; nil if there is none.
    var range: (low: Float, high: Float)? {
        guard let high = [negatives.first, positives.first?.score].compactMap({ $0 }).max(),
            let low = [negatives.last, positives.last?.score].compactMap({ $0 }).min()
        else { return nil }
        return (low, high)
    }
}

extension [Float] {
    /// The values from the highest to the lowest, -0 as 0: a radix sort, since maps have millions of pixels.
    ///
    /// - Precondition: no value is NaN.
    fileprivate func sortedDescending() -> [Float] {
        // Bits that sort like the values, turned over for falling order.
        var keys = map { value -> UInt32 in
            precondition(!value.isNaN, "a score is NaN")
            let bits = (value + 0).bitPattern
            return ~(bits >> 31 == 1 ? ~bits : bits | 0x8000_0000)
        }
        var sorted = keys
        for shift in [0, 11, 22] as [UInt32] {
            var starts = [Int](repeating: 0, count: 1 << 11)
            for key in keys { starts[Int(key >> shift & 0x7FF)] += 1 }
            var sum = 0
            for digit in starts.indices { (starts[digit], sum) = (sum, sum + starts[digit]) }
            for key in keys {
                let digit = Int(key >> shift & 0x7FF)
                sorted[starts[digit]] = key
                starts[digit] += 1
            }
            swap(&keys, &sorted)
        }
        return keys.map { key in
            let bits = ~key
            return Float(bitPattern: bits >> 31 == 1 ? bits & 0x7FFF_FFFF : ~bits)
        }
    }
}
