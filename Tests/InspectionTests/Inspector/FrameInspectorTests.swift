import AnomalyModels
import Events
import Imaging
import Inference
import Inspection
import Kernels
import Platform
import Testing

@Suite("the inspector of a camera's frames")
struct FrameInspectorTests {
    private static let size = Size(width: 256, height: 128)
    private static let left = Region(x: 0, y: 0, width: 128, height: 128)
    private static let right = Region(x: 136, y: 8, width: 112, height: 112)
    private static let leftBlot = Region(x: 50, y: 40, width: 20, height: 20)
    private static let rightBlot = Region(x: 190, y: 60, width: 20, height: 20)

    @Test("says which of two regions is NG, and where; a good part is OK in both")
    func twoRegions() throws {
        let lesson = try DrawnParts.lesson(Self.size, [Self.left, Self.right].map { DrawnParts.region($0) })
        let inspector = try lesson.inspector(Self.size)
        for seed in 11...14 as ClosedRange<UInt64> {
            let good = try inspector.verdict(on: DrawnParts.pixels(Self.size, seed))
            #expect(good.verdict == .ok && good.regionReasons == [.none, .none] && good.findingCount == 0)
            #expect(good.score <= 10_000 && good.rawScore <= good.rawThreshold && good.box == Box())
        }
        for (blot, reasons) in [
            (Self.leftBlot, [Reason.anomaly, .none]), (Self.rightBlot, [.none, .anomaly]),
        ] {
            let bad = try inspector.verdict(on: DrawnParts.pixels(Self.size, 20, blots: [blot]))
            #expect(bad.verdict == .ng && bad.reason == .anomaly && bad.regionReasons == reasons)
            #expect(bad.score > 10_000 && bad.rawScore > bad.rawThreshold)
            #expect(bad.model == 7 && bad.calibration == 3 && bad.flags.contains(.notCalibrated))
            let box = try #require(bad.foundBoxes.first)
            #expect(box.isAround(blot, reach: 40), "\(box) around \(blot)")
            #expect(bad.box == bad.findings[0].box && bad.findings[0].score >= bad.score)
        }
        let both = try inspector.verdict(
            on: DrawnParts.pixels(Self.size, 20, blots: [Self.leftBlot, Self.rightBlot]))
        #expect(both.regionReasons == [.anomaly, .anomaly] && both.flags.contains(.severalBoxes))
        #expect(both.findings[0].score >= both.findings[1].score)
    }

    @Test("finds a small defect of a large frame in its place, on the borders of tiles as well")
    func tiles() throws {
        let size = Size(width: 256, height: 192)
        let region = DrawnParts.region(Region(all: size), tile: 96, overlap: 0.25)
        #expect(region.tiles.count == 12)
        let inspector = try DrawnParts.lesson(size, [region]).inspector(size)
        let good = try inspector.verdict(on: DrawnParts.pixels(size, 30))
        #expect(good.verdict == .ok)
        // Within a tile, on the edge of one, where four meet, and in the corners of the frame.
        let edge = region.tiles[1].x, lower = region.tiles[4].y
        let places = [(40, 40), (edge - 6, 20), (96 - 6, 96 - 6), (edge - 6, lower - 6), (0, 0), (244, 180)]
        for (x, y) in places {
            let blot = Region(x: x, y: y, width: 12, height: 12)
            let outcome = try inspector.verdict(on: DrawnParts.pixels(size, 31, blots: [blot]))
            #expect(outcome.verdict == .ng && outcome.regionCount == 1)
            let box = try #require(outcome.foundBoxes.first, "\(blot)")
            #expect(box.isAround(blot, reach: 32) && box.isContained(in: size), "\(box) around \(blot)")
            #expect(outcome.findingCount == 1, "\(blot): \(outcome.foundBoxes)")
        }
    }

