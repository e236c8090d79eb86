package import AnomalyModels
internal import Imaging
internal import Inference
package import Kernels
package import ModelPackages
package import SimulatedLine

/// Simulated products to train a head with that knows no product: each is taught with a few good parts, and pictures of
/// other parts, of which two thirds have a defect, are seen before its bank.
///
/// Product `index` depends on the seed, the kinds and the index alone, and is the same on every instruction set.
package struct ProductPractice {
    private let kinds: [PracticeKind]
    private let seed: UInt64
    private let size: Size
    private let pictures: Int
    private let trunk: ModelPackage
    private let kernels: KernelTable
    private let pool = TensorPool()

    /// What was seen of a product.
    package struct Product: Sendable {
        package let samples: [SegmentationPractice.Sample]
        package let level: EvidenceLevel
    }

    /// `pictures` of each product, `side` x `side` pixels large.
    package init(
        kinds: [PracticeKind], seed: UInt64, side: Int, pictures: Int, trunk: ModelPackage,
        kernels: KernelTable
    ) {
        precondition(!kinds.isEmpty && pictures > 0, "\(kinds.count) kinds, \(pictures) pictures")
        (self.kinds, self.seed, self.pictures) = (kinds, seed, pictures)
        (size, self.trunk, self.kernels) = (Size(width: side, height: side), trunk, kernels)
    }

    /// How many good parts a product is taught with, in turn.
    private static let references = [2, 1, 2, 4]

    /// Products of index i, i + `kinds.count`, ... are designs of one kind. Blocks for some seconds. Throws what teaching
    /// throws.
    package func product(_ index: Int) throws -> Product {
        let kind = kinds[index % kinds.count], round = index / kinds.count
        let design = UInt32(truncatingIfNeeded: seed) &+ UInt32(round)
        let count = Self.references[(index + round) % Self.references.count]
        var random = RandomNumbers(seed: seed, stream: "product \(index)")
        let isColour = random.nextUnit() < 0.5
        func part(_ sample: Int, isDefective: Bool = false) -> PracticeSample {
            kind.render(
                product: design, sample: sample, defective: isDefective, size: size, colour: isColour)
        }
        let good = (0..<count).map { part($0).image.pixels }
        var teaching = PatchTeaching(
            trunk: trunk, views: .turned, fusion: .standard, kernels: kernels, pool: pool)
        for pixels in good { try teaching.add(pixels, size: size) }
        let lesson = HeadLesson(
            teaching, tiles: good.enumerated().map { .init(part: $0, pixels: $1, size: size) })
        let bank = try teaching.bank()
        let detector = try PatchDetector(
            bank, on: teaching.trunks.trunk(size), kernels: kernels, keepsEvidence: true)
        let centres = PatchCentres.of(bank)
        let defects = VisibleDefects(normals: good.map { Picture(size: size, channelCount: 3, levels: $0) })
        let samples = (0..<pictures).map { number in
            let made = proof(number, defects, &random) {
                part(count + number, isDefective: $0)
            }
            // As many bytes as the detector's input, which has the size of the pictures.
            unsafe detector.withInput { input in unsafe input.copyBytes(from: made.pixels) }
            _ = detector.run()
            return SegmentationPractice.Sample(detector, bank, centres, made)
        }
        return Product(samples: samples, level: try lesson.level(lesson.banks(), kernels: kernels))
    }

    /// Picture `number`: in turn a good part, one with a defect of its kind, and one with a synthetic anomaly; half of
    /// them in other light.
    private func proof(
        _ number: Int, _ defects: VisibleDefects, _ random: inout RandomNumbers,
        _ part: (_ isDefective: Bool) -> PracticeSample
    ) -> SegmentationPractice.Proof {
        let sample = part(number % 3 == 1)
        var picture = Picture(sample.image)
        var mask = PixelMask(size: size, pixels: sample.mask.map { $0 > 0 })
        if number % 3 == 2,
            let made = defects.defect(
                in: picture, foreground: PixelMask.foreground(of: picture), number, &random)
        {
            (picture, mask) = (made.picture, made.mask)
        }
        let views = ReferenceViews.turned.all, view = views[random.nextIndex(below: views.count)]
        let exposure = Exposure(&random), isExposed = random.nextUnit() < 0.5
        let marks = view.of(mask.pixels.map { $0 ? 1 : 0 }, size, channels: 1)
        let levels = view.of(picture.converted(toChannels: 3).levels, size, channels: 3)
        return SegmentationPractice.Proof(
            fold: 0, pixels: isExposed ? levels.map(exposure.level) : levels, size: size,
            mask: PixelMask(size: size, pixels: marks.map { $0 == 1 }))
    }
}
