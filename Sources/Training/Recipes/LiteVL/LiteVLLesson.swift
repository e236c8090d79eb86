/// What pictures are to say: their kinds, their states, and what the trunk's classifier says.
package struct LiteVLLesson: Sendable {
    package let sentences: LiteVLSentences
    package let classes: NamedClasses
    /// What agreement with the classifier counts beside the rest.
    package let align: Float
    /// Cosines are divided by these: of names, of states of one kind, of a batch's captions, of ImageNet's names.
    private static let (name, state, caption, named): (Float, Float, Float, Float) = (0.05, 0.03, 0.05, 0.05)
    private static let captionShare: Float = 0.5
    /// Far below any cosine over its temperature.
    private static let never: Float = -1e4

    package init(_ sentences: LiteVLSentences, _ classes: NamedClasses, align: Float) {
        (self.sentences, self.classes, self.align) = (sentences, classes, align)
    }

    /// The loss of pictures with the unit vectors `pictures` `[count, width]`: the divergence from the names of their
    /// kinds among all names, from their states among those of their kind, symmetrically from the captions of the
    /// batch, and from the classifier's `teacher` `[count, classes]`.
    package func loss(
        _ tape: Tape<Float>, _ pictures: Tensor<Float>, _ captions: [TokenCache.Caption], teacher: [Float]
    ) -> Tensor<Float> {
        let (count, width) = (captions.count, sentences.width)
        var parts = [
            names(tape, pictures, captions), states(tape, pictures, captions),
            tape.scale(pairs(tape, pictures, captions), by: Self.captionShare),
        ]
        if align > 0 {
            let known = tape.constant(classes.sentences, [classes.classes, width])
            let logits = tape.product(pictures, known, isRightTransposed: true, alpha: 1 / Self.named)
            parts.append(
                tape.scale(
                    tape.divergence(logits, targets: tape.constant(teacher, [count, classes.classes])),
                    by: align))
        }
        return parts.reduce(tape.constant([0], [])) { tape.add($0, $1) }
    }

    private func names(
        _ tape: Tape<Float>, _ pictures: Tensor<Float>, _ captions: [TokenCache.Caption]
    ) -> Tensor<Float> {
        let all = sentences.names
        let vectors = tape.constant(sentences.nameVectors, [all.count, sentences.width])
        var targets: [Float] = []
        for caption in captions {
            let count = Float(all.count { $0.kind == caption.kind })
            targets += all.map { $0.kind == caption.kind ? 1 / count : 0 }
        }
        return tape.divergence(
            tape.product(pictures, vectors, isRightTransposed: true, alpha: 1 / Self.name),
            targets: tape.constant(targets, [captions.count, all.count]))
    }

    private func states(
        _ tape: Tape<Float>, _ pictures: Tensor<Float>, _ captions: [TokenCache.Caption]
    ) -> Tensor<Float> {
        let (count, states) = (captions.count, sentences.stateCount)
        let vectors = tape.constant(sentences.stateVectors, [states, sentences.width])
        var targets = [Float](repeating: 0, count: count * states)
        var mask = [Float](repeating: Self.never, count: count * states)
        for (row, caption) in captions.enumerated() {
            let own = sentences.names.filter { $0.kind == caption.kind }
            for name in own {
                for (index, share) in sentences.shares(of: caption, for: name).enumerated() {
                    targets[row * states + name.firstState + index] = share / Float(own.count)
                    mask[row * states + name.firstState + index] = 0
                }
            }
        }
        let logits = tape.product(pictures, vectors, isRightTransposed: true, alpha: 1 / Self.state)
        return tape.divergence(
            tape.add(logits, tape.constant(mask, [count, states])),
            targets: tape.constant(targets, [count, states]))
    }

    /// Symmetric contrast of the pictures and their captions; pictures of one kind and state share theirs.
    private func pairs(
        _ tape: Tape<Float>, _ pictures: Tensor<Float>, _ captions: [TokenCache.Caption]
    ) -> Tensor<Float> {
        let count = captions.count
        let words = tape.constant(captions.flatMap(vector), [count, sentences.width])
        var targets: [Float] = []
        for caption in captions {
            let same = captions.map { other in
                other.kind == caption.kind && other.states == caption.states
                    && other.isDefective == caption.isDefective
            }
            let share = 1 / Float(same.count { $0 })
            targets += same.map { $0 ? share : 0 }
        }
        let wanted = tape.constant(targets, [count, count])
        let forth = tape.product(pictures, words, isRightTransposed: true, alpha: 1 / Self.caption)
        let back = tape.product(words, pictures, isRightTransposed: true, alpha: 1 / Self.caption)
        return tape.scale(
            tape.add(tape.divergence(forth, targets: wanted), tape.divergence(back, targets: wanted)), by: 0.5
        )
    }

    /// The unit vector of a caption: of its states as `LiteVLSentences.shares` weighs them.
    private func vector(of caption: TokenCache.Caption) -> [Float] {
        let width = sentences.width
        var sum = [Float](repeating: 0, count: width)
        guard let name = sentences.names.first(where: { $0.kind == caption.kind && $0.name == caption.noun })
        else { preconditionFailure("no sentences for '\(caption.noun)'") }
        for (index, share) in sentences.shares(of: caption, for: name).enumerated() where share > 0 {
            let first = (name.firstState + index) * width
            for place in 0..<width { sum[place] += share * sentences.stateVectors[first + place] }
        }
        let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return sum.map { $0 / length }
    }
}