    @Test("eight pixels of a frame 1280 wide are found in tiles at its own resolution")
    func native() throws {
        let size = Size(width: 1280, height: 256)
        let region = DrawnParts.region(Region(all: size), tile: 256, overlap: 0.125)
        let inspector = try DrawnParts.lesson(size, [region]).inspector(size)
        #expect(try inspector.verdict(on: DrawnParts.pixels(size, 30)).verdict == .ok)
        for (x, y) in [(700, 101), (3, 2), (1270, 245)] {
            let speck = Region(x: x, y: y, width: 8, height: 8)
            let outcome = try inspector.verdict(on: DrawnParts.pixels(size, 31, blots: [speck]))
            #expect(outcome.verdict == .ng && outcome.findingCount == 1, "\(speck)")
            let box = try #require(outcome.foundBoxes.first, "\(speck)")
            #expect(box.isAround(speck, reach: 32), "\(box) around \(speck)")
        }
    }

    @Test("tiles that are known each by itself are judged as when they were taught, in every region")
    func positions() throws {
        let size = Size(width: 192, height: 128)
        let regions = [
            DrawnParts.region(Region(x: 0, y: 0, width: 192, height: 64), tile: 64),
            DrawnParts.region(Region(x: 0, y: 64, width: 128, height: 64), tile: 64),
        ]
        // Stripes, nothing and checks side by side; `order` says which of them a third of the width shows.
        func pixels(_ seed: UInt64, _ order: [Int] = [0, 1, 2]) -> [UInt8] {
            var random = SplitMix64(seed: seed)
            return (0..<size.pixelCount).flatMap { pixel -> [UInt8] in
                let x = pixel % size.width, y = pixel / size.width
                let isDark = [x / 8 % 2 == 0, false, (x / 8 + y / 8) % 2 == 0][order[x / 64]]
                return [UInt8](repeating: UInt8((isDark ? 80 : 150) + Int(random.next() % 9)), count: 3)
            }
        }
        func picture(_ pixels: [UInt8]) throws -> ReferencePicture {
            try ReferencePicture(file: RGBImage(size: size, pixels: pixels).encodedAsPNG(), path: "part")
        }
        let product = try TaughtProduct.teach(
            name: "weld", pictures: [picture(pixels(1)), picture(pixels(2))], regions: regions,
            trunk: DrawnParts.trunk(), fusion: .standard, views: .fixed, kernels: KernelTable(.best),
            pool: TensorPool(), progress: { _, _ in })
        #expect(product.banks.map(\.positions) == [3, 2])
        let judge = try ProductJudge(
            product, trunk: DrawnParts.trunk(), kernels: KernelTable(.best), pool: TensorPool())
        let lesson = DrawnParts.Lesson(
            regions: regions, banks: product.banks,
            threshold: GoodParts(parts: [], leaveOneOutScores: product.leaveOneOutScores).threshold(
                fixedAt: 2))
        let inspector = try lesson.inspector(size)
        var found: [Float] = []
        for frame in [pixels(3), pixels(4, [2, 1, 2]), pixels(5, [0, 0, 2]), pixels(6)] {
            found.append(try inspector.verdict(on: frame).rawScore)
            #expect(try found.last == judge.score(picture(frame)).score)
        }
        #expect(min(found[1], found[2]) > 1.5 * max(found[0], found[3]))
    }

    @Test("what is masked does not count, the rest does")
    func masked() throws {
        let size = Self.left.size
        let white = (0..<size.pixelCount).map { UInt8($0 % size.width < 64 ? 255 : 0) }
        let mask = try RegionMask(file: GreyImage(size: size, pixels: white).encodedAsPNG(), path: "mask")
        let region = DrawnParts.region(Self.left, mask: mask)
        let inspector = try DrawnParts.lesson(Self.size, [region]).inspector(Self.size)
        let hidden = Region(x: 100, y: 40, width: 16, height: 16)
        let seen = Region(x: 20, y: 40, width: 16, height: 16)
        #expect(try inspector.verdict(on: DrawnParts.pixels(Self.size, 40, blots: [hidden])).verdict == .ok)
        let bad = try inspector.verdict(on: DrawnParts.pixels(Self.size, 40, blots: [hidden, seen]))
        #expect(bad.verdict == .ng && bad.findingCount == 1)
        #expect(bad.foundBoxes[0].isAround(seen, reach: 40))
    }

