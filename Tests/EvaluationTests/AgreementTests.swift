import Evaluation
import Foundation
import Imaging
import Testing

/// Figures beside those of scikit-learn and scipy, on random and on awkward input.
@Suite("figures by scikit-learn")
struct AgreementTests {
    private struct Golden: Decodable {
        struct Ranking: Decodable {
            let good: [Float], bad: [Float], threshold: Float
            let auroc: Double, ap: Double, maximumF1: Double, f1: Double, falseAlarmRate: Double,
                missRate: Double
        }

        struct Clustering: Decodable {
            let types: [Int], clusters: [Int]
            let nmi: Double, ari: Double, acc: Double
        }

        struct Maps: Decodable {
            let shape: [Int], maps: [Float], masks: [Int]
            let auroc: Double, ap: Double, aupro: Double
        }

        let rankings: [Ranking], clusterings: [Clustering], maps: [Maps]

        static func read() throws -> Golden {
            let url = Bundle.module.resourceURL!.appending(path: "Golden/agreement.json")
            return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
        }
    }

    @Test("equal ours of images, thresholds and decisions")
    func rankings() throws {
        for golden in try Golden.read().rankings {
            let scores = RankedScores(negatives: golden.good, positives: golden.bad)
            let decisions = scores.decisions(above: golden.threshold)
            for (ours, theirs) in [
                (scores.auroc, golden.auroc), (scores.averagePrecision, golden.ap),
                (scores.maximumF1?.value, golden.maximumF1), (decisions.f1, golden.f1),
                (decisions.falseAlarmRate, golden.falseAlarmRate), (decisions.missRate, golden.missRate),
            ] { #expect(abs(try #require(ours) - theirs) < 1e-9) }
        }
    }

    @Test("equal ours of clusters")
    func clusterings() throws {
        for golden in try Golden.read().clusterings {
            let agreement = ClusterAgreement(types: golden.types, clusters: golden.clusters)
            #expect(abs(try #require(agreement.nmi) - golden.nmi) < 1e-9)
            #expect(abs(try #require(agreement.ari) - golden.ari) < 1e-9)
            #expect(abs(try #require(agreement.accuracy) - golden.acc) < 1e-12)
        }
        let none = ClusterAgreement(types: [], clusters: [])
        #expect(none.nmi == nil && none.ari == nil && none.accuracy == nil)
    }

    @Test("equal ours of pixels and regions")
    func maps() throws {
        for golden in try Golden.read().maps {
            let size = Size(width: golden.shape[2], height: golden.shape[1]), count = size.pixelCount
            var pixels = PixelScores()
            for image in 0..<golden.shape[0] {
                let part = image * count..<(image + 1) * count
                let mask = DefectMask(size: size, pixels: golden.masks[part].map { $0 != 0 })
                pixels.add(
                    ScoreMap(size: size, scores: Array(golden.maps[part])),
                    mask.regionSizes.isEmpty ? nil : mask)
            }
            let ranked = pixels.ranked()
            #expect(abs(try #require(ranked.auroc) - golden.auroc) < 1e-9)
            #expect(abs(try #require(ranked.averagePrecision) - golden.ap) < 1e-9)
            #expect(abs(try #require(ranked.overlapArea(limit: 0.3)) - golden.aupro) < 1e-9)
        }
    }
}
