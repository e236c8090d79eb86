import AnomalyModels
import Foundation
import Imaging
import Inference
import Kernels
import ModelPackages
import Tensors
import Testing
import Training

@Suite("training prompts on a frozen tower")
struct PromptedTrainingTests {
    @Test(
        "learns to tell, and gives a head whose margins the detector computes as training does",
        arguments: PromptLayout.Kind.allCases)
    func agreement(kind: PromptLayout.Kind) throws {
        let folder = try PromptedFolder(), fixture = try PromptedTrainingFixture(folder.path, kind)
        let training = try fixture.training("agreement", epochs: 4)
        var losses: [Double] = []
        while let report = try training.takeStep() { losses.append(report.loss) }
        #expect(losses.suffix(4).reduce(0, +) < losses.prefix(4).reduce(0, +), "\(losses)")
        let head = training.network.head(
            tower: .init(name: "tower", digest: fixture.package.digest.description),
            choices: .init(fusion: .clusters, usesRarity: false, mapWeight: 1, imageWeight: 0.01))
        let tape = Tape<Float>(workers: try Workers(count: 1), isTraining: false)
        tape.begin()
        let expected = tape.values(training.network.said(tape, training.batch(of: [0, 1])).mean)
        let detector = try PromptedDetector(
            head, fixture.columns, tower: fixture.package, size: Size(width: 96, height: 96),
            kernels: KernelTable(.best), pool: TensorPool())
        for index in 0..<2 {
            let pixels = try PromptedTrainingFixture.picture(index).image.pixels
            unsafe detector.withInput { unsafe $0.copyBytes(from: pixels) }
            _ = detector.run()
            let margins = unsafe detector.withMargins { unsafe Array($0) }
            let own = Array(expected[index * 144..<(index + 1) * 144])
            let largest = own.map(abs).max() ?? 0
            // Weights and tokens in int8: a tenth of the largest margin.
            #expect(largestDifference(margins, own) < 0.1 * largest, "picture \(index)")
        }
    }

    @Test("goes on from a checkpoint to the same weights, and refuses that of another recipe")
    func resuming() throws {
        let folder = try PromptedFolder(), fixture = try PromptedTrainingFixture(folder.path, .dynamic)
        let weights = { (training: PromptedTraining) in training.network.parameters.all.map(\.values) }
        let whole = try fixture.training("whole", epochs: 14)
        while try whole.takeStep() != nil {}
        let first = try fixture.training("parts", epochs: 14)
        // The checkpoint is written at the 50th step.
        for _ in 0..<52 { _ = try first.takeStep() }
        let second = try fixture.training("parts", epochs: 14)
        #expect(second.step == 50)
        while try second.takeStep() != nil {}
        #expect(weights(second) == weights(whole))
        #expect(throws: TrainingError.self) { try fixture.training("parts", epochs: 15) }
    }

    @Test("moves every parameter")
    func parameters() throws {
        let folder = try PromptedFolder(), fixture = try PromptedTrainingFixture(folder.path, .dynamic)
        let training = try fixture.training("moves", epochs: 2)
        let before = training.network.parameters.all.map { ($0.name, $0.values) }
        while try training.takeStep() != nil {}
        for (name, values) in before {
            let isMoved = training.network.parameters[name]?.values != values
            #expect(isMoved, "\(name)")
        }
    }

    @Test("tells by two vectors alone where the recipe learns anchors: no sentence is read")
    func anchors() throws {
        let folder = try PromptedFolder(), fixture = try PromptedTrainingFixture(folder.path, .dynamic)
        let training = try fixture.training("anchors", epochs: 4, words: .anchors)
        #expect(training.batch(of: [0, 1]).columns.allSatisfy { $0 == 0 })
        var losses: [Double] = []
        while let report = try training.takeStep() { losses.append(report.loss) }
        #expect(losses.suffix(4).reduce(0, +) < losses.prefix(4).reduce(0, +), "\(losses)")
    }

    @Test("keeps its tokens on disk, and makes a shard of another recipe anew")
    func cache() throws {
        let folder = try PromptedFolder(), fixture = try PromptedTrainingFixture(folder.path, .dynamic)
        let count = TowerTokenCache.shardCount
        let other = TowerTokenCache(folder: folder.path, recipe: "another", count: count)
        #expect(fixture.cache.has(0) && !other.has(0))
        let shard = try fixture.cache.read(0)
        #expect(shard.tokens.count == count * 145 * 64 && shard.beside.count == count * 64)
        #expect(shard.masks.count == count * 24 * 24 && shard.masks.contains { $0 > 0 })
        let file = URL(filePath: folder.path + "/tower-00000.safetensors")
        try Data(contentsOf: file).prefix(5000).write(to: file)
        #expect(!fixture.cache.has(0))
        #expect(throws: (any Error).self) { try fixture.cache.read(0) }
    }

