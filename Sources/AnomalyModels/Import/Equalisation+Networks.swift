import Inference
import Kernels

extension FloatWeights {
    /// MiniLM evened out on `CalibrationSentences`. Throws what a tensor that is missing or of another shape
    /// throws.
    package func equalised(
        _ network: Architecture.MiniLM, _ tokenizer: WordPieceTokenizer
    ) throws -> FloatWeights {
        var maxima = ChannelMaxima()
        let sentences = try CalibrationSentences.all.map { try tokenizer.encode($0) }
        for (count, group) in Dictionary(grouping: sentences, by: \.count).sorted(by: { $0.key < $1.key }) {
            let session = try ReferenceSession(
                network.graph(tokens: count), weights: FloatSource(self), kernels: KernelTable(.best),
                keepsAll: false)
            for ids in group { maxima.add(tokens: ids, session) }
        }
        return equalised(for: network.graph(tokens: 2), maxima)
    }
}
