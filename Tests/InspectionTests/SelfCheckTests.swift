import AnomalyModels
import Foundation
import Imaging
import Inference
import Inspection
import Kernels
import ModelPackages
import Platform
import Testing

@Suite("the self-check of a taught product")
struct SelfCheckTests {
    @Test("is passed by a product of equal parts, the same each time")
    func passes() throws {
        let pictures = try (1...2).map { try Self.picture(noise: 8, seed: $0) }
        let product = try Self.product(pictures)
        let check = try Self.check(product, pictures)
        #expect(check.isPassed, "\(check.description)")
        #expect(check.rejectedParts.isEmpty && check.paintedCount == 30)
        #expect(check.foundCount >= check.locatedCount)
        #expect(check.threshold.level == .provisional)
        #expect(try Self.check(product, pictures) == check)
    }

    @Test("is failed, with one line that says what to do, where good parts differ more than defects do")
    func differentParts() throws {
        let pictures = try [(UInt64(1), 0), (2, 255)].map { try Self.picture(noise: $1, seed: $0) }
        let check = try Self.check(Self.product(pictures), pictures)
        #expect(!check.isPassed && check.locatedCount < 24)
        #expect(check.description.contains("Teach with more good parts") && !check.description.contains("\n"))
    }

    @Test("counts defects that operators marked as practice, and those that nobody could see as not found")
    func marked() throws {
        let pictures = try (1...2).map { try Self.picture(noise: 8, seed: $0) }
        let product = try Self.product(pictures)
        let region = TaughtRegion(rect: Region(all: Self.size), tile: 0, overlap: 0, mask: nil)
        let real = try #require(PaintedDefect(.scratch, on: pictures[0], in: region, seed: 77))
        let seen = SelfCheck.MarkedDefect(picture: real.picture, box: real.box)
        let nothing = SelfCheck.MarkedDefect(
            picture: pictures[1], box: Region(x: 10, y: 10, width: 20, height: 20))
        let check = try Self.check(product, pictures, marked: [seen, nothing])
        #expect(check.markedCount == 2 && check.markedFoundCount == 1)
        #expect(check.isPassed && check.description.contains("1 of 2 marked ones"), "\(check.description)")
        let failed = try Self.check(product, pictures, marked: Array(repeating: nothing, count: 12))
        #expect(!failed.isPassed && failed.rejectedParts.isEmpty)
    }

    @Test("paints nothing under a mask, and finds what is beside it")
    func masked() throws {
        let pictures = try (1...2).map { try Self.picture(noise: 8, seed: $0) }
        let half = (0..<Self.size.pixelCount).map { UInt8($0 % Self.size.width < 80 ? 255 : 0) }
        let mask = try RegionMask(file: GreyImage(size: Self.size, pixels: half).encodedAsPNG(), path: "mask")
        let region = TaughtRegion(rect: Region(all: Self.size), tile: 0, overlap: 0, mask: mask)
        for seed in 0..<40 as Range<UInt64> {
            let recipe = PaintedDefect.Recipe.allCases[Int(seed) % 3]
            guard let defect = PaintedDefect(recipe, on: pictures[0], in: region, seed: seed) else {
                continue
            }
            #expect(defect.box.x + defect.box.width <= 80)
            let changed = zip(defect.picture.pixels, pictures[0].pixels).enumerated().filter { $1.0 != $1.1 }
            #expect(!changed.isEmpty && changed.allSatisfy { $0.offset / 3 % Self.size.width < 80 })
        }
        let check = try Self.check(Self.product(pictures, region), pictures)
        #expect(check.isPassed, "\(check.description)")
    }

    private static let size = Size(width: 128, height: 96)

    /// A striped part with noise of `noise` grey levels.
    private static func picture(noise: Int, seed: UInt64) throws -> ReferencePicture {
        var random = SplitMix64(seed: seed)
        let pixels = (0..<size.pixelCount).flatMap { pixel -> [UInt8] in
            let level = (pixel % size.width / 8 + pixel / size.width / 8) % 2 == 0 ? 90 : 130
            let value = min(level + Int.random(in: 0...max(noise, 0), using: &random), 255)
            return [UInt8](repeating: UInt8(value), count: 3)
        }
        let image = try RGBImage(size: size, pixels: pixels)
        return try ReferencePicture(file: image.encodedAsPNG(), path: "part")
    }

    private static func product(
        _ pictures: [ReferencePicture],
        _ region: TaughtRegion = TaughtRegion(rect: Region(all: size), tile: 0, overlap: 0, mask: nil)
    ) throws -> TaughtProduct {
        try TaughtProduct.teach(
            name: "weld", pictures: pictures, regions: [region], trunk: trunk(), views: .fixed,
            kernels: KernelTable(.best), pool: TensorPool(), progress: { _, _ in })
    }

    private static func check(
        _ product: TaughtProduct, _ pictures: [ReferencePicture], marked: [SelfCheck.MarkedDefect] = []
    ) throws -> SelfCheck {
        try SelfCheck(
            product, pictures: pictures, marked: marked, trunk: trunk(), kernels: KernelTable(.best),
            pool: TensorPool(),
            progress: { _, _ in })
    }

    private static func trunk() throws -> ModelPackage {
        let folder = URL(filePath: #filePath).appending(path: "../../../Models/efficientnet-lite0")
        return try ModelPackage(opening: folder.standardized.path, verifyingHashes: false)
    }
}
