import Tensors

/// The names of BERT as published with all-MiniLM-L6-v2. The pooler is not read.
enum MiniLMLayout {
    /// The layout with the numbers of layers, tokens and positions that `file` has.
    static func layout(for file: WeightFile) -> CheckpointLayout {
        typealias Net = Architecture.MiniLM
        let shapes = TensorShapes(of: file)
        let word = "embeddings.word_embeddings.weight"
        let position = "embeddings.position_embeddings.weight"
        let network = Net(
            vocabularySize: shapes.extent(word, 0) ?? 30_522, positions: shapes.extent(position, 0) ?? 512,
            layers: shapes.blockCount(after: "encoder.layer.") ?? 6)

        let width = Net.width
        let types = "embeddings.token_type_embeddings.weight"
        let typeShape = [shapes.extent(types, 0) ?? 2, width]
        var rules: [TensorRule] = [
            .copy("embeddings.word", [network.vocabularySize, width], from: word),
            .copy("embeddings.position", [network.positions, width], from: position),
            TensorRule("embeddings.type0", [width], from: [TensorRule.Source(name: types, shape: typeShape)])
            {
                Array($0[0].prefix(width))
            },
        ]
        rules += vectors("embeddings.norm", width, from: "embeddings.LayerNorm")
        for index in 0..<network.layers {
            rules += layer("layer\(index).", from: "encoder.layer.\(index).")
        }
        let architecture = Architecture.miniLM(network)
        return CheckpointLayout(name: architecture.description, architecture: architecture, rules: rules) {
            $0 == "embeddings.position_ids" || $0.hasPrefix("pooler.")
        }
    }

    private static func layer(_ target: String, from source: String) -> [TensorRule] {
        let (width, hidden) = (Architecture.MiniLM.width, Architecture.MiniLM.hiddenWidth)
        let parts = ["query", "key", "value"].map { source + "attention.self.\($0)" }
        var rules: [TensorRule] = [
            .stack(target + "qkv.weight", [3 * width, width], from: parts.map { $0 + ".weight" }),
            .stack(target + "qkv.bias", [3 * width], from: parts.map { $0 + ".bias" }),
        ]
        rules += linear(target + "attention", width, width, from: source + "attention.output.dense")
        rules += vectors(target + "norm1", width, from: source + "attention.output.LayerNorm")
        rules += linear(target + "fc1", hidden, width, from: source + "intermediate.dense")
        rules += linear(target + "fc2", width, hidden, from: source + "output.dense")
        return rules + vectors(target + "norm2", width, from: source + "output.LayerNorm")
    }
}

/// The weight and bias of a norm.
func vectors(_ target: String, _ width: Int, from source: String) -> [TensorRule] {
    ["weight", "bias"].map { .copy("\(target).\($0)", [width], from: "\(source).\($0)") }
}

/// The weight [rows, columns] and bias [rows] of a linear layer.
func linear(_ target: String, _ rows: Int, _ columns: Int, from source: String) -> [TensorRule] {
    [
        .copy(target + ".weight", [rows, columns], from: source + ".weight"),
        .copy(target + ".bias", [rows], from: source + ".bias"),
    ]
}
