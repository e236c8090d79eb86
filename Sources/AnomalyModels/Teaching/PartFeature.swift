import Imaging
package import Inference
package import Kernels
package import ModelPackages

/// What a part looks like as a whole: the mean of the coarsest patches of all its tiles, at length 1.
package struct PartFeature: Sendable, Hashable {
    /// `[channels]` of the trunk's last tap.
    private let numbers: [Float]

    /// Those of `pictures`, in their order. Blocks, for some milliseconds a tile.
    ///
    /// Throws `model` for a trunk that is none, `outside` and `mask` for regions that do not fit.
    /// - Precondition: the pictures are of one size and format.
    package static func features(
        of pictures: [ReferencePicture], regions: [TaughtRegion], trunk: ModelPackage, kernels: KernelTable,
        pool: TensorPool
    ) throws(TeachingError) -> [PartFeature] {
        guard let first = pictures.first else { return [] }
        let cuts = try TileCuts(regions, frame: first.size, format: first.format, kernels: kernels)
        let trunks = PatchTrunks(trunk, kernels: kernels, pool: pool)
        do {
            return try pictures.map { picture throws(ModelError) in
                var sum: [Float] = []
                for tile in cuts.tiles {
                    let trunk = try trunks.trunk(tile.input)
                    let pixels = cuts.pixels(of: picture, tile)
                    unsafe trunk.withInput { input in unsafe input.copyBytes(from: pixels) }
                    trunk.run()
                    add(trunk, to: &sum)
                }
                let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
                return PartFeature(numbers: length > 0 ? sum.map { $0 / length } : sum)
            }
        } catch { throw .model(error) }
    }

    /// Adds the unit vectors of the last tap of what `trunk` saw last.
    private static func add(_ trunk: PatchTrunk, to sum: inout [Float]) {
        let tap = trunk.taps.count - 1, channels = trunk.taps[tap].channels
        let codes = trunk.codes(tap)
        if sum.isEmpty { sum = [Float](repeating: 0, count: channels) }
        for patch in 0..<codes.count / channels {
            let row = codes[patch * channels..<(patch + 1) * channels]
            let scale = VectorBank.scale(row.reduce(0) { $0 + Int32($1) * Int32($1) })
            for (channel, code) in row.enumerated() { sum[channel] += Float(code) * scale }
        }
    }

    /// -1...1; 1 for the same picture.
    package func cosine(to other: PartFeature) -> Float {
        zip(numbers, other.numbers).reduce(0) { $0 + $1.0 * $1.1 }
    }
}
