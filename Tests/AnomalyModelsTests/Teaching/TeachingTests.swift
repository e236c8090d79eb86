import AnomalyModels
import Imaging
import Inference
import Kernels
import ModelPackages
import Testing

@Suite("teaching a product")
struct TeachingTests {
    @Test("is the same to the bit on every instruction set")
    func instructionSets() throws {
        let pictures = try TeachingFixture.pictures(2)
        let expected = try TeachingFixture.product(pictures)
        for instructions in InstructionSet.available {
            let product = try TeachingFixture.product(
                pictures, TeachingFixture.regions, .mirrored, instructions)
            #expect(product == expected, "\(instructions)")
        }
    }

    @Test(
        "judges every view of a part by banks without it, or, of one part, without that view",
        arguments: [
            (1, ReferenceViews.fixed), (1, .mirrored), (2, .fixed), (2, .mirrored), (4, .mirrored),
        ])
    func leaveOneOut(count: Int, views: ReferenceViews) throws {
        let product = try TeachingFixture.product(
            TeachingFixture.pictures(count), [TeachingFixture.regions[0]], views)
        #expect(product.referenceCount == count && product.leaveOneOutScores.count == count)
        // A bank knows its own parts but for rounding, and no other.
        #expect(product.ownScores.allSatisfy { 0..<2e-3 ~= $0 })
        #expect(product.leaveOneOutScores.allSatisfy { 2e-3..<2 ~= $0 })
    }

    @Test("lets the median of its views stand for a part, and half as much again for an only one")
    func partScores() {
        #expect(PatchTeaching.partScore([0.5, 0.1, 0.25, 0.75], isOnly: false) == 0.375)
        #expect(PatchTeaching.partScore([0.5, 0.1, 0.4], isOnly: false) == 0.4)
        #expect(PatchTeaching.partScore([0.75, 0.1, 0.5], isOnly: true) == 0.75)
        // No score is above 2.
        #expect(PatchTeaching.partScore([1.8], isOnly: true) == 2)
    }

    @Test("takes a part that was given twice for one part")
    func twice() throws {
        let picture = try TeachingFixture.picture(1), region = [TeachingFixture.regions[0]]
        let once = try TeachingFixture.product([picture], region)
        let twice = try TeachingFixture.product([picture, picture], region)
        #expect(twice.leaveOneOutScores == once.leaveOneOutScores)
        #expect(twice.ownScores == once.ownScores + once.ownScores)
    }

    @Test("learns a bank for each region, in the input of its tiles")
    func regions() throws {
        let product = try TeachingFixture.product(TeachingFixture.pictures(2))
        #expect(product.banks.map(\.size.description) == ["96x64", "64x64"])
        #expect(product.regions == TeachingFixture.regions && product.frame == TeachingFixture.frame)
    }

    @Test("learns nothing under a mask, and does not look there")
    func masks() throws {
        let rect = TeachingFixture.regions[1].rect
        // Tiles of 64 over 80 x 70 begin at 0 and 16, and 0 and 6; patches of s32 are 32 pixels.
        let mask = try TeachingFixture.mask(rect.size, 0..<16)
        let region = TaughtRegion(rect: rect, tile: 64, overlap: 0.25, mask: mask)
        let product = try TeachingFixture.product(TeachingFixture.pictures(2), [region], .fixed)
        let whole = try TeachingFixture.product(
            TeachingFixture.pictures(2), [TeachingFixture.regions[1]], .fixed)
        // Two columns of eight of the tiles on the left; nothing of those on the right.
        #expect(product.banks[0].vectors[0].count == whole.banks[0].vectors[0].count / 8)
        #expect(
            try TeachingFixture.mask(TeachingFixture.frame, 40..<56).cells(
                of: rect, in: rect, frame: TeachingFixture.frame, mapSize: Size(width: 40, height: 35))
                == mask.cells(
                    of: rect, in: rect, frame: TeachingFixture.frame, mapSize: Size(width: 40, height: 35)))
    }

    @Test("refuses pictures, regions and masks that do not fit each other")
    func refusals() throws {
        let picture = try TeachingFixture.picture(1), region = TeachingFixture.regions[0]
        let other = try ReferencePicture(
            file: RGBImage(size: PatchFixture.size, pixels: PatchFixture.part(1)).encodedAsPNG(), path: "")
        let outside = TaughtRegion(
            rect: Region(x: 100, y: 0, width: 64, height: 64), tile: 0, overlap: 0, mask: nil)
        let odd = TaughtRegion(
            rect: region.rect, tile: 0, overlap: 0,
            mask: try TeachingFixture.mask(Size(width: 5, height: 5), 0..<5))
        let black = TaughtRegion(
            rect: region.rect, tile: 0, overlap: 0, mask: try TeachingFixture.mask(region.rect.size, 0..<0))
        let cases: [([ReferencePicture], [TaughtRegion], TeachingError)] = [
            ([], [region], .pictureCount(found: 0)),
            ([picture], [], .regionCount(found: 0)),
            (
                [picture, other], [region],
                .otherFormat(number: 2, found: "RGB3 of 96x64", wanted: "RGB3 of 120x90")
            ),
            ([picture], [outside], .outside(region: outside.rect, frame: TeachingFixture.frame)),
            (
                [picture], [odd],
                .mask(region: region.rect, found: Size(width: 5, height: 5), frame: TeachingFixture.frame)
            ),
            ([picture], [black], .nothingLeft(region: region.rect)),
        ]
        for (pictures, regions, error) in cases {
            #expect(throws: error) { try TeachingFixture.product(pictures, regions) }
        }
        #expect(throws: TeachingError.self) {
            try TaughtProduct.teach(
                name: "weld", pictures: [picture], regions: [region], trunk: Self.text(), views: .fixed,
                kernels: KernelTable(.best), pool: TensorPool(), progress: { _, _ in })
        }
    }

    /// A package that is no trunk.
    private static func text() throws -> ModelPackage {
        let path = try PatchFixture.trunk().directory.replacing("efficientnet-lite0", with: "minilm")
        return try ModelPackage(opening: path, verifyingHashes: false)
    }
}
