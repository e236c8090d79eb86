/// A trainer whose state is on disk every so many steps: a training that was killed goes on to the same weights.
struct KeptTrainer {
    /// All steps.
    let steps: Int
    private let trainer: Trainer<Float>
    private let file: Checkpoint
    private let interval: Int

    /// Goes on from the checkpoint at `path` if there is one, and it is of `recipe`. Throws what reading it throws.
    init(
        _ trainer: Trainer<Float>, steps: Int, savingEvery interval: Int = 50, at path: String,
        of recipe: String
    ) throws {
        (self.trainer, self.steps, self.interval) = (trainer, steps, interval)
        file = Checkpoint(path: path, recipe: recipe)
        if file.exists { _ = try file.restore(trainer) }
    }

    /// The steps taken.
    var step: Int { trainer.step }
    var isDone: Bool { step >= steps }

    /// Takes one step on the loss that `body` computes; every `interval`th, and the last, is kept on disk.
    func takeStep(_ body: (Tape<Float>) throws -> Tensor<Float>) throws -> Trainer<Float>.Report {
        let report = try trainer.takeStep(body)
        if step % interval == 0 || step == steps { try file.save(trainer) }
        return report
    }
}

extension Trainer where Scalar == Float {
    /// AdamW with gradients clipped to length 1, on `threads` threads; the rate rises over the first `warmUp`th part
    /// of `steps` and falls by a cosine.
    convenience init(
        _ parameters: Parameters<Float>, rate: Double, decay: Double, warmUp: Int, steps: Int, threads: Int
    ) throws {
        var settings = Adam<Float>.Settings()
        settings.decay = .decoupled(decay)
        settings.clip = 1
        self.init(
            tape: try Tape(workers: Workers(count: threads)), optimiser: Adam(parameters, settings),
            schedule: Schedule(peak: rate, warmUpSteps: steps / warmUp, totalSteps: max(steps, 1)))
    }
}
