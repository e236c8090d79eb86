import AnomalyModels
import Imaging
import Inference
import Kernels
import ModelPackages

/// Drawn good parts as pictures of a small camera, and products taught with them.
enum TeachingFixture {
    static let frame = Size(width: 120, height: 90)

    static func picture(_ seed: UInt64) throws -> ReferencePicture {
        let image = try RGBImage(size: frame, pixels: PatchFixture.part(seed, frame))
        return try ReferencePicture(file: image.encodedAsPNG(), path: "part \(seed)")
    }

    static func pictures(_ count: Int) throws -> [ReferencePicture] {
        try (1...count).map { try picture(UInt64($0)) }
    }

    /// The left part in one tile, the right part in several.
    static let regions = [
        TaughtRegion(
            rect: Region(x: 4, y: 2, width: 90, height: 64), tile: 90, overlap: 0.125, mask: nil),
        TaughtRegion(
            rect: Region(x: 40, y: 10, width: 80, height: 70), tile: 64, overlap: 0.25, mask: nil),
    ]

    /// A mask of `size` whose columns `looked` are white.
    static func mask(_ size: Size, _ looked: Range<Int>) throws -> RegionMask {
        let pixels = (0..<size.pixelCount).map { UInt8(looked.contains($0 % size.width) ? 255 : 0) }
        return try RegionMask(file: GreyImage(size: size, pixels: pixels).encodedAsPNG(), path: "mask")
    }

    static func product(
        _ pictures: [ReferencePicture], _ regions: [TaughtRegion] = regions,
        _ views: ReferenceViews = .mirrored, _ instructions: InstructionSet = .best
    ) throws -> TaughtProduct {
        try TaughtProduct.teach(
            name: "weld", pictures: pictures, regions: regions, trunk: PatchFixture.trunk(), views: views,
            kernels: KernelTable(instructions), pool: TensorPool()
        ) { done, total in precondition(0...total ~= done) }
    }
}