    @Test("rows that are not real do not count, in tiles and in whole regions")
    func partialStrip() throws {
        let tiles = DrawnParts.region(Self.right, tile: 64, overlap: 0.25)
        var lesson = try DrawnParts.lesson(Self.size, [DrawnParts.region(Self.left), tiles])
        // This part's pattern breaks off at row 64 and scores 0.84 there; a blot scores 1.08 and more.
        lesson.threshold = GoodParts(parts: [], leaveOneOutScores: []).threshold(fixedAt: 0.95)
        let inspector = try lesson.inspector(Self.size)
        for x in [50, 190] {
            let above = Region(x: x, y: 20, width: 16, height: 16)
            let below = Region(x: x, y: 100, width: 16, height: 16)
            for (blots, rows, verdict) in [
                ([below], 128, Verdict.ng), ([below], 64, .ok), ([above, below], 64, .ng), ([above], 0, .ok),
            ] {
                let pixels = DrawnParts.pixels(Self.size, 50, blots: blots)
                let outcome = try inspector.verdict(on: pixels, validRows: rows)
                #expect(outcome.verdict == verdict, "\(blots), \(rows) rows: \(outcome.rawScore)")
                #expect(outcome.foundBoxes.allSatisfy { $0.y + $0.height <= rows })
            }
        }
    }

    /// Between what a good part scores whose pattern breaks off at a cut, 0.28 to 0.67 (0.82 to 0.95 where black
    /// follows the cut), and what a blot scores, 1.08 and more.
    private static var cutThreshold: Threshold {
        GoodParts(parts: [], leaveOneOutScores: []).threshold(fixedAt: 0.75)
    }

    @Test(
        "black rows behind the cut of a short strip make no good part bad, and a defect right before it is found",
        arguments: [Region(x: 0, y: 0, width: 128, height: 128), Region(x: 0, y: 0, width: 96, height: 96)])
    func cutStrip(rect: Region) throws {
        var lesson = try DrawnParts.lesson(Self.size, [DrawnParts.region(rect)])
        lesson.threshold = Self.cutThreshold
        let inspector = try lesson.inspector(Self.size)
        for rows in [24, 40, 50, 64, 75, 90] {
            let last = Region(x: 40, y: rows - 18, width: 16, height: 16)
            for (blots, verdict) in [([], Verdict.ok), ([last], .ng)] {
                var pixels = DrawnParts.pixels(Self.size, 60, blots: blots)
                for index in rows * 3 * Self.size.width..<pixels.count { pixels[index] = 0 }
                let outcome = try inspector.verdict(on: pixels, validRows: rows)
                #expect(outcome.verdict == verdict, "\(rows) rows, \(blots): \(outcome.rawScore)")
                #expect(outcome.foundBoxes.allSatisfy { $0.y + $0.height <= rows })
            }
        }
    }

    @Test("a frame of another format or size is INVALID")
    func otherFrames() throws {
        let inspector = try DrawnParts.inspector([Self.untaught(0)], [Self.noRule], Self.size)
        var outcome = Outcome()
        let bytes = [UInt8](repeating: 0, count: 256 * 128)
        try unsafe bytes.withUnsafeBytes { bytes in
            // The view is used inside the closure only.
            let view = try unsafe ImageView(
                unsafeBytes: bytes, format: .grey, size: Self.size, bytesPerRow: 256)
            inspector.inspect(view, validRows: 128, into: &outcome)
        }
        #expect(outcome.verdict == .invalid && outcome.reason == .badBuffer && outcome.regionCount == 0)
    }

    @Test("nothing that was taught means UNSURE for that reason, region by region")
    func untaught() throws {
        let inspector = try DrawnParts.inspector([Self.untaught(4)], [Self.noRule], Self.size)
        let outcome = try inspector.verdict(on: DrawnParts.pixels(Self.size, 1))
        #expect(
            outcome.verdict == .unsure && outcome.reason == .uncalibrated && outcome.reason.rawValue == 23)
        #expect(
            outcome.regionReasons == [.uncalibrated, .uncalibrated] && outcome.regions[0].inspection == 4)
        #expect(outcome.findingCount == 0 && outcome.flags.contains(.notCalibrated))
        #expect(outcome.model == 0 && outcome.rawThreshold == 0)
    }

    private static func untaught(_ index: UInt8) -> InspectionPlan {
        InspectionPlan(
            index: index, name: "seam", regions: [left, right].map { DrawnParts.region($0) }, taught: nil)
    }

    private static let noRule = InspectionRule(threshold: nil, band: 0.1)
}
