package import AnomalyModels

/// A batch of pictures for `PromptedNetwork`.
package struct PromptedBatch: Sendable {
    package let count: Int
    /// Tokens along a side.
    package let grid: Int
    /// In front of the first block with prompts, `[count, 1 + grid * grid, width]`.
    package var tokens: [Float]
    /// `[count, embeddingWidth]`
    package var beside: [Float]
    /// `[count, cells, cells]`, 0 or 1.
    package var masks: [Float]
    package let cells: Int
    /// T_N and T_A of each picture, `[count, 2, embeddingWidth]`.
    package var columns: [Float]

    package init(
        count: Int, grid: Int, cells: Int, tokens: [Float] = [], beside: [Float] = [], masks: [Float] = [],
        columns: [Float] = []
    ) {
        (self.count, self.grid, self.cells) = (count, grid, cells)
        (self.tokens, self.beside, self.masks, self.columns) = (tokens, beside, masks, columns)
    }

    /// 1 for each picture with a defect.
    var labels: [Float] {
        (0..<count).map { picture in
            masks[picture * cells * cells..<(picture + 1) * cells * cells].contains(1) ? 1 : 0
        }
    }
}

/// AdaCLIP-E's prompts and heads on a frozen tower as they are trained: see `PromptedHead` for what they compute.
package struct PromptedNetwork {
    package let parameters = Parameters<Float>()
    package let blocks: FrozenBlocks
    package let fusion: SemanticFusion.Kind
    package let dice: PromptedRecipe.Dice
    var layout: PromptLayout { blocks.layout }

    /// Random weights of `seed`; the adapter of the sentences begins at the identity, the image's part in the columns
    /// at zero. Anchors in the place of sentences begin at random.
    package init(
        _ blocks: FrozenBlocks, fusion: SemanticFusion.Kind, words: PromptedRecipe.Words,
        dice: PromptedRecipe.Dice, seed: UInt64
    ) {
        (self.blocks, self.fusion, self.dice) = (blocks, fusion, dice)
        for (name, shape) in PromptedHead.shapes(blocks.layout) {
            parameters.add(
                name, shape, Self.initial(name, words, seed), decays: name.hasSuffix(".weight"))
        }
        parameters.add("temperature", [1], .constant(0.07), decays: false)
        parameters.add("peak", [1], .constant(0.5), decays: false)
    }

    private static func initial(_ name: String, _ words: PromptedRecipe.Words, _ seed: UInt64) -> Initial {
        if name == "prompts.norm.weight" { return .constant(1) }
        if name == "anchors" {
            return words == .anchors ? .normal(deviation: 0.05, seed: seed) : .zeros
        }
        if name.hasPrefix("prompts.block") { return .normal(deviation: 0.02, seed: seed) }
        let isZero =
            name.hasSuffix(".bias") || name == "adapter.b.weight" || name.hasPrefix("columns.")
        return isZero ? .zeros : .uniform(seed: seed)
    }

    /// What the tower and the heads say of a batch.
    package struct Said {
        /// F_P of each tap, `[count, patches, embeddingWidth]`.
        package let patches: [Tensor<Float>]
        /// F_C, `[count, embeddingWidth]`.
        package let image: Tensor<Float>
        /// (F_A - F_N) / τ, `[count, embeddingWidth, 1]`.
        package let direction: Tensor<Float>
        /// The margins of each tap, `[count, patches]`, and their mean.
        package let margins: [Tensor<Float>]
        package let mean: Tensor<Float>
        /// S, `[count]`.
        package let score: Tensor<Float>
    }

    /// The pass with prompts, and all that follows from it.
    package func said(_ tape: Tape<Float>, _ batch: PromptedBatch) -> Said {
        let (count, patches, width) = (batch.count, batch.grid * batch.grid, layout.embeddingWidth)
        let (taps, row) = pass(tape, batch)
        let projected = zip(layout.taps, taps).map { tap, tokens in
            tape.reshape(
                tape.normalise(linear(tape, "prompts.tap\(tap)", tokens)), [count, patches, width])
        }
        let beside = tape.constant(batch.beside, [count, width])
        let embedding = blocks.embedding(row, beside: beside, tape)
        let image = tape.normalise(linear(tape, "prompts.image", embedding))
        let direction = direction(tape, batch, embedding)
        let margins = projected.map { tape.reshape(tape.product($0, direction), [count, patches]) }
        let mean = tape.scale(
            margins.dropFirst().reduce(margins[0]) { tape.add($0, $1) }, by: 1 / Float(margins.count))
        let fused = fusion == .off ? image : fused(tape, projected, tape.values(mean), image)
        let whole = tape.reshape(
            tape.product(tape.reshape(fused, [count, 1, width]), direction), [count])
        let peak = tape.topMean(mean, count: max(1, patches / 100))
        let score = tape.add(whole, tape.multiply(peak, parameter(tape, "peak")))
        return Said(
            patches: projected, image: image, direction: direction, margins: margins, mean: mean,
            score: score)
    }

    /// The loss of a batch (METHODS.md 3.4, item 6): focal and dice of the map of each tap, focal and cross entropy of
    /// the image's score. As in the tier on patches, a map's focal counts four times.
    package func loss(_ tape: Tape<Float>, _ batch: PromptedBatch) -> Tensor<Float> {
        let said = said(tape, batch), (count, cells) = (batch.count, batch.cells)
        let rows = dice == .rows ? [count * cells, cells] : [count, cells * cells]
        let mask = tape.constant(batch.masks, rows)
        let good = tape.constant(batch.masks.map { 1 - $0 }, rows)
        let labels = tape.constant(batch.labels, [count])
        var parts = [
            tape.focal(logits: said.score, targets: labels, gamma: 2),
            tape.scale(tape.binaryCrossEntropy(logits: said.score, targets: labels), by: 0.5),
        ]
        for margins in said.margins {
            let map = tape.resize(
                tape.reshape(margins, [count, batch.grid, batch.grid, 1]), height: cells, width: cells,
                alignsCorners: false)
            let logits = tape.reshape(map, rows), p = tape.sigmoid(logits)
            parts += [
                tape.scale(tape.focal(logits: logits, targets: mask, gamma: 2), by: 4),
                tape.dice(p, targets: mask), tape.dice(tape.scale(p, by: -1, offset: 1), targets: good),
            ]
        }
        return parts.reduce(tape.constant([0], [])) { tape.add($0, $1) }
    }

    func parameter(_ tape: Tape<Float>, _ name: String) -> Tensor<Float> {
        tape.parameter(name, of: parameters)
    }

    func linear(_ tape: Tape<Float>, _ name: String, _ x: Tensor<Float>) -> Tensor<Float> {
        tape.linear(x, parameter(tape, name + ".weight"), parameter(tape, name + ".bias"))
    }
}
