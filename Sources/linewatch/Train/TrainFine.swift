import AnomalyModels
package import ArgumentParser
import Foundation
import Inference
import Kernels
import ModelPackages
import SimulatedLine
import Training

/// `linewatch train fine`: the head that describes defects.
package struct TrainFine: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "fine",
        abstract: "Fits the head that describes defects, so that kinds of them can be told apart.",
        discussion: """
            Renders products of every practice kind, teaches each with good samples, and looks at defective ones: the \
            head is fitted to what was found. No picture from outside is used.
            """
    )

    @Option(name: .shortAndLong, help: "The folder of the package to write.")
    var output: String

    @Option(help: "Designs of each kind (1...100).")
    var products = 2

    @Option(help: "Defective samples of each design (1...1000).")
    var samples = 14

    @Option(help: "Another seed gives other designs.")
    var seed: UInt32 = 1

    @Option(help: "The package of the trunk.")
    var trunk = "efficientnet-lite0"

    /// The maps of the trunk that the head reads, the last ones, and how much of the ground is taken off.
    private static let maps = 3
    private static let contrast: Float = 1
    /// How much each map counts, and from how similar on defects may be of one kind.
    private static let weights: [Float] = [1, 1, 0.5]
    private static let similarity: Float = 0.6

    package init() {}

    package func validate() throws {
        guard 1...100 ~= products else { throw ValidationError("--products is 1 to 100, not \(products).") }
        guard 1...1000 ~= samples else { throw ValidationError("--samples is 1 to 1000, not \(samples).") }
    }

    package func run() throws {
        OpenBLAS.relaunchWithBestKernel()
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        let package = try ModelPackage(opening: locator.find(trunk), verifyingHashes: true)
        let practice = PracticeDefects(
            trunk: package, kernels: try ModelChoice.kernels(nil), pool: TensorPool(), maps: Self.maps,
            contrast: Self.contrast)
        var bar = ProgressBar(), found: [PracticeDefects.Defect] = []
        let kinds = PracticeCatalogue.kinds
        for (number, kind) in kinds.enumerated() {
            bar.show("defects", number, of: kinds.count)
            for product in 0..<UInt32(products) {
                found += try practice.defects(of: kind, product: seed &+ product, count: samples)
            }
        }
        bar.finish()
        guard !found.isEmpty else {
            throw CommandFailure("No defect was found in \(products * samples) samples of each kind.")
        }
        let head = EmbeddingHead(
            fitting: found.map(\.pooled), contrast: Self.contrast, weights: Self.weights,
            similarity: Self.similarity)
        var writer = try head.package(
            name: "fine", version: "1.0.0",
            trunk: .init(name: package.manifest.name, digest: package.digest.description))
        writer.manifest.provenance = package.manifest.provenance
        let written = try writer.write(to: output, replacing: true)
        print("'\(output)': \(written.digest), fitted to \(found.count) defects of \(kinds.count) kinds")
    }
}
