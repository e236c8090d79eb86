package import AnomalyModels
package import ModelPackages
import Platform
import Tensors

// PACKAGE OF FIDELITY MODE
//
//   architecture "adaclip-fidelity"; configuration: that of the tower, and "clip_sha256", "heads_sha256"
//   weights.safetensors   both towers under the names of `FloatWeights`, the heads under those of `FidelityHeads`.
//                         A tensor of a tower is in half precision if that loses nothing, else float32.
//   merges.txt            the vocabulary
//
// It is valid if and only if the digest of its towers is "clip_sha256". No daemon loads it.

/// A CLIP with the AdaCLIP heads that belong to it, in float32.
package struct FidelityPackage {
    package static let architectureName = "adaclip-fidelity"

    /// What an import is made of.
    package struct Request {
        package var name: String
        package var version = "1.0.0"
        /// What the tower was trained with; see `CheckpointReader`.
        package var activation: Architecture.Activation?
        /// The unpacked merges of its tokenizer.
        package var vocabulary: (path: String, bytes: [UInt8])
        package var origin = "unknown"
        package var licence = "unknown"
        package var replaces = false

        package init(name: String, vocabulary: (path: String, bytes: [UInt8])) {
            (self.name, self.vocabulary) = (name, vocabulary)
        }
    }

    /// What an import gave.
    package struct Report: Sendable {
        package let package: ModelPackage
        package let network: Architecture.Clip
        /// The digest of the towers.
        package let tower: String
        /// Whether the heads' file named that digest itself. If not, they are bound from now on.
        package let wasBound: Bool
        /// The numbers that the heads consist of.
        package let headCount: Int
    }

    package let tower: FidelityTower
    package let heads: FidelityHeads
    package let tokenizer: BytePairTokenizer

    /// Makes a package of the checkpoint of a CLIP and a file of heads, in the folder `directory`. Blocks; needs
    /// about three times the memory of the tower in float32.
    ///
    /// Throws `FidelityError`, and then nothing was written.
    package static func write(
        checkpoint path: String, heads headsPath: String, _ request: Request, to directory: String
    ) throws(FidelityError) -> Report {
        let checkpoint: AnomalyModels.Checkpoint
        do { checkpoint = try CheckpointReader.read(path: path, activation: request.activation) } catch {
            throw .checkpoint(error)
        }
        guard case .clip(let network) = checkpoint.architecture else {
            throw .tower(reason: "'\(path)' is \(checkpoint.architecture), not a CLIP")
        }
        let file: WeightFile
        do { file = try WeightFile(path: headsPath) } catch { throw .file(error) }
        let tower = try FidelityTower(network, checkpoint.weights)
        let heads = try FidelityHeads(file, for: tower)
        _ = try tokenizer(request.vocabulary.bytes, tower)

        let manifest = try manifest(request, network, tower, checkpoint: path, heads: headsPath)
        do {
            var weights = WeightFileWriter(metadata: ["format": "linewatch"])
            for (name, tensor) in checkpoint.weights.tensors {
                // Published towers are in half precision: so they stay half as large, to the bit.
                if tensor.values.allSatisfy({ Float(Float16($0)) == $0 }) {
                    try weights.addFloat16(name, Shape(tensor.shape), tensor.values)
                } else {
                    try weights.addFloat32(name, Shape(tensor.shape), tensor.values)
                }
            }
            try heads.add(to: &weights)
            var writer = ModelPackageWriter(manifest, weights: weights)
            writer.add("merges.txt", request.vocabulary.bytes)
            return Report(
                package: try writer.write(to: directory, replacing: request.replaces), network: network,
                tower: tower.digest, wasBound: file.metadata[FidelityHeads.metadataKey] != nil,
                headCount: heads.parameters.count)
        } catch let error as ModelPackageError {
            throw .package(error)
        } catch let error as WeightFileError {
            throw .file(error)
        } catch {
            preconditionFailure("writing a package threw \(error)")
        }
    }

    /// Reads a package for an input of `side` pixels, the tower's own if nil. Blocks, for seconds with a large tower.
    ///
    /// Throws `otherTower` if the towers are not those that the heads are bound to, or what else is wrong.
    package init(_ package: ModelPackage, side: Int?) throws(FidelityError) {
        guard package.manifest.architecture == Self.architectureName else {
            throw .input(
                reason:
                    "'\(package.directory)' is a package of \(package.manifest.architecture). Make one with "
                    + "'linewatch model import CLIP --adaclip HEADS'.")
        }
        let network: Architecture.Clip
        do { network = try Network.clip(of: package) } catch { throw .tower(reason: "\(error)") }
        var weights = FloatWeights()
        var heads = WeightFileWriter()
        do {
            for name in package.weights.names {
                let shape = try package.weights.entry(name).shape
                let values = try package.weights.floats(name)
                if FidelityHeads.owns(name) {
                    try heads.addFloat32(name, shape, values)
                } else {
                    weights.tensors[name] = (shape.extents, values)
                }
            }
            tower = try FidelityTower(checked: network, weights, side: side, in: package.directory)
            if case .string(let wanted)? = package.manifest.configuration[FidelityHeads.metadataKey],
                wanted != tower.digest
            {
                throw FidelityError.otherTower(
                    file: package.directory, wanted: wanted, found: tower.digest)
            }
            let file = try WeightFile(bytes: heads.bytes(), path: package.weights.path)
            self.heads = try FidelityHeads(file, for: tower)
            let merges = try package.file("merges.txt")
            tokenizer = try Self.tokenizer(unsafe merges.withUnsafeBytes { unsafe Array($0) }, tower)
        } catch let error as FidelityError {
            throw error
        } catch let error as ModelPackageError {
            throw .package(error)
        } catch let error as WeightFileError {
            throw .file(error)
        } catch {
            preconditionFailure("reading a package threw \(error)")
        }
    }

    private static func tokenizer(
        _ vocabulary: [UInt8], _ tower: FidelityTower
    ) throws(FidelityError) -> BytePairTokenizer {
        do {
            return try BytePairTokenizer(
                vocabulary: vocabulary, size: tower.text.vocabularySize,
                contextLength: tower.text.contextLength)
        } catch { throw .vocabulary(reason: "\(error)") }
    }

    private static func manifest(
        _ request: Request, _ network: Architecture.Clip, _ tower: FidelityTower, checkpoint: String,
        heads: String
    ) throws(FidelityError) -> Manifest {
        var manifest = Manifest(
            name: request.name, version: request.version, architecture: architectureName)
        manifest.configuration = Network(.clip(network)).configuration
        manifest.configuration[FidelityHeads.metadataKey] = .string(tower.digest)
        for path in [checkpoint, heads] {
            let sha256: String
            do { sha256 = try PackageDigest(ofFile: path).description } catch {
                throw .package(.unreadable(error))
            }
            if path == heads { manifest.configuration["heads_sha256"] = .string(sha256) }
            let file = path.split(separator: "/").last.map(String.init) ?? path
            manifest.provenance.append(
                Manifest.Source(file: file, sha256: sha256, origin: request.origin, licence: request.licence))
        }
        return manifest
    }
}
