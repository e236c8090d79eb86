import AnomalyModels
import Foundation
import Imaging
import Inference
import Kernels
import ModelPackages
import Tensors
import Testing
import Training

@Suite("training the backbone that sees and reads")
struct LiteVLTrainingTests {
    @Test("gives a package whose vectors are near those of training", arguments: [0, 1, 2])
    func agreement(layers: Int) throws {
        let fixture = try LiteVLTrainingFixture()
        let training = try fixture.training("agreement", layers: layers, epochs: 4)
        while try training.takeStep() != nil {}
        let package = try fixture.package(training)
        let batch = try fixture.batch(training)
        let tape = Tape<Float>(workers: try Workers(count: 1), isTraining: false)
        tape.begin()
        let expected = tape.values(training.network.embedded(tape, batch))
        let graph = try Network(of: package).graph(.image(side: 64), outputs: .last)
        let session = try unsafe Session(
            CompiledModel(graph, weights: PackageSource(package), kernels: KernelTable(.best)),
            pool: TensorPool())
        for index in 0..<batch.count {
            unsafe session.withInput { unsafe $0.copyBytes(from: fixture.pictures[index].image.pixels) }
            session.run()
            let found = try #require(session.floats("vision.embedding"))
            let other = expected[index * found.count..<(index + 1) * found.count]
            var square: Float = 0, product: Float = 0
            for (a, b) in zip(found, other) {
                square += a * a
                product += a * b
            }
            let cosine = product / square.squareRoot()
            #expect(cosine > 0.99, "picture \(index): \(cosine)")
        }
    }

    @Test("tells the two kinds and the two states that it was shown")
    func learning() throws {
        let fixture = try LiteVLTrainingFixture()
        let training = try fixture.training("learning", layers: 1, epochs: 30)
        var losses: [Double] = []
        while let report = try training.takeStep() { losses.append(report.loss) }
        let first: Double = losses.prefix(4).reduce(0, +), last: Double = losses.suffix(4).reduce(0, +)
        #expect(last < 0.5 * first, "from \(first) to \(last)")
    }

    @Test("goes on from a checkpoint to the same weights, and refuses that of another recipe")
    func resuming() throws {
        let fixture = try LiteVLTrainingFixture()
        let whole = try fixture.training("whole", layers: 1, epochs: 15)
        while try whole.takeStep() != nil {}
        let first = try fixture.training("parts", layers: 1, epochs: 15)
        // The checkpoint is written at the 50th step.
        for _ in 0..<54 { _ = try first.takeStep() }
        let second = try fixture.training("parts", layers: 1, epochs: 15)
        #expect(second.step == 50)
        while try second.takeStep() != nil {}
        let weights = { (training: LiteVLTraining) in training.network.parameters.all.map(\.values) }
        #expect(weights(second) == weights(whole))
        #expect(throws: TrainingError.self) { try fixture.training("parts", layers: 1, epochs: 16) }
    }

    @Test("trains on no picture of a kind that is held out")
    func heldOut() throws {
        let fixture = try LiteVLTrainingFixture()
        let all = try fixture.training("all", layers: 0, epochs: 1)
        let some = try fixture.training("some", layers: 0, epochs: 1, heldOut: ["grid"])
        #expect(all.steps == 4 && some.steps == 2)
    }

    @Test("solves the regression from names to logits")
    func ridge() {
        var random = RandomNumbers(seed: 1, stream: "ridge")
        let (classes, width) = (40, 12)
        let sentences = (0..<classes * width).map { _ in Float(random.nextNormal()) }
        let logits = (0..<classes).map { _ in Float(random.nextNormal()) }
        let known = NamedClasses(sentences: sentences, width: width)
        let solved = known.said(by: logits[...], bias: [Float](repeating: 0, count: classes))
        // C' (C F - L) + ridge F = 0
        for column in 0..<width {
            var sum = NamedClasses.usualRidge * Double(solved[column])
            for row in 0..<classes {
                var product = 0.0
                for place in 0..<width {
                    product += Double(sentences[row * width + place]) * Double(solved[place])
                }
                sum += Double(sentences[row * width + column]) * (product - Double(logits[row]))
            }
            #expect(abs(sum) < 1e-3, "column \(column): \(sum)")
        }
        // The classifier of one channel whose logits these are.
        #expect(known.product(with: logits, channels: 1) == solved)
    }
}

