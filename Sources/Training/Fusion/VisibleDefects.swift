import Imaging

/// Synthetic anomalies that a segmentation head practises on: those that one sees.
struct VisibleDefects {
    private let synthesizer: Synthesizer

    /// Defects for products of which `normals` are good pictures.
    init(normals: [Picture]) {
        var sources = SynthesisSources()
        sources.normals = normals
        synthesizer = Synthesizer(mix: Self.mix, sources: sources)
    }

    /// More of what one sees, less of what lies in without an edge than `SynthesisMix.standard`: a head that has to find
    /// what is not to be seen learns the noise of its good parts.
    private static let mix = SynthesisMix([
        .perlin: 20, .las: 15, .selftex: 15, .poisson: 5, .cutpaste: 3, .scar: 17, .scratch: 8, .stain: 5,
        .missing: 5, .dots: 4, .blur: 3,
    ])
    /// Grey levels by which the pixels of a practice defect change in the mean, and draws to find such a one.
    private static let visibleChange: Float = 12
    private static let draws = 6

    /// A defect in `picture`, one to be seen if there is one among a few draws.
    func defect(
        in picture: Picture, foreground: PixelMask?, _ index: Int, _ random: inout RandomNumbers
    ) -> SyntheticAnomaly? {
        var last: SyntheticAnomaly?
        for _ in 0..<Self.draws {
            let made = synthesizer.anomaly(
                in: picture, foreground: foreground, seed: random.next(), index: UInt64(index))
            guard let made else { continue }
            if made.meanChange(from: picture) >= Self.visibleChange { return made }
            last = made
        }
        return last
    }
}

extension SyntheticAnomaly {
    /// Grey levels by which the pixels of the mask differ from `good` in the mean.
    fileprivate func meanChange(from good: Picture) -> Float {
        var sum = 0
        for pixel in mask.pixels.indices where mask.pixels[pixel] {
            sum += abs(picture.grey(pixel) - good.grey(pixel))
        }
        return Float(sum) / Float(max(mask.count, 1))
    }
}
