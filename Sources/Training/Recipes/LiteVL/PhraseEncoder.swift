package import AnomalyModels

/// Phrases such as "scratched nut" as unit vectors: of the phrase and of a sentence about a picture of it.
package struct PhraseEncoder {
    private let encoder: SentenceEncoder
    package let width = Architecture.MiniLM.width

    package init(_ encoder: SentenceEncoder) { self.encoder = encoder }

    /// The mean of the unit vectors of `LiteVLSentences.sentences(of: phrase)`, at length 1. Throws what the encoder
    /// throws.
    package func vector(of phrase: String) throws -> [Float] {
        try vector(ofAll: [phrase])
    }

    /// The same of several phrases for one thing.
    package func vector(ofAll phrases: [String]) throws -> [Float] {
        var sum = [Float](repeating: 0, count: width)
        for sentence in phrases.flatMap(LiteVLSentences.sentences) {
            for (index, value) in try encoder.embedding(of: sentence).enumerated() { sum[index] += value }
        }
        let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return sum.map { $0 / length }
    }
}
