package import AnomalyModels

extension Tape {
    /// `FusionBlock` for a batch of pictures.
    ///
    /// - Parameters:
    ///   - kind: whether there is a gate.
    ///   - patches: v, `[count, n, width]`; `gaps`: r, of the same shape.
    ///   - text: T, T_N first, `[count, 2, width]`; `centres`: C, `[count, 4, width]`.
    ///   - weights: the tensor of a name of `FusionBlock.shapes`.
    /// - Returns: Y, `[count, n, width]`, and what is said, `[count, n, said]`.
    package func fusionBlock(
        _ kind: FusionBlock.Kind, patches: Tensor<Scalar>, gaps: Tensor<Scalar>, text: Tensor<Scalar>,
        centres: Tensor<Scalar>, weights: (String) -> Tensor<Scalar>
    ) -> (fused: Tensor<Scalar>, said: Tensor<Scalar>) {
        let around = concatenate([text, centres], axis: 1)
        let x = add(patches, crossAttention(.patches, of: patches, to: around, weights))
        let words = add(text, crossAttention(.words, of: text, to: patches, weights))
        let fused = kind == .open ? x : chosen(x, gaps, weights)
        let directions = normalise(patches)
        let cosines = product(directions, text, isRightTransposed: true)
        let margin = scale(
            subtract(slice(cosines, axis: 2, 1..<2), slice(cosines, axis: 2, 0..<1)),
            by: Scalar(1 / FusionBlock.temperature))
        return (
            fused, concatenate([margin, product(directions, words, isRightTransposed: true)], axis: 2)
        )
    }

    /// Y of X and r.
    private func chosen(
        _ x: Tensor<Scalar>, _ gaps: Tensor<Scalar>, _ weights: (String) -> Tensor<Scalar>
    ) -> Tensor<Scalar> {
        let gate = sigmoid(
            linear(
                concatenate([x, gaps], axis: 2), weights("block.gate.weight"), weights("block.gate.bias")))
        return add(gaps, multiply(gate, subtract(x, gaps)))
    }

    /// CA(`x`, `tokens`).
    private func crossAttention(
        _ attention: FusionBlock.Attention, of x: Tensor<Scalar>, to tokens: Tensor<Scalar>,
        _ weights: (String) -> Tensor<Scalar>
    ) -> Tensor<Scalar> {
        let key = "block.\(attention)."
        func normal(_ x: Tensor<Scalar>, _ name: String) -> Tensor<Scalar> {
            layerNorm(
                x, gain: weights("\(key)\(name).gain"), bias: weights("\(key)\(name).bias"),
                epsilon: Scalar(FusionBlock.epsilon))
        }
        func affine(_ x: Tensor<Scalar>, _ name: String) -> Tensor<Scalar> {
            linear(x, weights("\(key)\(name).weight"), weights("\(key)\(name).bias"))
        }
        let known = normal(tokens, "key")
        return affine(
            self.attention(
                queries: affine(normal(x, "query"), "q"), keys: affine(known, "k"),
                values: affine(known, "v"), heads: FusionBlock.heads), "out")
    }

    /// T of the sentences of `columns`, `[rows, sentence]`: `[rows, width]`, see `FusionBlock`.
    package func fusionText(
        _ columns: Tensor<Scalar>, weights: (String) -> Tensor<Scalar>
    ) -> Tensor<Scalar> {
        let inner = relu(linear(columns, weights("text.a.weight"), weights("text.a.bias")))
        let outer = linear(inner, weights("text.b.weight"), weights("text.b.bias"))
        let mixed = add(
            scale(columns, by: Scalar(FusionBlock.kept)), scale(outer, by: Scalar(FusionBlock.adapted)))
        return normalise(linear(mixed, weights("text.projection"), nil))
    }
}
