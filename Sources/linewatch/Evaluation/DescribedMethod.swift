import AnomalyModels
import Evaluation
import Foundation
import Imaging
import Inference
import Kernels
import ModelPackages
import Training

/// FINE-E's single pass (METHODS.md 5.3), as the daemon describes a finding: a closer look at the mark of each image, and the
/// head of a package. Nothing is fitted to the images but the centres.
struct DescribedMethod: ClusteringMethod {
    private let trunks: PatchTrunks
    private let head: EmbeddingHead
    private let trunk: ModelPackage
    private let input: MethodInput
    private let auxiliary: DefectFeatures.Auxiliary
    private var describers: [Size: (picture: MarkedPicture, embedder: DefectEmbedder)] = [:]
    private var vectors: [Float] = []

    /// Loads the trunk that the head in `setup.package` reads: the one beside it, or else where models are looked for.
    init(_ setup: MethodSetup) throws {
        head = try EmbeddingHead(of: setup.package)
        let wanted = try EmbeddingHead.trunk(of: setup.package)
        let folder = URL(filePath: setup.package.directory).deletingLastPathComponent().path
        let beside = ModelLocator(searchPath: folder, defaults: [])
        let usual = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        let place = try (try? beside.find(wanted.name)) ?? usual.find(wanted.name)
        trunk = try ModelPackage(opening: place, verifyingHashes: true)
        guard trunk.digest.description == wanted.digest else {
            throw ModelError.otherTower(
                directory: trunk.directory, digest: trunk.digest.description, wanted: wanted)
        }
        trunks = PatchTrunks(trunk, kernels: setup.kernels, pool: TensorPool())
        (input, auxiliary) = (setup.input, setup.auxiliary)
    }

    mutating func add(_ image: RGBImage) throws { try add(image, mask: nil) }

    mutating func add(_ image: RGBImage, mask path: String?) throws {
        let tensor = try input.tensor(of: image, trunks.kernels)
        let (picture, embedder) = try describer(tensor.size)
        picture.show(tensor.pixels, scores: try scores(of: tensor, auxiliary == .given ? path : nil, picture))
        embedder.keep()
        embedder.describe(picture.peak)
        vectors += embedder.codes.map { Float($0) / 127 }
    }

    private mutating func describer(_ size: Size) throws -> (MarkedPicture, DefectEmbedder) {
        if let known = describers[size] { return known }
        // It says which sizes it can read.
        _ = try trunks.trunk(size)
        let picture = MarkedPicture(size: size)
        guard
            let embedder = try DefectEmbedder(
                head, detector: picture, trunk: trunk, kernels: trunks.kernels, pool: TensorPool())
        else {
            throw CommandFailure("The head does not fit '\(trunk.directory)'.")
        }
        describers[size] = (picture, embedder)
        return (picture, embedder)
    }

    /// How much each cell counts: the mask at `path`, if it shows anything, else how rare the patches are in the image.
    private func scores(
        of tensor: (pixels: [UInt8], size: Size), _ path: String?, _ picture: MarkedPicture
    ) throws -> [Float] {
        if let path {
            let mask = try DefectMask(contentsOf: path).resized(to: tensor.size), sizes = mask.regionSizes
            if let largest = sizes.indices.max(by: { sizes[$0] < sizes[$1] }) {
                return picture.shares(of: mask.labels, region: Int32(largest + 1))
            }
        }
        let trunk = try trunks.trunk(tensor.size)
        // As many bytes as the trunk's input, whose size is the tensor's.
        unsafe trunk.withInput { input in unsafe input.copyBytes(from: tensor.pixels) }
        trunk.run()
        let rarity = RarityMap(joining: try trunks.rarity(tensor.size).maps(of: trunk))
        return ScoreMap(size: Size(width: rarity.columns, height: rarity.rows), scores: rarity.values)
            .resized(to: picture.mapSize).scores
    }

    func clusters(count: Int, seed: Int) throws -> [Int] {
        SphericalKMeans(UnitRows(vectors, width: head.width), count: count, seed: seed).clusters
    }
}
