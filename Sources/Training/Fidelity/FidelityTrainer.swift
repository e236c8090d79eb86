/// Trains heads as AdaCLIP's authors do: AdamW with rate 0.01, betas 0.5 and 0.999, decay 0.01 of everything, one
/// picture a step, no schedule; in float32.
package final class FidelityTrainer {
    /// One picture with its truth.
    package struct Sample: Sendable {
        /// Normalised, `[side, side, 3]`.
        package let picture: [Float]
        /// `[side, side]` of 0 and 1.
        package let mask: [Float]
        package let sentences: ClassSentences

        package init(picture: [Float], mask: [Float], sentences: ClassSentences) {
            (self.picture, self.mask, self.sentences) = (picture, mask, sentences)
        }
    }

    package let network: FidelityNetwork
    private let tape: Tape<Float>
    private let optimiser: Adam<Float>
    private let rate: Double
    /// The steps taken.
    package private(set) var step = 0

    package init(_ network: FidelityNetwork, workers: Workers, rate: Double = 0.01) {
        self.network = network
        self.rate = rate
        tape = Tape(workers: workers)
        var settings = Adam<Float>.Settings()
        (settings.beta1, settings.beta2) = (0.5, 0.999)
        settings.decay = .decoupled(0.01)
        optimiser = Adam(network.heads.parameters, settings)
    }

    /// Takes a step on the mean loss of `samples` and returns it. A picture counts as bad if its mask has a 1.
    ///
    /// Throws `FidelityError.input` for more than one sample, unless the switch `batch` is `any`, and
    /// `TrainingError.notFinite` if the loss or a gradient is not finite; then nothing was changed.
    package func takeStep(_ samples: [Sample]) throws -> Double {
        guard samples.count == 1 || network.settings.batch == .any && !samples.isEmpty else {
            throw FidelityError.input(
                reason: "\(samples.count) pictures cannot make one step. Give one, or set batch=any.")
        }
        step += 1
        network.heads.parameters.clearGradients()
        var total = 0.0
        for sample in samples {
            // Gradients add up in the parameters, so that a tape holds one picture at a time.
            tape.begin()
            let features = network.features(sample.picture, sample.sentences, tape)
            let one = network.loss(features, mask: sample.mask, isBad: sample.mask.contains(1), tape)
            let loss = tape.scale(one, by: 1 / Float(samples.count))
            total += Double(tape.value(loss))
            guard total.isFinite else {
                throw TrainingError.notFinite(step: step, operation: tape.firstNonFinite() ?? "loss")
            }
            tape.backward(loss)
        }
        let norm = optimiser.gradientNorm()
        guard norm.isFinite else { throw TrainingError.notFinite(step: step, operation: "gradient") }
        optimiser.update(rate: rate, norm: norm, workers: tape.workers)
        return total
    }
}
