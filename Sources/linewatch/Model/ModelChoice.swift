import AnomalyModels
import FoundationEssentials
import Kernels
import ModelPackages

/// A model that the user named: a package, or a built-in network where there is none of that name.
struct ModelChoice {
    let name: String
    let network: Network
    let weights: LoadedModel.Weights

    /// Finds `name` in the model folders; throws if there is neither a package nor a built-in network called
    /// so.
    init(_ name: String) throws {
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        guard let path = try Self.path(of: name, locator) else {
            guard let known = Network.builtIn.first(where: { $0.name == name }) else {
                throw ModelPackageError.notFound(name: name, searched: locator.directories)
            }
            self.init(name: name, network: known.network, weights: .random)
            return
        }
        let package = try ModelPackage(opening: path, verifyingHashes: false)
        self.init(name: package.manifest.name, network: try Network(of: package), weights: .package(package))
    }

    /// The folder of the package `name`; nil if none is called so.
    private static func path(of name: String, _ locator: ModelLocator) throws(ModelPackageError) -> String? {
        do {
            return try locator.find(name)
        } catch .notFound {
            return nil
        }
    }

    private init(name: String, network: Network, weights: LoadedModel.Weights) {
        self.name = name
        self.network = network
        self.weights = weights
    }

    /// Where packed weights are kept: the folder that was asked for, that of the service's state, or the
    /// user's.
    static func cacheDirectory(_ chosen: String?) -> String? {
        let environment = ProcessInfo.processInfo.environment
        if let chosen { return chosen }
        if let state = environment["LINEWATCH_STATE_DIR"], !state.isEmpty { return state + "/cache" }
        if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") { return cache + "/linewatch" }
        return environment["HOME"].map { $0 + "/.cache/linewatch" }
    }

    /// The instruction set that was asked for, that of LINEWATCH_ISA, or the best.
    static func kernels(_ chosen: String?) throws -> KernelTable {
        KernelTable(try InstructionSet.named(chosen ?? ProcessInfo.processInfo.environment["LINEWATCH_ISA"]))
    }
}
