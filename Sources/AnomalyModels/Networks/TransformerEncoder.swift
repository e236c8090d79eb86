import Inference

/// The blocks that CLIP's towers and MiniLM are made of.
struct TransformerEncoder {
    let width: Int
    let layers: Int
    let heads: Int
    let hidden: Int
    let activation: Activation
    let epsilon: Float

    /// Pre-LN: x + Attn(LN(x)), then x + MLP(LN(x)) (CLIP; METHODS.md 2.1). Outputs `prefix + layer{i}` for `taps`.
    func preNorm(_ g: inout Graph, _ input: Graph.Value, prefix: String, isCausal: Bool, taps: [Int]) -> Graph.Value {
        var x = input
        for i in 0..<layers {
            let name = "\(prefix)layer\(i)"
            let y = g.layerNorm(x, "\(name).norm1", epsilon: epsilon)
            let qkv = g.linear(y, "\(name).qkv", width: 3 * width)
            let mixed = g.attention(qkv, "\(name).heads", heads: heads, isCausal: isCausal)
            x = g.linear(mixed, "\(name).attention", width: width, residual: x)
            let z = g.layerNorm(x, "\(name).norm2", epsilon: epsilon)
            x = g.linear(g.linear(z, "\(name).fc1", width: hidden, activation: activation), "\(name).fc2", width: width,
                residual: x)
            if taps.contains(i + 1) { g.output(x, as: "\(prefix)tap\(i + 1)") }
        }
        return x
    }

    /// Post-LN: LN(x + Attn(x)), then LN(x + MLP(x)) (BERT; METHODS.md 2.2 c). Outputs `layer{i}` for `taps`.
    func postNorm(_ g: inout Graph, _ input: Graph.Value, taps: [Int]) -> Graph.Value {
        var x = input
        for i in 0..<layers {
            let name = "layer\(i)"
            let mixed = g.attention(g.linear(x, "\(name).qkv", width: 3 * width), "\(name).heads", heads: heads)
            x = g.layerNorm(g.linear(mixed, "\(name).attention", width: width, residual: x), "\(name).norm1",
                epsilon: epsilon)
            let hiddenRows = g.linear(x, "\(name).fc1", width: hidden, activation: activation)
            x = g.layerNorm(g.linear(hiddenRows, "\(name).fc2", width: width, residual: x), "\(name).norm2",
                epsilon: epsilon)
            if taps.contains(i + 1) { g.output(x, as: "tap\(i + 1)") }
        }
        return x
    }
}
