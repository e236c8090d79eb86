import AnomalyModels
import Evaluation
import Foundation
import Imaging
import Inference
import Kernels
import ModelPackages
import SimulatedLine
import Testing
import Training

/// Defects of the simulated line, found, described and given types as on the box: only what the detector tells from
/// good parts is described.
///
///     LINEWATCH_LONG=1 swift test -c release --filter SimulatedStreamTests
///
/// prints the figures of 10,000 defects.
@Suite("types of simulated defects")
struct SimulatedStreamTests {
    private static let isLong = ProcessInfo.processInfo.environment["LINEWATCH_LONG"] == "1"
    private static let surface = Surface.brushed
    private static let kinds: [DefectKind] = [.misprint, .scratch, .inclusion, .contamination, .stain, .dent]

    /// A detector that was taught three parts of the surface, and the head that ships.
    private final class Station {
        /// Parts are rendered at twice the detector's width and height, and scaled to it.
        private static let rendered = Size(width: 512, height: 512)
        private static let goodParts = 20

        private let detector: PatchDetector
        private let embedder: DefectEmbedder
        /// How types are told apart with the head.
        let settings: DefectTypes.Settings
        private var line: ProductionLine
        private let size = Size(width: 256, height: 256)
        /// What no good part reaches.
        private var limit: Float = 0

        init(seed: UInt32) throws {
            func package(_ name: String) throws -> ModelPackage {
                let path = URL(filePath: #filePath).appending(path: "../../../../Models/\(name)")
                return try ModelPackage(opening: path.standardized.path, verifyingHashes: false)
            }
            let trunk = try package("efficientnet-lite0"), kernels = KernelTable(.best), pool = TensorPool()
            line = try ProductionLine(
                LineSettings(
                    surface: SimulatedStreamTests.surface, form: .parts, seed: seed, size: Self.rendered,
                    defectsPerMillion: 0))
            var teaching = PatchTeaching(trunk: trunk, views: .fixed, kernels: kernels, pool: pool)
            for part in 0..<3 {
                try teaching.add(
                    Self.halved(line.part(part, defect: .none).colour.pixels), size: size)
            }
            detector = try PatchDetector(
                teaching.bank(), trunk: trunk, size: size, kernels: kernels, pool: pool)
            let head = try EmbeddingHead(of: package("fine"))
            settings = DefectTypes.Settings(similarity: head.similarity)
            embedder = try #require(
                try DefectEmbedder(head, detector: detector, trunk: trunk, kernels: kernels, pool: pool))
            for part in 0..<Self.goodParts { limit = max(limit, look(3 + part, .none)) }
        }

        /// The score of a part.
        private func look(_ part: Int, _ defect: DefectChoice) -> Float {
            // As many bytes as the detector's input.
            let pixels = scaled(part, defect)
            unsafe detector.withInput { unsafe $0.copyBytes(from: pixels) }
            embedder.keep()
            return detector.run()
        }

        private func scaled(_ part: Int, _ defect: DefectChoice) -> [UInt8] {
            Self.halved(line.part(part, defect: defect).colour.pixels)
        }

        /// The pixels of a picture of `rendered`, each the mean of four.
        private static func halved(_ pixels: [UInt8]) -> [UInt8] {
            let row = 3 * rendered.width
            return (0..<rendered.height / 2).flatMap { y in
                (0..<row / 2).map { byte in
                    let at = 2 * y * row + byte / 3 * 6 + byte % 3
                    let sum = [at, at + 3, at + row, at + row + 3].reduce(2) { $0 + Int(pixels[$1]) }
                    return UInt8(sum / 4)
                }
            }
        }

        /// What is said of a part with a defect of `kind`; nil if it looks good.
        func describe(_ part: Int, _ kind: DefectKind) -> DefectVector? {
            guard look(part, .forced(kind)) > limit else { return nil }
            embedder.describe(PracticeDefects.peak(of: detector))
            return DefectVector(codes: embedder.codes)
        }
    }

    /// What became of a stream: the type and the kind of each defect, and the promotions in order.
    private struct Stream {
        var ids: [UInt16] = []
        var truth: [Int] = []
        var promotions: [DefectTypes.Promotion] = []

        var agreement: Double {
            ClusterAgreement(types: truth, clusters: ids.map(Int.init)).ari ?? 0
        }
    }

    /// Streams `count` defects, four minutes apart; the last kind comes after `late` of them.
    private func streamed(_ count: Int, late: Int) throws -> Stream {
        let station = try Station(seed: 7), kinds = Self.kinds, firstPart = 30
        var types = DefectTypes(settings: station.settings), random = RandomNumbers(seed: 3, stream: "kinds"),
            stream = Stream()
        var part = firstPart
        for index in 0..<count {
            var found: (kind: Int, vector: DefectVector)?
            while found == nil {
                let kind = random.nextIndex(below: index < late ? kinds.count - 1 : kinds.count)
                found = station.describe(part, kinds[kind]).map { (kind, $0) }
                part += 1
            }
            guard let (kind, vector) = found else { continue }
            let result = types.assign(vector, key: Int64(index), at: Int64(index) * 240_000)
            stream.ids.append(result.type)
            stream.truth.append(kind)
            guard let promotion = result.promoted else { continue }
            stream.promotions.append(promotion)
            for member in promotion.members { stream.ids[Int(member)] = promotion.type }
        }
        return stream
    }

    @Test("the same stream gives the same ids twice, none is given again, and types say more than chance")
    func short() throws {
        let first = try streamed(160, late: 80), again = try streamed(160, late: 80)
        #expect(first.ids == again.ids && first.promotions == again.promotions)
        let ids = first.promotions.map(\.type)
        #expect(!ids.isEmpty && ids == ids.sorted() && Set(ids).count == ids.count)
        #expect(first.agreement > 0.02, "adjusted Rand index \(first.agreement)")
    }

    @Test(
        "10,000 defects of six kinds, one of them late, become the types that they are",
        .enabled(if: SimulatedStreamTests.isLong, "LINEWATCH_LONG is not 1"))
    func long() throws {
        let stream = try streamed(10_000, late: 6_000), last = Self.kinds.count - 1
        let assigned = stream.ids.count { $0 > 0 }
        // The first type most of whose defects are of the late kind in the end.
        let founding = stream.promotions.first { promotion in
            let members = stream.ids.indices.filter { stream.ids[$0] == promotion.type }
            return 2 * members.count { stream.truth[$0] == last } > members.count
        }
        let seen = founding.map { promotion in
            stream.truth.prefix(Int(promotion.members.max() ?? 0) + 1).count { $0 == last }
        }
        print(
            "adjusted Rand index \(stream.agreement), \(stream.promotions.count) types, \(assigned) defects of one, "
                + "late type after \(seen.map(String.init) ?? "no number") of its defects")
        #expect(stream.agreement >= 0.8)
        #expect(seen ?? .max <= 30)
    }
}
