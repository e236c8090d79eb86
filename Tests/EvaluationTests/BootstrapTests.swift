import Evaluation
import Imaging
import Platform
import Testing

@Suite("intervals by drawing images anew")
struct BootstrapTests {
    @Test("hold the figure itself, are narrower with more images, and are alike each time")
    func images() throws {
        var random = SplitMix64(seed: 11)
        var widths: [Double] = []
        for count in [20, 200] {
            let good = random.scores(count), defective = random.scores(count).map { $0 + 1 }
            let figure = try #require(RankedScores(negatives: good, positives: defective).auroc)
            let intervals = drawn(good, defective) { [$0.auroc] }
            let again = drawn(good, defective) { [$0.auroc] }
            let interval = try #require(intervals[0])
            #expect(intervals == again)
            #expect(interval.contains(figure))
            widths.append(interval.upperBound - interval.lowerBound)
        }
        // The deviation of an AUROC falls with the root of the count: by 3.2 here.
        #expect(2...5 ~= widths[0] / widths[1])
    }

    @Test("have the width that the theory of Hanley and McNeil gives")
    func width() throws {
        var random = SplitMix64(seed: 12)
        // Sums of uniform numbers, nearly normal, one deviation apart.
        func normal() -> Float {
            (0..<12).reduce(-6) { sum, _ in sum + Float(random.next() >> 40) / 16_777_216 }
        }
        let good = (0..<150).map { _ in normal() }, defective = (0..<100).map { _ in normal() + 1 }
        let area = try #require(RankedScores(negatives: good, positives: defective).auroc)
        let q1 = area / (2 - area), q2 = 2 * area * area / (1 + area)
        let variance =
            (area * (1 - area) + 99 * (q1 - area * area) + 149 * (q2 - area * area)) / (100 * 150)
        let found = drawn(good, defective) { [$0.auroc] }
        let interval = try #require(found[0])
        let expected = 2 * 1.96 * variance.squareRoot()
        #expect(0.85...1.15 ~= (interval.upperBound - interval.lowerBound) / expected)
    }

    @Test("of perfect scores are a point, and of one kind of image there are none")
    func extremes() {
        let perfect = drawn([1, 2], [3, 4]) { [$0.auroc, $0.averagePrecision] }
        #expect(perfect == [1...1, 1...1])
        #expect(drawn([1, 2], []) { [$0.auroc] } == [nil, nil])
        #expect(Bootstrap.interval(ofMeansOver: []) == nil)
        #expect(Bootstrap().samples(PixelScores(), limit: 0.3) == [nil, nil, nil, nil])
    }

    @Test("of two runs are those of the means of the same draws")
    func runs() throws {
        var random = SplitMix64(seed: 14)
        let runs = (0..<2).map { _ in (good: random.scores(40), defective: random.scores(30)) }
        let samples = runs.compactMap {
            Bootstrap(drawCount: 200).samples(good: $0.good, defective: $0.defective, count: 1) {
                [$0.auroc]
            }[0]
        }
        let means = zip(samples[0], samples[1]).map { ($0 + $1) / 2 }
        #expect(Bootstrap.interval(ofMeansOver: samples) == Bootstrap.interval(ofMeansOver: [means]))
        // The same draw of the same scores is the same value.
        let twice = Bootstrap.interval(ofMeansOver: [samples[0], samples[0]])
        #expect(twice == Bootstrap.interval(ofMeansOver: [samples[0]]))
    }

    /// The intervals of one run.
    private func drawn(
        _ good: [Float], _ defective: [Float], _ figures: (RankedScores) -> [Double?]
    ) -> [ClosedRange<Double>?] {
        Bootstrap().samples(good: good, defective: defective, count: 2) { scores in
            let values = figures(scores)
            return values + [Double?](repeating: nil, count: 2 - values.count)
        }.map { $0.flatMap { Bootstrap.interval(ofMeansOver: [$0]) } }
    }

    @Test("of pixels hold the exact figures of all images, and their middle is near them")
    func pixels() throws {
        var random = SplitMix64(seed: 13)
        let size = Size(width: 24, height: 20)
        var scores = PixelScores()
        for image in 0..<30 {
            var marks = [Bool](repeating: false, count: size.pixelCount)
            if image % 2 == 0 { for y in 3..<9 { for x in 4..<12 + image / 4 { marks[y * 24 + x] = true } } }
            let map = marks.map { Float(random.next() >> 40) / 16_777_216 + ($0 ? 0.3 : 0) }
            let mask = DefectMask(size: size, pixels: marks)
            scores.add(ScoreMap(size: size, scores: map), mask.regionSizes.isEmpty ? nil : mask)
        }
        let ranked = scores.ranked()
        let exact = [
            ranked.auroc, ranked.averagePrecision, ranked.maximumF1?.value, ranked.overlapArea(limit: 0.3),
        ]
        for (samples, figure) in zip(Bootstrap().samples(scores, limit: 0.3), exact) {
            let values = try #require(samples)
            let interval = try #require(Bootstrap.interval(ofMeansOver: [values]))
            let figure = try #require(figure)
            #expect(interval.contains(figure))
            #expect(abs((interval.lowerBound + interval.upperBound) / 2 - figure) < 0.01)
            #expect(interval.upperBound - interval.lowerBound < 0.12)
        }
    }
}
