import AnomalyModels
import Foundation
import Imaging
import Inference
import Inspection
import Kernels
import ModelPackages
import SimulatedLine
import Testing

@Suite("the false-reject rate that a calibration states")
struct FalseRejectRateTests {
    private static let size = Size(width: 96, height: 96)
    private static let kernels = KernelTable(.best)
    private static let fresh = 150

    /// Scores of good parts of a simulated line before a bank of its first two, with what ships.
    private static func scores(_ surface: Surface, count: Int) throws -> [Float] {
        let models = URL(filePath: #filePath).appending(path: "../../../../Models").standardized.path
        let trunk = try ModelPackage(opening: models + "/efficientnet-lite0", verifyingHashes: false)
        let head = try SharedHead(
            of: ModelPackage(opening: models + "/vtfusion", verifyingHashes: false))
        var line = try ProductionLine(
            LineSettings(surface: surface, form: .parts, seed: 9, size: size, defectsPerMillion: 0))
        func part(_ index: Int) -> [UInt8] { line.part(index, defect: .none).grey.flatMap { [$0, $0, $0] } }
        var teaching = PatchTeaching(
            trunk: trunk, views: .fixed, fusion: .standard, kernels: kernels, pool: TensorPool())
        let references = (0..<2).map(part)
        for pixels in references { try teaching.add(pixels, size: size) }
        let lesson = HeadLesson(
            teaching, tiles: references.enumerated().map { .init(part: $0, pixels: $1, size: size) })
        let bank = try lesson.additions(.init(head: head), kernels: kernels).added(to: teaching.bank())
        let detector = try PatchDetector(
            bank, trunk: trunk, size: size, kernels: kernels, pool: TensorPool())
        return (2..<2 + count).map { index in
            // As many bytes as the detector's input: the line's parts have its size.
            unsafe detector.withInput { input in unsafe input.copyBytes(from: part(index)) }
            return detector.run()
        }
    }

    @Test("holds on good parts that the calibration has not seen", arguments: Surface.allCases)
    func holds(surface: Surface) throws {
        let claim = FalseRejectClaim(rate: 0.05, confidence: 0.95)
        let count = 93  // one of them may lie above the threshold
        #expect(claim.permittedRejects(among: count) == 1)
        let all = try Self.scores(surface, count: count + Self.fresh)
        let parts = all.prefix(count).enumerated().map { index, score in
            GoodParts.Part(score: score, timeMilliseconds: Int64(index % 3) * 3_600_000)
        }
        let threshold = try #require(GoodParts(parts: parts).threshold(for: claim))
        #expect(threshold.level == .calibrated && threshold.claim == claim)
        let rejects = all.suffix(Self.fresh).count { $0 > threshold.limit }
        // So many rejects of parts whose true rate is the claimed one come in at least one of twenty draws.
        let chance = 1 - Binomial.cumulative(rejects - 1, of: Self.fresh, rate: claim.rate)
        #expect(chance >= 0.05, "\(rejects) of \(Self.fresh) rejected")
    }
}
