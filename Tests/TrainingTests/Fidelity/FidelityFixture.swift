import AnomalyModels
import Foundation
import Tensors
import Testing
import Training

/// The small random CLIP and heads of Golden/adaclip.py, drawn anew, and what that script recorded.
struct FidelityFixture {
    static let side = 40

    let golden: WeightFile
    let tokenizer: BytePairTokenizer

    init() throws {
        golden = try WeightFile(path: Self.path("adaclip.safetensors"))
        let merges = try Data(contentsOf: URL(filePath: Self.path("adaclip_merges.txt")))
        tokenizer = try BytePairTokenizer(vocabulary: Array(merges), size: 600, contextLength: 77)
    }

    static func path(_ name: String) -> String {
        Bundle.module.resourceURL!.appending(path: "Golden/\(name)").path
    }

    // MARK: Weights

    /// The checkpoint under OpenCLIP's names.
    static func checkpoint(
        changing change: (inout [String: (shape: [Int], values: [Float])]) -> Void = { _ in }
    ) throws -> WeightFile {
        try file(towerTensors, change, path: "clip.safetensors")
    }

    /// The heads under their published names.
    static func heads(
        metadata: [String: String] = [:],
        changing change: (inout [String: (shape: [Int], values: [Float])]) -> Void = { _ in }
    ) throws -> WeightFile {
        try file(headTensors, change, path: "heads.safetensors", metadata: metadata)
    }

    static func tower(side: Int? = side) throws -> FidelityTower {
        let checkpoint = try CheckpointReader.read(checkpoint(), activation: .quickGELU)
        guard case .clip(let network) = checkpoint.architecture else { throw NotCLIP() }
        return try FidelityTower(network, checkpoint.weights, side: side)
    }

    struct NotCLIP: Error {}

    /// The network with some switches set, as in "hsf=paper".
    static func network(_ switches: [String] = []) throws -> FidelityNetwork {
        let tower = try tower()
        return FidelityNetwork(tower, try FidelityHeads(heads(), for: tower), try settings(switches))
    }

    static func settings(_ switches: [String]) throws -> FidelitySettings {
        var settings = FidelitySettings()
        (settings.clusterCount, settings.seed) = (4, 7)
        for text in switches { try settings.set(text) }
        return settings
    }

    private typealias Tensors = [String: (shape: [Int], values: [Float])]

    static func writer(
        _ tensors: [String: (shape: [Int], values: [Float])], metadata: [String: String] = [:]
    ) throws -> WeightFileWriter {
        var writer = WeightFileWriter(metadata: metadata)
        for (name, tensor) in tensors { try writer.addFloat32(name, Shape(tensor.shape), tensor.values) }
        return writer
    }

    private static func file(
        _ tensors: Tensors, _ change: (inout Tensors) -> Void, path: String, metadata: [String: String] = [:]
    ) throws -> WeightFile {
        var tensors = tensors
        change(&tensors)
        return try WeightFile(bytes: writer(tensors, metadata: metadata).bytes(), path: path)
    }

