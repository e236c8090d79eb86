/// The loss of training.
extension FidelityNetwork {
    /// Focal(score) + Σ over the taps of Focal(map) + Dice(bad, mask) + Dice(good, 1 - mask), for one picture.
    ///
    /// - Parameters:
    ///   - mask: `side * side` of 0 and 1.
    ///   - isBad: whether the picture as a whole counts as bad.
    package func loss(
        _ features: Features, mask: [Float], isBad: Bool, _ tape: Tape<Float>
    ) -> Tensor<Float> {
        let side = tower.side
        precondition(mask.count == side * side, "a mask of \(mask.count) for a side of \(side)")
        let score = score(features, tape)
        observe("score", score, tape)
        var loss = tape.focal(probabilities: score, targets: tape.constant([isBad ? 1 : 0], [1]))
        let truth = tape.constant(mask, [side, side])
        let shape = settings.dice == .rows ? [side, side] : [1, side * side]
        let (bad, good) = (tape.reshape(truth, shape), tape.constant(mask.map { 1 - $0 }, shape))
        for probabilities in tapProbabilities(features, tape) {
            let (pGood, pBad) = (channel(0, of: probabilities, tape), channel(1, of: probabilities, tape))
            loss = tape.add(loss, tape.focal(probabilities: pBad, targets: truth))
            loss = tape.add(loss, tape.dice(tape.reshape(pBad, shape), targets: bad))
            loss = tape.add(loss, tape.dice(tape.reshape(pGood, shape), targets: good))
        }
        return loss
    }
}
