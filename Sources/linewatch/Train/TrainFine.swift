import AnomalyModels
package import ArgumentParser
import Inference
import ModelPackages
import SimulatedLine
import Training

/// `linewatch train fine`: the head that describes defects, from a recipe.
package struct TrainFine: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "fine",
        abstract: "Trains the head that describes defects, so that kinds of them can be told apart.",
        discussion: """
            The recipe is a TOML file as in Models/fine/recipe.toml. Renders products of every practice kind, teaches \
            each with good samples, and looks at defective ones: the head learns to tell apart what is wrong with a \
            product. No picture from outside is used.
            """
    )

    @OptionGroup var options: TrainingOptions

    package init() {}

    /// Throws one line that says what is wrong with the recipe in `file`, if anything is.
    package static func check(recipe file: String) throws { _ = try FineRecipe(toml: file) }

    package func run() throws {
        OpenBLAS.relaunchWithBestKernel()
        let recipe: FineRecipe = try options.recipe()
        let trunk = try options.package(recipe.trunk)
        let practice = try PracticeDefects(
            trunk: trunk, kernels: try ModelChoice.kernels(nil), pool: TensorPool())
        var bar = ProgressBar(), found: [PracticeDefects.Defect] = []
        let names = Set(PracticeCatalogue.kinds.map { $0.names[0] })
        if let unknown = recipe.except.first(where: { !names.contains($0) }) {
            throw CommandFailure("except in '\(options.config)': no kind is called '\(unknown)'.")
        }
        let kinds = PracticeCatalogue.kinds.filter { !recipe.except.contains($0.names[0]) }
        for (number, kind) in kinds.enumerated() {
            bar.show("defects", number, of: kinds.count)
            for product in 0..<UInt32(kind.isOfLine ? recipe.lineProducts : recipe.products) {
                found += try practice.defects(
                    of: kind, product: recipe.seed &+ product, count: recipe.samples)
            }
        }
        guard !found.isEmpty else {
            throw CommandFailure(
                "No defect was found in \(recipe.samples) samples of any product.")
        }
        var training = EmbeddingTraining(
            found, channels: practice.channels, recipe.training, workers: try Workers(count: 1))
        while let report = try training.takeStep() { bar.show("steps", report.step, of: training.steps) }
        bar.finish()
        let head = training.head(similarity: recipe.similarity)
        var package = try head.package(
            name: recipe.name, version: recipe.version,
            trunk: .init(name: trunk.manifest.name, digest: trunk.digest.description))
        print("trained on \(found.count) defects of \(kinds.count) kinds, \(training.lineCount) lines")
        try options.write(&package, madeOf: [trunk])
    }
}

extension FineRecipe {
    fileprivate var training: EmbeddingTraining.Settings {
        var settings = EmbeddingTraining.Settings()
        (settings.hidden, settings.width, settings.steps) = (hidden, width, steps)
        (settings.temperature, settings.rate) = (Float(temperature), rate)
        (settings.seed, settings.surfaceShare) = (UInt64(seed), lineShare)
        return settings
    }
}