    @Test("reads a LiteVL where its tokens begin, and what its classifier knows of names")
    func liteVL() throws {
        let models = URL(filePath: #filePath).appending(path: "../../../../Models").standardized.path
        let package = try ModelPackage(opening: models + "/litevl", verifyingHashes: false)
        let tokens = try TowerTokens(package, kind: .fixed, side: 64, kernels: KernelTable(.best))
        let image = try RGBImage(
            size: Size(width: 64, height: 64),
            pixels: PatternImages(seed: 1, width: 64, height: 64).image(0))
        let said = tokens.of(image)
        #expect(tokens.layout.first == 0 && tokens.rows == 17 && said.tokens.count == 17 * 128)
        // Rows behind a norm, and the classifier's part is not nothing.
        #expect(said.beside.count == 384 && said.beside.contains { $0 != 0 })
        let network = PromptedNetwork(
            try FrozenBlocks(tokens.layout, PackageSource(package)), fusion: .off, words: .sentences,
            dice: .image, seed: 1)
        let tape = Tape<Float>(workers: try Workers(count: 1), isTraining: false)
        tape.begin()
        let batch = PromptedBatch(
            count: 1, grid: 4, cells: 16, tokens: said.tokens, beside: said.beside,
            masks: [Float](repeating: 0, count: 256),
            columns: [Float](repeating: 0.05, count: 768))
        let length = tape.values(network.said(tape, batch).image).reduce(0) { $0 + $1 * $1 }
        #expect(abs(length - 1) < 1e-4)
    }
}

@Suite("sentences by the text tower of a CLIP")
struct ClipSentenceTests {
    @Test("are unit vectors near those of float32, and differ from each other")
    func sentences() throws {
        let folder = try PromptedFolder()
        let path = folder.path + "/checkpoint.safetensors"
        try FidelityFixture.writer(FidelityFixture.towerTensors).write(to: path)
        let merges = try Data(contentsOf: URL(filePath: FidelityFixture.path("adaclip_merges.txt")))
        var request = ModelImporter.Request(name: "clip")
        request.vocabulary = (path: "adaclip_merges.txt", bytes: Array(merges))
        request.isForced = true
        let importer = try ModelImporter(checkpoint: path, activation: .quickGELU)
        let package = try importer.write(request, to: folder.path + "/clip") { _, _, _ in }.package
        let encoder = try SentenceEncoder(package, kernels: KernelTable(.best))
        #expect(encoder.width == 64)
        let checkpoint = try CheckpointReader.read(path: path, activation: .quickGELU)
        let tokenizer = try FidelityFixture().tokenizer
        var vectors: [[Float]] = []
        for sentence in ["a bad photo of a nut.", "a bad photo of a damaged nut."] {
            let found = try encoder.embedding(of: sentence), ids = try tokenizer.encode(sentence)
            let graph = try Network(checkpoint.architecture).graph(
                .tokens(count: ids.count), outputs: .last)
            let reference = try ReferenceSession(
                graph, weights: FloatSource(checkpoint.weights), kernels: KernelTable(.best), keepsAll: false)
            reference.run(tokens: ids)
            let expected = try #require(reference.output("text.embedding"))
            let length = expected.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let cosine = zip(found, expected).reduce(0) { $0 + $1.0 * $1.1 } / length
            #expect(cosine > 0.99, "\(sentence): \(cosine)")
            #expect(abs(found.reduce(0) { $0 + $1 * $1 } - 1) < 1e-4)
            vectors.append(found)
        }
        #expect(vectors[0] != vectors[1])
        let columns = try ClassColumns(ClassWords(names: ["nut"]), encoder)
        let file = folder.path + "/columns"
        try columns.write(to: file)
        #expect(ClassColumns(contentsOf: file, width: 64) == columns)
        #expect(ClassColumns(contentsOf: file) == nil)
    }
}

/// A shard of small pictures for the tower of Golden/prompted.py, half of them with a bright square.
struct PromptedTrainingFixture {
    let package: ModelPackage
    let cache: TowerTokenCache
    let columns = PromptedFixture.columns[0]
    private let folder: String
    private let tokens: TowerTokens
    private let shard: TowerTokenCache.Shard

    init(_ folder: String, _ kind: PromptLayout.Kind) throws {
        self.folder = folder
        package = try PromptedFixture.package(in: folder)
        tokens = try TowerTokens(
            package, kind: kind, side: PromptedFixture.side, kernels: KernelTable(.best))
        cache = TowerTokenCache(folder: folder, recipe: "test", count: TowerTokenCache.shardCount)
        try cache.make(0, tokens, picture: Self.picture)
        shard = try cache.read(0)
    }

    func training(
        _ name: String, epochs: Int, words: PromptedRecipe.Words = .sentences
    ) throws -> PromptedTraining {
        let recipe = PromptedRecipe(
            name: "test", version: "1", seed: 1, tower: "tower", text: "", pictures: 64, products: 1,
            side: PromptedFixture.side, epochs: epochs, batch: 16, rate: 0.003, decay: 0.01,
            prompts: tokens.layout.kind, fusion: .clusters, words: words, dice: .image, rarity: false,
            mapWeight: 0.03, imageWeight: 0.02)
        return try PromptedTraining(
            recipe, FrozenBlocks(tokens.layout, PackageSource(package)), shards: [shard],
            columns: ["wood": columns], grid: tokens.grid, threads: 1,
            checkpoint: "\(folder)/\(name).safetensors")
    }

    static func picture(_ index: Int) throws -> TrainingPicture {
        let side = PromptedFixture.side, size = Size(width: side, height: side)
        var random = RandomNumbers(seed: 3, stream: "\(index)")
        let left = random.nextIndex(below: 64), top = random.nextIndex(below: 64)
        var pixels: [UInt8] = [], mask: [Bool] = []
        for y in 0..<side {
            for x in 0..<side {
                let isInside = index % 2 == 0 && left..<left + 24 ~= x && top..<top + 24 ~= y
                let level = UInt8(isInside ? 220 : 90 + (x / 4 + y / 4) % 2 * 30 + random.nextIndex(below: 8))
                pixels += [level, level, level]
                mask.append(isInside)
            }
        }
        return TrainingPicture(
            image: try RGBImage(size: size, pixels: pixels), mask: PixelMask(size: size, pixels: mask),
            noun: "wood", states: [])
    }
}
