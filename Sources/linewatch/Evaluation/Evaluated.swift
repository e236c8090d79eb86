import Evaluation
import FoundationEssentials
import Imaging
import Kernels

/// A report with what its page shows beside the figures.
struct Evaluated {
    let report: EvaluationReport
    let page: Page

    /// The curves and the worst images of the first run of each set.
    struct Page {
        let kernels: KernelTable
        private(set) var curves: [Curves] = []
        private(set) var worst: [WorstImage] = []

        init(kernels: KernelTable) { self.kernels = kernels }
    }

    struct Curves {
        let dataSet: String
        let lines: [(title: String, x: String, y: String, points: [(x: Double, y: Double)])]
    }

    /// An image on the wrong side, as PNG files in text.
    struct WorstImage {
        let path: String
        let dataSet: String
        let isDefective: Bool
        let score: Float
        let threshold: Float?
        let picture: String
        let map: String
    }
}

extension Evaluated.Page {
    /// The longer side of a picture on the page.
    private static let side = 192
    private static let pointCount = 200

    mutating func add(curvesOf run: DetectionRun, named dataSet: String) {
        let (good, defective) = run.scores
        let images = RankedScores(negatives: good, positives: defective), pixels = run.pixels.ranked()
        let lines = [
            ("Images: ROC", "false alarms", "found", images.operatingCurve(count: Self.pointCount)),
            ("Images: precision", "found", "precision", images.precisionCurve(count: Self.pointCount)),
            ("Pixels: ROC", "false pixels", "found", pixels.operatingCurve(count: Self.pointCount)),
            ("Regions: overlap", "false pixels", "covered", pixels.overlapCurve(count: Self.pointCount)),
        ]
        curves.append(
            Evaluated.Curves(
                dataSet: dataSet,
                lines: lines.filter { !$0.3.isEmpty }.map { (title: $0.0, x: $0.1, y: $0.2, points: $0.3) }))
    }

    /// Looks once more at the four defective images with the lowest scores and the four good ones with the highest.
    mutating func add(
        worstOf run: DetectionRun, _ method: inout some DetectionMethod, in folder: String
    ) throws {
        for image in run.worst(4) {
            let picture = try RGBImage(contentsOf: folder + "/" + image.row.path)
            let found = try method.detect(in: picture)
            let small = try scaled(picture)
            let mask = image.row.maskPath.flatMap { try? DefectMask(contentsOf: folder + "/" + $0) }
            let heat = try Self.heated(small, found.map, mask?.size == picture.size ? mask : nil)
            worst.append(
                Evaluated.WorstImage(
                    path: image.row.path, dataSet: image.row.dataSet, isDefective: image.row.isDefective,
                    score: image.score, threshold: run.threshold, picture: try Self.address(small),
                    map: try Self.address(heat)))
        }
    }

    private func scaled(_ image: RGBImage) throws -> RGBImage {
        let factor = min(1, Double(Self.side) / Double(max(image.size.width, image.size.height)))
        let side = { (length: Int) in max(1, Int((Double(length) * factor).rounded())) }
        let size = Size(width: side(image.size.width), height: side(image.size.height))
        let tensor = try MethodInput(size: size, keepsAspect: false).tensor(of: image, kernels)
        return try RGBImage(size: size, pixels: tensor.pixels)
    }

    /// `image` in grey with `map` in red, from its lowest score to its highest, and the border of `mask` in green.
    private static func heated(_ image: RGBImage, _ map: ScoreMap, _ mask: DefectMask?) throws -> RGBImage {
        let size = image.size, scores = map.resized(to: size).scores
        let low = scores.min() ?? 0, range = max((scores.max() ?? 0) - low, .leastNormalMagnitude)
        let marks = mask?.resized(to: size).labels
        var pixels = image.pixels
        for index in 0..<size.pixelCount {
            let grey = (0..<3).reduce(0) { $0 + Float(image.pixels[3 * index + $1]) } / 3
            let heat = min(max((scores[index] - low) / range, 0), 1)
            pixels[3 * index] = UInt8(grey * (1 - heat) + 255 * heat)
            for channel in 1...2 { pixels[3 * index + channel] = UInt8(grey * (1 - heat)) }
            guard let marks, marks[index] > 0 else { continue }
            let x = index % size.width, y = index / size.width
            let isBorder =
                x == 0 || y == 0 || x == size.width - 1 || y == size.height - 1 || marks[index - 1] == 0
                || marks[index + 1] == 0 || marks[index - size.width] == 0 || marks[index + size.width] == 0
            if isBorder {
                for (channel, level) in [40, 230, 60].enumerated() {
                    pixels[3 * index + channel] = UInt8(level)
                }
            }
        }
        return try RGBImage(size: size, pixels: pixels)
    }

    private static func address(_ image: RGBImage) throws -> String {
        "data:image/png;base64," + Data(try image.encodedAsPNG()).base64EncodedString()
    }
}
