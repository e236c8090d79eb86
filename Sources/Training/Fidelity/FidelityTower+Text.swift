internal import AnomalyModels

/// The text tower, with and without prompts.
extension FidelityTower {
    /// The embeddings of sentences, `[sentences, embedding]`, not normalised.
    ///
    /// Sentences are padded to the longest only, not to the context's length: what stands behind the end token
    /// cannot reach it through a causal mask.
    ///
    /// - Parameters:
    ///   - prompts: one `[M, width]` for each block from block 0 on; empty for none.
    ///   - onBlock: called with the tokens `[sentences, longest, width]` behind each block.
    /// - Precondition: with prompts that overwrite, every sentence has more than M + 1 tokens.
    func sentences(
        _ sentences: [[Int32]], prompts: [Tensor<Float>], place: FidelitySettings.TextPlace,
        _ context: Context,
        onBlock: (Int, Tensor<Float>) -> Void = { _, _ in }
    ) -> Tensor<Float> {
        let (tape, width) = (context.tape, text.width)
        var x = embedded(sentences, tape)
        let count = prompts.first?.rows ?? 0
        // Nothing overwrites before block 0.
        let first = place == .overwrite ? 1 : 0
        for index in 0..<text.layers {
            if index < prompts.count, index >= first {
                let rows = tape.repeated(prompts[index], sentences.count)
                x =
                    index == 0
                    ? inserted(rows, into: x, at: 1, tape)
                    : tape.replace(x, axis: 1, 1..<1 + count, by: rows)
            }
            x = block(x, "text.layer\(index).", heads: text.heads, mask: .causal, context)
            onBlock(index, x)
        }
        let shift = place == .insert ? count : 0
        let longest = x.shape[1]
        let ends = sentences.enumerated().map { $0 * longest + Self.end(of: $1) + shift }
        let rows = tape.gather(tape.reshape(x, [sentences.count * longest, width]), rows: ends)
        return tape.linear(
            norm(rows, "text.norm_final", tape), weights("text.projection.weight", on: tape), nil)
    }

    /// The place of the first token with the largest id, which is the end token.
    private static func end(of ids: [Int32]) -> Int {
        ids.indices.max { ids[$0] < ids[$1] || ids[$0] == ids[$1] && $0 > $1 } ?? 0
    }

    /// Words and positions, `[sentences, longest, width]`; zeros stand for padding as in CLIP.
    private func embedded(_ sentences: [[Int32]], _ tape: Tape<Float>) -> Tensor<Float> {
        let (width, longest) = (text.width, sentences.map(\.count).max() ?? 1)
        let words = weights.cells("text.embeddings.word")
        let positions = weights.cells("text.embeddings.position")
        return tape.constant([sentences.count, longest, width]) { cells in
            for (index, ids) in sentences.enumerated() {
                for place in 0..<longest {
                    let id = place < ids.count ? Int(ids[place]) : 0
                    let target = cells.part((index * longest + place) * width, width)
                    target.copy(words.part(id * width, width))
                    target.add(positions.part(place * width, width))
                }
            }
        }
    }
}
