package import AnomalyModels
package import Imaging
package import Kernels

/// Pictures to train a segmentation head with: views of the good parts, half of them with a synthetic anomaly
/// (METHODS.md 4.4), as the detector sees them before a bank that does not know the part.
package struct SegmentationPractice {
    /// What a detector found in one picture, and what it should have found.
    package struct Sample: Sendable {
        /// The height and width of the grid of each tap, the finest first.
        let grids: [Size]
        /// Of each adapted tap the codes of its patches and of their nearest good ones, `[patches, channels]`.
        let codes: [[Int8]]
        let nearest: [[Int8]]
        /// Of each tap `[patches, 4]`.
        let scalars: [[Float]]
        /// `PatchCentres` of the bank.
        package let centres: [[Float]]
        /// Whether at least a quarter of each cell is anomalous, 1 or 0: `[2 height, 2 width]` of the finest grid.
        let mask: [Float]
        /// Mean and mean square of the detector's map.
        let level: (mean: Float, square: Float)
        package var isDefective: Bool { mask.contains(1) }
        package var defectiveCells: Int { mask.count { $0 == 1 } }
    }

    /// A picture to practise on or, kept back, to see what training was worth.
    package struct Proof: Sendable {
        /// The bank that does not know it.
        let fold: Int
        /// Which tile of its region it is, counted from 0.
        let tile: Int
        /// RGB `[size.height, size.width, 3]`.
        let pixels: [UInt8]
        let size: Size
        let mask: PixelMask

        package init(fold: Int, tile: Int = 0, pixels: [UInt8], size: Size, mask: PixelMask) {
            (self.fold, self.tile, self.pixels, self.size, self.mask) = (fold, tile, pixels, size, mask)
        }
    }

    package let samples: [Sample]
    package let proofs: [Proof]
    package let banks: [PatchBank]
    /// The practice defects, a choice of them: each plain and with its mask outlined.
    package let sheet: RGBImage
    /// Channels of the adapted taps, and numbers of an adapted patch of a head for them.
    let channels: [Int]
    let width: Int

    /// Pictures to train with, fewer where they are large, and pictures to prove with.
    package static func count(of size: Size) -> Int { min(256, max(64, 25_165_824 / size.pixelCount)) }
    package static let proofCount = 128

    /// Makes `count` samples, by default `count(of:)` the first tile, and `proofCount` proofs. Blocks: some 15 ms a picture
    /// at 256 x 256. Throws `ModelError`, and what `progress` throws.
    ///
    /// The same lesson and seed give the same samples, on every instruction set.
    package init(
        _ lesson: HeadLesson, seed: UInt64, count: Int? = nil, proofCount: Int = proofCount,
        kernels: KernelTable, progress: (Int, Int) throws -> Void = { _, _ in }
    ) throws {
        let maker = PracticeMaker(lesson, seed: seed)
        let count = count ?? Self.count(of: lesson.tiles[0].size)
        let banks = try lesson.banks()
        self.banks = banks
        let centres = banks.map(PatchCentres.of)
        var detectors: [Int: PatchDetector] = [:], samples: [Sample] = []
        for index in 0..<count {
            let made = maker.picture(index)
            let key = made.fold << 32 | made.size.width << 16 | made.size.height
            let detector: PatchDetector
            if let known = detectors[key] {
                detector = known
            } else {
                detector = try PatchDetector(
                    banks[made.fold], on: lesson.teaching.trunks.trunk(made.size), kernels: kernels,
                    keepsEvidence: true)
                detectors[key] = detector
            }
            // As many bytes as the detector's input: its size is the picture's.
            detector.begin(tile: made.tile)
            unsafe detector.withInput { input in unsafe input.copyBytes(from: made.pixels) }
            _ = detector.run()
            samples.append(Sample(detector, banks[made.fold], centres[made.fold], made))
            try progress(index + 1, count)
        }
        self.samples = samples
        proofs = (count..<count + proofCount).map(maker.picture)
        sheet = try SynthesisSheet.drawn(maker.shown)
        width = SegmentationHead.width(on: try lesson.teaching.trunks.trunk(lesson.tiles[0].size).taps)
        channels = SegmentationHead.adaptedTaps.indices.map { banks[0].vectors[$0].channels }
    }
}

