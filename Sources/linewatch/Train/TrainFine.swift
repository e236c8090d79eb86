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
            product. No picture from outside is used, unless --include names a folder of data sets with masks and kinds \
            of defects: then the package says which, and its weights must not be given away.
            """
    )

    @OptionGroup var options: TrainingOptions

    @Option(help: "A folder of data sets whose rows 'train' and 'val' are trained on too.")
    var include: String?

    @Option(name: .customLong("set"), help: "Those of --include, with commas between. Default: all in DIR.")
    var sets: String?

    package init() {}

    package func validate() throws {
        guard include != nil || sets == nil else {
            throw ValidationError("--set says which of the sets in --include are trained on. Give both.")
        }
    }

    /// Throws one line that says what is wrong with the recipe in `file`, if anything is.
    package static func check(recipe file: String) throws { _ = try FineRecipe(toml: file) }

    package func run() throws {
        OpenBLAS.relaunchWithBestKernel()
        let recipe: FineRecipe = try options.recipe()
        let trunk = try options.package(recipe.trunk)
        let practice = try PracticeDefects(
            trunk: trunk, kernels: try ModelChoice.kernels(nil), pool: TensorPool())
        let outside = try include.map { try ImageCollection(folder: $0) }
        let rows = try outside?.trainable(sets, in: include ?? "") ?? []
        var bar = ProgressBar(), found: [DescribedDefect] = []
        let kinds = try kinds(recipe)
        for (number, kind) in kinds.enumerated() {
            bar.show("defects", number, of: kinds.count)
            for product in 0..<UInt32(kind.isOfLine ? recipe.lineProducts : recipe.products) {
                found += try practice.defects(
                    of: kind, product: recipe.seed &+ product, count: recipe.samples)
            }
        }
        var seen: [String] = []
        if let outside {
            let labelled = try LabelledDefects(
                folder: outside.folder, trunk: trunk, kernels: try ModelChoice.kernels(nil),
                pool: TensorPool())
            var faults = PictureFaults(isStrict: options.strict)
            for (number, row) in rows.enumerated() {
                bar.show("images", number, of: rows.count)
                found += try labelled.defects(of: row, &faults)
            }
            options.report(faults)
            seen = Set(found.filter { $0.source == .outside }.map(\.line)).sorted()
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
        print("trained on \(found.count) defects, \(training.lineCount) lines")
        try options.write(&package, madeOf: [trunk], trainedOn: seen)
    }

    /// All kinds but for those that the recipe leaves out. Throws one line if it names one that there is not.
    private func kinds(_ recipe: FineRecipe) throws -> [PracticeKind] {
        let names = Set(PracticeCatalogue.kinds.map { $0.names[0] })
        if let unknown = recipe.except.first(where: { !names.contains($0) }) {
            throw CommandFailure("except in '\(options.config)': no kind is called '\(unknown)'.")
        }
        return PracticeCatalogue.kinds.filter { !recipe.except.contains($0.names[0]) }
    }
}

extension FineRecipe {
    fileprivate var training: EmbeddingTraining.Settings {
        var settings = EmbeddingTraining.Settings()
        (settings.hidden, settings.width, settings.steps) = (hidden, width, steps)
        (settings.temperature, settings.rate) = (Float(temperature), rate)
        (settings.seed, settings.surfaceShare) = (UInt64(seed), lineShare)
        settings.outsideShare = includedShare ?? 0.5
        return settings
    }
}
