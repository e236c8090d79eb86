internal import AnomalyModels
import Imaging
import ModelPackages
import Tensors

// PRODUCT CACHE, a folder
//
//   product-00000.safetensors, ..., each of one simulated product:
//     s8.own, s8.near, s16.own, s16.near    I8  [pictures, patches, channels]   codes of patches and of their nearest
//     s8.scalars, s16., s32.                F32 [pictures, patches, 4]          the evidence
//     mask                                  U8  [pictures, 2 height, 2 width]   of the finest grid; 1 is defective
//     s8.centres, s16.centres               F32 [2, channels]                   `PatchCentres` of its bank
//     level.mean, level.deviation           F32 [3, 4]                          `EvidenceLevel`
//     level.map                             F32 [1]
//   and in the metadata `recipe`, which all of it depends on. A product of another recipe is made anew.

/// What was seen of simulated products, made once and kept on disk.
package struct ProductCache: Sendable {
    package let folder: String
    /// Everything that the products depend on, in words.
    package let recipe: String
    package let side: Int
    /// Pixels from one patch to the next, by tap.
    package let strides: [Int]

    package init(folder: String, recipe: String, side: Int, strides: [Int]) {
        (self.folder, self.recipe, self.side, self.strides) = (folder, recipe, side, strides)
    }

    private var files: ShardFolder { ShardFolder(folder: folder, stem: "product", recipe: recipe) }

    /// Whether `product` lies on disk as this recipe makes it.
    package func has(_ product: Int) -> Bool { files.has(product) }

    /// Writes product `number` in one durable step. Blocks. Throws `WeightFileError`.
    package func write(_ product: ProductPractice.Product, _ number: Int) throws {
        var file = WeightFileWriter(metadata: ["recipe": recipe])
        let samples = product.samples, count = samples.count
        for (tap, name) in SegmentationHead.adaptedTaps.enumerated() {
            let patches = patches(tap), all = samples.flatMap { $0.codes[tap] }
            let shape: Shape = [count, patches, all.count / count / patches]
            try file.addInt8("\(name).own", shape, all)
            try file.addInt8("\(name).near", shape, samples.flatMap { $0.nearest[tap] })
            let centres = samples[0].centres[tap]
            try file.addFloat32(
                "\(name).centres", [FusionBlock.centres, centres.count / FusionBlock.centres], centres)
        }
        for (tap, name) in SegmentationHead.taps.enumerated() {
            try file.addFloat32(
                "\(name).scalars", [count, patches(tap), SegmentationHead.evidence],
                samples.flatMap { $0.scalars[tap] })
        }
        let cells = cells
        try file.addUInt8("mask", [count, cells, cells], samples.flatMap { $0.mask.map { UInt8($0) } })
        let shape: Shape = [SegmentationHead.taps.count, SegmentationHead.evidence]
        try file.addFloat32("level.mean", shape, product.level.mean.flatMap { $0 })
        try file.addFloat32("level.deviation", shape, product.level.deviation.flatMap { $0 })
        try file.addFloat32("level.map", [1], [product.level.mapDeviation])
        try file.write(to: files.path(number))
    }

    private func patches(_ tap: Int) -> Int { (side / strides[tap]) * (side / strides[tap]) }
    private var cells: Int { 2 * (side / strides[0]) }

    /// Reads product `number`. Blocks. Throws `WeightFileError` if it is not there or damaged.
    package func read(_ number: Int) throws -> ProductPractice.Product {
        let file = try WeightFile(path: files.path(number)), width = SegmentationHead.evidence
        let own = try SegmentationHead.adaptedTaps.map { try file.int8("\($0).own") }
        let near = try SegmentationHead.adaptedTaps.map { try file.int8("\($0).near") }
        let scalars = try SegmentationHead.taps.map { try file.floats("\($0).scalars") }
        let centres = try SegmentationHead.adaptedTaps.map { try file.floats("\($0).centres") }
        let masks = try file.uint8("mask"), cells = cells, count = masks.count / (cells * cells)
        func part<Element>(_ list: [Element], _ sample: Int) -> [Element] {
            let length = list.count / count
            return Array(list[sample * length..<(sample + 1) * length])
        }
        func rows(_ list: [Float]) -> [[Float]] {
            SegmentationHead.taps.indices.map { Array(list[$0 * width..<($0 + 1) * width]) }
        }
        let samples = (0..<count).map { sample in
            SegmentationPractice.Sample(
                grids: strides.map { Size(width: side / $0, height: side / $0) },
                codes: own.map { part($0, sample) },
                nearest: near.map { part($0, sample) }, scalars: scalars.map { part($0, sample) },
                centres: centres,
                mask: part(masks, sample).map(Float.init), level: (0, 0))
        }
        return ProductPractice.Product(
            samples: samples,
            level: EvidenceLevel(
                mean: rows(try file.floats("level.mean")),
                deviation: rows(try file.floats("level.deviation")),
                mapDeviation: try file.floats("level.map")[0]))
    }
}
