package import AnomalyModels
package import Imaging
package import Inference
package import Kernels
package import ModelPackages
package import SimulatedLine

/// Rendered defects as an inspection would find them: each product of each practice kind is taught with good samples,
/// and what lies about the peak of a defective one is described.
///
/// The same arguments give the same defects on every instruction set.
package struct PracticeDefects {
    /// One of them.
    package struct Defect: Sendable {
        /// As `DefectEmbedder.pooled` gives it.
        package let pooled: [Float]
        /// The kind of thing and its design: a line, whose defects are told apart.
        package let product: String
        /// The product is a surface of the simulated line.
        package let isOfLine: Bool
        /// What is wrong: the same for defects that an operator would call the same.
        package let state: String

        package init(pooled: [Float], product: String, isOfLine: Bool, state: String) {
            (self.pooled, self.product, self.isOfLine, self.state) = (pooled, product, isOfLine, state)
        }
    }

    private let trunk: ModelPackage
    private let kernels: KernelTable
    private let pool: TensorPool
    private let size = Size(width: 256, height: 256)
    /// The head that only pools: one number wide, with nothing taken off.
    private let head: EmbeddingHead
    /// The channels of the maps that it pools.
    package let channels: [Int]

    private static let goodSamples = 3

    /// Throws what `PatchTrunk` throws.
    package init(trunk: ModelPackage, kernels: KernelTable, pool: TensorPool) throws(ModelError) {
        (self.trunk, self.kernels, self.pool) = (trunk, kernels, pool)
        channels = try PatchTrunk(trunk, size: size, kernels: kernels, pool: pool).taps.map(\.channels)
        let inputs = channels.reduce(EmbeddingHead.extentCount, +)
        head = EmbeddingHead(
            width: 1, similarity: 0.5, means: channels.map { [Float](repeating: 0, count: $0) },
            layers: .init(
                inWeight: [Float](repeating: 0, count: inputs), inBias: [0], outWeight: [0],
                skip: [Float](repeating: 0, count: inputs), bias: [0]))
    }

    /// Defects of `count` samples of `product`; samples that show none, or none that is found, are left out. Blocks.
    ///
    /// Throws what teaching throws.
    package func defects(of kind: PracticeKind, product: UInt32, count: Int) throws -> [Defect] {
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
            let region = Self.peak(of: detector)
            guard Self.isSeen(region, in: bad) else { return nil }
            return Defect(
                pooled: embedder.pooled(region), product: "\(kind.names[0]) \(product)",
                isOfLine: kind.isOfLine, state: state)
        }
    }

    /// The box of the cells that hang together with the highest and are above the middle between it and the median.
    package static func peak(of detector: any MapDetector) -> Region {
        let map = unsafe detector.withMap { unsafe Array($0) }, size = detector.mapSize
        let peak = map.indices.max { map[$0] < map[$1] } ?? 0
        let limit = (map[peak] + map.sorted()[map.count / 2]) / 2
        var open = [peak], seen: Set<Int> = [peak]
        while let cell = open.popLast() {
            let (x, y) = (cell % size.width, cell / size.width)
            for (column, row) in [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)]
            where 0..<size.width ~= column && 0..<size.height ~= row {
                let next = row * size.width + column
                if map[next] > limit, seen.insert(next).inserted { open.append(next) }
            }
        }
        let columns = seen.map { $0 % size.width }, rows = seen.map { $0 / size.width }
        let (left, top) = (columns.min() ?? 0, rows.min() ?? 0)
        return Region(
            x: left, y: top, width: (columns.max() ?? 0) - left + 1, height: (rows.max() ?? 0) - top + 1)
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
