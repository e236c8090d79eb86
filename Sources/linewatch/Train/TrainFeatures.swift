import AnomalyModels
package import ArgumentParser
import Foundation
import Kernels
import ModelPackages
import Platform
import SimulatedLine
import Training

/// `linewatch train features`: the features of practice pictures, kept on disk.
package struct TrainFeatures: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "features",
        abstract: "Renders practice pictures and keeps what a frozen trunk says of them.",
        discussion: """
            Fills a folder with shards of 64 pictures. What is there already is not made again, so a run that was \
            stopped goes on. `linewatch train adaclip` does the same by itself.
            """
    )

    @Option(name: .shortAndLong, help: "The folder for the features.")
    var output: String

    @Option(help: "Pictures, up to whole shards of 64 (1...1000000).")
    var count = 4096

    @Option(help: "Designs of each kind (1...1000).")
    var products = 8

    @Option(help: "Another seed gives other pictures.")
    var seed: UInt64 = 1

    @Option(help: "The package of the trunk.")
    var trunk = "efficientnet-lite0"

    package init() {}

    package func validate() throws {
        guard 1...1_000_000 ~= count else { throw ValidationError("--count is 1 to 1000000, not \(count).") }
        guard 1...1000 ~= products else { throw ValidationError("--products is 1 to 1000, not \(products).") }
    }

    package func run() throws {
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        let package = try ModelPackage(opening: locator.find(trunk), verifyingHashes: false)
        let features = try TrunkFeatures(package, side: 256, kernels: try ModelChoice.kernels(nil))
        let pictures = PracticePictures(
            kinds: PracticeCatalogue.kinds, products: products, side: 256, seed: seed)
        let cache = FeatureCache(
            folder: output,
            recipe: "practice seed \(seed) products \(products) trunk \(features.trunk.digest)",
            side: 256, count: count)
        try createFolder(output)
        var bar = ProgressBar()
        for shard in 0..<cache.shards {
            bar.show("features", shard, of: cache.shards)
            if !cache.has(shard) { try cache.make(shard, features) { pictures[$0] } }
        }
        bar.show("features", cache.shards, of: cache.shards)
        bar.finish()
    }
}
