public import Inference

/// A CLIP vision tower: patches, class token, pre-LN blocks, projection (METHODS.md 2.1).
///
/// Taps are named by the number of blocks already run: `vision.tap3` `[1 + patches, width]` is the residual stream after
/// block 2, class token first. `vision.embedding` `[1, embeddingWidth]` is not normalised.
public struct CLIPVision: Hashable, Sendable, Codable {
    public var patch: Int
    public var width: Int
    public var layers: Int
    public var embeddingWidth: Int
    public var activation: Activation
    /// DINO-shaped towers have no norm in front of the blocks.
    public var hasPreNorm: Bool

    public init(
        patch: Int, width: Int, layers: Int, embeddingWidth: Int, activation: Activation, hasPreNorm: Bool = true
    ) {
        self.patch = patch
        self.width = width
        self.layers = layers
        self.embeddingWidth = embeddingWidth
        self.activation = activation
        self.hasPreNorm = hasPreNorm
    }

    public var heads: Int { width / 64 }

    public static let b32 = CLIPVision(patch: 32, width: 768, layers: 12, embeddingWidth: 512, activation: .quickGELU)
    public static let b16 = CLIPVision(patch: 16, width: 768, layers: 12, embeddingWidth: 512, activation: .quickGELU)
    public static let l14 = CLIPVision(patch: 14, width: 1024, layers: 24, embeddingWidth: 768, activation: .quickGELU)
    public static let s14 = CLIPVision(
        patch: 14, width: 384, layers: 12, embeddingWidth: 384, activation: .gelu, hasPreNorm: false)

    /// The official taps: after a quarter, a half, three quarters and all of the blocks.
    public var defaultTaps: [Int] { (1...4).map { layers / 4 * $0 } }

    /// The tower on RGB pixels `[height, width, 3]`, sides multiples of the patch.
    public func graph(height: Int, width pixels: Int, taps: [Int]) -> Graph {
        var g = Graph()
        let image = g.image(height: height, width: pixels)
        var x = g.patches(image, "vision", size: patch, width: width, normalisation: .clip)
        if hasPreNorm { x = g.layerNorm(x, "vision.norm_pre", epsilon: 1e-5) }
        let encoder = TransformerEncoder(
            width: width, layers: layers, heads: heads, hidden: 4 * width, activation: activation, epsilon: 1e-5)
        x = encoder.preNorm(&g, x, prefix: "vision.", isCausal: false, taps: taps)
        let token = g.layerNorm(g.firstRow(x, "vision.class_row"), "vision.norm_post", epsilon: 1e-5)
        let embedding = g.linear(token, "vision.projection", width: embeddingWidth, hasBias: false, isFloat: true)
        g.output(embedding, as: "vision.embedding")
        return g
    }
}

/// A CLIP text tower: causal pre-LN blocks; the row of the end-of-text token is projected (METHODS.md 2.1).
///
/// Output `text.embedding` `[1, embeddingWidth]`, not normalised.
public struct CLIPText: Hashable, Sendable, Codable {
    public var vocabulary: Int
    public var width: Int
    public var layers: Int
    public var embeddingWidth: Int
    public var activation: Activation

    public init(vocabulary: Int, width: Int, layers: Int, embeddingWidth: Int, activation: Activation) {
        self.vocabulary = vocabulary
        self.width = width
        self.layers = layers
        self.embeddingWidth = embeddingWidth
        self.activation = activation
    }

    /// The tower for `tokens` ids, cut behind the end-of-text token: later rows cannot influence it.
    public func graph(tokens: Int, taps: [Int] = []) -> Graph {
        var g = Graph()
        let ids = g.tokens(count: tokens)
        var x = g.embeddings(ids, "text.embeddings", vocabulary: vocabulary, width: width, hasTypes: false)
        let encoder = TransformerEncoder(
            width: width, layers: layers, heads: width / 64, hidden: 4 * width, activation: activation, epsilon: 1e-5)
        x = encoder.preNorm(&g, x, prefix: "text.", isCausal: true, taps: taps)
        let last = g.layerNorm(g.lastRow(x, "text.last_row"), "text.norm_final", epsilon: 1e-5)
        let embedding = g.linear(last, "text.projection", width: embeddingWidth, hasBias: false, isFloat: true)
        g.output(embedding, as: "text.embedding")
        return g
    }
}
