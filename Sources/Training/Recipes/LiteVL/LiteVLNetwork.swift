package import AnomalyModels

/// LiteVL behind its frozen trunk, as it is trained: see `Architecture.LiteVL.graph` for what it computes.
///
/// The projection begins at zero, so that training starts from what the trunk's classifier knows of names
/// (`NamedClasses`). Only the class token reaches the loss: the last block computes nothing for other tokens but their
/// keys and values.
package struct LiteVLNetwork {
    package let parameters = Parameters<Float>()
    package let architecture: Architecture.LiteVL
    private var width: Int { architecture.width }
    private static let epsilon = Architecture.LiteVL.normEpsilon
    private static let strides = [8, 16, 32]

    /// Random weights of `seed`.
    package init(_ architecture: Architecture.LiteVL, tokens: Int, seed: UInt64) {
        self.architecture = architecture
        let width = architecture.width, channels = architecture.trunkChannels
        for (tap, stride) in Self.strides.enumerated() {
            let inputs = tap == 0 ? 4 * channels[0] : channels[tap]
            parameters.add("neck.s\(stride).weight", [width, inputs], .uniform(seed: seed), decays: true)
            parameters.add(
                "neck.class\(stride).weight", [width, channels[tap]], .uniform(seed: seed), decays: true)
        }
        parameters.add("neck.s16.bias", [width], .zeros, decays: false)
        parameters.add("neck.class32.bias", [width], .zeros, decays: false)
        parameters.add("vision.positions", [tokens + 1, width], .zeros, decays: false)
        addNorm("vision.norm_pre")
        for layer in 0..<architecture.layers {
            let name = "vision.layer\(layer)"
            addNorm("\(name).norm1")
            addNorm("\(name).norm2")
            addLinear("\(name).qkv", 3 * width, width, seed)
            addLinear("\(name).attention", width, width, seed)
            addLinear("\(name).fc1", 4 * width, width, seed)
            addLinear("\(name).fc2", width, 4 * width, seed)
        }
        addNorm("vision.norm_post")
        parameters.add(
            "vision.projection.weight", [architecture.embeddingWidth, width], .zeros, decays: true)
    }

    private func addNorm(_ name: String) {
        parameters.add("\(name).weight", [width], .constant(1), decays: false)
        parameters.add("\(name).bias", [width], .zeros, decays: false)
    }

    private func addLinear(_ name: String, _ outputs: Int, _ inputs: Int, _ seed: UInt64) {
        parameters.add("\(name).weight", [outputs, inputs], .uniform(seed: seed), decays: true)
        parameters.add("\(name).bias", [outputs], .zeros, decays: false)
    }

    /// Unit vectors in the space of sentences, `[count, embeddingWidth]`.
    package func embedded(_ tape: Tape<Float>, _ batch: LiteVLBatch) -> Tensor<Float> {
        let row = classRow(tape, batch)
        let said = tape.linear(row, value(tape, "vision.projection.weight"), nil)
        let named = tape.constant(batch.named, [batch.count, architecture.embeddingWidth])
        return tape.normalise(tape.add(said, named))
    }

    /// The class token behind the last norm, `[count, width]`.
    private func classRow(_ tape: Tape<Float>, _ batch: LiteVLBatch) -> Tensor<Float> {
        let (count, tokens) = (batch.count, batch.side * batch.side)
        var row = classToken(tape, batch)
        if architecture.layers > 0 {
            let first = tape.reshape(row, [count, 1, width])
            var x = tape.concatenate([first, mapTokens(tape, batch)], axis: 1)
            x = norm(tape, "vision.norm_pre", tape.add(x, value(tape, "vision.positions")))
            for layer in 0..<architecture.layers - 1 { x = block(tape, layer, x, rows: 0..<tokens + 1) }
            row = tape.reshape(block(tape, architecture.layers - 1, x, rows: 0..<1), [count, width])
        } else {
            let first = tape.slice(value(tape, "vision.positions"), axis: 0, 0..<1)
            row = norm(tape, "vision.norm_pre", tape.add(row, tape.reshape(first, [width])))
        }
        return norm(tape, "vision.norm_post", row)
    }

    /// `[count, width]`
    private func classToken(_ tape: Tape<Float>, _ batch: LiteVLBatch) -> Tensor<Float> {
        let parts = Self.strides.enumerated().map { tap, stride in
            tape.linear(
                tape.constant(batch.means[tap], [batch.count, architecture.trunkChannels[tap]]),
                value(tape, "neck.class\(stride).weight"),
                stride == 32 ? value(tape, "neck.class32.bias") : nil)
        }
        return tape.add(tape.add(parts[2], parts[1]), parts[0])
    }

    /// `[count, tokens, width]`
    private func mapTokens(_ tape: Tape<Float>, _ batch: LiteVLBatch) -> Tensor<Float> {
        let (count, side, channels) = (batch.count, batch.side, architecture.trunkChannels)
        let shapes = [
            [count, side * side, 4 * channels[0]], [count, side * side, channels[1]],
            [count, side / 2, side / 2, channels[2]],
        ]
        let parts = Self.strides.enumerated().map { tap, stride in
            tape.linear(
                tape.constant(batch.maps[tap], shapes[tap]), value(tape, "neck.s\(stride).weight"),
                stride == 16 ? value(tape, "neck.s16.bias") : nil)
        }
        let doubled = tape.resize(parts[2], height: side, width: side, alignsCorners: false)
        let coarse = tape.reshape(doubled, [count, side * side, width])
        return tape.add(tape.add(coarse, parts[1]), parts[0])
    }

    /// Block `index`, of whose result only `rows` are wanted: `[count, rows, width]`.
    private func block(_ tape: Tape<Float>, _ index: Int, _ x: Tensor<Float>, rows: Range<Int>) -> Tensor<
        Float
    > {
        let name = "vision.layer\(index)"
        let qkv = layer(tape, "\(name).qkv", norm(tape, "\(name).norm1", x))
        let parts = (0..<3).map { tape.slice(qkv, axis: 2, $0 * width..<($0 + 1) * width) }
        let mixed = tape.attention(
            queries: rows.count == x.shape[1] ? parts[0] : tape.slice(parts[0], axis: 1, rows),
            keys: parts[1], values: parts[2], heads: architecture.heads)
        let kept = rows.count == x.shape[1] ? x : tape.slice(x, axis: 1, rows)
        let attended = tape.add(kept, layer(tape, "\(name).attention", mixed))
        let hidden = tape.quickGELU(layer(tape, "\(name).fc1", norm(tape, "\(name).norm2", attended)))
        return tape.add(attended, layer(tape, "\(name).fc2", hidden))
    }

    private func norm(_ tape: Tape<Float>, _ name: String, _ x: Tensor<Float>) -> Tensor<Float> {
        tape.layerNorm(
            x, gain: value(tape, "\(name).weight"), bias: value(tape, "\(name).bias"), epsilon: Self.epsilon)
    }

    private func layer(_ tape: Tape<Float>, _ name: String, _ x: Tensor<Float>) -> Tensor<Float> {
        tape.linear(x, value(tape, "\(name).weight"), value(tape, "\(name).bias"))
    }

    /// - Precondition: there is a parameter of this name.
    private func value(_ tape: Tape<Float>, _ name: String) -> Tensor<Float> {
        tape.parameter(name, of: parameters)
    }
}
