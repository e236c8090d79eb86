import AnomalyModels
import Configuration
import Daemon
import Foundation
import Imaging
import Inference
import Inspection
import Kernels
import ModelPackages
import SimulatedLine
import Testing

@Suite("what speaks against pictures that are given as good parts")
struct PartReviewTests {
    private static let size = Size(width: 640, height: 360)

    /// Good parts of a line.
    private static func parts(_ surface: Surface, _ count: Int) throws -> [ReferencePicture] {
        var line = try ProductionLine(
            LineSettings(surface: surface, form: .parts, seed: 3, size: size, defectsPerMillion: 0))
        return try (0..<count).map { try picture(line.part($0, defect: .none).grey) }
    }

    private static func picture(_ pixels: [UInt8]) throws -> ReferencePicture {
        try ReferencePicture(file: GreyImage(size: size, pixels: pixels).encodedAsPNG(), path: "part")
    }

    private static func objections(_ pictures: [ReferencePicture]) throws -> [PartReview.Objection] {
        try review(pictures).objections
    }

    private static func review(_ pictures: [ReferencePicture]) throws -> PartReview {
        let state = try StateFolder()
        let building = InspectorBuilding(
            shelf: ProductShelf(folder: state.path),
            locator: ModelLocator(searchPath: TaughtWeld.models, defaults: []), kernels: KernelTable(.best),
            pool: TensorPool())
        guard case .read(let words) = try building.zeroShot(of: InspectionSettings(), reading: true) else {
            Issue.record("the words are not read")
            return PartReview(objections: [])
        }
        let region = TaughtRegion(rect: Region(all: size), tile: 0, overlap: 0, mask: nil)
        return try PartReview(
            of: pictures, regions: [region], trunk: TaughtWeld.trunk(),
            zeroShot: .init(head: words.head, columns: words.columns, trunk: words.trunk, model: 0),
            kernels: KernelTable(.best), pool: TensorPool())
    }

    @Test("is nothing for different good parts, but that a name alone calls one of many defective")
    func good() throws {
        let objections = try Surface.allCases.flatMap { try Self.objections(Self.parts($0, 3)) }
        let isByName = objections.map { if case .defective = $0 { true } else { false } }
        #expect(isByName.allSatisfy { $0 } && isByName.count <= 1, "\(objections)")
    }

    @Test("two parts that hardly resemble each other are named, those of one product are not")
    func strangers() throws {
        let parts = try Self.parts(.cast, 2)
        let mixed = try Self.review([parts[0], parts[1], Self.parts(.board, 1)[0]]).strangers
        #expect(mixed.map { $0.1 } == 3)
        #expect(try Self.review(parts).strangers == nil)
    }

    @Test("is that one is there twice, and that the same part was taken twice")
    func twice() throws {
        let parts = try Self.parts(.cast, 2)
        let noisy = try Self.picture(
            parts[0].pixels.enumerated().map { UInt8(clamping: Int($1) + $0 * 7 % 3 - 1) })
        #expect(
            try Self.objections([parts[0], parts[1], parts[0], noisy]) == [
                .identical(part: 3, to: 1), .same(part: 4, as: 1),
            ])
    }

    @Test("is other light, and a blur")
    func quality() throws {
        let parts = try Self.parts(.cast, 2)
        let dark = try Self.picture(parts[1].pixels.map { UInt8(Double($0) * 0.4) })
        let light = try #require(Self.objections([parts[0], dark]).first)
        guard case .otherLight(2, let mean, let others) = light else {
            Issue.record("no other light")
            return
        }
        #expect(mean < 0.5 * others)
        let width = Self.size.width, pixels = parts[1].pixels
        let blurred = pixels.indices.map { at -> UInt8 in
            let around = [-2, -1, 0, 1, 2].flatMap { y in (-2...2).map { at + y * width + $0 } }
            let inside = around.filter(pixels.indices.contains)
            return UInt8(inside.reduce(0) { $0 + Int(pixels[$1]) } / inside.count)
        }
        let objection = try #require(Self.objections([parts[0], Self.picture(blurred)]).first)
        guard case .blurred(2, let share) = objection else {
            Issue.record("\(objection)")
            return
        }
        #expect(share < 0.2)
    }

    @Test("is a defect that the name alone tells, where it is")
    func defective() throws {
        let parts = try Self.parts(.cast, 2), width = Self.size.width
        var pixels = parts[1].pixels
        for y in 150..<210 { for x in 250..<320 { pixels[y * width + x] = 255 } }
        for step in 0..<110 { for x in 0..<5 { pixels[(100 + step) * width + 300 + step / 2 + x] = 0 } }
        let objections = try Self.objections([parts[0], Self.picture(pixels)])
        guard case .defective(2, let score, let limit, let box) = try #require(objections.first) else {
            Issue.record("\(objections)")
            return
        }
        #expect(score > limit && objections.count == 1)
        #expect(box.x < 320 && box.x + box.width > 250 && box.y < 210 && box.y + box.height > 150)
    }
}
