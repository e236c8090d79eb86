import Inference
import Kernels
package import ModelPackages
import Tensors

/// Makes a package of a trained LiteVL: the trunk's codes as they are in its own package, the rest evened out and
/// quantised.
package struct LiteVLPackage {
    package let network: Network
    private let trunk: ModelPackage
    /// Divided by the factors of the maps that the neck reads, and evened out.
    private let own: FloatWeights
    /// Pictures that the channels are evened out on.
    package static let pictures = 16

    /// - Parameters:
    ///   - weights: the trained part, for the trunk's maps as they are (`LiteVLNetwork.weights`).
    ///   - trunk: the package of the trunk.
    ///   - pictures: RGB `[side, side, 3]` of the network's own side, to even out the channels on.
    ///
    /// Blocks; seconds. Throws `weights` if these do not fit.
    package init(
        _ architecture: Architecture.LiteVL, _ weights: FloatWeights, trunk: ModelPackage, pictures: [[UInt8]]
    ) throws(ModelError) {
        self.trunk = trunk
        network = Network(.liteVL(architecture))
        do {
            let divided = try Self.divided(weights, architecture, trunk)
            let graph = try network.graph(network.nativeInput, outputs: .last)
            let session = try ReferenceSession(
                graph, weights: JoinedSource(trunk: trunk, own: divided), kernels: KernelTable(.best),
                keepsAll: false)
            var maxima = ChannelMaxima()
            for picture in pictures { maxima.add(image: picture, session) }
            own = divided.equalised(for: graph, maxima)
        } catch let error as InferenceError {
            throw .weights(directory: trunk.directory, error)
        } catch let error as ModelError {
            throw error
        } catch {
            preconditionFailure("making LiteVL threw \(error)")
        }
    }

    /// The package, ready for provenance to be added and to be written. Throws `weights` if a tensor does not fit.
    package func package(name: String, version: String) throws(ModelError) -> ModelPackageWriter {
        let source = RecordingSource(JoinedSource(trunk: trunk, own: own))
        for graph in try network.allGraphs() {
            do {
                _ = try unsafe CompiledModel(graph, weights: source, kernels: KernelTable(.best))
            } catch { throw .weights(directory: trunk.directory, error) }
        }
        var file = WeightFileWriter(metadata: ["format": "linewatch"])
        var floatNames: [String] = []
        do {
            for (name, tensor) in own.tensors {
                if let (shape, codes) = source.codes[name] {
                    try file.addInt8(name, Shape(shape), codes.codes)
                    try file.addFloat32(name + ".scale", [codes.scale.count], codes.scale)
                } else {
                    try file.addFloat32(name, Shape(tensor.shape), tensor.values)
                    floatNames.append(name)
                }
            }
            try addTrunk(to: &file, source)
        } catch { throw .package(.weights(error)) }
        var manifest = Manifest(name: name, version: version, architecture: network.architectureName)
        manifest.configuration = network.configuration
        manifest.configuration["trunk.name"] = .string(trunk.manifest.name)
        manifest.configuration["trunk.digest"] = .string(trunk.digest.description)
        manifest.quantisation = .init(
            scheme: "qs8-per-channel",
            exceptions: floatNames.filter { $0.hasSuffix(".weight") && !$0.contains("norm") }.sorted())
        manifest.calibration = trunk.manifest.calibration.map { calibration in
            var used = calibration
            used.activations = calibration.activations.filter { source.activations.contains($0.key) }
            return used
        }
        return ModelPackageWriter(manifest, weights: file)
    }

    /// Every tensor of the trunk that was read, with what belongs to it.
    private func addTrunk(
        to file: inout WeightFileWriter, _ source: RecordingSource
    ) throws(WeightFileError) {
        let weights = trunk.weights
        let read = source.floats.union(source.codes.keys)
        for name in weights.names {
            let isRead =
                read.contains(name)
                || name.hasSuffix(".scale") && read.contains(String(name.dropLast(6)))
                || name.hasSuffix(".factors") || name.hasSuffix(".zeros")
            guard isRead, !JoinedSource.isOwn(name), let entry = weights.tensor(name) else { continue }
            if entry.elementType == .int8 {
                try file.addInt8(name, entry.shape, try weights.int8(name))
            } else {
                try file.addFloat32(name, entry.shape, try weights.floats(name))
            }
        }
    }

    /// The positions for the network's own number of tokens, whatever side it was trained at.
    private static func positions(_ weights: FloatWeights, width: Int) -> (shape: [Int], values: [Float])? {
        let grid = Architecture.LiteVL.grid
        guard let stored = weights.tensors["vision.positions"] else { return nil }
        let side = Int(Double(stored.values.count / width - 1).squareRoot().rounded())
        guard side != grid, stored.values.count == (side * side + 1) * width else { return stored }
        let values = PositionalEmbedding.resized(
            stored.values, width: width, from: (rows: side, columns: side), to: (rows: grid, columns: grid))
        return ([grid * grid + 1, width], values)
    }

    /// The neck's products for maps that were multiplied by their factors.
    private static func divided(
        _ weights: FloatWeights, _ architecture: Architecture.LiteVL, _ trunk: ModelPackage
    ) throws(InferenceError) -> FloatWeights {
        var result = weights
        result.tensors["vision.positions"] = Self.positions(weights, width: architecture.width)
        for (tap, stride) in [8, 16, 32].enumerated() {
            let channels = architecture.trunkChannels[tap], name = "neck.s\(stride).weight"
            let node = "block\(architecture.trunkTaps[tap]).project"
            guard let factors = try PackageSource(trunk).factors(node, width: channels),
                let values = weights.tensors[name]?.values
            else { continue }
            result.tensors[name]?.values = values.indices.map { values[$0] / factors[$0 % channels] }
        }
        return result
    }
}
