import AnomalyModels
import Events
import Foundation
import Imaging
import Inference
import Inspection
import Kernels
import ModelPackages
import Platform

/// Striped parts that differ in a little noise, some with dark blots, and inspectors that were taught with good ones.
enum DrawnParts {
    /// `[height, width, 3]`; a blot is a dark disc in its box.
    static func pixels(_ size: Size, _ seed: UInt64, blots: [Region] = []) -> [UInt8] {
        var random = SplitMix64(seed: seed)
        var pixels = (0..<size.pixelCount).flatMap { pixel -> [UInt8] in
            let x = pixel % size.width, y = pixel / size.width
            let level = (x / 8 + y / 8) % 2 == 0 ? 90 : 130
            return [UInt8](repeating: UInt8(level + Int(random.next() % 9)), count: 3)
        }
        for blot in blots {
            for y in 0..<blot.height {
                for x in 0..<blot.width {
                    let across = 2 * x - blot.width + 1, down = 2 * y - blot.height + 1
                    guard across * across + down * down <= blot.width * blot.width else { continue }
                    for channel in 0..<3 {
                        pixels[3 * ((blot.y + y) * size.width + blot.x + x) + channel] = 8
                    }
                }
            }
        }
        return pixels
    }

    static func region(_ rect: Region, tile: Int = 0, overlap: Double = 0, mask: RegionMask? = nil)
        -> TaughtRegion
    {
        TaughtRegion(rect: rect, tile: tile, overlap: overlap, mask: mask)
    }

    static func trunk() throws -> ModelPackage {
        let folder = URL(filePath: #filePath).appending(path: "../../../../Models/efficientnet-lite0")
        return try ModelPackage(opening: folder.standardized.path, verifyingHashes: false)
    }

    /// What two good parts teach about `regions`. The limit is half of what a blot scores in the middle of the first
    /// one, which is far above all good parts.
    static func lesson(_ size: Size, _ regions: [TaughtRegion]) throws -> Lesson {
        let pictures = try (1...2 as ClosedRange<UInt64>).map { seed in
            try ReferencePicture(
                file: RGBImage(size: size, pixels: pixels(size, seed)).encodedAsPNG(), path: "part \(seed)")
        }
        let product = try TaughtProduct.teach(
            name: "weld", pictures: pictures, regions: regions, trunk: trunk(), views: .fixed,
            kernels: KernelTable(.best), pool: TensorPool(), progress: { _, _ in })
        let good = GoodParts(parts: [], leaveOneOutScores: product.leaveOneOutScores)
        var lesson = Lesson(regions: regions, banks: product.banks, threshold: good.threshold(fixedAt: 2))
        let first = regions[0].rect
        let blot = Region(
            x: first.x + first.width / 3, y: first.y + first.height / 3, width: 16, height: 16)
        let bad = try lesson.inspector(size).verdict(on: pixels(size, 99, blots: [blot]))
        lesson.threshold = good.threshold(fixedAt: bad.rawScore / 2)
        return lesson
    }

    struct Lesson {
        let regions: [TaughtRegion]
        let banks: [PatchBank]
        var threshold: Threshold

        func plan(_ index: UInt8 = 0, model: UInt64 = 7) throws -> InspectionPlan {
            InspectionPlan(
                index: index, name: "weld", regions: regions,
                taught: InspectionPlan.Taught(banks: banks, trunk: try DrawnParts.trunk(), model: model))
        }

        func rule(band: Float = 0, calibration: Int32 = 3) -> InspectionRule {
            InspectionRule(threshold: threshold, band: band, calibration: calibration)
        }

        func inspector(_ size: Size) throws -> FrameInspector {
            try DrawnParts.inspector([plan()], [rule()], size)
        }
    }

    static func inspector(
        _ plans: [InspectionPlan], _ rules: [InspectionRule], _ size: Size
    ) throws -> FrameInspector {
        try FrameInspector(
            plans, rules: rules, format: .rgb24, size: size, kernels: KernelTable(.best), pool: TensorPool(),
            quality: .off)
    }
}

extension FrameInspector {
    /// What it says of the RGB frame `pixels`.
    func verdict(on pixels: [UInt8], validRows: Int? = nil) throws -> Outcome {
        var outcome = Outcome()
        try unsafe pixels.withUnsafeBytes { bytes in
            // The view is used inside the closure only.
            let view = try unsafe ImageView(
                unsafeBytes: bytes, format: .rgb24, size: size, bytesPerRow: 3 * size.width)
            inspect(view, validRows: validRows ?? size.height, into: &outcome)
        }
        return outcome
    }
}

extension Outcome {
    var foundBoxes: [Region] {
        (0..<Int(findingCount)).map { index in
            let box = findings[index].box
            return Region(x: Int(box.x), y: Int(box.y), width: Int(box.width), height: Int(box.height))
        }
    }

    var regionReasons: [Reason] { (0..<Int(regionCount)).map { regions[$0].reason } }
}

extension Region {
    /// Whether the middle of `other` lies inside, and no side is further from it than `reach` pixels.
    func isAround(_ other: Region, reach: Int) -> Bool {
        let x = other.x + other.width / 2, y = other.y + other.height / 2
        return self.x...self.x + width ~= x && self.y...self.y + height ~= y
            && self.x >= other.x - reach && self.y >= other.y - reach
            && self.x + width <= other.x + other.width + reach
            && self.y + height <= other.y + other.height + reach
    }
}
