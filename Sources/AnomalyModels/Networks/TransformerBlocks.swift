import Inference

/// The blocks that CLIP's towers and MiniLM are made of: attention, then two linear layers of four times the
/// width.
struct TransformerBlocks {
    let width: Int
    let heads: Int
    let activation: Architecture.Activation
    let epsilon: Float

    private var hiddenActivation: Activation {
        switch activation {
        case .gelu: .gelu
        case .quickGELU: .quickGELU
        }
    }

    /// Pre-LN: x + Attn(LN(x)), then x + MLP(LN(x)). Outputs `prefix + tap{n}`, n blocks already run, for
    /// `taps`.
    /// `prompts` stand among the rows from their block on; taps have them too, behind the others.
    func preNorm(
        _ g: inout Graph, _ input: Graph.Value, layers: Int, prefix: String, isCausal: Bool, taps: [Int],
        prompts: PromptGraph? = nil
    ) -> Graph.Value {
        var x = input, prompts = prompts
        for i in 0..<layers {
            let name = "\(prefix)layer\(i)"
            if prompts != nil { x = prompts?.before(i, x, &g) ?? x }
            let y = g.layerNorm(x, "\(name).norm1", epsilon: epsilon)
            let qkv = g.linear(y, "\(name).qkv", width: 3 * width)
            let mixed = g.attention(qkv, "\(name).heads", heads: heads, isCausal: isCausal)
            x = g.linear(mixed, "\(name).attention", width: width, residual: x)
            let z = g.layerNorm(x, "\(name).norm2", epsilon: epsilon)
            let hidden = g.linear(z, "\(name).fc1", width: 4 * width, activation: hiddenActivation)
            x = g.linear(hidden, "\(name).fc2", width: width, residual: x)
            if taps.contains(i + 1) { g.output(x, as: "\(prefix)tap\(i + 1)") }
            prompts?.after(i, x, &g)
        }
        return x
    }

    /// Post-LN: LN(x + Attn(x)), then LN(x + MLP(x)). Outputs `tap{n}` for `taps`.
    func postNorm(_ g: inout Graph, _ input: Graph.Value, layers: Int, taps: [Int]) -> Graph.Value {
        var x = input
        for i in 0..<layers {
            let name = "layer\(i)"
            let qkv = g.linear(x, "\(name).qkv", width: 3 * width)
            let mixed = g.attention(qkv, "\(name).heads", heads: heads)
            let attended = g.linear(mixed, "\(name).attention", width: width, residual: x)
            x = g.layerNorm(attended, "\(name).norm1", epsilon: epsilon)
            let hidden = g.linear(x, "\(name).fc1", width: 4 * width, activation: hiddenActivation)
            x = g.layerNorm(
                g.linear(hidden, "\(name).fc2", width: width, residual: x), "\(name).norm2", epsilon: epsilon)
            if taps.contains(i + 1) { g.output(x, as: "tap\(i + 1)") }
        }
        return x
    }
}
