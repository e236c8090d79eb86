import AnomalyModels
import Imaging
import Inference
import Kernels
import Testing

@Suite("a defect that an operator marked as missed")
struct MissedDefectTests {
    /// What the full stage gets of `boxes`, by region.
    private func pieces(_ boxes: [Region], of picture: ReferencePicture? = nil) throws -> [[HeadLesson
        .Missed]]
    {
        let pictures = try TeachingFixture.pictures(2), shown = try picture ?? TeachingFixture.picture(9)
        var found = [[HeadLesson.Missed]](repeating: [], count: TeachingFixture.regions.count)
        _ = try TaughtProduct.teach(
            name: "weld", pictures: pictures, regions: TeachingFixture.regions, trunk: PatchFixture.trunk(),
            fusion: .standard, views: .fixed, kernels: KernelTable(.best), pool: TensorPool(),
            missed: boxes.map { MissedDefect(picture: shown, box: $0) },
            training: { (lesson, region, _) throws(TeachingError) in
                found[region] = lesson.missed
                return nil
            },
            progress: { _, _ in })
        return found
    }

    @Test("is practised in every piece that shows half of it, where it lies there")
    func places() throws {
        let found = try pieces([Region(x: 44, y: 30, width: 12, height: 8)])
        // The left region is one piece of 90 x 64 pixels from (4, 2), read at 96 x 64; the right one has several of 64.
        let left = try #require(found[0].first)
        #expect(found[0].count == 1 && left.size == Size(width: 96, height: 64))
        #expect(left.box == Region(x: 42, y: 28, width: 14, height: 8))
        #expect(left.pixels.count == 3 * left.size.pixelCount)
        let right = try #require(found[1].first)
        #expect(right.size == Size(width: 64, height: 64))
        #expect(right.box == Region(x: 4, y: 20, width: 12, height: 8))
        #expect(found[1].allSatisfy { $0.box.isContained(in: $0.size) })
    }

    @Test("is not practised where its box is the whole frame, lies elsewhere, or its frame has another size")
    func left() throws {
        #expect(try pieces([Region(all: TeachingFixture.frame)]).allSatisfy(\.isEmpty))
        #expect(try pieces([Region(x: 0, y: 80, width: 6, height: 6)]).allSatisfy(\.isEmpty))
        let small = try RGBImage(size: PatchFixture.size, pixels: PatchFixture.part(3))
        let picture = try ReferencePicture(file: small.encodedAsPNG(), path: "small")
        #expect(try pieces([Region(x: 44, y: 30, width: 12, height: 8)], of: picture).allSatisfy(\.isEmpty))
    }
}
