import AnomalyModels
package import ArgumentParser
import Kernels
import ModelPackages
import Training

/// `linewatch train baseline`: what LiteVL must beat, in closed form.
package struct TrainBaseline: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "baseline",
        abstract: "Solves the closed-form baseline that LiteVL must beat.",
        discussion: """
            The recipe is a TOML file as in Models/litevl/baseline.toml. Ridge regression from the names of the 1000 \
            classes to the rows of the trunk's classifier gives a network that turns pictures into the space of \
            sentences; nothing is trained. `linewatch model words OUTPUT` measures it as it measures LiteVL.
            """
    )

    @OptionGroup var options: TrainingOptions

    @Option(help: "The names of the 1000 classes of the trunk's classifier, one a line.")
    var names: String

    package init() {}

    /// Throws one line that says what is wrong with the recipe in `file`, if anything is.
    package static func check(recipe file: String) throws { _ = try BaselineRecipe(toml: file) }

    package func run() throws {
        OpenBLAS.relaunchWithBestKernel()
        let recipe: BaselineRecipe = try options.recipe()
        let parts = try LiteVLParts(
            trunk: options.package(recipe.trunk), text: options.package(recipe.text), names: names,
            kernels: ModelChoice.kernels(nil))
        // No block, and a class token that says nothing: what is left is the product with the names.
        let architecture = try parts.architecture(width: 64, layers: 0)
        let network = LiteVLNetwork(
            architecture, tokens: Architecture.LiteVL.grid * Architecture.LiteVL.grid, seed: recipe.seed)
        let weights = network.weights(
            TokenStatistics(plain: architecture.trunkChannels),
            names: try parts.knownNames(parts.classes(ridge: recipe.ridge)))
        var package = try LiteVLPackage(
            architecture, weights, trunk: parts.trunk, pictures: LiteVLParts.pictures(seed: recipe.seed)
        ).package(name: recipe.name, version: recipe.version)
        try parts.describe(&package.manifest)
        try options.write(&package, madeOf: [parts.trunk, parts.text])
    }
}
