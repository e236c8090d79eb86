import Tensors

/// The rules of a CLIP checkpoint, and the sizes read off its tensors. Missing sizes are taken from ViT-B/32.
enum ClipLayout {
    static func layout(
        for file: WeightFile, names: ClipNames, activation: Architecture.Activation
    ) -> CheckpointLayout {
        let network = network(of: file, names, activation)
        let rules = rules(of: network, names)
        let architecture = Architecture.clip(network)
        let ignored = network.text == nil ? names.buffers.union([names.logitScale]) : names.buffers
        return CheckpointLayout(
            name: "\(architecture), \(names.layout) names", architecture: architecture, rules: rules
        ) { ignored.contains($0) }
    }

    /// How each tensor of `network` is made from those called `names`.
    static func rules(of network: Architecture.Clip, _ names: ClipNames) -> [TensorRule] {
        guard let text = network.text else { return visionRules(network, names) }
        return visionRules(network, names) + textRules(text, network.embeddingWidth, names)
            + [.copy("logit_scale", [1], from: names.logitScale)]
    }

    private static func network(
        of file: WeightFile, _ names: ClipNames, _ activation: Architecture.Activation
    ) -> Architecture.Clip {
        let shapes = TensorShapes(of: file)
        let rows = shapes.extent(names.visionPositions, 0) ?? 50
        let vision = Architecture.Clip.Vision(
            width: shapes.commonExtent([
                (names.patch, 0), (names.classEmbedding, 0), (names.visionPositions, 1),
                (names.normPre + ".weight", 0), (names.normPost + ".weight", 0),
            ]) ?? 768,
            patch: shapes.commonExtent([(names.patch, 3), (names.patch, 2)]) ?? 32,
            grid: max(1, Int(Double(rows - 1).squareRoot().rounded())),
            layers: shapes.blockCount(after: names.visionLayers) ?? 12)
        let embeddingWidth =
            shapes.commonExtent([
                (names.textProjection, names.textProjectionIsLinear ? 0 : 1),
                (names.visionProjection, names.visionProjectionIsLinear ? 0 : 1),
            ]) ?? 512

        let textPrefixes = [
            names.tokens, names.textPositions, names.normFinal, names.textProjection, names.textLayers,
        ]
        let hasText = file.names.contains { name in textPrefixes.contains { name.hasPrefix($0) } }
        let text = Architecture.Clip.Text(
            width: shapes.commonExtent([
                (names.tokens, 1), (names.textPositions, 1), (names.normFinal + ".weight", 0),
            ]) ?? 512,
            vocabularySize: shapes.extent(names.tokens, 0) ?? BytePairTokenizer.publishedSize,
            contextLength: shapes.extent(names.textPositions, 0) ?? 77,
            layers: shapes.blockCount(after: names.textLayers) ?? 12)
        return Architecture.Clip(
            vision: vision, text: hasText ? text : nil, embeddingWidth: embeddingWidth, activation: activation
        )
    }

    private static func visionRules(_ network: Architecture.Clip, _ names: ClipNames) -> [TensorRule] {
        let vision = network.vision
        let width = vision.width
        var rules: [TensorRule] = [
            .channelsLast("vision.patch.weight", [width, vision.patch, vision.patch, 3], from: names.patch),
            .copy("vision.class", [width], from: names.classEmbedding),
            .copy("vision.positions", [vision.grid * vision.grid + 1, width], from: names.visionPositions),
        ]
        rules += vectors("vision.norm_pre", width, from: names.normPre)
        for index in 0..<vision.layers {
            rules += block(
                "vision.layer\(index).", width, from: names.visionLayers + "\(index).", names.visionBlock)
        }
        rules += vectors("vision.norm_post", width, from: names.normPost)
        rules.append(
            projection(
                "vision.projection.weight", [network.embeddingWidth, width], from: names.visionProjection,
                isLinear: names.visionProjectionIsLinear))
        return rules
    }

    private static func textRules(
        _ text: Architecture.Clip.Text, _ embeddingWidth: Int, _ names: ClipNames
    ) -> [TensorRule] {
        let width = text.width
        var rules: [TensorRule] = [
            .copy("text.embeddings.word", [text.vocabularySize, width], from: names.tokens),
            .copy("text.embeddings.position", [text.contextLength, width], from: names.textPositions),
        ]
        for index in 0..<text.layers {
            rules += block(
                "text.layer\(index).", width, from: names.textLayers + "\(index).", names.textBlock)
        }
        rules += vectors("text.norm_final", width, from: names.normFinal)
        rules.append(
            projection(
                "text.projection.weight", [embeddingWidth, width], from: names.textProjection,
                isLinear: names.textProjectionIsLinear))
        return rules
    }

    private static func projection(_ target: String, _ shape: [Int], from name: String, isLinear: Bool)
        -> TensorRule
    {
        isLinear ? .copy(target, shape, from: name) : .transpose(target, shape, from: name)
    }

    private static func block(
        _ target: String, _ width: Int, from source: String, _ names: ClipNames.Block
    ) -> [TensorRule] {
        var rules = vectors(target + "norm1", width, from: source + names.norm1)
        if let fused = names.fused {
            rules.append(.copy(target + "qkv.weight", [3 * width, width], from: source + fused.weight))
            rules.append(.copy(target + "qkv.bias", [3 * width], from: source + fused.bias))
        } else {
            let parts = names.separate.map { source + $0 }
            rules.append(
                .stack(target + "qkv.weight", [3 * width, width], from: parts.map { $0 + ".weight" }))
            rules.append(.stack(target + "qkv.bias", [3 * width], from: parts.map { $0 + ".bias" }))
        }
        let attention = linear(target + "attention", width, width, from: source + names.attention)
        let fc2 = linear(target + "fc2", width, 4 * width, from: source + names.fc2)
        rules +=
            names.scales.map { scales in attention.map { $0.scaled(by: source + scales.attention) } }
            ?? attention
        rules += vectors(target + "norm2", width, from: source + names.norm2)
        rules += linear(target + "fc1", 4 * width, width, from: source + names.fc1)
        rules += names.scales.map { scales in fc2.map { $0.scaled(by: source + scales.mlp) } } ?? fc2
        return rules
    }
}
