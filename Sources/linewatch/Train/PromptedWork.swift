import AnomalyModels
import Imaging
import Inference
import Kernels
import ModelPackages
import Platform
import SimulatedLine
import Training

/// `linewatch train adaclip` with a recipe of the tier with prompts.
struct PromptedWork {
    let options: TrainingOptions

    /// Trains and writes the package. Blocks, for minutes.
    func run() throws {
        let recipe: PromptedRecipe = try options.recipe()
        let kernels = try ModelChoice.kernels(nil)
        let tower = try options.package(recipe.tower)
        let text = recipe.text.isEmpty ? tower : try options.package(recipe.text)
        let tokens = try TowerTokens(tower, kind: recipe.prompts, side: recipe.side, kernels: kernels)
        let encoder = try SentenceEncoder(text, kernels: kernels)
        guard encoder.width == tokens.layout.embeddingWidth else {
            throw ModelError.configuration(
                directory: text.directory, key: "embedding", found: "\(encoder.width) numbers",
                allowed: "\(tokens.layout.embeddingWidth), as '\(recipe.tower)' has")
        }
        var bar = ProgressBar()
        let shards = try shards(recipe, tokens, &bar)
        let columns = try recipe.words == .sentences ? columns(of: shards, encoder, &bar) : [:]
        let blocks: FrozenBlocks
        do { blocks = try FrozenBlocks(tokens.layout, PackageSource(tower)) } catch {
            throw ModelError.weights(directory: tower.directory, error)
        }
        let training = try PromptedTraining(
            recipe, blocks, shards: shards, columns: columns, grid: tokens.grid, threads: options.threads,
            checkpoint: options.checkpoint(of: recipe))
        try options.finish(training, of: recipe, &bar)
        try write(training, tower: tower, text: text, encoder, kernels)
    }

    private func shards(
        _ recipe: PromptedRecipe, _ tokens: TowerTokens, _ bar: inout ProgressBar
    ) throws -> [TowerTokenCache.Shard] {
        let practice = PracticePictures(
            kinds: PracticeCatalogue.kinds, products: recipe.products, side: recipe.side, seed: recipe.seed)
        let cache = TowerTokenCache(
            folder: options.work + "/practice",
            recipe: "practice products \(recipe.products) side \(recipe.side) seed \(recipe.seed) "
                + "tower \(tokens.digest)",
            count: recipe.pictures)
        try createFolder(options.work)
        try createFolder(cache.folder)
        return try (0..<cache.shards).map { shard in
            bar.show("tokens", shard, of: cache.shards)
            if !cache.has(shard) { try cache.make(shard, tokens) { practice[$0] } }
            return try cache.read(shard)
        }
    }

    /// The columns of every noun; those that were read once are kept in the working folder.
    private func columns(
        of shards: [TowerTokenCache.Shard], _ encoder: SentenceEncoder, _ bar: inout ProgressBar
    ) throws -> [String: ClassColumns] {
        let folder = options.work + "/words"
        try createFolder(folder)
        let nouns = Set(shards.flatMap { $0.captions.map(\.noun) }).sorted()
        var columns: [String: ClassColumns] = [:]
        for (index, noun) in nouns.enumerated() {
            bar.show("sentences", index, of: nouns.count)
            let words = try ClassWords(names: [noun])
            let path = folder + "/" + ClassColumns.fileName(words, text: encoder.digest)
            if let known = ClassColumns(contentsOf: path, width: encoder.width) {
                columns[noun] = known
                continue
            }
            let made = try ClassColumns(words, encoder)
            try made.write(to: path)
            columns[noun] = made
        }
        return columns
    }

    /// Writes the package, with the scores of good practice pictures that were not trained on.
    private func write(
        _ training: PromptedTraining, tower: ModelPackage, text: ModelPackage, _ encoder: SentenceEncoder,
        _ kernels: KernelTable
    ) throws {
        let recipe = training.recipe
        var choices = PromptedHead.Choices(
            fusion: recipe.fusion, usesRarity: recipe.rarity, mapWeight: recipe.mapWeight,
            imageWeight: recipe.imageWeight)
        let draft = training.network.head(
            tower: .init(name: tower.manifest.name, digest: tower.digest.description), choices: choices)
        let nothing = [Float](repeating: 0, count: encoder.width)
        let columns =
            try recipe.words == .sentences
            ? ClassColumns(.object, encoder) : ClassColumns(normal: nothing, abnormal: nothing)
        let detector = try PromptedDetector(
            draft, columns, tower: tower, size: Size(width: recipe.side, height: recipe.side),
            kernels: kernels, pool: .init())
        let scores = goodScores(detector, recipe)
        (choices.limit, choices.median) = (scores[scores.count * 9 / 10], scores[scores.count / 2])
        var package = try draft.with(choices).package(
            name: recipe.name, version: recipe.version,
            text: .init(name: text.manifest.name, digest: text.digest.description))
        try options.write(&package, madeOf: [tower])
    }

    private func goodScores(_ detector: PromptedDetector, _ recipe: PromptedRecipe) -> [Float] {
        PracticeCatalogue.kinds.map { kind in
            let made = kind.render(
                product: UInt32(truncatingIfNeeded: recipe.seed) &+ 1_000_003, sample: 0, defective: false,
                size: detector.size, colour: true)
            // As many bytes as the detector's input, whose size the picture has.
            unsafe detector.withInput { input in unsafe input.copyBytes(from: made.image.pixels) }
            return detector.run()
        }.sorted()
    }
}
