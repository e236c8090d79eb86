import AnomalyModels
import Evaluation
import Imaging
import Inference
import Kernels
import ModelPackages
import Platform

/// One draw of references of one data set: teaches the patch detector and scores the other images.
struct PatchRun {
    let draw: FewShotSplit.Draw
    /// Scored images by kind; masked ones are among the defective.
    private(set) var goodCount = 0
    private(set) var defectiveCount = 0
    private(set) var maskedCount = 0
    /// Nanoseconds to teach, decoding left out.
    let teachTime: Int
    /// Nanoseconds of each scored frame, from input to score.
    private(set) var frameTimes: [Int] = []
    private(set) var pixels = PixelScores()
    private var good: [Float] = []
    private var defective: [Float] = []
    private let folder: String
    private let bank: PatchBank
    private let trunk: ModelPackage
    private let kernels: KernelTable
    private let options: Options
    private let pool = TensorPool()
    private var detectors: [Size: PatchDetector] = [:]

    struct Options {
        let input: Size
        let keepsAspect: Bool
        let views: ReferenceViews?
        let evaluationSide: Int
        let sigma: Double

        /// The input for an image of `size`. With its proportions kept: sides in multiples of 32, at least
        /// 64, of about the same area.
        func input(for size: Size) -> Size {
            keepsAspect ? PatchDetector.keptProportions(size, area: input.pixelCount) : input
        }

        /// The size at which maps and masks of an input of `size` are compared.
        func evaluation(for size: Size) -> Size {
            let factor = Double(evaluationSide) / Double(size.pixelCount).squareRoot()
            let side = { (length: Int) in max(1, Int((Double(length) * factor).rounded())) }
            return Size(width: side(size.width), height: side(size.height))
        }
    }

    /// Teaches with the references of `draw`. Throws what reading and teaching throw.
    init(
        _ draw: FewShotSplit.Draw, of folder: String, trunk: ModelPackage, kernels: KernelTable,
        options: Options
    ) throws {
        (self.draw, self.folder, self.trunk) = (draw, folder, trunk)
        (self.kernels, self.options) = (kernels, options)
        let references = try draw.references.map { row in
            try Self.pixels(folder + "/" + row.path, options: options, kernels: kernels)
        }
        let isSquare = references.allSatisfy { $0.size.width == $0.size.height }
        let start = MonotonicClock.now
        var teaching = PatchTeaching(
            trunk: trunk, views: options.views ?? (isSquare ? .turned : .mirrored), kernels: kernels,
            pool: pool)
        for reference in references { try teaching.add(reference.pixels, size: reference.size) }
        bank = try teaching.bank()
        teachTime = MonotonicClock.now - start
    }

    /// Scores every `step`-th image. `progress` gets how many are done, and of how many.
    mutating func score(every step: Int, progress: (Int, Int) -> Void) throws {
        for index in stride(from: 0, to: draw.scored.count, by: step) {
            try score(draw.scored[index])
            progress(min(index + step, draw.scored.count), draw.scored.count)
        }
        detectors = [:]
    }

    private mutating func score(_ row: FewShotSplit.Row) throws {
        let image = try Self.pixels(folder + "/" + row.path, options: options, kernels: kernels)
        let detector = try detector(image.size)
        let start = MonotonicClock.now
        unsafe detector.withInput { input in unsafe input.copyBytes(from: image.pixels) }
        let score = detector.run()
        frameTimes.append(MonotonicClock.now - start)
        if row.isDefective { defective.append(score) } else { good.append(score) }
        if row.isDefective { defectiveCount += 1 } else { goodCount += 1 }
        guard !row.isDefective || row.maskPath != nil else { return }

        let size = options.evaluation(for: image.size)
        let map = unsafe ScoreMap(size: detector.mapSize, scores: detector.withMap { unsafe Array($0) })
            .resized(to: size).smoothed(sigma: options.sigma)
        guard let maskPath = row.maskPath, row.isDefective else {
            pixels.add(map, nil)
            return
        }
        maskedCount += 1
        pixels.add(map, try DefectMask(contentsOf: folder + "/" + maskPath).resized(to: size))
    }

    /// The scores of the images, sorted.
    var images: RankedScores { RankedScores(negatives: good, positives: defective) }

    private mutating func detector(_ size: Size) throws(ModelError) -> PatchDetector {
        if let known = detectors[size] { return known }
        let made = try PatchDetector(bank, trunk: trunk, size: size, kernels: kernels, pool: pool)
        detectors[size] = made
        return made
    }

    /// The image at `path` as the network reads it.
    private static func pixels(_ path: String, options: Options, kernels: KernelTable) throws(ImagingError)
        -> (pixels: [UInt8], size: Size)
    {
        let image = try RGBImage(contentsOf: path)
        let size = options.input(for: image.size)
        let plan = try CameraPlan(
            format: .rgb24, frame: image.size, crop: Region(all: image.size), output: size, range: .full,
            scale: SIMD3(repeating: 1), offset: .zero)
        return (image.withView { plan.tensor(of: $0, with: kernels) }, size)
    }
}
