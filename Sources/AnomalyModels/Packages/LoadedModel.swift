package import Inference
package import Kernels
package import ModelPackages
import Platform

/// A model that is compiled for an input and ready for sessions, from a package or with random weights.
package struct LoadedModel: Sendable {
    /// What was loaded.
    package enum Weights: Sendable {
        case package(ModelPackage)
        /// Of a built-in network, from a fixed seed.
        case random
    }

    package let network: Network
    package let weights: Weights
    package let model: CompiledModel
    /// Whether the packed weights came from the cache.
    package let isFromCache: Bool
    private let cache: PackedCache?

    /// Compiles `network` for `input`.
    ///
    /// - Parameter cacheDirectory: where packed weights are kept; nil for nowhere.
    ///
    /// With a valid cache in `cacheDirectory` no weights are read or packed. Blocks. Throws `inputSize`, or
    /// `weights` if they do not fit the network.
    package init(
        _ network: Network, _ weights: Weights, input: Network.Input, outputs: Network.Outputs,
        kernels: KernelTable,
        threads: Int, cacheDirectory: String?
    ) throws(ModelError) {
        let graph = try network.graph(input, outputs: outputs)
        let source: any WeightSource
        let digest: PackageDigest
        let directory: String
        switch weights {
        case .package(let package):
            source = PackageSource(package)
            digest = package.digest
            directory = package.directory
        case .random:
            source = RandomWeights(seed: Self.seed)
            digest = PackageDigest(of: Array("random weights \(Self.seed) \(network)".utf8))
            directory = ""
        }
        var cache: PackedCache?
        var isFromCache = false
        do {
            model = try unsafe CompiledModel(graph, weights: source, kernels: kernels, threads: threads) {
                layout, memory in
                guard let cacheDirectory else { return false }
                let known = PackedCache(
                    in: cacheDirectory, digest: digest, instructions: kernels.instructions.name,
                    layout: layout)
                cache = known
                isFromCache = unsafe known.load(into: memory)
                // A damaged cache may have been read in part.
                if !isFromCache { unsafe memory.initializeMemory(as: UInt8.self, repeating: 0) }
                return isFromCache
            }
        } catch { throw .weights(directory: directory, error) }
        // Packing leaves as much freed memory behind as the largest tensors take.
        if !isFromCache { Memory.releaseFreed() }
        self.network = network
        self.weights = weights
        self.isFromCache = isFromCache
        self.cache = cache
    }

    /// Keeps the packed weights for the next time, unless they came from there. Blocks until they are on
    /// disk.
    ///
    /// Throws `package` if they cannot be written, which costs the next load its speed and nothing else.
    package func storeCache() throws(ModelError) {
        guard let cache, !isFromCache else { return }
        do {
            try unsafe model.withConstants { bytes in try unsafe cache.store(bytes) }
        } catch let error as ModelPackageError {
            throw .package(error)
        } catch {
            preconditionFailure("storing a cache threw \(error)")
        }
    }

    private static let seed: UInt64 = 1
}

extension Network {
    /// The networks that need no package to be timed, by name.
    package static let builtIn: [(name: String, network: Network)] = [
        ("efficientnet-lite0", Network(.efficientNetLite(.lite0))),
        ("efficientnet-lite2", Network(.efficientNetLite(.lite2))),
        ("litevl", Network(.liteVL(.init(trunk: .lite0, width: 192, layers: 2)))),
        ("minilm", Network(.miniLM(.init(vocabularySize: 30_522, positions: 512, layers: 6)))),
        ("clip-vit-b32", Network(.clip(tower(.b32, embedding: 512, .quickGELU)))),
        ("clip-vit-b16", Network(.clip(tower(.b16, embedding: 512, .quickGELU)))),
        ("clip-vit-l14", Network(.clip(tower(.l14, embedding: 768, .quickGELU)))),
        ("vit-s14", Network(.clip(tower(.s14, embedding: 384, .gelu)), hasPreNorm: false)),
    ]

    private static func tower(
        _ vision: Architecture.Clip.Vision, embedding: Int, _ activation: Architecture.Activation
    ) -> Architecture.Clip {
        .init(vision: vision, text: nil, embeddingWidth: embedding, activation: activation)
    }
}
