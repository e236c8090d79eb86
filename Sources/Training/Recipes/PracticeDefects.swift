package import AnomalyModels
internal import Imaging
package import Inference
package import Kernels
package import ModelPackages
package import SimulatedLine

/// Rendered defects as an inspection would find them: each product of each practice kind is taught with good samples,
/// and what lies about the peak of a defective one is described.
///
/// The same arguments give the same defects on every instruction set.
package struct PracticeDefects {
    private let trunk: ModelPackage
    private let kernels: KernelTable
    private let pool: TensorPool
    private let size = Size(width: 256, height: 256)
    private let head: EmbeddingHead
    /// The channels of the maps that it pools.
    package let channels: [Int]

    private static let goodSamples = 3

    /// Throws what `PatchTrunk` throws.
    package init(trunk: ModelPackage, kernels: KernelTable, pool: TensorPool) throws(ModelError) {
        (self.trunk, self.kernels, self.pool) = (trunk, kernels, pool)
        channels = try PatchTrunk(trunk, size: size, kernels: kernels, pool: pool).taps.map(\.channels)
        head = EmbeddingHead(poolingOver: channels)
    }

    /// Defects of `count` samples of `product`; samples that show none, or none that is found, are left out. Blocks.
    ///
    /// Throws what teaching throws.
    package func defects(of kind: PracticeKind, product: UInt32, count: Int) throws -> [DescribedDefect] {
        var teaching = PatchTeaching(trunk: trunk, views: .fixed, kernels: kernels, pool: pool)
        for sample in 0..<Self.goodSamples {
            let good = kind.render(
                product: product, sample: sample, defective: false, size: size, colour: true)
            try teaching.add(good.image.pixels, size: size)
        }
        let detector = try PatchDetector(
            teaching.bank(), trunk: trunk, size: size, kernels: kernels, pool: pool)
        guard
            let embedder = try DefectEmbedder(
                head, detector: detector, trunk: trunk, kernels: kernels, pool: pool)
        else { return [] }
        return (0..<count).compactMap { sample in
            let bad = kind.render(
                product: product, sample: Self.goodSamples + sample, defective: true, size: size, colour: true
            )
            guard bad.states.count == 1, let state = bad.states.first else { return nil }
            // As many bytes as the detector's input, whose size the picture has.
            unsafe detector.withInput { input in unsafe input.copyBytes(from: bad.image.pixels) }
            embedder.keep()
            _ = detector.run()
            let region = detector.peak
            guard Self.isSeen(region, in: bad) else { return nil }
            return DescribedDefect(
                pooled: embedder.pooled(region), line: "\(kind.names[0]) \(product)",
                source: kind.isOfLine ? .surface : .catalogue, state: state)
        }
    }

    /// Whether any changed pixel lies in `region`, cells of two pixels.
    private static func isSeen(_ region: Region, in sample: PracticeSample) -> Bool {
        (2 * region.y..<2 * (region.y + region.height)).contains { y in
            (2 * region.x..<2 * (region.x + region.width)).contains { x in
                sample.mask[y * sample.size.width + x] > 0
            }
        }
    }
}
