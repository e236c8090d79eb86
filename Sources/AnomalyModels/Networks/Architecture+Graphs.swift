package import Inference

extension Architecture.Clip.Vision {
    /// ViT-B/32 at 224 px, B/16 at 240, L/14 at 224, and the DINO-shaped S/14 at 448: sizes for speed.
    package static let b32 = Self(width: 768, patch: 32, grid: 7, layers: 12)
    package static let b16 = Self(width: 768, patch: 16, grid: 15, layers: 12)
    package static let l14 = Self(width: 1024, patch: 14, grid: 16, layers: 24)
    package static let s14 = Self(width: 384, patch: 14, grid: 32, layers: 12)

    /// The official taps: after a quarter, a half, three quarters and all of the blocks.
    package var defaultTaps: [Int] { (1...4).map { layers * $0 / 4 } }

    /// The tower on RGB pixels `[height, width, 3]`, sides multiples of the patch (METHODS.md 2.1).
    ///
    /// Taps are named by the number of blocks already run: `vision.tap3` `[1 + patches, width]` is the
    /// residual stream after block 2, class token first. `vision.embedding` `[1, embeddingWidth]` is not
    /// normalised. With `prompts` these stand among the tokens, and the outputs of `PromptGraph` are added.
    /// - Parameter hasPreNorm: false for DINO-shaped towers, which have no norm in front of the blocks.
    package func graph(
        height: Int, width pixels: Int, embeddingWidth: Int, activation: Architecture.Activation, taps: [Int],
        hasPreNorm: Bool = true, prompts: PromptLayout? = nil
    ) -> Graph {
        var g = Graph()
        let image = g.image(height: height, width: pixels)
        var x = g.patches(image, "vision", size: patch, width: width, normalisation: .clip)
        g.output(x, as: "vision.tokens")
        if hasPreNorm { x = g.layerNorm(x, "vision.norm_pre", epsilon: Architecture.Clip.normEpsilon) }
        x = TransformerBlocks(
            width: width, heads: heads, activation: activation, epsilon: Architecture.Clip.normEpsilon
        )
        .preNorm(
            &g, x, layers: layers, prefix: "vision.", isCausal: false, taps: taps,
            prompts: prompts.map { PromptGraph($0, tokens: height / patch * (pixels / patch)) })
        let token = g.layerNorm(
            g.firstRow(x, "vision.class_row"), "vision.norm_post", epsilon: Architecture.Clip.normEpsilon)
        let embedding = g.linear(
            token, "vision.projection", width: embeddingWidth, hasBias: false, isFloat: true)
        g.output(embedding, as: "vision.embedding")
        if prompts != nil { PromptGraph.finish(embedding, &g) }
        return g
    }
}

extension Architecture.Clip.Text {
    /// The tower for `tokens` ids, cut behind the end-of-text token: later rows cannot influence it
    /// (METHODS.md 2.1).
    ///
    /// Output `text.embedding` `[1, embeddingWidth]`, not normalised; `text.tap{i}` for `taps`.
    package func graph(
        tokens: Int, embeddingWidth: Int, activation: Architecture.Activation, taps: [Int] = []
    ) -> Graph {
        var g = Graph()
        let ids = g.tokens(count: tokens)
        var x = g.embeddings(
            ids, "text.embeddings", vocabulary: vocabularySize, width: width, hasTypes: false)
        x = TransformerBlocks(
            width: width, heads: heads, activation: activation, epsilon: Architecture.Clip.normEpsilon
        )
        .preNorm(&g, x, layers: layers, prefix: "text.", isCausal: true, taps: taps)
        let last = g.layerNorm(
            g.lastRow(x, "text.last_row"), "text.norm_final", epsilon: Architecture.Clip.normEpsilon)
        let embedding = g.linear(
            last, "text.projection", width: embeddingWidth, hasBias: false, isFloat: true)
        g.output(embedding, as: "text.embedding")
        return g
    }
}

extension Architecture.MiniLM {
    /// The encoder for a sentence of `tokens` ids, [CLS] and [SEP] included (METHODS.md 2.2 c).
    ///
    /// Output `embedding` `[1, width]`: the mean over all tokens of the last layer, L2-normalised; `tap{i}`
    /// for `taps`.
    package func graph(tokens: Int, taps: [Int] = []) -> Graph {
        var g = Graph()
        let ids = g.tokens(count: tokens)
        var x = g.embeddings(ids, "embeddings", vocabulary: vocabularySize, width: Self.width, hasTypes: true)
        x = g.layerNorm(x, "embeddings.norm", epsilon: Self.normEpsilon)
        x = TransformerBlocks(
            width: Self.width, heads: Self.heads, activation: .gelu, epsilon: Self.normEpsilon
        )
        .postNorm(&g, x, layers: layers, taps: taps)
        g.output(g.l2Normalise(g.meanOfRows(x, "mean"), "embedding"), as: "embedding")
        return g
    }
}
