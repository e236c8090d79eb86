/// From the logits of patches to a map of pixels.
extension FidelityNetwork {
    /// The anomaly map before smoothing, `[side, side]`: in 0...1, but for the rule `margin`.
    package func map(_ features: Features, _ tape: Tape<Float>) -> Tensor<Float> {
        let side = tower.side
        switch settings.mapRule {
        case .meanLogits:
            let logits = resized(meanLogits(features, tape), tape)
            observe("map.logits", logits, tape)
            return anomaly(halved(tape.softmax(logits), tape), tape)
        case .softmaxPerTap:
            let maps = tapProbabilities(features, tape).map { anomaly($0, tape) }
            return tape.scale(
                maps.dropFirst().reduce(maps[0]) { tape.add($0, $1) }, by: 1 / Float(maps.count))
        case .margin:
            let logits = resized(meanLogits(features, tape), tape)
            return tape.reshape(
                tape.subtract(channel(1, of: logits, tape), channel(0, of: logits, tape)), [side, side])
        }
    }

    /// The mean of the taps' logits, `[N, 2]`.
    func meanLogits(_ features: Features, _ tape: Tape<Float>) -> Tensor<Float> {
        let sum = features.logits.dropFirst().reduce(features.logits[0]) { tape.add($0, $1) }
        return halved(tape.scale(sum, by: 1 / Float(features.logits.count)), tape)
    }

    /// Of each tap the probabilities of good and bad for every pixel, `[1, side, side, 2]`.
    func tapProbabilities(_ features: Features, _ tape: Tape<Float>) -> [Tensor<Float>] {
        features.logits.enumerated().map { index, logits in
            let probabilities = halved(tape.softmax(resized(logits, tape)), tape)
            observe("probabilities\(index)", probabilities, tape)
            return probabilities
        }
    }

    /// One channel of `[1, side, side, 2]`: 0 good, 1 bad. `[side, side]`.
    func channel(_ index: Int, of x: Tensor<Float>, _ tape: Tape<Float>) -> Tensor<Float> {
        tape.reshape(tape.slice(x, axis: 3, index..<index + 1), [tower.side, tower.side])
    }

    /// `[N, 2]` as pixels, `[1, side, side, 2]`.
    private func resized(_ logits: Tensor<Float>, _ tape: Tape<Float>) -> Tensor<Float> {
        let grid = tape.reshape(logits, [1, tower.grid, tower.grid, 2])
        let pixels = tape.resize(
            grid, height: tower.side, width: tower.side, alignsCorners: settings.alignsCorners)
        return halved(pixels, tape)
    }

    /// (p_bad + 1 - p_good) / 2.
    private func anomaly(_ probabilities: Tensor<Float>, _ tape: Tape<Float>) -> Tensor<Float> {
        let (good, bad) = (channel(0, of: probabilities, tape), channel(1, of: probabilities, tape))
        return tape.scale(tape.subtract(bad, good), by: 0.5, offset: 0.5)
    }
}