/// Small pictures of two kinds, half of them with a bright square, and vectors that no text network made.
struct LiteVLTrainingFixture {
    let trunk: ModelPackage
    let pictures: [TrainingPicture]
    private let shard: TokenCache.Shard
    private let folder: String
    private let lesson: LiteVLLesson
    private let width = 384

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "litevl-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let models = URL(filePath: #filePath).appending(path: "../../../../Models").standardized.path
        trunk = try ModelPackage(opening: models + "/efficientnet-lite0", verifyingHashes: false)
        let features = try TokenFeatures(trunk, side: 64, kernels: KernelTable(.best))
        let made = try (0..<TokenCache.shardCount).map(Self.picture)
        pictures = made
        let cache = TokenCache(folder: folder, recipe: "test", count: TokenCache.shardCount)
        try cache.make(0, features) { (made[$0], made[$0].noun) }
        shard = try cache.read(0, taps: features.taps.map(\.name))
        var random = RandomNumbers(seed: 1, stream: "sentences")
        let vector = { (width: Int) in
            let values = (0..<width).map { _ in Float(random.nextNormal()) }
            let length: Float = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return values.map { $0 / length }
        }
        let kinds = ["grid", "plain"].map { (names: [$0], states: ["scratched"]) }
        lesson = LiteVLLesson(
            LiteVLSentences(of: kinds, width: width) { _ in vector(384) },
            NamedClasses(sentences: (0..<TokenCache.classes).flatMap { _ in vector(384) }, width: width),
            align: 0.1)
    }

    func training(
        _ name: String, layers: Int, epochs: Int, heldOut: [String] = []
    ) throws -> LiteVLTraining {
        try LiteVLTraining(
            LiteVLRecipe(
                name: "test", version: "1", seed: 1, trunk: "", text: "", pictures: 64, products: 1,
                heldOut: heldOut, side: 64, width: 64, layers: layers, epochs: epochs, batch: 16, rate: 0.003,
                decay: 0.01, align: 0.1, known: 1),
            Architecture.LiteVL(trunk: .lite0, width: 64, layers: layers), shards: [shard], lesson: lesson,
            bias: try trunk.weights.floats("classifier.bias"), threads: 1,
            checkpoint: "\(folder)/\(name).safetensors")
    }

    func package(_ training: LiteVLTraining) throws -> ModelPackage {
        let channels = EfficientNetLite.headChannels
        let rows = try PackageSource(trunk).floats(
            "classifier.weight", shape: [TokenCache.classes, channels])
        let names = lesson.classes.product(with: rows, channels: channels).map { $0 * training.namedScale }
        let made = try LiteVLPackage(
            training.network.architecture, training.network.weights(training.statistics, names: names),
            trunk: trunk, pictures: [PatternImages(seed: 1, width: 256, height: 256).image(0)])
        return try made.package(name: "litevl", version: "1.0.0").write(
            to: folder + "/litevl-\(training.network.architecture.layers)", replacing: true)
    }

    /// The first pictures.
    func batch(_ training: LiteVLTraining) throws -> LiteVLBatch {
        let bias = try trunk.weights.floats("classifier.bias"), classes = TokenCache.classes
        var batch = LiteVLBatch(count: 6, side: 4)
        for place in 0..<batch.count {
            let said = lesson.classes.said(
                by: shard.logits[place * classes..<(place + 1) * classes], bias: bias)
            batch.append(
                shard, place, training.network.architecture.trunkChannels, training.statistics,
                means: LiteVLBatch.means(
                    of: shard, place, training.network.architecture.trunkChannels, training.statistics)[...],
                named: said.map { $0 * training.namedScale }[...], hasMaps: true)
        }
        return batch
    }

    private static func picture(_ index: Int) throws -> TrainingPicture {
        let size = Size(width: 64, height: 64)
        var random = RandomNumbers(seed: 3, stream: "\(index)")
        let left = random.nextIndex(below: 40), top = random.nextIndex(below: 40)
        let isBad = index % 2 == 0, isGrid = index % 4 < 2
        var pixels: [UInt8] = [], mask: [Bool] = []
        for y in 0..<64 {
            for x in 0..<64 {
                let isInside = isBad && left..<left + 16 ~= x && top..<top + 16 ~= y
                let ground = 90 + (isGrid ? (x / 4 + y / 4) % 2 * 40 : 0) + random.nextIndex(below: 8)
                let level = UInt8(isInside ? 220 : ground)
                pixels += [level, level, level]
                mask.append(isInside)
            }
        }
        return TrainingPicture(
            image: try RGBImage(size: size, pixels: pixels), mask: PixelMask(size: size, pixels: mask),
            noun: isGrid ? "grid" : "plain", states: [])
    }
}
