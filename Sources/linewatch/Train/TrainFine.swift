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
        abstract: "Fits the head that describes defects, so that kinds of them can be told apart.",
        discussion: """
            The recipe is a TOML file as in Models/fine/recipe.toml. Renders products of every practice kind, teaches \
            each with good samples, and looks at defective ones: the head is fitted to what was found, at once and not \
            step by step. No picture from outside is used.
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
        let practice = PracticeDefects(
            trunk: trunk, kernels: try ModelChoice.kernels(nil), pool: TensorPool(),
            maps: recipe.weights.count, contrast: recipe.contrast)
        var bar = ProgressBar(), found: [PracticeDefects.Defect] = []
        let kinds = PracticeCatalogue.kinds
        for (number, kind) in kinds.enumerated() {
            bar.show("defects", number, of: kinds.count)
            for product in 0..<UInt32(recipe.products) {
                found += try practice.defects(
                    of: kind, product: recipe.seed &+ product, count: recipe.samples)
            }
        }
        bar.finish()
        guard !found.isEmpty else {
            throw CommandFailure(
                "No defect was found in \(recipe.products * recipe.samples) samples of each kind.")
        }
        let head = EmbeddingHead(
            fitting: found.map(\.pooled), contrast: recipe.contrast, weights: recipe.weights,
            similarity: recipe.similarity)
        var package = try head.package(
            name: recipe.name, version: recipe.version,
            trunk: .init(name: trunk.manifest.name, digest: trunk.digest.description))
        print("fitted to \(found.count) defects of \(kinds.count) kinds")
        try options.write(&package, madeOf: [trunk])
    }
}
