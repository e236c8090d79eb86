import ArgumentParser
import FoundationEssentials
import ModelPackages
import Platform
import Training

/// `linewatch model fidelity`: AdaCLIP as its authors compute it.
struct ModelFidelity: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fidelity",
        abstract:
            "Runs AdaCLIP as its authors compute it, in float32: for research and checks; trains it so.",
        discussion: """
            Needs a package of 'linewatch model import --adaclip'. Slow: two passes of the vision tower and 48 \
            sentences for each picture. What the daemon runs is AdaCLIP-E.
            """,
        subcommands: [FidelityScore.self, FidelityEval.self, FidelityCompare.self, FidelityTrain.self])
}

/// What the commands of fidelity mode have in common.
struct FidelityOptions: ParsableArguments {
    @Argument(help: "The name or the path of the package.")
    var model: String

    @Option(help: "Side of the square input in pixels, a multiple of the patch. Default: the tower's own.")
    var side: Int?

    @Option(help: "Clusters of the semantic fusion (1...1000).")
    var clusters = 20

    @Option(help: "Seed of its k-means.")
    var seed: UInt64 = 0

    @Option(help: "Deviation in pixels of the Gaussian over the map (0...64).")
    var sigma = 4.0

    @Option(
        name: .customLong("switch"),
        help: "Compute otherwise than the authors: \(FidelitySettings.switchList). May be given again.")
    var switches: [String] = []

    @Option(help: "Threads (1...64).")
    var threads = 2

    func validate() throws {
        guard 1...1000 ~= clusters else {
            throw ValidationError("--clusters \(clusters) is not in 1...1000.")
        }
        guard 0...64 ~= sigma else { throw ValidationError("--sigma \(sigma) is not in 0...64.") }
        guard 1...64 ~= threads else { throw ValidationError("--threads \(threads) is not in 1...64.") }
        do { _ = try settings() } catch { throw ValidationError("\(error)") }
    }

    func settings() throws(FidelityError) -> FidelitySettings {
        var settings = FidelitySettings()
        (settings.clusterCount, settings.seed, settings.sigma) = (clusters, seed, sigma)
        for text in switches { try settings.set(text) }
        return settings
    }

    /// The package, ready to run. Blocks, for seconds with a large tower.
    func opened() throws -> (package: FidelityPackage, network: FidelityNetwork, workers: Workers) {
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        let found = try ModelPackage(opening: locator.find(model), verifyingHashes: false)
        let package = try FidelityPackage(found, side: side)
        let network = FidelityNetwork(package.tower, package.heads, try settings())
        return (package, network, try Workers(count: threads))
    }
}
