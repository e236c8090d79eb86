import AnomalyModels
import Events
import Foundation
import Imaging
import Inspection
import ModelPackages
import Testing

/// What inspection says of the look of its findings.
@Suite("descriptions of findings")
struct DescriptionTests {
    private static let size = Size(width: 256, height: 192)

    private static func head() throws -> EmbeddingHead {
        let folder = URL(filePath: #filePath).appending(path: "../../../../Models/fine")
        return try EmbeddingHead(of: ModelPackage(opening: folder.standardized.path, verifyingHashes: false))
    }

    private static func inspector(_ region: TaughtRegion, isDescribed: Bool = true) throws -> FrameInspector {
        let lesson = try DrawnParts.lesson(size, [region])
        var plan = try lesson.plan()
        if isDescribed, let trunk = plan.taught?.trunk {
            plan.kinds = InspectionPlan.Kinds(head: try head(), trunk: trunk, inspection: 42)
        }
        return try DrawnParts.inspector([plan], [lesson.rule()], size)
    }

    private static func blots(_ count: Int, sides: [Int]) -> [Region] {
        (0..<count).map { index in
            Region(
                x: 12 + index % 3 * 80, y: 12 + index / 3 * 80, width: sides[index % sides.count],
                height: sides[index % sides.count])
        }
    }

    private static func vector(_ outcome: Outcome, _ finding: Int) -> [Int8]? {
        let place = Int(outcome.findings[finding].description)
        guard place > 0 else { return nil }
        let codes = outcome.descriptions[place - 1].codes
        return codes.indices.map { codes[$0] }
    }

    @Test("the four largest findings are described, whole or in tiles", arguments: [0, 96])
    func largest(tile: Int) throws {
        let inspector = try Self.inspector(
            DrawnParts.region(Region(all: Self.size), tile: tile, overlap: 0.25))
        let blots = Self.blots(6, sides: [14, 24])
        let outcome = try inspector.verdict(on: DrawnParts.pixels(Self.size, 30, blots: blots))
        #expect(outcome.verdict == .ng && outcome.findingCount >= 4)
        #expect(outcome.descriptionCount == 4)
        let findings = (0..<Int(outcome.findingCount)).map { outcome.findings[$0] }
        let described = findings.filter { $0.description > 0 }
        #expect(Set(described.map(\.description)) == [1, 2, 3, 4])
        let smallest = described.map(\.area).min() ?? 0
        #expect(findings.filter { $0.description == 0 }.allSatisfy { $0.area <= smallest })
        for index in 0..<4 { #expect(outcome.descriptions[index].inspection == 42) }
        let result = InspectionResult(outcome)
        #expect(result.embeddings.count == 4 && result.findings.allSatisfy { $0.description == 0 })
        for embedding in result.embeddings {
            let square = embedding.codes.reduce(0) { $0 + Int($1) * Int($1) }
            #expect(abs(Double(square).squareRoot() - 127) < 2, "a unit vector in int8")
            #expect(result.findings[Int(embedding.finding)].area >= smallest)
        }
    }

    @Test("the same picture gives the same description, and a good part or an inspection without kinds none")
    func same() throws {
        let region = DrawnParts.region(Region(all: Self.size))
        let inspector = try Self.inspector(region)
        let pixels = DrawnParts.pixels(Self.size, 31, blots: Self.blots(1, sides: [20]))
        let first = try inspector.verdict(on: pixels)
        _ = try inspector.verdict(on: DrawnParts.pixels(Self.size, 32, blots: Self.blots(4, sides: [30])))
        let again = try inspector.verdict(on: pixels)
        let vector = try #require(Self.vector(first, 0))
        #expect(vector == Self.vector(again, 0) && again.descriptionCount == first.descriptionCount)
        let good = try inspector.verdict(on: DrawnParts.pixels(Self.size, 33))
        #expect(good.verdict == .ok && good.descriptionCount == 0)
        let plain = try Self.inspector(region, isDescribed: false).verdict(on: pixels)
        #expect(plain.verdict == .ng && plain.descriptionCount == 0 && plain.findings[0].description == 0)
        #expect(plain.findings[0].box == first.findings[0].box)
    }
}
