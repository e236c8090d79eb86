package import AnomalyModels
package import Inference

/// The blocks of a tower behind the place where prompts begin, in float32, frozen: gradients flow through them to the
/// prompts.
package final class FrozenBlocks {
    package let layout: PromptLayout
    private let tensors = FrozenTensors()
    /// Towers of more numbers keep a block's result only and compute it again on the way back.
    private static let mostKept = 256

    /// Reads the blocks from `weights`, codes as the numbers that they stand for. Throws what `weights` throws.
    package init(_ layout: PromptLayout, _ weights: any WeightSource) throws(InferenceError) {
        self.layout = layout
        let width = layout.width
        for index in layout.first..<layout.layers {
            let name = "vision.layer\(index)"
            for norm in ["norm1", "norm2"] { try addNorm("\(name).\(norm)", weights) }
            for (part, rows, depth, source) in [
                ("qkv", 3 * width, width, "norm1"), ("attention", width, width, "heads"),
                ("fc1", 4 * width, width, "norm2"), ("fc2", width, 4 * width, "fc1"),
            ] {
                var values = try weights.floats("\(name).\(part).weight", shape: [rows, depth])
                // Equalised weights expect rows that were multiplied by the factors of their node.
                if let factors = try weights.factors("\(name).\(source)", width: depth) {
                    for place in values.indices { values[place] *= factors[place % depth] }
                }
                tensors.add("\(name).\(part).weight", [rows, depth], values)
                tensors.add(
                    "\(name).\(part).bias", [rows], try weights.floats("\(name).\(part).bias", shape: [rows]))
            }
        }
        try addNorm("vision.norm_post", weights)
        let shape = [layout.embeddingWidth, width]
        tensors.add(
            "vision.projection.weight", shape, try weights.floats("vision.projection.weight", shape: shape))
    }

    private func addNorm(_ name: String, _ weights: any WeightSource) throws(InferenceError) {
        for part in ["weight", "bias"] {
            tensors.add(
                "\(name).\(part)", [layout.width],
                try weights.floats("\(name).\(part)", shape: [layout.width]))
        }
    }

    /// Block `index` of the tokens `[count, tokens, width]`.
    func block(_ index: Int, _ x: Tensor<Float>, _ tape: Tape<Float>) -> Tensor<Float> {
        guard layout.width > Self.mostKept else { return plain(index, x, tape) }
        return tape.compact { [self] tape in plain(index, x, tape) }
    }

    private func plain(_ index: Int, _ x: Tensor<Float>, _ tape: Tape<Float>) -> Tensor<Float> {
        let name = "vision.layer\(index)"
        let qkv = linear(norm(x, "\(name).norm1", tape), "\(name).qkv", tape)
        let mixed = tape.selfAttention(qkv: qkv, heads: layout.heads)
        let y = tape.add(x, linear(mixed, "\(name).attention", tape))
        let inner = linear(norm(y, "\(name).norm2", tape), "\(name).fc1", tape)
        let hidden = layout.activation == .gelu ? tape.gelu(inner) : tape.quickGELU(inner)
        return tape.add(y, linear(hidden, "\(name).fc2", tape))
    }

    /// The embedding of class tokens `[count, width]`, and what is `beside` them: `[count, embeddingWidth]`.
    func embedding(
        _ tokens: Tensor<Float>, beside: Tensor<Float>, _ tape: Tape<Float>
    ) -> Tensor<Float> {
        let said = tape.linear(
            norm(tokens, "vision.norm_post", tape), tensors("vision.projection.weight", on: tape), nil)
        return tape.add(said, beside)
    }

    private func norm(_ x: Tensor<Float>, _ name: String, _ tape: Tape<Float>) -> Tensor<Float> {
        tape.layerNorm(
            x, gain: tensors(name + ".weight", on: tape), bias: tensors(name + ".bias", on: tape),
            epsilon: PromptLayout.epsilon)
    }

    private func linear(_ x: Tensor<Float>, _ name: String, _ tape: Tape<Float>) -> Tensor<Float> {
        tape.linear(x, tensors(name + ".weight", on: tape), tensors(name + ".bias", on: tape))
    }
}
