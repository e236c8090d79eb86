public import Inference

/// A BERT sentence encoder: all-MiniLM-L6-v2 (METHODS.md 2.2 c).
///
/// Output `embedding` `[1, width]`: the mean over all tokens of the last layer, L2-normalised.
public struct SentenceEncoder: Hashable, Sendable, Codable {
    public var vocabulary: Int
    public var width: Int
    public var layers: Int
    public var heads: Int

    public init(vocabulary: Int, width: Int, layers: Int, heads: Int) {
        self.vocabulary = vocabulary
        self.width = width
        self.layers = layers
        self.heads = heads
    }

    public static let miniLM = SentenceEncoder(vocabulary: 30_522, width: 384, layers: 6, heads: 12)

    /// The encoder for a sentence of `tokens` ids, [CLS] and [SEP] included.
    public func graph(tokens: Int, taps: [Int] = []) -> Graph {
        var g = Graph()
        let ids = g.tokens(count: tokens)
        var x = g.embeddings(ids, "embeddings", vocabulary: vocabulary, width: width, hasTypes: true)
        x = g.layerNorm(x, "embeddings.norm", epsilon: 1e-12)
        let encoder = TransformerEncoder(
            width: width, layers: layers, heads: heads, hidden: 4 * width, activation: .gelu, epsilon: 1e-12)
        x = encoder.postNorm(&g, x, taps: taps)
        g.output(g.l2Normalise(g.meanOfRows(x, "mean"), "embedding"), as: "embedding")
        return g
    }
}
