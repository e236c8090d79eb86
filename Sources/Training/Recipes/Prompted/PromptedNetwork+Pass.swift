package import AnomalyModels

extension PromptedNetwork {
    /// The blocks with prompts among the tokens: the patch tokens behind each tap, `[count * patches, width]`, and the
    /// class tokens at the end, `[count, width]`.
    func pass(_ tape: Tape<Float>, _ batch: PromptedBatch) -> (taps: [Tensor<Float>], row: Tensor<Float>) {
        let (count, plain, width) = (batch.count, batch.grid * batch.grid + 1, layout.width)
        var x = tape.constant(batch.tokens, [count, plain, width])
        let dynamic = layout.kind == .dynamic ? dynamic(tape, x) : nil
        var taps: [Tensor<Float>] = []
        func read(_ tokens: Tensor<Float>) {
            let patches = tape.slice(tokens, axis: 1, 1..<plain)
            taps.append(tape.reshape(patches, [count * (plain - 1), width]))
        }
        // A CLIP is read first where its prompts begin.
        if layout.taps.contains(layout.first) { read(x) }
        for index in layout.first..<layout.layers {
            let place = index - layout.first
            if layout.kind != .none, place < layout.blocks {
                let prompts = prompts(tape, place, dynamic, count)
                x =
                    place == 0
                    ? tape.concatenate([x, prompts], axis: 1)
                    : tape.replace(x, axis: 1, plain..<plain + PromptLayout.count, by: prompts)
            }
            x = blocks.block(index, x, tape)
            if layout.taps.contains(index + 1) { read(x) }
        }
        return (taps, tape.reshape(tape.slice(x, axis: 1, 0..<1), [count, width]))
    }

    /// The rows that follow from the class token, `[count, M, width]`.
    private func dynamic(_ tape: Tape<Float>, _ x: Tensor<Float>) -> Tensor<Float> {
        let (count, width) = (x.shape[0], layout.width)
        let row = tape.reshape(tape.slice(x, axis: 1, 0..<1), [count, width])
        let z = tape.layerNorm(
            row, gain: parameter(tape, "prompts.norm.weight"), bias: parameter(tape, "prompts.norm.bias"),
            epsilon: PromptLayout.epsilon)
        return tape.reshape(linear(tape, "prompts.dynamic", z), [count, PromptLayout.count, width])
    }

    private func prompts(
        _ tape: Tape<Float>, _ place: Int, _ dynamic: Tensor<Float>?, _ count: Int
    ) -> Tensor<Float> {
        let fixed = parameter(tape, "prompts.block\(place)")
        return dynamic.map { tape.add($0, fixed) } ?? tape.repeated(fixed, count)
    }

    /// (F_A - F_N) / τ of each picture, `[count, embeddingWidth, 1]`.
    func direction(
        _ tape: Tape<Float>, _ batch: PromptedBatch, _ embedding: Tensor<Float>
    ) -> Tensor<Float> {
        let (count, width) = (batch.count, layout.embeddingWidth)
        let columns = tape.constant(batch.columns, [2 * count, width])
        let inner = tape.relu(linear(tape, "adapter.a", columns))
        let outer = linear(tape, "adapter.b", inner)
        let anchors = tape.gather(parameter(tape, "anchors"), rows: (0..<2 * count).map { $0 % 2 })
        let adapted = tape.reshape(
            tape.normalise(tape.add(tape.add(columns, anchors), outer)), [count, 2, width])
        let condition = tape.tanh(
            tape.linear(tape.normalise(embedding), parameter(tape, "prompts.condition.weight"), nil))
        let bent = ["normal", "abnormal"].enumerated().map { side, name in
            let column = tape.reshape(tape.slice(adapted, axis: 1, side..<side + 1), [count, width])
            let change = tape.linear(condition, parameter(tape, "columns.\(name).weight"), nil)
            return tape.normalise(tape.add(column, change))
        }
        let temperature = tape.clamp(parameter(tape, "temperature"), to: 0.01...0.5)
        let scaled = tape.multiply(tape.subtract(bent[1], bent[0]), tape.reciprocal(temperature))
        return tape.reshape(scaled, [count, width, 1])
    }

    /// F_I, `[count, embeddingWidth]`. Which patches count, and in which cluster, is constant.
    func fused(
        _ tape: Tape<Float>, _ projected: [Tensor<Float>], _ margins: [Float], _ image: Tensor<Float>
    ) -> Tensor<Float> {
        let (count, patches, width) = (image.shape[0], projected[0].shape[1], layout.embeddingWidth)
        let all = tape.scale(
            projected.dropFirst().reduce(projected[0]) { tape.add($0, $1) }, by: 1 / Float(projected.count))
        let rule = SemanticFusion(fusion, patches: patches, width: width)
        let rows = (0..<count).flatMap { picture in
            (picture * patches..<(picture + 1) * patches)
                .sorted { (-margins[$0], $0) < (-margins[$1], $1) }.prefix(rule.chosen)
        }
        let chosen = tape.gather(tape.reshape(all, [count * patches, width]), rows: rows)
        let values = tape.values(chosen), size = rule.chosen * width
        let shares = (0..<count).flatMap { picture in
            rule.shares(of: Array(values[picture * size..<(picture + 1) * size]))
        }
        let mean = tape.product(
            tape.constant(shares, [count, 1, rule.chosen]),
            tape.reshape(chosen, [count, rule.chosen, width]))
        let fused = tape.normalise(tape.reshape(mean, [count, width]))
        return tape.normalise(
            tape.add(
                tape.scale(fused, by: SemanticFusion.share), tape.scale(image, by: 1 - SemanticFusion.share)))
    }

    /// The head as inspection reads it.
    package func head(tower: PatchBank.Trunk, choices: PromptedHead.Choices) -> PromptedHead {
        var tensors: [String: [Float]] = [:]
        for (name, _) in PromptedHead.shapes(layout) { tensors[name] = parameters[name]?.values }
        let temperature = parameters["temperature"]?.values.first ?? 0.07
        return PromptedHead(
            tower: tower, layout: layout, tensors: tensors, temperature: min(max(temperature, 0.01), 0.5),
            peakWeight: parameters["peak"]?.values.first ?? 0, choices: choices)
    }
}
