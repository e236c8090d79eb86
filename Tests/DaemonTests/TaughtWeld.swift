import AnomalyModels
import Daemon
import Foundation
import Imaging
import Inference
import Inspection
import Kernels
import ModelPackages
import SimulatedLine

/// Cast parts of a simulated line in frames of 64 x 64, and a product taught with a few of them.
enum TaughtWeld {
    static let size = Size(width: 64, height: 64)
    static let line = LineSettings(
        surface: .cast, form: .parts, seed: 7, size: size, defectsPerMillion: 0)
    static let models = URL(filePath: #filePath).appending(path: "../../../Models").standardized.path
    /// Tiles as large as the frame: nothing is scaled.
    static let region = TaughtRegion(rect: Region(all: size), tile: 64, overlap: 0, mask: nil)

    static func trunk() throws -> ModelPackage {
        try ModelPackage(opening: models + "/efficientnet-lite0", verifyingHashes: false)
    }

    static func pictures(_ count: Int = 2) throws -> [ReferencePicture] {
        var line = try ProductionLine(line)
        return try (0..<count).map { index in
            let image = try GreyImage(size: size, pixels: line.part(index).grey)
            return try ReferencePicture(file: image.encodedAsPNG(), path: "part \(index)")
        }
    }

    static func product(_ pictures: [ReferencePicture]) throws -> TaughtProduct {
        try TaughtProduct.teach(
            name: "weld", pictures: pictures, regions: [region], trunk: trunk(), views: .fixed,
            kernels: KernelTable(.best), pool: TensorPool(), progress: { _, _ in })
    }

    /// An inspector for grey frames of the line; a limit of 0 makes every part NG.
    static func inspector(limit: Float) throws -> FrameInspector {
        let product = try product(pictures())
        var plan = InspectionPlan(
            index: 0, name: "weld", regions: [region],
            taught: InspectionPlan.Taught(banks: product.banks, trunk: try trunk(), model: 5))
        plan.kinds = try DefectKindHead(in: models + "/fine").kinds(of: "weld", trunk: trunk())
        let rule = InspectionRule(
            threshold: GoodParts(parts: []).threshold(fixedAt: limit), band: 0, calibration: 1)
        return try FrameInspector(
            [plan], rules: [rule], format: .grey, size: size, kernels: KernelTable(.best), pool: TensorPool(),
            quality: .off)
    }

    static func untaughtInspector(_ size: Size) throws -> FrameInspector {
        let plan = InspectionPlan(
            index: 0, name: "weld",
            regions: [TaughtRegion(rect: Region(all: size), tile: 0, overlap: 0, mask: nil)], taught: nil)
        return try FrameInspector(
            [plan], rules: [InspectionRule(threshold: nil, band: 0.1)], format: .grey, size: size,
            kernels: KernelTable(.best), pool: TensorPool(), quality: .off)
    }
}
