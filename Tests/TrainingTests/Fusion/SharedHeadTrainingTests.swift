import AnomalyModels
import Foundation
import Imaging
import Inference
import Kernels
import ModelPackages
import Platform
import SimulatedLine
import Testing
import Training

@Suite("training a head over many simulated products")
struct SharedHeadTrainingTests {
    private static let kernels = KernelTable(.best)
    private static let recipe = SharedHeadRecipe(
        name: "small", version: "1.0.0", seed: 4, trunk: "efficientnet-lite0", products: 1, pictures: 3,
        side: 64, steps: 12, batch: 4, rate: 2e-3, decay: 1e-5, strength: 0.5)

    private static func trunk() throws -> ModelPackage {
        let folder = URL(filePath: #filePath).appending(path: "../../../../Models").standardized.path
        return try ModelPackage(opening: folder + "/efficientnet-lite0", verifyingHashes: false)
    }

    private static func products() throws -> [ProductPractice.Product] {
        let practice = ProductPractice(
            kinds: Array(PracticeCatalogue.kinds.prefix(2)), seed: recipe.seed, side: recipe.side,
            pictures: recipe.pictures, trunk: try trunk(), kernels: kernels)
        return try (0..<2).map(practice.product)
    }

    /// A folder of its own, removed by `TestFolder.deinit`.
    private final class TestFolder {
        let path = FileManager.default.temporaryDirectory.appending(path: "shared-head-\(UUID())").path

        init() throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    @Test("a product read from the cache is the product that was written, and another recipe's is none")
    func cache() throws {
        let folder = try TestFolder()
        let product = try Self.products()[1]
        let cache = ProductCache(
            folder: folder.path, recipe: "one", side: Self.recipe.side, strides: [8, 16, 32])
        #expect(!cache.has(1))
        try cache.write(product, 1)
        #expect(cache.has(1))
        #expect(
            !ProductCache(folder: folder.path, recipe: "two", side: Self.recipe.side, strides: [8, 16, 32])
                .has(1))
        let again = try cache.read(1)
        #expect(again.level.mean == product.level.mean && again.level.deviation == product.level.deviation)
        #expect(again.samples.map(\.isDefective) == product.samples.map(\.isDefective))
        #expect(again.samples.map(\.centres) == product.samples.map(\.centres))
        #expect(again.samples.filter(\.isDefective).count >= 1)
    }

    @Test("a training that was stopped goes on to the same weights")
    func resuming() throws {
        let folder = try TestFolder(), products = try Self.products()
        let trunk = PatchBank.Trunk(name: "t", digest: "d")
        func training(_ name: String, _ recipe: SharedHeadRecipe = Self.recipe) throws -> SharedHeadTraining {
            try SharedHeadTraining(
                recipe, products, threads: 1, checkpoint: folder.path + "/\(name).safetensors")
        }
        let whole = try training("whole")
        while try whole.takeStep() != nil {}
        // A finished training has kept its last step: it has nothing left to do, and the same weights.
        let again = try training("whole")
        #expect(try again.takeStep() == nil && again.step == Self.recipe.steps)
        #expect(again.head(trunk: trunk) == whole.head(trunk: trunk))
        var longer = Self.recipe
        longer.steps += 1
        #expect(throws: TrainingError.self) { try training("whole", longer) }
    }

    /// Sentences of no network.
    private static func columns(_ seed: Int) -> ClassColumns {
        ClassColumns(
            normal: (0..<384).map { Float(($0 + seed) * 37 % 101 - 50) / 560 },
            abnormal: (0..<384).map { Float(($0 + seed) * 53 % 103 - 51) / 560 })
    }

    @Test(
        "training for a product that goes on from a head begins with what that head says",
        arguments: [nil, .open, .gated] as [FusionBlock.Kind?])
    func start(block: FusionBlock.Kind?) throws {
        let kind = try #require(PracticeCatalogue.kinds.first), size = Size(width: 128, height: 96)
        var teaching = try PatchTeaching(
            trunk: Self.trunk(), views: .mirrored, fusion: .standard, kernels: Self.kernels,
            pool: TensorPool())
        var tiles: [HeadLesson.Tile] = []
        for part in 0..<2 {
            let sample = kind.render(product: 3, sample: part, defective: false, size: size, colour: false)
            try teaching.add(sample.image.pixels, size: size)
            tiles.append(.init(part: part, pixels: sample.image.pixels, size: size))
        }
        let lesson = HeadLesson(teaching, tiles: tiles)
        let folder = try TestFolder()
        var recipe = Self.recipe
        (recipe.text, recipe.with) = (block.map { _ in "minilm" }, block == .gated ? ["gate"] : nil)
        let reading = SharedHeadTraining.Reading(
            object: Self.columns(0), products: [Self.columns(1), Self.columns(2)])
        let shared = try SharedHeadTraining(
            recipe, Self.products(), reading: block != nil ? reading : nil, threads: 1,
            checkpoint: folder.path + "/start.safetensors")
        for _ in 0..<5 { _ = try shared.takeStep() }
        let trunk = PatchBank.Trunk(name: "efficientnet-lite0", digest: try Self.trunk().digest.description)
        let head = shared.head(trunk: trunk), columns = Self.columns(7)
        #expect(head.block == block && head.object == (block != nil ? reading.object : nil))
        let fitted = head.fitted(
            to: try lesson.level(lesson.banks(), kernels: Self.kernels), block != nil ? columns : nil)
        let practice = try SegmentationPractice(
            lesson, seed: 5, count: 8, proofCount: 2, kernels: Self.kernels)
        var parts: Set<SegmentationNetwork.Part> = [.segmentation, .features]
        if block != nil { parts.formUnion([.block, .attention]) }
        if block == .gated { parts.insert(.gate) }
        let network = SegmentationNetwork(practice, seed: 1, parts: parts, columns: columns)
        network.start(from: fitted)
        network.startText(from: head)
        let found = network.head(weight: 1, centre: 0)
        for (name, values) in fitted.tensors {
            let others = try #require(found.tensors[name])
            #expect(zip(values, others).allSatisfy { abs($0 - $1) <= 1e-3 * max(1, abs($0)) }, "\(name)")
        }
    }

    @Test("a recipe that cannot be trained is refused, with the setting named")
    func faults() {
        #expect(Self.recipe.fault == nil)
        var recipe = Self.recipe
        recipe.side = 100
        #expect(recipe.fault?.contains("side = 100") == true)
        recipe = Self.recipe
        recipe.pictures = 2
        #expect(recipe.fault?.contains("pictures = 2") == true)
        recipe = Self.recipe
        recipe.with = ["segmentation"]
        #expect(recipe.fault == nil)
        (recipe.without, recipe.with) = (["attention"], nil)
        #expect(recipe.fault?.contains("there is no text") == true)
        recipe.text = "minilm"
        #expect(recipe.fault == nil)
        recipe.without = ["gate"]
        #expect(recipe.fault?.contains("without has 'gate'") == true)
        (recipe.without, recipe.with) = (nil, ["gate"])
        #expect(recipe.fault == nil)
        recipe.with = ["gates"]
        #expect(recipe.fault?.contains("with has 'gates'") == true)
    }
}
