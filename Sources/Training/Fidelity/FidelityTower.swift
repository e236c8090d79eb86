package import AnomalyModels
import ModelPackages

/// The two towers of an imported CLIP in float32, frozen.
package final class FidelityTower {
    package let network: Architecture.Clip
    package let text: Architecture.Clip.Text
    /// The side of the square input in pixels, and of the grid of patches.
    package let side: Int
    package let grid: Int
    /// The SHA-256 over names, shapes and numbers of the weights: what heads are bound to.
    package let digest: String
    let weights: FrozenTensors

    /// The blocks after which patch tokens are taken, counted from 1: L/4, L/2, 3L/4 and L.
    package var taps: [Int] { (1...4).map { $0 * network.vision.layers / 4 } }

    /// Takes over the weights of a CLIP; its positions are resized to an input of `side` pixels, its own if nil.
    ///
    /// Throws `tower` if it has no text tower, if its text is not as wide as the joint space or its blocks cannot
    /// be divided by 4; `input` if `side` is no multiple of the patch or too large.
    package init(_ network: Architecture.Clip, _ weights: consuming FloatWeights, side: Int? = nil)
        throws(FidelityError)
    {
        let (text, side) = try Self.checked(network, side)
        (self.network, self.text, self.side) = (network, text, side)
        grid = side / network.vision.patch
        digest = Self.digest(of: weights)
        let frozen = FrozenTensors()
        let target = (rows: grid, columns: grid)
        for name in weights.tensors.keys.sorted() {
            guard let tensor = weights.tensors.removeValue(forKey: name) else { continue }
            if name == "vision.positions" {
                let own = (rows: network.vision.grid, columns: network.vision.grid)
                let values = PositionalEmbedding.resized(
                    tensor.values, width: network.vision.width, from: own, to: target)
                frozen.add(name, [1 + grid * grid, network.vision.width], values)
            } else {
                // Filters as a matrix of one row for each.
                let isPatch = name == "vision.patch.weight"
                let shape = isPatch ? [tensor.shape[0], tensor.shape.dropFirst().reduce(1, *)] : tensor.shape
                frozen.add(name, shape, tensor.values)
            }
        }
        self.weights = frozen
    }

    /// The same of weights from outside that nothing was held against yet. Throws `tower` also if a tensor is
    /// missing, unexpected or of a wrong shape.
    convenience init(
        checked network: Architecture.Clip, _ weights: consuming FloatWeights, side: Int?, in place: String
    ) throws(FidelityError) {
        let wanted = Architecture.clipShapes(of: network)
        let wrong = Set(wanted.keys).union(weights.tensors.keys).filter {
            wanted[$0] != weights.tensors[$0]?.shape
        }
        guard wrong.isEmpty else {
            throw .tower(reason: "in '\(place)', the shapes of \(wrong.sorted().prefix(8)) are not its own")
        }
        try self.init(network, weights, side: side)
    }

    private static func checked(_ network: Architecture.Clip, _ side: Int?) throws(FidelityError) -> (
        Architecture.Clip.Text, Int
    ) {
        guard let text = network.text else { throw .tower(reason: "it has no text tower") }
        guard text.width == network.embeddingWidth else {
            throw .tower(
                reason: "its text is \(text.width) wide and the joint space \(network.embeddingWidth); "
                    + "textual prompts need the same width")
        }
        guard network.vision.layers % 4 == 0, network.vision.layers >= 4, text.layers >= 2 else {
            throw .tower(
                reason: "its \(network.vision.layers) vision blocks cannot be divided by four taps")
        }
        let side = side ?? network.vision.input
        guard side % network.vision.patch == 0, network.vision.patch * 2...2048 ~= side else {
            throw .input(
                reason: "an input of \(side) pixels does not fit patches of \(network.vision.patch). "
                    + "Set --side to a multiple of it, up to 2048.")
        }
        return (text, side)
    }

    /// The SHA-256 of a text with a line for each tensor, sorted by name: `name [shape] sha256`, where the last
    /// is of its float32 numbers, little-endian. The same for every published layout and number format of one
    /// checkpoint.
    package static func digest(of weights: FloatWeights) -> String {
        let lines = weights.tensors.sorted { $0.key < $1.key }.map { name, tensor in
            // Float has no padding bytes.
            let bytes = unsafe tensor.values.withUnsafeBytes { unsafe Array($0) }
            return "\(name) \(tensor.shape) \(PackageDigest(of: bytes))\n"
        }
        return PackageDigest(of: Array(lines.joined().utf8)).description
    }
}

extension FidelityTower {
    /// What a computation needs beside its tokens.
    struct Context {
        let tape: Tape<Float>
        let activation: Architecture.Activation
    }

    /// One block: x + Attn(LN(x)), then x + MLP(LN(x)). Keeps nothing but its result.
    ///
    /// - Parameter x: `[batch, tokens, width]`.
    func block(
        _ x: Tensor<Float>, _ name: String, heads: Int, mask: AttentionMask, _ context: Context
    ) -> Tensor<Float> {
        let activation = context.activation
        return context.tape.compact { [self] tape in
            let qkv = linear(norm(x, name + "norm1", tape), name + "qkv", tape)
            let mixed = tape.selfAttention(qkv: qkv, heads: heads, mask: mask)
            let y = tape.add(x, linear(mixed, name + "attention", tape))
            let inner = linear(norm(y, name + "norm2", tape), name + "fc1", tape)
            let hidden = activation == .gelu ? tape.gelu(inner) : tape.quickGELU(inner)
            return tape.add(y, linear(hidden, name + "fc2", tape))
        }
    }

    func norm(_ x: Tensor<Float>, _ name: String, _ tape: Tape<Float>) -> Tensor<Float> {
        tape.layerNorm(
            x, gain: weights(name + ".weight", on: tape), bias: weights(name + ".bias", on: tape),
            epsilon: Architecture.Clip.normEpsilon)
    }

    private func linear(_ x: Tensor<Float>, _ name: String, _ tape: Tape<Float>) -> Tensor<Float> {
        tape.linear(x, weights(name + ".weight", on: tape), weights(name + ".bias", on: tape))
    }
}
