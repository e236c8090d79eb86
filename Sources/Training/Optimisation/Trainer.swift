/// Takes steps: gradients to 0, the loss, the way back, clipping, the update.
///
/// A step whose loss or gradient is not finite changes nothing and is skipped; the third in a row throws.
public final class Trainer<Scalar: TrainingScalar> {
    /// What came of one step.
    public struct Report: Sendable, Hashable {
        /// 1 for the first.
        public let step: Int
        public let loss: Double
        public let gradientNorm: Double
        public let rate: Double
        /// The operator where the first value was not finite, if the step was skipped.
        public let skippedAt: String?
    }

    public let tape: Tape<Scalar>
    public let optimiser: Adam<Scalar>
    public let schedule: Schedule
    /// The steps taken or skipped.
    public internal(set) var step = 0
    /// How many of the last steps were skipped without one between that was not.
    public internal(set) var skipped = 0

    /// - Precondition: the parameters are complete.
    public init(tape: Tape<Scalar>, optimiser: Adam<Scalar>, schedule: Schedule) {
        self.tape = tape
        self.optimiser = optimiser
        self.schedule = schedule
    }

    /// Takes one step on the loss that `body` computes on the tape, a tensor of one element.
    ///
    /// Throws `TrainingError.notFinite` at the third skipped step in a row, and what `body` throws.
    public func takeStep(_ body: (Tape<Scalar>) throws -> Tensor<Scalar>) throws -> Report {
        tape.begin()
        optimiser.parameters.clearGradients()
        let statistics = optimiser.parameters.statisticsNow
        let loss = try body(tape)
        let value = Double(tape.value(loss))
        step += 1
        let rate = schedule.rate(at: step)
        guard value.isFinite else {
            optimiser.parameters.restore(statistics)
            return try skip(value, .nan, rate, tape.firstNonFinite() ?? "loss")
        }
        tape.backward(loss)
        let norm = optimiser.gradientNorm()
        guard norm.isFinite else {
            optimiser.parameters.restore(statistics)
            return try skip(value, norm, rate, culprit(of: loss))
        }
        optimiser.update(rate: rate, norm: norm, workers: tape.workers)
        skipped = 0
        return Report(step: step, loss: value, gradientNorm: norm, rate: rate, skippedAt: nil)
    }

    private func skip(_ loss: Double, _ norm: Double, _ rate: Double, _ operation: String) throws -> Report {
        skipped += 1
        guard skipped < 3 else { throw TrainingError.notFinite(step: step, operation: operation) }
        return Report(step: step, loss: loss, gradientNorm: norm, rate: rate, skippedAt: operation)
    }

    /// Goes back once more and looks at every gradient.
    private func culprit(of loss: Tensor<Scalar>) -> String {
        optimiser.parameters.clearGradients()
        tape.forgetGradients()
        tape.isWatching = true
        defer { tape.isWatching = false }
        tape.backward(loss)
        return tape.culprit ?? "gradient norm"
    }
}

extension Tape {
    /// Gives back the gradients that are left of the last way back.
    func forgetGradients() {
        for index in nodes.indices where !nodes[index].isParameter {
            if let gradient = nodes[index].gradient { workspace.giveBack(gradient) }
            nodes[index].gradient = nil
        }
    }
}
