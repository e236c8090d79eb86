import AnomalyModels
package import ArgumentParser
import Kernels
import ModelPackages
import Platform
import SimulatedLine
import Training

/// `linewatch train vtfusion`: the segmentation head that knows no product, from a recipe.
package struct TrainVTFusion: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "vtfusion",
        abstract: "Trains the segmentation head that every product starts with.",
        discussion: """
            The recipe is a TOML file as in Models/vtfusion/recipe.toml. Products of the simulated line are taught with one \
            to four good parts each, and other parts with and without defects are seen before their banks; no picture from \
            outside is used. What was seen and the state of the training are kept in the working folder: a run that was \
            stopped goes on where it was, to the same weights. With the key 'text', the package that reads class names, it gets \
            a fusion block, in which patches, good patches and words see each other; with = ["gate"] adds its gate.
            """
    )

    @OptionGroup var options: TrainingOptions

    package init() {}

    /// Throws one line that says what is wrong with the recipe in `file`, if anything is.
    package static func check(recipe file: String) throws { _ = try SharedHeadRecipe(toml: file) }

    package func run() throws {
        OpenBLAS.relaunchWithBestKernel()
        let recipe: SharedHeadRecipe = try options.recipe()
        let trunk = try options.package(recipe.trunk)
        var bar = ProgressBar()
        let training = try SharedHeadTraining(
            recipe, products(recipe, trunk, &bar),
            width: SegmentationHead.width(on: PatchTrunk.taps(of: trunk)), reading: try reading(recipe, &bar),
            threads: options.threads, checkpoint: options.checkpoint(of: recipe))
        try options.finish(training, of: recipe, &bar)
        let head = training.head(
            trunk: .init(name: trunk.manifest.name, digest: trunk.digest.description))
        var package = try head.package(name: recipe.name, version: recipe.version)
        let text = try recipe.text.map { try options.package($0) }
        try options.write(&package, madeOf: [trunk] + (text.map { [$0] } ?? []))
    }

    /// The sentences of the products' names, and of an object without one; nil for a head that reads nothing.
    private func reading(
        _ recipe: SharedHeadRecipe, _ bar: inout ProgressBar
    ) throws -> SharedHeadTraining.Reading? {
        guard let text = recipe.text else { return nil }
        let encoder = try SentenceEncoder(options.package(text), kernels: ModelChoice.kernels(nil))
        let kinds = PracticeCatalogue.kinds
        var read: [ClassColumns] = []
        for (index, kind) in kinds.enumerated() {
            bar.show("sentences", index, of: kinds.count)
            read.append(try ClassColumns(ClassWords(names: [kind.names[0]]), encoder))
        }
        return SharedHeadTraining.Reading(
            object: try ClassColumns(.object, encoder),
            products: (0..<recipe.products * kinds.count).map { read[$0 % kinds.count] })
    }

    /// What is seen of the products of the recipe; made where it is not kept.
    private func products(
        _ recipe: SharedHeadRecipe, _ trunk: ModelPackage, _ bar: inout ProgressBar
    ) throws -> [ProductPractice.Product] {
        try createFolder(options.work)
        let kinds = PracticeCatalogue.kinds, count = recipe.products * kinds.count
        let practice = ProductPractice(
            kinds: kinds, seed: recipe.seed, side: recipe.side, pictures: recipe.pictures, trunk: trunk,
            kernels: try ModelChoice.kernels(nil))
        let cache = ProductCache(
            folder: options.work,
            recipe:
                "centres, kinds \(kinds.count) seed \(recipe.seed) side \(recipe.side) pictures \(recipe.pictures) "
                + "trunk \(trunk.digest)",
            side: recipe.side, strides: try PatchTrunk.taps(of: trunk).map(\.stride))
        return try (0..<count).map { index in
            bar.show("products", index, of: count)
            if !cache.has(index) { try cache.write(practice.product(index), index) }
            return try cache.read(index)
        }
    }
}
