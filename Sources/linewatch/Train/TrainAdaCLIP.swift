import AnomalyModels
package import ArgumentParser
import Evaluation
import Imaging
import Inference
import Kernels
import ModelPackages
import Platform
import SimulatedLine
import Training

/// `linewatch train adaclip`: the zero-shot head, from a recipe.
package struct TrainAdaCLIP: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "adaclip",
        abstract: "Trains the head that finds defects from a class name alone.",
        discussion: """
            The recipe is a TOML file as in Models/adaclip/recipe.toml. Features of the pictures and the state of the \
            training are kept in the working folder: a run that was stopped goes on where it was, to the same weights.
            Without data sets from outside the head sees pictures of the simulated line only.
            A recipe with tier = "prompted", as in Models/adaclip/prompted.toml, trains prompts and projections on a             tower with tokens: LiteVL or an imported CLIP.
            """
    )

    @OptionGroup var options: TrainingOptions

    @Option(help: "The folder with MANIFEST.csv of the data sets that the recipe includes.")
    var data: String?

    package init() {}

    /// Throws one line that says what is wrong with the recipe in `file`, if anything is.
    package static func check(recipe file: String) throws {
        if try RecipeTier(toml: file)?.tier == nil {
            _ = try ZeroShotRecipe(toml: file)
        } else {
            _ = try PromptedRecipe(toml: file)
        }
    }

    package func run() throws {
        OpenBLAS.relaunchWithBestKernel()
        guard try RecipeTier(toml: options.config)?.tier == nil else {
            return try PromptedWork(options: options).run()
        }
        let recipe: ZeroShotRecipe = try options.recipe()
        let kernels = try ModelChoice.kernels(nil)
        let trunk = try options.package(recipe.trunk), text = try options.package(recipe.text)
        let features = try TrunkFeatures(trunk, side: recipe.side, kernels: kernels)
        var bar = ProgressBar()
        let shards = try shards(recipe, features, kernels, &bar)
        let columns = try columns(of: shards, SentenceEncoder(text, kernels: kernels), &bar)
        let training = try ZeroShotTraining(
            recipe, shards: shards, columns: columns, taps: features.taps, threads: options.threads,
            checkpoint: options.checkpoint(of: recipe))
        try options.finish(training, of: recipe, &bar)
        try write(training, recipe, trunk: trunk, text: text, kernels)
    }

    /// The pictures of the recipe with their features, those from outside behind the others.
    private func shards(
        _ recipe: ZeroShotRecipe, _ features: TrunkFeatures, _ kernels: KernelTable, _ bar: inout ProgressBar
    ) throws -> [FeatureCache.Shard] {
        try createFolder(options.work)
        let practice = PracticePictures(
            kinds: PracticeCatalogue.kinds, products: recipe.products, side: recipe.side, seed: recipe.seed)
        let base = "side \(recipe.side) seed \(recipe.seed) trunk \(features.trunk.digest)"
        var shards = try filled(
            FeatureCache(
                folder: options.work + "/practice", recipe: "practice products \(recipe.products) \(base)",
                side: recipe.side, count: recipe.pictures), features, &bar
        ) { practice[$0] }
        guard !recipe.include.isEmpty else { return shards }
        guard let data else {
            throw ValidationError(
                "The recipe includes \(recipe.include.joined(separator: ", ")): say --data.")
        }
        let collection = try ImageCollection(folder: data)
        let rows = collection.manifest.rows.filter {
            recipe.include.contains($0.dataSet) && [.train, .val].contains($0.split)
        }
        for set in recipe.include where !rows.contains(where: { $0.dataSet == set }) {
            throw ValidationError("'\(data)' has no set '\(set)' that may be trained on.")
        }
        let pictures = CollectedPictures(
            rows: rows, folder: data, side: recipe.side, seed: recipe.seed, nouns: recipe.nouns,
            kernels: kernels)
        var faults = PictureFaults(isStrict: options.strict)
        let name = recipe.include.joined(separator: "+")
        shards += try filled(
            FeatureCache(
                folder: options.work + "/" + name, recipe: "\(name) \(base)", side: recipe.side,
                count: recipe.included), features, &bar
        ) { try pictures.picture($0, &faults) }
        options.report(faults)
        return shards
    }

    private func filled(
        _ cache: FeatureCache, _ features: TrunkFeatures, _ bar: inout ProgressBar,
        _ picture: (Int) throws -> TrainingPicture
    ) throws -> [FeatureCache.Shard] {
        try createFolder(cache.folder)
        return try (0..<cache.shards).map { shard in
            bar.show("features", shard, of: cache.shards)
            if !cache.has(shard) { try cache.make(shard, features, picture: picture) }
            return try cache.read(shard, taps: features.taps.map(\.name))
        }
    }

    private func columns(
        of shards: [FeatureCache.Shard], _ encoder: SentenceEncoder, _ bar: inout ProgressBar
    ) throws -> [String: ClassColumns] {
        let nouns = Set(shards.flatMap { $0.captions.map(\.noun) }).sorted()
        var columns: [String: ClassColumns] = [:]
        for (index, noun) in nouns.enumerated() {
            bar.show("sentences", index, of: nouns.count)
            columns[noun] = try ClassColumns(ClassWords(names: [noun]), encoder)
        }
        return columns
    }

    /// Writes the package, with the scores of good practice pictures that were not trained on.
    private func write(
        _ training: ZeroShotTraining, _ recipe: ZeroShotRecipe, trunk: ModelPackage, text: ModelPackage,
        _ kernels: KernelTable
    ) throws {
        let name = PatchBank.Trunk(name: trunk.manifest.name, digest: trunk.digest.description)
        let draft = training.network.head(
            trunk: name, mapWeight: recipe.mapWeight, imageWeight: recipe.imageWeight, limit: 1, median: 0)
        let scores = try goodScores(draft, recipe, trunk, SentenceEncoder(text, kernels: kernels), kernels)
        let head = training.network.head(
            trunk: name, mapWeight: recipe.mapWeight, imageWeight: recipe.imageWeight,
            limit: scores[scores.count * 9 / 10], median: scores[scores.count / 2])
        var package = try head.package(
            name: recipe.name, version: recipe.version,
            text: .init(name: text.manifest.name, digest: text.digest.description))
        try options.write(&package, madeOf: [trunk], trainedOn: recipe.include)
    }

    private func goodScores(
        _ head: ZeroShotHead, _ recipe: ZeroShotRecipe, _ trunk: ModelPackage, _ encoder: SentenceEncoder,
        _ kernels: KernelTable
    ) throws -> [Float] {
        let detector = try ZeroShotDetector(
            head, ClassColumns(.object, encoder), trunk: trunk,
            size: Size(width: recipe.side, height: recipe.side), kernels: kernels, pool: .init())
        return PracticeCatalogue.kinds.flatMap { kind in
            (0..<2).map { sample in
                let made = kind.render(
                    product: UInt32(truncatingIfNeeded: recipe.seed) &+ 1_000_003, sample: sample,
                    defective: false, size: detector.size, colour: sample == 0)
                // As many bytes as the detector's input, whose size the picture has.
                unsafe detector.withInput { input in unsafe input.copyBytes(from: made.image.pixels) }
                return detector.run()
            }
        }.sorted()
    }
}
