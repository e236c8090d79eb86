internal import AnomalyModels
internal import Imaging

/// The training of an `InpaintingNetwork` on the pictures that it is for: parts of them are taken out by chance, and it
/// learns to put them back. None of them is over a picture's mark, so that it never learns to put back one.
struct InpaintingTraining {
    private let pictures: [GreyPicture]
    private let places: [(x: Float, y: Float)]
    private let size: Size
    private let network: InpaintingNetwork
    private let trainer: Trainer<Float>
    private var random: RandomNumbers
    private let batch: Int

    /// Mirror images, each its own inverse.
    static let views = ReferenceViews.mirrored.all
    /// Holes tried for a picture, and their radii as shares of its shorter side.
    private static let holes = 5
    private static let radii: ClosedRange<Double> = 0.06...0.18
    /// What is left out about a mark, as a share of the same.
    private static let markRadius = 0.07

    init(
        _ network: InpaintingNetwork, pictures: [GreyPicture], marksAt places: [(x: Float, y: Float)],
        steps: Int, batch: Int, seed: UInt64, workers: Workers
    ) {
        (self.network, self.pictures, self.places) = (network, pictures, places)
        (size, self.batch) = (pictures[0].size, batch)
        var settings = Adam<Float>.Settings()
        settings.decay = .decoupled(1e-4)
        settings.clip = 5
        trainer = Trainer(
            tape: Tape<Float>(workers: workers), optimiser: Adam(network.parameters, settings),
            schedule: Schedule(peak: 3e-3, warmUpSteps: min(steps / 10, steps - 1), totalSteps: steps))
        random = RandomNumbers(seed: seed, stream: "holes")
    }

    /// One step. Throws `TrainingError.notFinite`.
    mutating func takeStep() throws {
        var inputs: [Float] = [], targets: [Float] = [], masks: [Float] = []
        for _ in 0..<batch {
            let number = random.nextIndex(below: pictures.count)
            let view = Self.views[random.nextIndex(below: Self.views.count)]
            let turned = view.of(pictures[number].values, size, channels: 1)
            let holes = view.of(drawnHoles(besides: places[number]), size, channels: 1)
            inputs += InpaintingNetwork.input(turned, holes: holes)
            targets += turned
            masks += holes
        }
        let (batch, size) = (self.batch, self.size)
        _ = try trainer.takeStep { tape in
            Self.loss(tape, network, inputs, targets, masks, batch: batch, size)
        }
    }

    /// The mean cross entropy of the pixels in holes; the others have a small share, so that they are seen.
    private static func loss(
        _ tape: Tape<Float>, _ network: InpaintingNetwork, _ inputs: [Float], _ targets: [Float],
        _ masks: [Float], batch: Int, _ size: Size
    ) -> Tensor<Float> {
        let logits = network.filled(tape, tape.constant(inputs, [batch, size.height, size.width, 2]))
        func blocks(_ values: [Float]) -> Tensor<Float> {
            tape.spaceToDepth(
                tape.constant(values, [batch, size.height, size.width, 1]), size: InpaintingNetwork.block)
        }
        // Where a logit is put to 0 and its target to a half, the loss is constant: only holes count.
        let counted = tape.multiply(logits, blocks(masks))
        let halved = zip(targets, masks).map { $1 > 0 ? $0 : 0.5 }
        let inHoles = tape.binaryCrossEntropy(logits: counted, targets: blocks(halved))
        let share = max(masks.reduce(0, +) / Float(masks.count), 1e-3)
        let everywhere = tape.binaryCrossEntropy(logits: logits, targets: blocks(targets))
        return tape.add(tape.scale(inHoles, by: 1 / share), tape.scale(everywhere, by: 0.05))
    }

    /// Discs that do not touch each other nor the mark, by chance.
    private mutating func drawnHoles(besides mark: (x: Float, y: Float)) -> [Float] {
        var holes = [Float](repeating: 0, count: size.pixelCount)
        let side = Double(min(size.width, size.height))
        var discs = [(Double(mark.x), Double(mark.y), Self.markRadius * side)]
        for _ in 0..<Self.holes {
            let radius =
                side
                * (Self.radii.lowerBound + random.nextUnit() * (Self.radii.upperBound - Self.radii.lowerBound))
            let x = random.nextUnit() * Double(size.width), y = random.nextUnit() * Double(size.height)
            let stretch = 0.7 + 0.7 * random.nextUnit()
            let isFree = discs.allSatisfy { other in
                let distance = ((x - other.0) * (x - other.0) + (y - other.1) * (y - other.1)).squareRoot()
                return distance > 1.2 * (radius + other.2) + 2
            }
            guard isFree else { continue }
            discs.append((x, y, radius))
            GreyPicture.draw(
                discAt: Float(x), Float(y), radius: Float(radius), stretch: Float(stretch), in: size,
                into: &holes)
        }
        return holes
    }
}
