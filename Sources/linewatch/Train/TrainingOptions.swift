import ArgumentParser
import Foundation
import Imaging
import ModelPackages
import Platform
import Training

/// What every `linewatch train MODEL` is told: its recipe, where the package goes, where it works, its threads.
struct TrainingOptions: ParsableArguments {
    @Option(help: "The recipe, a TOML file.")
    var config: String

    @Option(name: .shortAndLong, help: "The folder of the package to write.")
    var output: String

    @Option(
        name: .customLong("work"),
        help: "A folder for what is computed once, and for checkpoints. Default: OUTPUT.work.")
    var workFolder: String?

    @Option(help: "Threads (1...64).")
    var threads = 2

    @Flag(help: "End at the first image or mask that cannot be used, instead of naming and counting it.")
    var strict = false

    init() {}

    func validate() throws {
        guard 1...64 ~= threads else { throw ValidationError("--threads is 1 to 64, not \(threads).") }
    }
}

extension TrainingOptions {
    var work: String { workFolder ?? output + ".work" }

    /// Reads the recipe. Throws one line that says what is wrong with it.
    func recipe<Recipe: TrainingRecipe>() throws -> Recipe { try Recipe(toml: config) }

    /// The package `name`, with its hashes verified: the result depends on every byte of it.
    func package(_ name: String) throws -> ModelPackage {
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        return try ModelPackage(opening: locator.find(name), verifyingHashes: true)
    }

    /// Where the training of `recipe` keeps its state.
    func checkpoint(of recipe: some TrainingRecipe) -> String {
        work + "/\(recipe.name).checkpoint.safetensors"
    }

    /// Takes all steps that are left, shows how far they are, and writes the curve of the losses. Blocks.
    func finish(_ training: some SteppedTraining, of recipe: some TrainingRecipe, _ bar: inout ProgressBar)
        throws
    {
        var curve = LossCurve()
        var progress = TrainingProgress(
            totalSteps: training.steps, startingAt: training.step, now: MonotonicClock.now)
        while let report = try training.takeStep() {
            curve.add(step: report.step, loss: report.loss, rate: report.rate)
            progress.add(step: report.step, loss: report.loss, now: MonotonicClock.now)
            bar.show("training", report.step, of: training.steps)
            if let place = report.skippedAt {
                print("step \(report.step) skipped: '\(place)' is not finite")
            }
            if report.step % 50 == 0 { print("step \(report.step)/\(training.steps)  \(progress.text)") }
        }
        bar.finish()
        try writeAtomically(work + "/\(recipe.name).loss.tsv", Array(curve.table.utf8))
    }

    /// Names what was left out, the first five, and counts all.
    func report(_ faults: PictureFaults) {
        for fault in faults.all.prefix(5) { print("left out: '\(fault.path)': \(fault.reason)") }
        if faults.all.count > 5 { print("left out: \(faults.all.count) images and masks in all") }
    }

    /// Writes the package with the recipe in it.
    ///
    /// - Parameters:
    ///   - packages: what it was made of.
    ///   - dataSets: those from outside whose images were trained on. Then the weights must not be given away, and
    ///     `linewatch eval` marks these sets.
    @discardableResult
    func write(
        _ package: inout ModelPackageWriter, madeOf packages: [ModelPackage],
        trainedOn dataSets: [String] = []
    ) throws -> ModelPackage {
        package.manifest.provenance =
            packages.flatMap(\.manifest.provenance) + package.manifest.provenance
        TrainingSets(dataSets).mark(&package.manifest)
        package.add("recipe.toml", try ImageFile.bytes(of: config))
        let written = try package.write(to: output, replacing: true)
        print("'\(output)': \(written.digest)")
        return written
    }
}
