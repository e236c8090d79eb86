package import AnomalyModels
import Evaluation
import Imaging
package import Kernels

/// Trains the segmentation head of one region of one product, in some tens of seconds on two cores (METHODS.md 4.4,
/// 4.5: the full stage, in a fixed number of steps).
package struct SegmentationTraining {
    /// The same for every product, table row and machine.
    package static let steps = 400
    package static let batch = 8
    package static let rate = 1e-3
    private static let decay = 1e-5
    /// What helps (Documentation/vtfusion.md). Trained adapters do not: they learn the practice defects; nor does the
    /// segmentation network.
    package static let parts: Set<SegmentationNetwork.Part> = [.features, .attention]
    /// How much the logit counts beside the map of the nearest patches, both in deviations over good parts.
    package static let strength: Float = 1

    /// What the image AUROC of the pictures kept back may lose.
    private static let tolerance = 0.02

    package var steps = Self.steps
    package var seed: UInt64 = 0
    package var parts = Self.parts
    /// What it goes on from, and has to do better than; nil for weights drawn by chance and the nearest patches alone.
    package var start: SegmentationHead?
    /// Where a fusion block gets its sentences from, and, with a start, its text adapter.
    package var shipped = ShippedWeights()

    package init() {}

    /// What training came to.
    package struct Result {
        /// nil if it did not do better than `start`, or the nearest patches alone, on the pictures kept back.
        package let head: SegmentationHead?
        /// Of the pictures kept back, without and with the head: image AUROC and average precision of pixels, 0...1; nil
        /// where there is no defect among them.
        package let before: Proof
        package let after: Proof
        /// The loss over the last tenth of the steps.
        package let loss: Double
    }

    package struct Proof: Sendable, Hashable, Encodable {
        package var image: Double?
        package var pixels: Double?
    }

    /// Trains on `practice`, of the lesson it was made of. Blocks. Throws `TrainingError` and `ModelError`, and
    /// what `progress` throws, which hears of each step, and of each picture that it is measured with.
    package func run(
        _ practice: SegmentationPractice, _ lesson: HeadLesson, threads: Int, kernels: KernelTable,
        progress: (Int, Int) throws -> Void = { _, _ in }
    ) throws -> Result {
        // Before anything is multiplied: they keep OpenBLAS to one thread, and so to one order of sums.
        let workers = try Workers(count: threads)
        let network = network(practice)
        var settings = Adam<Float>.Settings()
        settings.decay = .l2(Self.decay)
        let trainer = Trainer(
            tape: Tape(workers: workers), optimiser: Adam(network.parameters, settings),
            schedule: Schedule(peak: Self.rate, warmUpSteps: max(steps / 33, 1), totalSteps: steps))
        let inputs = practice.samples.map(network.input)
        let groups = Dictionary(grouping: practice.samples.indices) { practice.samples[$0].grids[0] }
        var random = RandomNumbers(seed: seed, stream: "batches"), losses: [Double] = [], done = 0
        let good = practice.samples.filter { !$0.isDefective }
        let total = steps + good.count + 2 * practice.proofs.count
        func goOn() throws {
            done += 1
            try progress(done, total)
        }
        for _ in 0..<steps {
            let first = random.nextIndex(below: practice.samples.count)
            // Of one size, that of a picture drawn from all.
            let group = groups[practice.samples[first].grids[0]] ?? [first]
            let batch = (0..<min(Self.batch, group.count)).map { _ in
                inputs[group[random.nextIndex(below: group.count)]]
            }
            losses.append(try trainer.takeStep { network.loss($0, batch) }.loss)
            try goOn()
        }
        let head = try measured(network, good, lesson, workers, goOn)
        let before = try proof(practice, lesson, start, kernels, goOn)
        let after = try proof(practice, lesson, head, kernels, goOn)
        let last = losses.suffix(max(steps / 10, 1))
        return Result(
            head: Self.isBetter(after, before) ? head : nil, before: before, after: after,
            loss: last.reduce(0, +) / Double(max(last.count, 1)))
    }

    /// The network before its first step: with the fusion block of the start, or, without a start, that of `parts`; as wide
    /// as the start.
    ///
    /// - Precondition: for a block the shipped weights have sentences; a start has a block, and a gate, if `parts` say so.
    private func network(_ practice: SegmentationPractice) -> SegmentationNetwork {
        var parts = parts
        if let block = start?.block { parts.formUnion(block == .gated ? [.block, .gate] : [.block]) }
        precondition(
            start == nil
                || (start?.block != nil) == parts.contains(.block)
                    && (start?.block == .gated) == parts.isSuperset(of: [.block, .gate]),
            "a start with another block")
        let network = SegmentationNetwork(
            practice, width: start?.width, seed: seed, parts: parts,
            columns: shipped.columns ?? shipped.head?.object)
        guard let start else { return network }
        network.start(from: start)
        if let shared = shipped.head { network.startText(from: shared) }
        return network
    }

    /// At least the image AUROC of before, less what chance makes of so few pictures, and its average precision of
    /// pixels. (METHODS.md 4.5 has half a point of AUROC; that of 64 pictures has a standard error of several.)
    private static func isBetter(_ after: Proof, _ before: Proof) -> Bool {
        guard let (image, pixels) = after.image.flatMap({ image in after.pixels.map { (image, $0) } }),
            let old = before.image, let oldPixels = before.pixels
        else { return false }
        return image >= old - Self.tolerance && pixels >= oldPixels
    }

    /// The head with the weight and the centre that its logits of good pictures ask for.
    private func measured(
        _ network: SegmentationNetwork, _ good: [SegmentationPractice.Sample], _ lesson: HeadLesson,
        _ workers: Workers, _ goOn: () throws -> Void
    ) throws -> SegmentationHead {
        let tape = Tape<Float>(workers: workers, isTraining: false)
        var sum = 0.0, square = 0.0, count = 0.0, mean = 0.0, level = 0.0
        for sample in good {
            tape.begin()
            for logit in tape.values(network.logits(tape, [network.input(sample)])) {
                (sum, square) = (sum + Double(logit), square + Double(logit) * Double(logit))
                count += 1
            }
            mean += Double(sample.level.mean) / Double(good.count)
            level += Double(sample.level.square) / Double(good.count)
            try goOn()
        }
        guard count > 0 else { return network.head(weight: 0, centre: 0) }
        let deviation = max(square / count - sum / count * sum / count, 1e-12).squareRoot()
        let spread = max(level - mean * mean, 0).squareRoot()
        // Parts that do not resemble each other teach what differs between them, not what is wrong.
        let share = 1 - (try lesson.teaching.strangeness())
        return network.head(
            weight: Self.strength * share * Float(spread / deviation), centre: Float(sum / count))
    }

    /// How the pictures kept back are told apart with `head`, each before a bank that does not know its part.
    private func proof(
        _ practice: SegmentationPractice, _ lesson: HeadLesson, _ head: SegmentationHead?,
        _ kernels: KernelTable, _ goOn: () throws -> Void
    ) throws -> Proof {
        var images = Ranking(), pixels = Ranking(), detectors: [Int: PatchDetector] = [:]
        for proof in practice.proofs {
            let key = proof.fold << 32 | proof.size.width << 16 | proof.size.height
            let detector =
                try detectors[key]
                ?? PatchDetector(
                    practice.banks[proof.fold].with(head), on: lesson.teaching.trunks.trunk(proof.size),
                    kernels: kernels)
            detectors[key] = detector
            // As many bytes as the detector's input: its size is the picture's.
            detector.begin(tile: proof.tile)
            unsafe detector.withInput { input in unsafe input.copyBytes(from: proof.pixels) }
            images.add(detector.run(), proof.mask.count > 0)
            let size = detector.mapSize
            let marks = proof.mask.cells(across: size.width, down: size.height)
            unsafe detector.withMap { map in
                for cell in map.indices { unsafe pixels.add(map[cell], marks[cell] == 1) }
            }
            try goOn()
        }
        return Proof(image: images.ranked.auroc, pixels: pixels.ranked.averagePrecision)
    }

    private struct Ranking {
        private var negatives: [Float] = []
        private var positives: [Float] = []

        mutating func add(_ score: Float, _ isDefective: Bool) {
            if isDefective { positives.append(score) } else { negatives.append(score) }
        }

        var ranked: RankedScores { RankedScores(negatives: negatives, positives: positives) }
    }
}
