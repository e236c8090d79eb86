/// The sentences of a class as two unit vectors: what is well, and what is not (METHODS.md 3.4, item 2).
package struct ClassColumns: Sendable, Hashable {
    /// T_N: as many numbers as a sentence has.
    package let normal: [Float]
    /// T_A.
    package let abnormal: [Float]

    package init(normal: [Float], abnormal: [Float]) {
        precondition(normal.count == abnormal.count, "columns of \(normal.count) and \(abnormal.count)")
        (self.normal, self.abnormal) = (normal, abnormal)
    }

    /// The columns of `words`: of each group the mean of its sentences, at unit length. Blocks for tenths of a
    /// second. Throws what `SentenceEncoder.embedding` throws, and `text` naming the first
    /// name or word of which the network knows no part, as of signs that its vocabulary lacks: all such would be one.
    package init(_ words: ClassWords, _ encoder: SentenceEncoder) throws(ModelError) {
        for word in words.names + words.good + words.bad where try !encoder.knows(word) {
            throw .text(
                .classWord(word, reason: "the network that reads sentences knows none of its signs"))
        }
        self.init(
            normal: try Self.mean(words.normalSentences, encoder),
            abnormal: try Self.mean(words.abnormalSentences, encoder))
    }

    private static func mean(_ sentences: [String], _ encoder: SentenceEncoder) throws(ModelError) -> [Float]
    {
        var sum = [Float](repeating: 0, count: encoder.width)
        for sentence in sentences {
            let embedding = try encoder.embedding(of: sentence)
            for index in sum.indices { sum[index] += embedding[index] }
        }
        return unit(sum)
    }
}

/// `vector` at unit length.
func unit(_ vector: [Float]) -> [Float] {
    let length = max(vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot(), 1e-12)
    return vector.map { Float(Double($0) / length) }
}
