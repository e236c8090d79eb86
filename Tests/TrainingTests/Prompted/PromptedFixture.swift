import AnomalyModels
import Foundation
import Imaging
import Inference
import Kernels
import ModelPackages
import Tensors
import Training

/// The small random tower and head of Golden/prompted.py, drawn anew, and what that script recorded.
struct PromptedFixture {
    static let side = 96
    static let grid = 12
    static let vision = Architecture.Clip.Vision(width: 64, patch: 8, grid: 12, layers: 4)
    static let network = Network(
        .clip(.init(vision: vision, text: nil, embeddingWidth: 64, activation: .quickGELU)))
    static let layout = PromptLayout(network, kind: .dynamic)!

    let golden: WeightFile

    init() throws { golden = try WeightFile(path: FidelityFixture.path("prompted.safetensors")) }

    /// The tower's tensors under our own names.
    static let tower: FloatWeights = {
        var weights = FloatWeights()
        func add(_ name: String, _ shape: [Int], _ limit: Double, _ middle: Double = 0) {
            weights.tensors[name] = (shape, draw(name, shape, limit, middle))
        }
        func norm(_ name: String) {
            add(name + ".weight", [64], 0.3, 1)
            add(name + ".bias", [64], 0.2)
        }
        func linear(_ name: String, _ rows: Int, _ columns: Int, _ factor: Double = 1) {
            add(name + ".weight", [rows, columns], factor * (3 / Double(columns)).squareRoot())
            add(name + ".bias", [rows], 0.2)
        }
        add("vision.patch.weight", [64, 8, 8, 3], (3.0 / 192).squareRoot())
        add("vision.class", [64], 0.8)
        add("vision.positions", [145, 64], 0.8)
        add("vision.projection.weight", [64, 64], (3.0 / 64).squareRoot())
        norm("vision.norm_pre")
        norm("vision.norm_post")
        for index in 0..<4 {
            let name = "vision.layer\(index)"
            norm(name + ".norm1")
            norm(name + ".norm2")
            linear(name + ".qkv", 192, 64, 1.5)
            linear(name + ".attention", 64, 64)
            linear(name + ".fc1", 256, 64)
            linear(name + ".fc2", 64, 256)
        }
        return weights
    }()

    /// The tensors of the head, by name.
    static let head: [String: [Float]] = {
        var tensors: [String: [Float]] = [:]
        for (name, shape) in PromptedHead.shapes(layout) {
            let (limit, middle): (Double, Double) =
                switch name {
                case "prompts.norm.weight": (0.3, 1)
                case "prompts.dynamic.weight": (0.5 * (3.0 / 64).squareRoot(), 0)
                case "adapter.b.weight": (0.3 * (3.0 / 96).squareRoot(), 0)
                case "anchors", "columns.normal.weight", "columns.abnormal.weight": (0.1, 0)
                case _ where name.hasPrefix("prompts.block"): (1, 0)
                case _ where name.hasSuffix(".bias"): (0.2, 0)
                default: ((3.0 / Double(shape.last ?? 1)).squareRoot(), 0)
                }
            tensors[name] = draw(name, shape, limit, middle)
        }
        return tensors
    }()

    /// The head as inspection reads it, in `tower` or in none.
    static func head(
        _ fusion: SemanticFusion.Kind = .clusters, tower: ModelPackage? = nil, usesRarity: Bool = false
    ) -> PromptedHead {
        PromptedHead(
            tower: .init(
                name: tower?.manifest.name ?? "tower", digest: tower?.digest.description ?? "none"),
            layout: layout, tensors: head, temperature: 0.07, peakWeight: 0.5,
            choices: .init(
                fusion: fusion, usesRarity: usesRarity, mapWeight: 0.05, imageWeight: 0.02, limit: 1.1,
                median: 0.9))
    }

    /// T_N and T_A of both pictures.
    static let columns: [ClassColumns] = {
        let values = draw("class", [2, 2, 64], 1, 0)
        let vectors = (0..<4).map { row -> [Float] in
            let vector = values[row * 64..<(row + 1) * 64]
            let length = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            return vector.map { Float(Double($0) / length) }
        }
        return [
            ClassColumns(normal: vectors[0], abnormal: vectors[1]),
            ClassColumns(normal: vectors[2], abnormal: vectors[3]),
        ]
    }()

    /// A network with the drawn weights.
    func training(_ fusion: SemanticFusion.Kind = .clusters, dice: PromptedRecipe.Dice = .image) throws
        -> PromptedNetwork
    {
        let blocks = try FrozenBlocks(Self.layout, FloatSource(Self.tower))
        let network = PromptedNetwork(blocks, fusion: fusion, words: .sentences, dice: dice, seed: 1)
        for (name, values) in Self.head { network.parameters[name]?.values = values }
        return network
    }

    /// Both pictures, a square of the first defective.
    func batch() throws -> PromptedBatch {
        let cells = 24
        var masks = [Float](repeating: 0, count: 2 * cells * cells)
        for y in 4..<10 {
            for x in 6..<12 { masks[y * cells + x] = 1 }
        }
        return PromptedBatch(
            count: 2, grid: Self.grid, cells: cells, tokens: try golden.floats("tokens"),
            beside: [Float](repeating: 0, count: 128), masks: masks,
            columns: Self.columns.flatMap { $0.normal + $0.abnormal })
    }

    /// The bytes of picture `index`.
    func picture(_ index: Int) throws -> [UInt8] {
        let bytes = try golden.uint8("pictures"), size = bytes.count / 2
        return Array(bytes[index * size..<(index + 1) * size])
    }

    /// The tower as a package in `folder`.
    static func package(in folder: String, name: String = "tower") throws -> ModelPackage {
        try PackageBuilder(network, weights: tower, calibration: nil)
            .package(name: name, version: "1.0.0").write(to: folder + "/" + name, replacing: true)
    }

    private static func draw(_ name: String, _ shape: [Int], _ limit: Double, _ middle: Double) -> [Float] {
        var random = RandomNumbers(seed: 1, stream: name)
        return (0..<shape.reduce(1, *)).map { _ in Float(limit * (2 * random.nextUnit() - 1) + middle) }
    }
}

/// A new empty folder, removed with all that is in it when the value goes.
final class PromptedFolder {
    let path = FileManager.default.temporaryDirectory.appending(path: "prompted-\(UUID())").path

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