extension SegmentationPractice.Sample {
    /// What `detector`, which keeps evidence, found in `made` before `bank`, of which `centres` are the centres, in its
    /// last run.
    package init(
        _ detector: PatchDetector, _ bank: PatchBank, _ centres: [[Float]], _ made: SegmentationPractice.Proof
    ) {
        self.centres = centres
        guard let evidence = detector.evidence else { preconditionFailure("a detector without evidence") }
        let adapted = SegmentationHead.adaptedTaps.indices
        codes = adapted.map { detector.codes($0) }
        nearest = adapted.map { tap in
            let vectors = bank.vectors[tap], width = vectors.channels
            // Positions that the search wrote.
            return unsafe evidence.nearest(tap).flatMap { position in
                vectors.codes[Int(position) * width..<(Int(position) + 1) * width]
            }
        }
        scalars = SegmentationHead.taps.indices.map { tap in unsafe Array(evidence.scalars(tap)) }
        let grid = detector.trunk.grid(0)
        grids = detector.trunk.taps.indices.map { detector.trunk.grid($0) }
        mask = made.mask.cells(across: 2 * grid.width, down: 2 * grid.height)
        level = unsafe detector.withMap { map in
            let count = Float(map.count)
            return unsafe (map.reduce(0, +) / count, map.reduce(0) { $0 + $1 * $1 } / count)
        }
    }
}

/// Pictures by their index, each from the seed and the index alone.
private struct PracticeMaker {
    private let lesson: HeadLesson
    private let seed: UInt64
    private let defects: VisibleDefects
    private let missed: MissedPractice
    private let pictures: [Picture]
    private let foregrounds: [PixelMask?]

    init(_ lesson: HeadLesson, seed: UInt64) {
        (self.lesson, self.seed) = (lesson, seed)
        pictures = lesson.tiles.map { Picture(size: $0.size, channelCount: 3, levels: $0.pixels) }
        foregrounds = pictures.map { PixelMask.foreground(of: $0) }
        defects = VisibleDefects(normals: pictures)
        missed = MissedPractice(lesson)
    }

    /// The first few pictures with a defect.
    var shown: [(picture: Picture, mask: PixelMask)] {
        let defective = (0..<4 * Self.shownCount).lazy.map(picture).filter { $0.mask.count > 0 }
        return defective.prefix(Self.shownCount).map { made in
            (Picture(size: made.size, channelCount: 3, levels: made.pixels), made.mask)
        }
    }

    private static let shownCount = 24

    func picture(_ index: Int) -> SegmentationPractice.Proof {
        var random = RandomNumbers(seed: seed, stream: "practice \(index)")
        let place = index % pictures.count, tile = lesson.tiles[place]
        var picture = pictures[place], number = tile.number
        var mask = PixelMask(
            size: tile.size, pixels: [Bool](repeating: false, count: tile.size.pixelCount))
        if index / pictures.count % 2 == 0 {
            if let made = missed.defect(in: picture, tile: tile.number, &random) {
                (picture, mask, number) = made
            } else if let made = defects.defect(
                in: picture, foreground: foregrounds[place], index, &random)
            {
                (picture, mask) = (made.picture, made.mask)
            }
        }
        let views = lesson.views, chosen = random.nextIndex(below: views.count), view = views[chosen]
        let exposure = Exposure(&random)
        let marks = view.of(mask.pixels.map { $0 ? 1 : 0 }, tile.size, channels: 1)
        return SegmentationPractice.Proof(
            fold: lesson.fold(part: tile.part, view: chosen), tile: number,
            pixels: view.of(picture.converted(toChannels: 3).levels, tile.size, channels: 3).map(
                exposure.level),
            size: tile.size, mask: PixelMask(size: tile.size, pixels: marks.map { $0 == 1 }))
    }
}

extension PixelMask {
    /// 1 for each of `across` x `down` cells of which at least a quarter belongs, 0 for the others.
    func cells(across: Int, down: Int) -> [Float] {
        let (width, height) = (size.width / across, size.height / down)
        var counts = [Int](repeating: 0, count: across * down)
        for (index, isSet) in pixels.enumerated() where isSet {
            counts[index / size.width / height * across + index % size.width / width] += 1
        }
        return counts.map { 4 * $0 >= width * height ? 1 : 0 }
    }
}
