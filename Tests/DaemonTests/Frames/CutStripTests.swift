import AnomalyModels
import Capture
import Events
import Imaging
import Inference
import Inspection
import Kernels
import SimulatedLine
import Testing

/// Strips of endless material that end early: the encoder stopped, and the missing lines are black.
@Suite("strips that are cut short")
struct CutStripTests {
    private static let size = Size(width: 256, height: 256)

    @Test(
        "score no higher than whole ones, wherever the cut is, in a whole region and in tiles",
        arguments: [Surface.brushed, .cast, .woven, .tile], [0, 128])
    func cut(surface: Surface, tile: Int) throws {
        var line = try ProductionLine(
            LineSettings(surface: surface, form: .web, seed: 3, size: Self.size, defectsPerMillion: 0))
        let strips = (0..<4).map { line.part($0).grey }
        let region = TaughtRegion(rect: Region(all: Self.size), tile: tile, overlap: 0.25, mask: nil)
        let pictures = try strips.prefix(2).enumerated().map { number, grey in
            try ReferencePicture(
                file: GreyImage(size: Self.size, pixels: grey).encodedAsPNG(), path: "strip \(number)")
        }
        let product = try TaughtProduct.teach(
            name: "web", pictures: pictures, regions: [region], trunk: TaughtWeld.trunk(), views: .fixed,
            kernels: KernelTable(.best), pool: TensorPool(), progress: { _, _ in })
        let plan = InspectionPlan(
            index: 0, name: "web", regions: [region],
            taught: InspectionPlan.Taught(banks: product.banks, trunk: try TaughtWeld.trunk(), model: 5))
        let rule = InspectionRule(
            threshold: GoodParts(parts: []).threshold(fixedAt: 2), band: 0, calibration: 1)
        let inspector = try FrameInspector(
            [plan], rules: [rule], format: .grey, size: Self.size, kernels: KernelTable(.best),
            pool: TensorPool(), quality: .off)
        func score(_ grey: [UInt8], _ rows: Int) throws -> Float {
            var pixels = grey
            for index in rows * Self.size.width..<pixels.count { pixels[index] = 0 }
            var outcome = Outcome()
            let frame = DrawnFrame.grey(Self.size, pixels)
            guard let view = frame.view else { throw ImagingError.badFrame("a strip without pixels") }
            inspector.inspect(view, validRows: rows, into: &outcome)
            return outcome.rawScore
        }
        var worst: Float = 0
        let whole = try strips.dropFirst(2).map { try score($0, 256) }.max() ?? 0
        for grey in strips.dropFirst(2) {
            for rows in stride(from: 32, through: 248, by: 24) { worst = max(worst, try score(grey, rows)) }
        }
        // Without a margin it is 1.5 to 1.9 times as high. What is left: the highest hundredth of fewer cells.
        #expect(worst <= 1.2 * whole, "\(worst) and \(whole)")
    }
}
