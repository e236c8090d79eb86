extension Graph {
    /// Products with an addition in one run: convolutions, linear layers, patches and attention (queries
    /// times keys, and probabilities times values, over all pairs of tokens). Norms, activations and pooling
    /// are not counted.
    public var multiplyAdds: Int {
        nodes.reduce(0) { $0 + multiplyAdds(of: $1) }
    }

    private func multiplyAdds(of node: Node) -> Int {
        let results = node.shape.reduce(1, *)
        switch node.operation {
        case .convolution(let convolution):
            return results * convolution.kernel * convolution.kernel * nodes[node.inputs[0]].shape[2]
        case .depthwise(let convolution):
            return results * convolution.kernel * convolution.kernel
        case .patches(let size, _):
            return (node.shape[0] - 1) * node.shape[1] * size * size * 3
        case .linear:
            return results * nodes[node.inputs[0]].shape[1]
        case .attention:
            return 2 * node.shape[0] * results
        case .image, .tokens, .globalMean, .resize, .sequence, .embeddings, .layerNorm, .row, .prompts,
            .meanOfRows, .l2Normalise:
            return 0
        }
    }
}
