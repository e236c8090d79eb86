import AnomalyModels
import Evaluation
import Foundation
import Imaging
import Inference
import Kernels
import ModelPackages
import SimulatedLine
import Testing
import Training

@Suite("training the zero-shot head")
struct ZeroShotTrainingTests {
    @Test("gives a head whose margins the detector computes as training does")
    func agreement() throws {
        let fixture = try ZeroShotTrainingFixture(folder: folder())
        let training = try fixture.training("agreement")
        while try training.takeStep() != nil {}
        let head = training.network.head(
            trunk: fixture.trunkName, mapWeight: 1, imageWeight: 0, limit: 1, median: 0)
        let plain = training.network.head(
            trunk: fixture.trunkName, mapWeight: 0, imageWeight: 0, limit: 1, median: 0)
        let columns = try #require(fixture.columns["wood"])
        let image = fixture.pictures[0].image
        let maps = try [head, plain].map { head in
            let detector = try ZeroShotDetector(
                head, columns, trunk: fixture.package, size: image.size, kernels: KernelTable(.best),
                pool: TensorPool())
            unsafe detector.withInput { input in unsafe input.copyBytes(from: image.pixels) }
            _ = detector.run()
            return unsafe detector.withMap { unsafe Array($0) }
        }
        let margins = zip(maps[0], maps[1]).map { $0 - $1 }
        // Training has learned to tell: the margins of defects are above those of the rest.
        let mask = fixture.pictures[0].mask.pixels, width = image.size.width
        var (inside, outside): ([Float], [Float]) = ([], [])
        for (cell, margin) in margins.enumerated() {
            let pixel = 2 * (cell / (width / 2)) * width + 2 * (cell % (width / 2))
            if mask[pixel] { inside.append(margin) } else { outside.append(margin) }
        }
        let mean = { (values: [Float]) in values.reduce(0, +) / Float(max(values.count, 1)) }
        #expect(mean(inside) > mean(outside), "\(mean(inside)) inside, \(mean(outside)) outside")
    }

    @Test("goes on from a checkpoint to the same weights, and refuses that of another recipe")
    func resuming() throws {
        let fixture = try ZeroShotTrainingFixture(folder: folder())
        let whole = try fixture.training("whole", epochs: 30)
        while try whole.takeStep() != nil {}
        let first = try fixture.training("parts", epochs: 30)
        // The checkpoint is written at the 50th step.
        for _ in 0..<55 { _ = try first.takeStep() }
        let second = try fixture.training("parts", epochs: 30)
        #expect(second.step == 50)
        while try second.takeStep() != nil {}
        #expect(second.weights == whole.weights)
        #expect(throws: TrainingError.self) { try fixture.training("parts", epochs: 31) }
    }

    @Test("goes on from a checkpoint in whatever order the nouns of its recipe lie in memory")
    func nounOrder() throws {
        let fixture = try ZeroShotTrainingFixture(folder: folder())
        let nouns = Dictionary(uniqueKeysWithValues: (0..<12).map { ("set\($0)", "part \($0)") })
        var sparse = nouns
        sparse.reserveCapacity(5000)
        let first = try fixture.training("nouns", epochs: 1, nouns: nouns)
        while try first.takeStep() != nil {}
        #expect(try fixture.training("nouns", epochs: 1, nouns: sparse).step == first.step)
        sparse["set0"] = "lid"
        #expect(throws: (any Error).self) { try fixture.training("nouns", epochs: 1, nouns: sparse) }
    }

    @Test("keeps its features on disk, and makes a shard of another recipe anew")
    func cache() throws {
        let folder = try folder(), fixture = try ZeroShotTrainingFixture(folder: folder)
        let same = fixture.cache,
            other = FeatureCache(
                folder: folder, recipe: "another", side: 64, count: FeatureCache.shardCount)
        #expect(same.has(0) && !other.has(0))
        let shard = try same.read(0, taps: ["s8", "s16", "s32"])
        #expect(shard.captions.count == FeatureCache.shardCount)
        let covered = shard.masks.contains { $0 > 0 }
        #expect(covered && shard.features.codes[0].count == FeatureCache.shardCount * 8 * 8 * 40)
    }

