import Imaging

/// One draw of references of one data set: what a method that learned from them says of the other images.
public struct DetectionRun: Sendable {
    /// The numbers of the draw and of the seed of training.
    public let draw: Int
    public let seed: Int
    public let split: FewShotSplit.Draw
    /// The limit that the method fixed on the references.
    public let threshold: Float?
    /// Images in the order of the manifest.
    public private(set) var images: [ScoredImage] = []
    /// What could not be used, and why.
    public private(set) var leftOut: [LeftOut] = []
    /// The pixels of good images and of defective ones with a mask.
    public private(set) var pixels = PixelScores()
    /// Defective images with a mask.
    public private(set) var maskedCount = 0
    /// Nanoseconds of each frame.
    public private(set) var frameTimes: [Int] = []

    /// A scored image.
    public struct ScoredImage: Hashable, Sendable {
        public let row: FewShotSplit.Row
        public let score: Float
    }

    /// An image, or a mask, that could not be used.
    public struct LeftOut: Codable, Hashable, Sendable {
        /// Relative to the folder of the data sets.
        public let path: String
        /// Whether the image still counts where no mask is needed.
        public let isMaskOnly: Bool
        /// In one sentence.
        public let reason: String
    }

    /// How images are read and compared.
    public struct Settings: Sendable {
        /// The folder that paths are relative to.
        public var folder: String
        public var evaluationSize = EvaluationSize.square(256)
        /// The deviation in pixels of a Gaussian over the maps at that size.
        public var sigma = 0.0
        /// Every how many images one is scored.
        public var step = 1
        /// Whether the first image or mask that cannot be used ends the run.
        public var isStrict = false

        public init(folder: String) { self.folder = folder }
    }

    /// Teaches `method` with the references of `split`. Throws what reading them and learning throw: a run without
    /// one of its references would be another run.
    public init(
        _ split: FewShotSplit.Draw, draw: Int, seed: Int, _ method: inout some DetectionMethod,
        _ settings: Settings
    ) throws {
        (self.split, self.draw, self.seed) = (split, draw, seed)
        let references = try split.references.map {
            try RGBImage(contentsOf: settings.folder + "/" + $0.path)
        }
        try method.learn(from: references, seed: seed)
        threshold = method.threshold
    }

    /// Scores the other images. `progress` gets how many are done, and of how many.
    ///
    /// An image that cannot be read is left out, as is a mask that cannot be read, has another size than its image
    /// or shows nothing. Throws what `method` throws, and where the settings are strict also an `EvaluationError` for
    /// the first thing that would be left out.
    public mutating func score(
        with method: inout some DetectionMethod, _ settings: Settings, progress: (Int, Int) -> Void
    ) throws {
        for index in stride(from: 0, to: split.scored.count, by: settings.step) {
            let row = split.scored[index]
            switch Result(catching: { () throws(ImagingError) in
                try RGBImage(contentsOf: settings.folder + "/" + row.path)
            }) {
            case .success(let image):
                try score(row, image, with: &method, settings)
            case .failure(let error):
                try leaveOut(row.path, isMaskOnly: false, reason(error, row.path, settings), settings)
            }
            progress(min(index + settings.step, split.scored.count), split.scored.count)
        }
    }

    private mutating func score(
        _ row: FewShotSplit.Row, _ image: RGBImage, with method: inout some DetectionMethod,
        _ settings: Settings
    ) throws {
        let found = try method.detect(in: image)
        guard !found.score.isNaN, !found.map.scores.contains(where: \.isNaN) else {
            throw EvaluationError.notANumber(path: row.path)
        }
        images.append(ScoredImage(row: row, score: found.score))
        frameTimes.append(found.nanoseconds)
        let size = settings.evaluationSize.size(input: found.inputSize, image: image.size)
        guard row.isDefective else {
            pixels.add(found.map.resized(to: size).smoothed(sigma: settings.sigma), nil)
            return
        }
        guard let path = row.maskPath else { return }
        do {
            let mask = try DefectMask(contentsOf: settings.folder + "/" + path)
            guard mask.size == image.size else {
                try leaveOut(
                    path, isMaskOnly: true, "the mask is \(mask.size), its image \(image.size).", settings)
                return
            }
            guard !mask.regionSizes.isEmpty else {
                try leaveOut(path, isMaskOnly: true, "the mask of a defective image shows nothing.", settings)
                return
            }
            maskedCount += 1
            pixels.add(found.map.resized(to: size).smoothed(sigma: settings.sigma), mask.resized(to: size))
        } catch let error as ImagingError {
            try leaveOut(path, isMaskOnly: true, reason(error, path, settings), settings)
        }
    }

    /// What `error` says, without the path once more.
    private func reason(_ error: ImagingError, _ path: String, _ settings: Settings) -> String {
        "\(error)".replacing("'\(settings.folder)/\(path)'", with: "it")
    }

    private mutating func leaveOut(
        _ path: String, isMaskOnly: Bool, _ reason: String, _ settings: Settings
    ) throws {
        if settings.isStrict { throw EvaluationError.leftOut(path: path, reason: reason) }
        leftOut.append(LeftOut(path: path, isMaskOnly: isMaskOnly, reason: reason))
    }
}

extension DetectionRun {
    /// Scored images without a defect, and with one.
    public var goodCount: Int { images.count { !$0.row.isDefective } }
    public var defectiveCount: Int { images.count - goodCount }

    /// The scores of good and of defective images.
    public var scores: (good: [Float], defective: [Float]) {
        (images.filter { !$0.row.isDefective }.map(\.score), images.filter(\.row.isDefective).map(\.score))
    }

    /// The images that are furthest on the wrong side: defective ones with the lowest scores first, then good ones
    /// with the highest, `count` of each.
    public func worst(_ count: Int) -> [ScoredImage] {
        let missed = images.filter(\.row.isDefective).sorted { $0.score < $1.score }.prefix(count)
        let alarmed = images.filter { !$0.row.isDefective }.sorted { $0.score > $1.score }.prefix(count)
        return Array(missed) + Array(alarmed)
    }
}
