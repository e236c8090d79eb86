/// The published port of EfficientNet-Lite to PyTorch. Batch norms are folded: with s = gamma / sqrt(var +
/// 1e-3) per output channel, weight * s and beta - mean * s.
enum EfficientNetLayout {
    private static let normEpsilon = 1e-3

    static func layout(of network: EfficientNetLite) -> CheckpointLayout {
        typealias Net = EfficientNetLite
        var rules = convolution(
            "stem", [Net.stemChannels, 3, 3, 3], from: "_conv_stem.weight", [Net.stemChannels, 3, 3, 3],
            "_bn0",
            channels: 3, pixels: 9)
        for (index, block) in network.blocks.enumerated() {
            let (target, source) = ("block\(index)", "_blocks.\(index).")
            if network.isMerged(index) {
                rules += merged(target + ".expand", block, network.blocks[index - 1], source, index)
            } else if block.expands {
                rules += pointwise(
                    target + ".expand", block.expandedChannels, block.inputChannels,
                    from: source + "_expand_conv",
                    source + "_bn0")
            }
            rules += depthwise(target, block, source)
            rules += pointwise(
                target + ".project", block.outputChannels, block.expandedChannels,
                from: source + "_project_conv",
                source + "_bn2")
        }
        let lastChannels = network.blocks.last!.outputChannels
        rules += pointwise("head", Net.headChannels, lastChannels, from: "_conv_head", "_bn1")
        rules.append(.copy("classifier.weight", [Net.classCount, Net.headChannels], from: "_fc.weight"))
        rules.append(.copy("classifier.bias", [Net.classCount], from: "_fc.bias"))
        let architecture = Architecture.efficientNetLite(network)
        return CheckpointLayout(name: architecture.description, architecture: architecture, rules: rules) {
            $0.hasSuffix(".num_batches_tracked")
        }
    }

    private static func pointwise(
        _ target: String, _ rows: Int, _ columns: Int, from source: String, _ norm: String
    ) -> [TensorRule] {
        convolution(
            target, [rows, columns], from: source + ".weight", [rows, columns, 1, 1], norm, channels: columns,
            pixels: 1)
    }

    /// [C, 1, k, k] to [k, k, C]: for the reordering, one image of C channels.
    private static func depthwise(
        _ target: String, _ block: EfficientNetLite.Block, _ source: String
    ) -> [TensorRule] {
        let (kernel, channels) = (block.kernel, block.expandedChannels)
        return convolution(
            target + ".depthwise", [kernel, kernel, channels], from: source + "_depthwise_conv.weight",
            [channels, 1, kernel, kernel], source + "_bn1", channels: channels, pixels: kernel * kernel)
    }

    /// Weight and bias of a convolution with its batch norm folded in, then [n, channels, pixels] reordered
    /// to [n, pixels, channels].
    private static func convolution(
        _ target: String, _ shape: [Int], from source: String, _ sourceShape: [Int], _ norm: String,
        channels: Int, pixels: Int
    ) -> [TensorRule] {
        let outputs = sourceShape[0]
        func vector(_ leaf: String) -> TensorRule.Source {
            TensorRule.Source(name: norm + leaf, shape: [outputs])
        }
        let weight = TensorRule(
            target + ".weight", shape,
            from: [
                TensorRule.Source(name: source, shape: sourceShape), vector(".weight"),
                vector(".running_var"),
            ]
        ) { sources in
            let scale = scale(gamma: sources[1], variance: sources[2])
            let filter = sources[0].count / outputs
            let folded = sources[0].indices.map { Float(Double(sources[0][$0]) * scale[$0 / filter]) }
            return TensorRule.channelsLast(folded, channels: channels, pixels: pixels)
        }
        let bias = TensorRule(
            target + ".bias", [outputs],
            from: [vector(".weight"), vector(".running_var"), vector(".bias"), vector(".running_mean")]
        ) { sources in
            let scale = scale(gamma: sources[0], variance: sources[1])
            return scale.indices.map { Float(Double(sources[2][$0]) - Double(sources[3][$0]) * scale[$0]) }
        }
        return [weight, bias]
    }

    /// The expansion of a block times the projection of the block before it, `[expanded, inner]`.
    private static func merged(
        _ target: String, _ block: EfficientNetLite.Block, _ previous: EfficientNetLite.Block,
        _ source: String, _ index: Int
    ) -> [TensorRule] {
        let (outer, middle) = (block.expandedChannels, block.inputChannels)
        let inner = previous.expandedChannels
        let second = pointwise("", outer, middle, from: source + "_expand_conv", source + "_bn0")
        let before = "_blocks.\(index - 1)."
        let first = pointwise("", middle, inner, from: before + "_project_conv", before + "_bn2")
        let (weight, firstWeight, firstBias) = (second[0], first[0], first[1])
        let cut = weight.sources.count
        return [
            TensorRule(
                target + ".weight", [outer, inner], from: weight.sources + firstWeight.sources
            ) { sources in
                let a = weight.convert(Array(sources[..<cut]))
                let b = firstWeight.convert(Array(sources[cut...]))
                return (0..<outer * inner).map { place in
                    let (row, column) = (place / inner, place % inner)
                    return (0..<middle).reduce(Float(0)) {
                        $0 + a[row * middle + $1] * b[$1 * inner + column]
                    }
                }
            },
            TensorRule(
                target + ".bias", [outer], from: second[1].sources + weight.sources + firstBias.sources
            ) { sources in
                let split = second[1].sources.count
                let bias = second[1].convert(Array(sources[..<split]))
                let a = weight.convert(Array(sources[split..<split + cut]))
                let b = firstBias.convert(Array(sources[(split + cut)...]))
                return (0..<outer).map { row in
                    (0..<middle).reduce(bias[row]) { $0 + a[row * middle + $1] * b[$1] }
                }
            },
        ]
    }

    /// In double, rounded once at the end. A negative variance gives NaN, which `CheckpointLayout.convert`
    /// reports.
    private static func scale(gamma: [Float], variance: [Float]) -> [Double] {
        zip(gamma, variance).map { Double($0) / (Double($1) + normEpsilon).squareRoot() }
    }
}
