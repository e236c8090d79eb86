internal import AnomalyModels

/// A defect as the head that describes defects is trained on it.
package struct DescribedDefect: Sendable {
    /// Where it was seen.
    package enum Source: Sendable, CaseIterable {
        /// A surface of the simulated line.
        case surface
        /// Another kind of thing that was rendered.
        case catalogue
        /// A data set from outside.
        case outside
    }

    /// As `DefectEmbedder.pooled` gives it.
    package let pooled: [Float]
    /// The kind of thing and its design, or the data set: among its defects they are told apart.
    package let line: String
    package let source: Source
    /// What is wrong: the same for defects that an operator would call the same.
    package let state: String

    package init(pooled: [Float], line: String, source: Source, state: String) {
        (self.pooled, self.line, self.source, self.state) = (pooled, line, source, state)
    }
}

extension EmbeddingHead {
    /// The head of an embedder that is only asked to pool maps of `channels`: one number wide, with nothing taken off.
    init(poolingOver channels: [Int]) {
        let inputs = channels.reduce(Self.extentCount, +)
        self.init(
            width: 1, similarity: 0.5, means: channels.map { [Float](repeating: 0, count: $0) },
            layers: .init(
                inWeight: [Float](repeating: 0, count: inputs), inBias: [0], outWeight: [0],
                skip: [Float](repeating: 0, count: inputs), bias: [0]))
    }
}
