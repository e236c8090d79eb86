import Platform

/// Intervals that a figure lies in with 95 % confidence: the middle of what it is on images drawn anew, with
/// replacement and each kind for itself (Efron 1979; the percentile method).
///
/// Draws are SplitMix64's: the same scores have the same intervals everywhere.
public struct Bootstrap: Sendable {
    /// How often images are drawn anew.
    public let drawCount: Int

    /// - Precondition: `drawCount` is at least 40, so that 2.5 % is a draw.
    public init(drawCount: Int = 1000) {
        precondition(drawCount >= 40, "\(drawCount) draws")
        self.drawCount = drawCount
    }

    /// The intervals of the means over `runs` of `figures`, which are nil where some draw has no value.
    ///
    /// `figures` gets redrawn scores of a run and returns as many values each time. Runs are drawn alike.
    public func intervals(
        of runs: [(good: [Float], defective: [Float])], count: Int, figures: (RankedScores) -> [Double?]
    ) -> [ClosedRange<Double>?] {
        summarised(runs.count, count) { run, random in
            let good = runs[run].good, defective = runs[run].defective
            guard !good.isEmpty, !defective.isEmpty else { return [Double?](repeating: nil, count: count) }
            return figures(
                RankedScores(
                    negatives: good.indices.map { _ in good[random.index(below: good.count)] },
                    positives: defective.indices.map { _ in defective[random.index(below: defective.count)] })
            )
        }
    }

    /// The intervals of pixel AUROC, AP, highest F1 and AUPRO up to `limit`, of images drawn anew with their pixels.
    ///
    /// Scores are first put into 512 classes that hold equally many defective and about equally many good pixels:
    /// the ends of an interval are off by less than a tenth of a point.
    public func intervals(of runs: [PixelScores], limit: Double) -> [ClosedRange<Double>?] {
        let classes = runs.map { PixelClasses($0) }
        return summarised(runs.count, 4) { run, random in
            classes[run]?.redrawn(&random).figures(limit: limit) ?? [nil, nil, nil, nil]
        }
    }

    private func summarised(
        _ runCount: Int, _ count: Int, _ draw: (_ run: Int, inout BootstrapRandom) -> [Double?]
    ) -> [ClosedRange<Double>?] {
        guard runCount > 0 else { return [ClosedRange<Double>?](repeating: nil, count: count) }
        var samples = [[Double]](repeating: [], count: count)
        for number in 0..<drawCount {
            var sums = [Double?](repeating: 0, count: count)
            for run in 0..<runCount {
                // Every run draws the same places: where the images are the same, so are those drawn.
                var random = BootstrapRandom(draw: number)
                for (index, value) in draw(run, &random).enumerated() {
                    sums[index] = sums[index].flatMap { sum in value.map { sum + $0 } }
                }
            }
            for (index, sum) in sums.enumerated() {
                if let sum { samples[index].append(sum / Double(runCount)) }
            }
        }
        return samples.map { $0.count == drawCount ? Self.middle($0) : nil }
    }

    /// From the 2.5 % to the 97.5 % quantile, between neighbours in proportion.
    static func middle(_ values: [Double]) -> ClosedRange<Double> {
        let sorted = values.sorted()
        func quantile(_ share: Double) -> Double {
            let place = share * Double(sorted.count - 1), index = Int(place)
            let next = min(index + 1, sorted.count - 1)
            return sorted[index] + (sorted[next] - sorted[index]) * (place - Double(index))
        }
        return quantile(0.025)...quantile(0.975)
    }
}

/// The places of one draw.
struct BootstrapRandom {
    private var generator: SplitMix64

    init(draw: Int) { generator = SplitMix64(seed: UInt64(draw) &* 0xD1B5_4A32_D192_ED03) }

    mutating func index(below count: Int) -> Int { (Int(generator.next() >> 32) * count) >> 32 }
}
