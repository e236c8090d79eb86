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

    /// The values of `figures` on each draw of the images of a run, nil where some draw has no value.
    ///
    /// `figures` gets redrawn scores and returns `count` values each time. Draw n takes the same places of any run
    /// with as many images.
    public func samples(
        good: [Float], defective: [Float], count: Int, figures: (RankedScores) -> [Double?]
    ) -> [[Double]?] {
        guard !good.isEmpty, !defective.isEmpty else { return Array(repeating: nil, count: count) }
        return collected(count) { random in
            figures(
                RankedScores(
                    negatives: good.indices.map { _ in good[random.index(below: good.count)] },
                    positives: defective.indices.map { _ in defective[random.index(below: defective.count)] })
            )
        }
    }

    /// The same of pixel AUROC, AP, highest F1 and AUPRO up to `limit`, of images drawn anew with their pixels.
    ///
    /// Scores are first put into 512 classes that hold equally many defective and about equally many good pixels:
    /// the ends of an interval are off by less than a tenth of a point.
    public func samples(_ pixels: PixelScores, limit: Double) -> [[Double]?] {
        guard let classes = PixelClasses(pixels) else { return [nil, nil, nil, nil] }
        return collected(4) { classes.redrawn(&$0).figures(limit: limit) }
    }

    /// The interval of the mean over `runs`, of each of which there are as many values as draws; nil without runs.
    public static func interval(ofMeansOver runs: [[Double]]) -> ClosedRange<Double>? {
        guard let first = runs.first else { return nil }
        return middle(first.indices.map { draw in runs.reduce(0) { $0 + $1[draw] } / Double(runs.count) })
    }

    private func collected(_ count: Int, _ draw: (inout BootstrapRandom) -> [Double?]) -> [[Double]?] {
        var samples = [[Double]](repeating: [], count: count)
        for number in 0..<drawCount {
            var random = BootstrapRandom(draw: number)
            for (index, value) in draw(&random).enumerated() {
                if let value { samples[index].append(value) }
            }
        }
        return samples.map { $0.count == drawCount ? $0 : nil }
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
