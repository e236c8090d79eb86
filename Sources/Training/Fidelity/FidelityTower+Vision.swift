internal import AnomalyModels

/// The vision tower, with and without prompts.
extension FidelityTower {
    /// What a pass over a picture gives.
    struct Vision {
        /// After each tap block: all patch tokens, `[N, width]`, without final norm, class token or prompts.
        let taps: [Tensor<Float>]
        /// After each tap block: everything, `[1, tokens, width]`.
        let tokens: [Tensor<Float>]
        /// The projected class token, `[1, embedding]`, not normalised.
        let embedding: Tensor<Float>
    }

    /// Class token and patches with their positions, behind `ln_pre`: `[1, 1 + N, width]`.
    ///
    /// - Parameter picture: normalised, `[side, side, 3]` row-major.
    func visionTokens(_ picture: [Float], _ tape: Tape<Float>) -> Tensor<Float> {
        let (patch, width, count) = (network.vision.patch, network.vision.width, grid * grid)
        precondition(picture.count == side * side * 3, "\(picture.count) numbers for a side of \(side)")
        let row = patch * 3
        let patches = tape.constant([count, patch * row]) { cells in
            var place = 0
            for index in 0..<count {
                let (top, left) = (index / grid * patch, index % grid * patch)
                for line in top..<top + patch {
                    let start = (line * side + left) * 3
                    for offset in 0..<row {
                        cells[place] = picture[start + offset]
                        place += 1
                    }
                }
            }
        }
        let embedded = tape.linear(patches, weights("vision.patch.weight", on: tape), nil)
        let start = tape.reshape(weights("vision.class", on: tape), [1, width])
        let tokens = tape.concatenate([start, embedded], axis: 0)
        let placed = tape.add(tokens, weights("vision.positions", on: tape))
        return tape.reshape(norm(placed, "vision.norm_pre", tape), [1, count + 1, width])
    }

    /// The blocks over `tokens`. Prompts j = 0, 1, ..., `[M, width]` each, stand among the tokens from block j on;
    /// after the last they stay as they are.
    func vision(
        _ tokens: Tensor<Float>, prompts: [Tensor<Float>], place: FidelitySettings.VisualPlace,
        _ context: Context
    ) -> Vision {
        let tape = context.tape
        let (plain, width) = (tokens.shape[1], network.vision.width)
        let count = prompts.first?.rows ?? 0
        let start = place == .end ? plain : 1
        var x = tokens
        var taps: [Tensor<Float>] = [], all: [Tensor<Float>] = []
        for index in 0..<network.vision.layers {
            if index < prompts.count {
                let rows = tape.reshape(prompts[index], [1, count, width])
                x =
                    index == 0
                    ? inserted(rows, into: x, at: start, tape)
                    : tape.replace(x, axis: 1, start..<start + count, by: rows)
            }
            x = block(x, "vision.layer\(index).", heads: network.vision.heads, mask: .none, context)
            if self.taps.contains(index + 1) {
                all.append(x)
                let first = place == .end || count == 0 ? 1 : 1 + count
                let patches = tape.slice(x, axis: 1, first..<first + plain - 1)
                taps.append(tape.reshape(patches, [plain - 1, width]))
            }
        }
        let cls = tape.reshape(tape.slice(x, axis: 1, 0..<1), [1, width])
        let embedding = tape.linear(
            norm(cls, "vision.norm_post", tape), weights("vision.projection.weight", on: tape), nil)
        return Vision(taps: taps, tokens: all, embedding: embedding)
    }

    /// `x` `[batch, n, width]` with `rows` between its tokens `place - 1` and `place`.
    func inserted(
        _ rows: Tensor<Float>, into x: Tensor<Float>, at place: Int, _ tape: Tape<Float>
    ) -> Tensor<Float> {
        let parts =
            [tape.slice(x, axis: 1, 0..<place), rows]
            + (place < x.shape[1] ? [tape.slice(x, axis: 1, place..<x.shape[1])] : [])
        return tape.concatenate(parts, axis: 1)
    }
}
