import Imaging

/// How the evidence of patches of good parts lies before banks that do not know their part: what a head that was trained
/// for all products reads it against.
package struct EvidenceLevel: Sendable, Hashable {
    /// Of each tap, of each of the `SegmentationHead.evidence` scalars.
    package let mean: [[Float]]
    package let deviation: [[Float]]
    /// Of the cells of the map.
    package let mapDeviation: Float
    /// Of the margins, for banks with a text; else 0 and the least deviation.
    package let margin: Spread

    package init(
        mean: [[Float]], deviation: [[Float]], mapDeviation: Float,
        margin: Spread = Spread(mean: 0, deviation: 0)
    ) {
        (self.mean, self.deviation, self.mapDeviation) = (mean, deviation, mapDeviation)
        self.margin = margin
    }

    /// A mean, and a deviation that is never 0: equal good parts have none.
    package struct Spread: Sendable, Hashable {
        package let mean: Float
        package let deviation: Float

        package init(mean: Float, deviation: Float) { (self.mean, self.deviation) = (mean, deviation) }
    }

    /// Mean and deviation of what was added, in double precision and in its order.
    struct Tally {
        private var sum = 0.0
        private var square = 0.0
        private var count = 0.0

        mutating func add(_ value: Float) {
            let value = Double(value)
            (sum, square, count) = (sum + value, square + value * value, count + 1)
        }

        var spread: Spread {
            let mean = sum / max(count, 1)
            let deviation = max(square / max(count, 1) - mean * mean, 0).squareRoot()
            return Spread(mean: Float(mean), deviation: Float(deviation + 1e-3))
        }
    }

    /// Collects the evidence of runs.
    struct Sums {
        private var scalars: [[Tally]]
        private var map = Tally()
        private var margin = Tally()

        init(taps: Int) {
            scalars = [[Tally]](
                repeating: [Tally](repeating: Tally(), count: SegmentationHead.evidence), count: taps)
        }

        /// Adds what `detector`, which keeps evidence, found in its last run.
        mutating func add(_ detector: PatchDetector) {
            guard let evidence = detector.evidence else {
                preconditionFailure("a detector without evidence")
            }
            for tap in scalars.indices {
                let values = unsafe evidence.scalars(tap)
                for index in values.indices {
                    unsafe scalars[tap][index % SegmentationHead.evidence].add(values[index])
                }
            }
            unsafe detector.withMap { cells in
                for index in cells.indices { unsafe map.add(cells[index]) }
            }
            if let margins = unsafe detector.margins {
                for index in margins.indices { unsafe margin.add(margins[index]) }
            }
        }

        var level: EvidenceLevel {
            EvidenceLevel(
                mean: scalars.map { $0.map(\.spread.mean) },
                deviation: scalars.map { $0.map(\.spread.deviation) },
                mapDeviation: map.spread.deviation, margin: margin.spread)
        }
    }
}