    static let towerTensors: [String: (shape: [Int], values: [Float])] = {
        var tensors: Tensors = [:]
        func add(_ name: String, _ shape: [Int], _ limit: Double, _ middle: Double = 0) {
            tensors[name] = (shape, draw(name, shape, limit, middle))
        }
        func norm(_ name: String, _ width: Int) {
            add(name + ".weight", [width], 0.3, 1)
            add(name + ".bias", [width], 0.2)
        }
        func blocks(_ prefix: String, _ width: Int, _ count: Int) {
            let even = (3.0 / Double(width)).squareRoot()
            for index in 0..<count {
                let block = "\(prefix)transformer.resblocks.\(index)."
                add(block + "attn.in_proj_weight", [3 * width, width], 1.5 * even)
                add(block + "attn.in_proj_bias", [3 * width], 0.2)
                add(block + "attn.out_proj.weight", [width, width], even)
                add(block + "attn.out_proj.bias", [width], 0.2)
                norm(block + "ln_1", width)
                norm(block + "ln_2", width)
                add(block + "mlp.c_fc.weight", [4 * width, width], even)
                add(block + "mlp.c_fc.bias", [4 * width], 0.2)
                add(block + "mlp.c_proj.weight", [width, 4 * width], (3.0 / Double(4 * width)).squareRoot())
                add(block + "mlp.c_proj.bias", [width], 0.2)
            }
        }
        add("positional_embedding", [77, 64], 0.2)
        add("text_projection", [64, 64], (3.0 / 64).squareRoot())
        add("visual.class_embedding", [128], 0.8)
        add("visual.positional_embedding", [10, 128], 0.8)
        add("visual.proj", [128, 64], (3.0 / 128).squareRoot())
        add("visual.conv1.weight", [128, 3, 8, 8], (3.0 / 192).squareRoot())
        norm("visual.ln_pre", 128)
        norm("visual.ln_post", 128)
        blocks("visual.", 128, 8)
        blocks("", 64, 5)
        add("token_embedding.weight", [600, 64], 0.8)
        norm("ln_final", 64)
        tensors["logit_scale"] = ([1], [2.65926])
        return tensors
    }()

    static let headTensors: [String: (shape: [Int], values: [Float])] = {
        var tensors: Tensors = [:]
        func layer(_ name: String, _ rows: Int, _ columns: Int, _ factor: Double) {
            let limit = factor * (3.0 / Double(columns)).squareRoot()
            let (weight, bias) = ("clip_model.\(name).weight", "clip_model.\(name).bias")
            tensors[weight] = ([rows, columns], draw(weight, [rows, columns], limit, 0))
            tensors[bias] = ([rows], draw(bias, [rows], 0.2, 0))
        }
        for (kind, width) in [("text", 64), ("visual", 128)] {
            for index in 0..<4 {
                let name = "clip_model.\(kind)_prompter.static_prompts.\(index)"
                tensors[name] = ([5, width], draw(name, [5, width], 1, 0))
            }
            for index in 0..<5 { layer("dynamic_\(kind)_prompt_generator.head.\(index)", width, 64, 0.5) }
        }
        for index in 0..<4 { layer("patch_token_layer.head.\(index)", 64, 128, 1) }
        layer("cls_token_layer.head.0", 64, 64, 1)
        return tensors
    }()

    /// Uniform in `middle` ± `limit`, by the tensor's name.
    private static func draw(_ name: String, _ shape: [Int], _ limit: Double, _ middle: Double) -> [Float] {
        var random = RandomNumbers(seed: 1, stream: name)
        return (0..<shape.reduce(1, *)).map { _ in Float(limit * (2 * random.nextUnit() - 1) + middle) }
    }
}

/// What a network computed, by the names that it gives.
final class Observed {
    var values: [String: (shape: [Int], values: [Float])] = [:]

    /// Makes `network` tell what it computes.
    func watch(_ network: inout FidelityNetwork) {
        network.observe = { [self] name, tensor, tape in values[name] = (tensor.shape, tape.values(tensor)) }
    }
}

/// The largest difference of two lists, over the largest number in the second; infinite if they do not match.
func relativeError(_ ours: [Float], _ theirs: [Float]) -> Float {
    guard ours.count == theirs.count, let largest = theirs.map(abs).max() else { return .infinity }
    return largestDifference(ours, theirs) / max(largest, 1e-6)
}

/// The largest difference; infinite if the counts do not match or a number is not one.
func largestDifference(_ ours: [Float], _ theirs: [Float]) -> Float {
    guard ours.count == theirs.count else { return .infinity }
    return zip(ours, theirs).reduce(0) { worst, pair in
        let difference = abs(pair.0 - pair.1)
        return difference.isNaN ? .infinity : max(worst, difference)
    }
}
