import Evaluation
import Imaging
import Platform
import Testing

@Suite("figures over all thresholds")
struct FigureTests {
    @Test("equal those of an independent implementation, with and without ties")
    func rankings() throws {
        for golden in try GoldenFile.read().rankings {
            let scores = RankedScores(negatives: golden.good, positives: golden.bad)
            #expect(abs(try #require(scores.auroc) - golden.auroc) < 1e-12)
            #expect(abs(try #require(scores.averagePrecision) - golden.ap) < 1e-12)
            let best = try #require(scores.maximumF1)
            #expect(abs(best.value - golden.maximumF1) < 1e-12)
            #expect(best.threshold == golden.maximumF1Threshold)
            #expect(scores.f1(at: best.threshold) == best.value)
        }
    }

    @Test("of pixels and regions equal those of an independent implementation")
    func maps() throws {
        for golden in try GoldenFile.read().maps {
            let pixels = Self.pixels(golden)
            #expect(pixels.regionCount == golden.regions)
            let ranked = pixels.ranked()
            #expect(abs(try #require(ranked.auroc) - golden.auroc) < 1e-12)
            #expect(abs(try #require(ranked.overlapArea(limit: 0.3)) - golden.aupro) < 1e-12)
            #expect(abs(try #require(ranked.overlapArea(limit: 1)) - golden.auproWhole) < 1e-12)
            #expect(abs(try #require(ranked.overlapArea(limit: 0.3, steps: 25)) - golden.aupro25) < 1e-12)
        }
    }

    @Test("are nil where only one kind of item was scored")
    func oneKind() {
        for scores in [
            RankedScores(negatives: [1, 2], positives: [Float]()),
            RankedScores(negatives: [], positives: [1]),
            RankedScores(negatives: [], positives: [Float]()),
        ] {
            #expect(scores.auroc == nil && scores.averagePrecision == nil && scores.maximumF1 == nil)
            #expect(scores.overlapArea(limit: 0.3) == nil && scores.overlapArea(limit: 0.3, steps: 9) == nil)
        }
    }

    @Test("do not change under a rising map of the scores, and AUROC turns over when they do")
    func invariance() throws {
        var random = SplitMix64(seed: 7)
        for _ in 0..<50 {
            let good = random.scores(1 + Int(random.next() % 60))
            let bad = random.scores(1 + Int(random.next() % 60))
            let plain = RankedScores(negatives: good, positives: bad)
            let mapped = RankedScores(
                negatives: good.map { $0 * $0 * $0 * 8 - 3 }, positives: bad.map { $0 * $0 * $0 * 8 - 3 })
            #expect(plain.auroc == mapped.auroc)
            #expect(plain.averagePrecision == mapped.averagePrecision)
            #expect(plain.overlapArea(limit: 0.3) == mapped.overlapArea(limit: 0.3))
            let turned = RankedScores(negatives: good.map { -$0 }, positives: bad.map { -$0 })
            #expect(abs(try #require(plain.auroc) + #require(turned.auroc) - 1) < 1e-12)
            // With weights of 1 / count the overlap is the recall, and its whole area the AUROC.
            let weighted = RankedScores(negatives: good, positives: bad.map { ($0, 1 / Double(bad.count)) })
            #expect(abs(try #require(weighted.overlapArea(limit: 1)) - #require(plain.auroc)) < 1e-9)
        }
    }

    @Test("of perfect maps are 1, of useless ones what chance gives")
    func extremes() throws {
        let perfect = RankedScores(negatives: [0, 1, 2], positives: [3, 4])
        #expect(perfect.auroc == 1 && perfect.averagePrecision == 1 && perfect.maximumF1?.value == 1)
        #expect(RankedScores(negatives: [1, 1, 1], positives: [1, 1]).auroc == 0.5)
        let flat = RankedScores(negatives: [1, 1, 1], positives: [(1, 0.5), (1, 0.5)])
        #expect(abs(try #require(flat.overlapArea(limit: 0.3)) - 0.15) < 1e-12)
    }

    static func pixels(_ golden: GoldenFile.Maps) -> PixelScores {
        let size = Size(width: golden.shape[2], height: golden.shape[1]), count = size.pixelCount
        var pixels = PixelScores()
        for image in 0..<golden.shape[0] {
            let part = image * count..<(image + 1) * count
            let mask = DefectMask(size: size, pixels: golden.masks[part].map { $0 != 0 })
            let map = ScoreMap(size: size, scores: Array(golden.maps[part]))
            pixels.add(map, mask.regionSizes.isEmpty ? nil : mask)
        }
        return pixels
    }
}

extension SplitMix64 {
    /// Multiples of 1/16 in -2..<2: ties are common.
    mutating func scores(_ count: Int) -> [Float] {
        (0..<count).map { _ in Float(Int(next() % 64) - 32) / 16 }
    }
}
