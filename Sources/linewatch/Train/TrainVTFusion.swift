import AnomalyModels
package import ArgumentParser
import Foundation
import Imaging
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
            stopped goes on where it was, to the same weights.
            """
    )

    @Option(help: "The recipe, a TOML file.")
    var config: String

    @Option(name: .shortAndLong, help: "The folder of the package to write.")
    var output: String

    @Option(help: "A folder for what is seen of the products, and for checkpoints.")
    var work: String

    @Option(help: "Threads (1...64).")
    var threads = 2

    package init() {}

    package func validate() throws {
        guard 1...64 ~= threads else { throw ValidationError("--threads is 1 to 64, not \(threads).") }
    }

    /// Throws one line that says what is wrong with the recipe in `file`, if anything is.
    package static func check(recipe file: String) throws { _ = try SharedHeadRecipe(toml: file) }

    package func run() throws {
        OpenBLAS.relaunchWithBestKernel()
        let recipe = try SharedHeadRecipe(toml: config)
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        let trunk = try ModelPackage(opening: locator.find(recipe.trunk), verifyingHashes: true)
        var bar = ProgressBar()
        let products = try products(recipe, trunk, &bar)
        let training = try SharedHeadTraining(
            recipe, products, threads: threads, checkpoint: work + "/\(recipe.name).checkpoint.safetensors")
        var curve = LossCurve()
        var progress = TrainingProgress(
            totalSteps: training.steps, startingAt: training.step, now: MonotonicClock.now)
        while let report = try training.takeStep() {
            curve.add(step: report.step, loss: report.loss, rate: report.rate)
            progress.add(step: report.step, loss: report.loss, now: MonotonicClock.now)
            bar.show("training", report.step, of: training.steps)
            if report.step % 100 == 0 { print("step \(report.step)/\(training.steps)  \(progress.text)") }
        }
        bar.finish()
        try writeAtomically(work + "/\(recipe.name).loss.tsv", Array(curve.table.utf8))
        let head = training.head(
            trunk: .init(name: trunk.manifest.name, digest: trunk.digest.description))
        var package = try head.package(name: recipe.name, version: recipe.version)
        package.manifest.provenance = trunk.manifest.provenance
        package.add("recipe.toml", try ImageFile.bytes(of: config))
        let written = try package.write(to: output, replacing: true)
        print("'\(output)': \(written.digest)")
    }

    /// What is seen of the products of the recipe; made where it is not kept.
    private func products(
        _ recipe: SharedHeadRecipe, _ trunk: ModelPackage, _ bar: inout ProgressBar
    ) throws -> [ProductPractice.Product] {
        try createFolder(work)
        let kinds = PracticeCatalogue.kinds, count = recipe.products * kinds.count
        let practice = ProductPractice(
            kinds: kinds, seed: recipe.seed, side: recipe.side, pictures: recipe.pictures, trunk: trunk,
            kernels: try ModelChoice.kernels(nil))
        let cache = ProductCache(
            folder: work,
            recipe:
                "kinds \(kinds.count) seed \(recipe.seed) side \(recipe.side) pictures \(recipe.pictures) "
                + "trunk \(trunk.digest)",
            side: recipe.side)
        return try (0..<count).map { index in
            bar.show("products", index, of: count)
            if !cache.has(index) { try cache.write(practice.product(index), index) }
            return try cache.read(index)
        }
    }
}