    @Test("renders the same practice pictures for the same seed, with masks where there are defects")
    func pictures() {
        let pictures = PracticePictures(
            kinds: Array(PracticeCatalogue.kinds.prefix(3)), products: 2, side: 64, seed: 5)
        let again = PracticePictures(
            kinds: Array(PracticeCatalogue.kinds.prefix(3)), products: 2, side: 64, seed: 5)
        let both = (0..<24).map { (pictures[$0], again[$0]) }
        #expect(both.allSatisfy { $0 == $1 })
        let defective = both.count { $0.0.isDefective }
        #expect(6...22 ~= defective, "\(defective) of 24 have a defect")
    }

    private func folder() throws -> String {
        let path = FileManager.default.temporaryDirectory.appending(path: "zero-shot-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}

/// A shard of small pictures, half of them with a bright square, and columns that no text network made.
struct ZeroShotTrainingFixture {
    let package: ModelPackage
    let pictures: [TrainingPicture]
    let cache: FeatureCache
    let columns: [String: ClassColumns]
    private let shard: FeatureCache.Shard
    private let features: TrunkFeatures
    private let folder: String

    init(folder: String) throws {
        self.folder = folder
        let models = URL(filePath: #filePath).appending(path: "../../../../Models").standardized.path
        package = try ModelPackage(opening: models + "/efficientnet-lite0", verifyingHashes: false)
        features = try TrunkFeatures(package, side: 64, kernels: KernelTable(.best))
        let made = try (0..<FeatureCache.shardCount).map(Self.picture)
        pictures = made
        cache = FeatureCache(folder: folder, recipe: "test", side: 64, count: FeatureCache.shardCount)
        try cache.make(0, features) { made[$0] }
        shard = try cache.read(0, taps: features.taps.map(\.name))
        let unit = Float(1 / Double(ZeroShotHead.width).squareRoot())
        columns = [
            "wood": ClassColumns(
                normal: (0..<ZeroShotHead.width).map { $0 % 2 == 0 ? unit : -unit },
                abnormal: (0..<ZeroShotHead.width).map { $0 % 3 == 0 ? unit : -unit })
        ]
    }

    var trunkName: PatchBank.Trunk {
        .init(name: package.manifest.name, digest: package.digest.description)
    }

    func training(_ name: String, epochs: Int = 20, nouns: [String: String] = [:]) throws -> ZeroShotTraining
    {
        try ZeroShotTraining(
            ZeroShotRecipe(
                name: "test", version: "1", seed: 1, trunk: "", text: "", pictures: 64, products: 1,
                include: [],
                included: 0, nouns: nouns, side: 64, hidden: 16, epochs: epochs, batch: 16, rate: 0.01,
                decay: 0.01, mapWeight: 0, imageWeight: 0),
            shards: [shard], columns: columns, taps: features.taps, threads: 1,
            checkpoint: "\(folder)/\(name).safetensors")
    }

    private static func picture(_ index: Int) throws -> TrainingPicture {
        let size = Size(width: 64, height: 64)
        var random = RandomNumbers(seed: 3, stream: "\(index)")
        let left = random.nextIndex(below: 40), top = random.nextIndex(below: 40)
        let isBad = index % 2 == 0
        var pixels: [UInt8] = [], mask: [Bool] = []
        for y in 0..<64 {
            for x in 0..<64 {
                let isInside = isBad && left..<left + 16 ~= x && top..<top + 16 ~= y
                let level = isInside ? 220 : 90 + (x / 4 + y / 4) % 2 * 30 + random.nextIndex(below: 8)
                pixels += [UInt8(level), UInt8(level), UInt8(level)]
                mask.append(isInside)
            }
        }
        return TrainingPicture(
            image: try RGBImage(size: size, pixels: pixels), mask: PixelMask(size: size, pixels: mask),
            noun: "wood", states: [])
    }
}

extension ZeroShotTraining {
    /// All weights, by name.
    var weights: [String: [Float]] {
        network.parameters.all.reduce(into: [:]) { $0[$1.name] = $1.values }
    }
}
