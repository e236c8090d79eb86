import AnomalyModels
import Imaging
import Inference
import Inspection
import Kernels
import SimulatedLine
import Testing

/// The self-check of teaching on strong textures, whose good parts differ much.
struct SelfCheckTextureTests {
    private static let size = Size(width: 192, height: 192)

    @Test(
        "a simulated surface is passed or weak, never refused: defects stand out in parts that were not learned",
        arguments: [Surface.woven, .brushed, .cast])
    func textures(surface: Surface) throws {
        let check = try Self.check(Self.parts(surface))
        #expect(check.grade != .failed, "\(surface): \(check.description)")
        #expect((check.grade == .weak) == (check.contrast != nil))
    }

    /// Two good parts of the simulated line.
    private static func parts(_ surface: Surface) throws -> [ReferencePicture] {
        var line = try ProductionLine(
            LineSettings(surface: surface, form: .parts, seed: 3, size: size, defectsPerMillion: 0))
        return try (0..<2).map { index in
            let image = try GreyImage(size: size, pixels: line.part(index).grey)
            return try ReferencePicture(file: image.encodedAsPNG(), path: "part \(index)")
        }
    }

    private static func check(_ pictures: [ReferencePicture]) throws -> SelfCheck {
        let region = TaughtRegion(rect: Region(all: size), tile: 0, overlap: 0, mask: nil)
        let product = try TaughtProduct.teach(
            name: "weld", pictures: pictures, regions: [region], trunk: TaughtWeld.trunk(), fusion: .standard,
            views: .fixed, kernels: KernelTable(.best), pool: TensorPool(), progress: { _, _ in })
        return try SelfCheck(
            product, pictures: pictures, marked: [], trunk: TaughtWeld.trunk(), kernels: KernelTable(.best),
            pool: TensorPool(), progress: { _, _ in })
    }
}
