import AnomalyModels
package import ArgumentParser
import Foundation
import Imaging
import Inference
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
            Only pictures of the simulated line are trained on.
            """
    )

    @Option(help: "The recipe, a TOML file.")
    var config: String

    @Option(name: .shortAndLong, help: "The folder of the package to write.")
    var output: String

    @Option(help: "A folder for features and checkpoints.")
    var work: String

    @Option(help: "The names of the 1000 classes of the trunk's classifier, one a line.")
    var names: String

    @Option(
        help:
            "The trunk's checkpoint in float32, to compare the result in 8 bits with; left out if not given.")
    var checkpoint: String?

    @Option(help: "Threads (1...64).")
    var threads = 2

    package init() {}

    package func validate() throws {
        guard 1...64 ~= threads else { throw ValidationError("--threads is 1 to 64, not \(threads).") }
    }

    /// Throws one line that says what is wrong with the recipe in `file`, if anything is.
    package static func check(recipe file: String) throws { _ = try LiteVLRecipe(toml: file) }

    package func run() throws {
        OpenBLAS.relaunchWithBestKernel()
        let recipe = try LiteVLRecipe(toml: config)
        for kind in recipe.heldOut where !PracticeCatalogue.kinds.contains(where: { $0.names[0] == kind }) {
            throw ValidationError("'\(config)': heldOut names '\(kind)', which is no kind.")
        }
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        let kernels = try ModelChoice.kernels(nil)
        let trunk = try ModelPackage(opening: locator.find(recipe.trunk), verifyingHashes: true)
        let text = try ModelPackage(opening: locator.find(recipe.text), verifyingHashes: true)
        let features = try TokenFeatures(trunk, side: recipe.side, kernels: kernels)
        var bar = ProgressBar()
        let shards = try shards(recipe, features, &bar)
        let phrases = PhraseEncoder(try SentenceEncoder(text, kernels: kernels))
        bar.show("sentences", 0, of: 1)
        let kinds = PracticeCatalogue.kinds.filter { !recipe.heldOut.contains($0.names[0]) }
        let sentences = try LiteVLSentences(of: kinds.map { ($0.names, $0.stateWords) }, width: phrases.width)
        { try phrases.vector(of: $0) }
        let classes = try classes(phrases)
        let architecture = try architecture(recipe, trunk)
        let training = try LiteVLTraining(
            recipe, architecture, shards: shards,
            lesson: LiteVLLesson(sentences, classes, align: recipe.align),
            bias: try trunk.weights.floats("classifier.bias"), threads: threads,
            checkpoint: work + "/\(recipe.name).checkpoint.safetensors")
        try train(training, recipe, &bar)
        let scale = training.namedScale * recipe.known
        let taught = training.network.weights(
            training.statistics, names: try knownNames(classes, trunk).map { $0 * scale })
        try write(
            LiteVLPackage(architecture, taught, trunk: trunk, pictures: pictures(recipe)), recipe,
            taught, trunk: trunk, text: text)
    }

    private func train(_ training: LiteVLTraining, _ recipe: LiteVLRecipe, _ bar: inout ProgressBar) throws {
        var curve = LossCurve()
        var progress = TrainingProgress(
            totalSteps: training.steps, startingAt: training.step, now: MonotonicClock.now)
        while let report = try training.takeStep() {
            curve.add(step: report.step, loss: report.loss, rate: report.rate)
            progress.add(step: report.step, loss: report.loss, now: MonotonicClock.now)
            bar.show("training", report.step, of: training.steps)
            if report.step % 50 == 0 { print("step \(report.step)/\(training.steps)  \(progress.text)") }
        }
        bar.finish()
        try writeAtomically(work + "/\(recipe.name).loss.tsv", Array(curve.table.utf8))
    }

    /// The pictures of the recipe with their features.
    private func shards(
        _ recipe: LiteVLRecipe, _ features: TokenFeatures, _ bar: inout ProgressBar
    ) throws -> [TokenCache.Shard] {
        let kinds = PracticeCatalogue.kinds
        let practice = PracticePictures(
            kinds: kinds, products: recipe.products, side: recipe.side, seed: recipe.seed)
        let cache = TokenCache(
            folder: work + "/tokens",
            recipe: "practice products \(recipe.products) side \(recipe.side) seed \(recipe.seed) "
                + "trunk \(features.digest)",
            count: recipe.pictures)
        try createFolder(cache.folder)
        return try (0..<cache.shards).map { shard in
            bar.show("features", shard, of: cache.shards)
            if !cache.has(shard) {
                try cache.make(shard, features) { (practice[$0], kinds[$0 % kinds.count].names[0]) }
            }
            return try cache.read(shard, taps: features.taps.map(\.name))
        }
    }

    private func architecture(_ recipe: LiteVLRecipe, _ trunk: ModelPackage) throws -> Architecture.LiteVL {
        guard case .efficientNetLite(let network) = try Network(of: trunk).architecture else {
            throw ValidationError("'\(recipe.trunk)' is no EfficientNet-Lite.")
        }
        return Architecture.LiteVL(trunk: network, width: recipe.width, layers: recipe.layers)
    }

    private func classes(_ phrases: PhraseEncoder) throws -> NamedClasses {
        let text = String(decoding: try ImageFile.bytes(of: names), as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        guard lines.count == TokenCache.classes else {
            throw ValidationError("'\(names)' has \(lines.count) names, not \(TokenCache.classes).")
        }
        return NamedClasses(
            sentences: try lines.flatMap { try phrases.vector(of: $0) }, width: phrases.width)
    }

    /// What the mean of the trunk's last map says of names, `[width, 1280]`.
    private func knownNames(_ classes: NamedClasses, _ trunk: ModelPackage) throws -> [Float] {
        let channels = EfficientNetLite.headChannels
        let rows = try PackageSource(trunk).floats(
            "classifier.weight", shape: [TokenCache.classes, channels])
        return classes.product(with: rows, channels: channels)
    }

    /// Good and defective practice pictures that were not trained on, to even out channels on.
    private func pictures(_ recipe: LiteVLRecipe) -> [[UInt8]] {
        let practice = PracticePictures(
            kinds: PracticeCatalogue.kinds, products: 1, side: 256, seed: recipe.seed &+ 2_000_003)
        return (0..<LiteVLPackage.pictures).map { practice[$0 * 5].image.pixels }
    }
}
