internal import AnomalyModels

/// AdaCLIP's computation from a picture and sentences to logits, on a tape.
package struct FidelityNetwork {
    package let tower: FidelityTower
    package let heads: FidelityHeads
    package let settings: FidelitySettings
    /// Called with each intermediate tensor and its name, as the golden vectors call it; for checks.
    package var observe: (String, Tensor<Float>, Tape<Float>) -> Void = { _, _, _ in }

    package init(_ tower: FidelityTower, _ heads: FidelityHeads, _ settings: FidelitySettings) {
        precondition(
            heads.form.promptedBlocks <= tower.network.vision.layers, "prompts behind the last block")
        (self.tower, self.heads, self.settings) = (tower, heads, settings)
    }

    /// What the towers and projections say of one picture.
    package struct Features {
        /// Projected patches of each tap, unit rows, `[N, embedding]`.
        let patches: [Tensor<Float>]
        /// The projected class token, a unit row, `[1, embedding]`.
        let image: Tensor<Float>
        /// Unit rows of the two texts, good and bad: `[2, embedding]`.
        let text: Tensor<Float>
        /// 100 times the cosines of patches and texts, for each tap: `[N, 2]`.
        let logits: [Tensor<Float>]
    }

    /// Runs both towers. `picture` is normalised, `[side, side, 3]`.
    package func features(_ picture: [Float], _ sentences: ClassSentences, _ tape: Tape<Float>) -> Features {
        let tokens = tower.visionTokens(picture, tape)
        observe("vision.tokens", tokens, tape)
        let context = FidelityTower.Context(tape: tape, activation: activation)
        let prompts = prompts(tokens, context)

        let vision = tower.vision(
            tokens, prompts: prompts.visual, place: settings.visualPrompts, context)
        for (index, tap) in vision.tokens.enumerated() { observe("vision.tap\(index)", tap, tape) }
        observe("vision.embedding", vision.embedding, tape)
        let text = text(sentences, prompts.text, context)

        let patches = vision.taps.enumerated().map { index, tap in
            tape.normalise(heads.linear(tap, "patch_token_layer.head.\(index)", tape))
        }
        for (index, patch) in patches.enumerated() { observe("patches\(index)", patch, tape) }
        let image = tape.normalise(heads.linear(vision.embedding, "cls_token_layer.head.0", tape))
        observe("image", image, tape)
        let logits = patches.map { patch in
            halved(tape.product(patch, text, isRightTransposed: true, alpha: 100), tape)
        }
        for (index, logit) in logits.enumerated() { observe("logits\(index)", logit, tape) }
        return Features(patches: patches, image: image, text: text, logits: logits)
    }

    private var activation: Architecture.Activation {
        settings.activation == .gelu ? .gelu : tower.network.activation
    }

    /// `x` rounded to half precision if that is emulated.
    func halved(_ x: Tensor<Float>, _ tape: Tape<Float>) -> Tensor<Float> {
        settings.emulatesHalf ? tape.roundedToHalf(x) : x
    }

    // MARK: Prompts

    /// The prompts of each prompted block: static ones, and those that an unprompted pass over the picture makes,
    /// through which no gradient flows.
    private func prompts(
        _ tokens: Tensor<Float>, _ context: FidelityTower.Context
    ) -> (visual: [Tensor<Float>], text: [Tensor<Float>]) {
        let tape = context.tape
        var (visual, text): (Tensor<Float>?, Tensor<Float>?)
        if settings.passes == .two {
            let plain = tower.vision(tokens, prompts: [], place: settings.visualPrompts, context)
            let f = tape.detached(plain.embedding)
            observe("unprompted.embedding", f, tape)
            visual = dynamic("visual", f, tape)
            text = dynamic("text", f, tape)
            if let visual, let text {
                observe("dynamic.visual", visual, tape)
                observe("dynamic.text", text, tape)
            }
        }
        return (whole("visual", visual, tape), whole("text", text, tape))
    }

    private func dynamic(_ kind: String, _ f: Tensor<Float>, _ tape: Tape<Float>) -> Tensor<Float> {
        tape.concatenate(
            (0..<heads.form.prompts).map { index in
                heads.linear(f, "dynamic_\(kind)_prompt_generator.head.\(index)", tape)
            }, axis: 0)
    }

    /// Static and dynamic prompts together, for each block.
    private func whole(_ kind: String, _ dynamic: Tensor<Float>?, _ tape: Tape<Float>) -> [Tensor<Float>] {
        (0..<heads.form.promptedBlocks).map { index in
            var prompt = heads.parameter("\(kind)_prompter.static_prompts.\(index)", tape)
            if let dynamic { prompt = tape.add(prompt, dynamic) }
            if settings.roundsPrompts { prompt = tape.roundedToHalf(prompt) }
            observe("prompts.\(kind)\(index)", prompt, tape)
            return prompt
        }
    }

    // MARK: Text

    /// The mean direction of the sentences about good parts, and of those about bad ones.
    private func text(
        _ sentences: ClassSentences, _ prompts: [Tensor<Float>], _ context: FidelityTower.Context
    ) -> Tensor<Float> {
        let tape = context.tape
        let all = tower.sentences(
            sentences.ids, prompts: prompts, place: settings.textPrompts, context
        ) { observe("text.block\($0)", $1, tape) }
        observe("text.sentences", all, tape)
        let labels = sentences.ids.indices.map { $0 < ClassSentences.goodCount ? 0 : 1 }
        let text = tape.normalise(tape.clusterMeans(tape.normalise(all), labels: labels, clusters: 2))
        observe("text", text, tape)
        return text
    }
}
