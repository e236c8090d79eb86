import AnomalyModels
package import ArgumentParser
import Kernels
import ModelPackages
import Platform
import SimulatedLine
import Tensors
import Training

/// `linewatch train litevl`: the blocks of the backbone that sees and reads, from a recipe.
package struct TrainLiteVL: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "litevl",
        abstract: "Trains the backbone whose pictures meet sentences.",
        discussion: """
            The recipe is a TOML file as in Models/litevl/recipe.toml. Features of the pictures and the state of the \
            training are kept in the working folder: a run that was stopped goes on where it was, to the same weights. \
            Only pictures of the simulated line are trained on, unless --include names a folder of data sets: then the \
            package says which, and its weights must not be given away.
            """
    )

    @OptionGroup var options: TrainingOptions

    @Option(help: "The names of the 1000 classes of the trunk's classifier, one a line.")
    var names: String

    @Option(
        help:
            "The trunk's checkpoint in float32, to compare the result in 8 bits with; left out if not given.")
    var checkpoint: String?

    @Option(help: "A folder of data sets whose rows 'train' and 'val' are trained on too.")
    var include: String?

    @Option(name: .customLong("set"), help: "Those of --include, with commas between. Default: all in DIR.")
    var sets: String?

    @Option(help: "What the data sets show, a TOML file as Models/litevl/surfaces.toml.")
    var surfaces: String?

    @Option(help: "Pictures of the data sets, up to whole shards of 64 (64...1000000).")
    var included = 2048

    package init() {}

    package func validate() throws {
        guard (include == nil) == (surfaces == nil), include != nil || sets == nil else {
            throw ValidationError("--include and --surfaces go together, and --set with them.")
        }
        guard 64...1_000_000 ~= included else {
            throw ValidationError("--included is 64 to 1000000, not \(included).")
        }
    }

    /// Throws one line that says what is wrong with the recipe in `file`, if anything is.
    package static func check(recipe file: String) throws { _ = try LiteVLRecipe(toml: file) }

    package func run() throws {
        OpenBLAS.relaunchWithBestKernel()
        let recipe: LiteVLRecipe = try options.recipe()
        for kind in recipe.heldOut where !PracticeCatalogue.kinds.contains(where: { $0.names[0] == kind }) {
            throw ValidationError("'\(options.config)': heldOut names '\(kind)', which is no kind.")
        }
        let kernels = try ModelChoice.kernels(nil)
        let parts = try LiteVLParts(
            trunk: options.package(recipe.trunk), text: options.package(recipe.text), names: names,
            kernels: kernels)
        let outside = try include.map {
            try IncludedSets(
                folder: $0, sets: sets, surfaces: surfaces ?? "", side: recipe.side, seed: recipe.seed,
                kernels: kernels)
        }
        var bar = ProgressBar()
        let features = try TokenFeatures(parts.trunk, side: recipe.side, kernels: kernels)
        let shards = try shards(recipe, outside, features, &bar)
        bar.show("sentences", 0, of: 1)
        let classes = try parts.classes(ridge: NamedClasses.usualRidge)
        let architecture = try parts.architecture(width: recipe.width, layers: recipe.layers)
        let training = try LiteVLTraining(
            recipe, architecture, shards: shards,
            lesson: LiteVLLesson(sentences(recipe, outside, parts.phrases), classes, align: recipe.align),
            bias: try parts.trunk.weights.floats("classifier.bias"), threads: options.threads,
            outside: outside?.description, checkpoint: options.checkpoint(of: recipe))
        try options.finish(training, of: recipe, &bar)
        let scale = training.namedScale * recipe.known
        let taught = training.network.weights(
            training.statistics, names: try parts.knownNames(classes).map { $0 * scale })
        let made = try LiteVLPackage(
            architecture, taught, trunk: parts.trunk, pictures: LiteVLParts.pictures(seed: recipe.seed))
        try write(made, recipe, taught, parts, trainedOn: outside?.names ?? [])
    }

    private func sentences(
        _ recipe: LiteVLRecipe, _ outside: IncludedSets?, _ phrases: PhraseEncoder
    ) throws -> LiteVLSentences {
        let kinds = PracticeCatalogue.kinds.filter { !recipe.heldOut.contains($0.names[0]) }
        return try LiteVLSentences(
            of: kinds.map { ($0.names, $0.stateWords) } + (outside?.kinds ?? []).map { ($0, []) },
            width: phrases.width
        ) { try phrases.vector(of: $0) }
    }

    /// The pictures of the recipe with their features, those from outside behind the others.
    private func shards(
        _ recipe: LiteVLRecipe, _ outside: IncludedSets?, _ features: TokenFeatures, _ bar: inout ProgressBar
    ) throws -> [TokenCache.Shard] {
        let kinds = PracticeCatalogue.kinds
        let practice = PracticePictures(
            kinds: kinds, products: recipe.products, side: recipe.side, seed: recipe.seed)
        let base = "side \(recipe.side) seed \(recipe.seed) trunk \(features.digest)"
        let own = try filled(
            TokenCache(
                folder: options.work + "/tokens", recipe: "practice products \(recipe.products) \(base)",
                count: recipe.pictures), features, &bar
        ) { (practice[$0], kinds[$0 % kinds.count].names[0]) }
        guard let outside else { return own }
        var faults = PictureFaults(isStrict: options.strict)
        let theirs = try filled(
            TokenCache(folder: options.work + "/included", recipe: "\(outside) \(base)", count: included),
            features, &bar
        ) { try outside.picture($0, &faults) }
        options.report(faults)
        return own + theirs
    }

    private func filled(
        _ cache: TokenCache, _ features: TokenFeatures, _ bar: inout ProgressBar,
        _ picture: (Int) throws -> (picture: TrainingPicture, kind: String)
    ) throws -> [TokenCache.Shard] {
        try createFolder(cache.folder)
        return try (0..<cache.shards).map { shard in
            bar.show("features", shard, of: cache.shards)
            if !cache.has(shard) { try cache.make(shard, features, picture: picture) }
            return try cache.read(shard, taps: features.taps.map(\.name))
        }
    }
}
