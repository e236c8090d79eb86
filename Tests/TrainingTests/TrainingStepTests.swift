import Testing
import Training
import TrainingFixtures

struct TrainingStepTests {
    @Test("training lowers the loss of a transformer block to under a tenth")
    func learning() throws {
        let network = TinyTransformer()
        let trainer = try network.trainer()
        var random = RandomNumbers(seed: 3, stream: "data")
        let losses = try (0..<200).map { _ in try trainer.takeStep { network.loss($0, &random) }.loss }
        let (first, last) = (losses[..<10].reduce(0, +), losses[190...].reduce(0, +))
        #expect(last < first / 10, "\(first / 10) to \(last / 10)")
    }

    @Test("the same seed on the same number of workers gives the same weights to the bit")
    func determinism() throws {
        func run() throws -> [Float] {
            let network = TinyTransformer()
            let trainer = try network.trainer()
            var random = RandomNumbers(seed: 3, stream: "data")
            for _ in 0..<20 { _ = try trainer.takeStep { network.loss($0, &random) } }
            return network.weights
        }
        let first = try run()
        for _ in 0..<3 { #expect(try run() == first) }
    }

    @Test("a tape's memory does not grow after the first step")
    func memory() throws {
        let network = TinyTransformer()
        let trainer = try network.trainer()
        var random = RandomNumbers(seed: 3, stream: "data")
        _ = try trainer.takeStep { network.loss($0, &random) }
        let bytes = trainer.tape.byteCount
        for _ in 0..<5 { _ = try trainer.takeStep { network.loss($0, &random) } }
        #expect(trainer.tape.byteCount == bytes)
    }

    @Test("20 steps end with the bits of 10 steps, a checkpoint and 10 steps of a new process's objects")
    func resuming() throws {
        let path = "\(temporaryFolder)/linewatch-checkpoint-\(UInt64.random(in: 0...UInt64.max)).safetensors"
        defer { remove(path) }
        func run(_ steps: Int, from: Checkpoint?, to: Checkpoint?) throws -> [Float] {
            let network = TinyTransformer()
            let trainer = try network.trainer()
            var random = RandomNumbers(seed: 3, stream: "data")
            if let from { random = try #require(try from.restore(trainer).first) }
            for _ in 0..<steps { _ = try trainer.takeStep { network.loss($0, &random) } }
            try to?.save(trainer, generators: [random])
            return network.weights
        }
        let checkpoint = Checkpoint(path: path, recipe: "tiny")
        let whole = try run(20, from: nil, to: nil)
        _ = try run(10, from: nil, to: checkpoint)
        #expect(try run(10, from: checkpoint, to: nil) == whole)
        #expect(throws: TrainingError.self) {
            try run(1, from: Checkpoint(path: path, recipe: "other"), to: nil)
        }
    }

    @Test("a step that is not finite changes nothing, is named, and the third in a row ends the training")
    func notFinite() throws {
        let network = TinyTransformer()
        let trainer = try network.trainer()
        let before = network.weights
        func broken(_ tape: Tape<Float>) -> Tensor<Float> {
            let x = tape.constant([1, -.infinity, 3], [3])
            return tape.sum(tape.multiply(tape.exp(tape.scale(x, by: -1000)), tape.scale(x, by: 0)))
        }
        let report = try trainer.takeStep(broken)
        #expect(report.skippedAt == "constant")
        _ = try trainer.takeStep(broken)
        #expect(throws: TrainingError.notFinite(step: 3, operation: "constant")) {
            try trainer.takeStep(broken)
        }
        #expect(network.weights == before)
    }

    @Test("a step that is not finite leaves the running statistics of batch norms as they were")
    func statisticsOfSkippedSteps() throws {
        let network = TinyTransformer()
        let trainer = try network.trainer()
        var random = RandomNumbers(seed: 3, stream: "data")
        let before = network.weights
        // Infinite only after the batch norm has seen the batch.
        let report = try trainer.takeStep { tape in
            tape.scale(network.loss(tape, &random), by: .infinity)
        }
        #expect(report.skippedAt == "scale" && network.weights == before)
        _ = try trainer.takeStep { network.loss($0, &random) }
        #expect(network.parameters.statistics.allSatisfy { $0.value.mean.contains { $0 != 0 } })
    }

    @Test("a checkpoint of a network without the same batch norms is refused")
    func foreignStatistics() throws {
        let path = "\(temporaryFolder)/linewatch-checkpoint-\(UInt64.random(in: 0...UInt64.max)).safetensors"
        defer { remove(path) }
        let checkpoint = Checkpoint(path: path, recipe: "tiny")
        try checkpoint.save(try TinyTransformer().trainer())
        for change in [("middle", 7), ("other", 96)] {
            let parameters = Parameters<Float>(), network = TinyTransformer()
            for parameter in network.parameters.all {
                parameters.add(parameter.name, parameter.shape, .zeros, decays: parameter.decays)
            }
            parameters.addStatistics(change.0, channels: change.1)
            let trainer = Trainer(
                tape: Tape(workers: try Workers(count: 1)), optimiser: Adam(parameters, .init()),
                schedule: Schedule(peak: 1, warmUpSteps: 1, totalSteps: 2))
            #expect(throws: TrainingError.self) { try checkpoint.restore(trainer) }
        }
    }
}
