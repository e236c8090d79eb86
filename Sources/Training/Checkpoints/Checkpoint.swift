internal import Glibc
internal import Tensors

// CHECKPOINT
//
// A weight file (safetensors): a killed training goes on from it to the same bits.
//
//     value/NAME, m/NAME, v/NAME, max/NAME   F32, of each parameter: its value and its moments
//     mean/NAME, variance/NAME               F32, of each batch norm: its running statistics
//     metadata   "format"  "linewatch-checkpoint/1"
//                "step", "updates", "skipped"   counters of the trainer and the optimiser
//                "random"  the states of the generators, decimal, in order, with spaces
//                "recipe"  whatever the recipe wants to find again, such as the hash of its settings
//
// It is written to a temporary name, synced and renamed, so that there is always one whole checkpoint.
// A checkpoint is valid for a training if and only if the recipe text and the names and shapes are its own.

/// Saves and restores the whole state of a training.
public struct Checkpoint: Sendable {
    public let path: String
    /// What the training must be to go on from this file: a text, compared as a whole.
    public let recipe: String

    /// A checkpoint at `path`, which need not exist.
    public init(path: String, recipe: String) {
        self.path = path
        self.recipe = recipe
    }

    /// Whether there is a file to go on from.
    public var exists: Bool { unsafe access(path, F_OK) == 0 }  // the string lives for the call

    /// Writes the state in one durable step. Blocks. Throws `WeightFileError`, and then the file is as it was.
    ///
    /// - Parameter generators: those whose sequences the training continues.
    public func save(_ trainer: Trainer<Float>, generators: [RandomNumbers] = []) throws {
        let optimiser = trainer.optimiser
        var file = WeightFileWriter(metadata: [
            "format": Self.format, "recipe": recipe, "step": String(trainer.step),
            "updates": String(optimiser.step), "skipped": String(trainer.skipped),
            "random": generators.map { String($0.state) }.joined(separator: " "),
        ])
        for (name, shape, cells) in Self.parts(of: optimiser) {
            try file.addFloat32(name, Shape(shape), cells.array)
        }
        for (name, value) in optimiser.parameters.statistics {
            try file.addFloat32("mean/\(name)", Shape([value.mean.count]), value.mean)
            try file.addFloat32("variance/\(name)", Shape([value.mean.count]), value.variance)
        }
        try file.write(to: path)
    }

    /// Sets the state from the file, and returns the generators.
    ///
    /// Throws `WeightFileError`, or `TrainingError.foreignCheckpoint`; then nothing was changed.
    public func restore(_ trainer: Trainer<Float>) throws -> [RandomNumbers] {
        let file = try WeightFile(path: path)
        guard file.metadata["format"] == Self.format else { throw foreign("it has another format") }
        guard file.metadata["recipe"] == recipe else { throw foreign("its settings differ") }
        let parts = Self.parts(of: trainer.optimiser)
        let parameters = trainer.optimiser.parameters
        guard file.names.count == parts.count + 2 * parameters.statistics.count else {
            throw foreign("it has other parameters")
        }
        func floats(_ name: String, _ shape: [Int]) throws -> [Float] {
            guard file.tensor(name)?.shape.extents == shape else {
                throw foreign("'\(name)' is missing or has another shape")
            }
            return try file.floats(name)
        }
        let values = try parts.map { name, shape, _ in try floats(name, shape) }
        let statistics = try parameters.statistics.map { name, value in
            RunningStatistics<Float>.Values(
                mean: try floats("mean/\(name)", [value.mean.count]),
                variance: try floats("variance/\(name)", [value.mean.count]))
        }
        let counters = ["step", "updates", "skipped"].compactMap { file.metadata[$0].flatMap(Int.init) }
        let states = (file.metadata["random"] ?? "").split(separator: " ").compactMap { UInt64($0) }
        guard counters.count == 3 else { throw foreign("its counters are damaged") }
        for (part, values) in zip(parts, values) { part.cells.copy(values) }
        parameters.restore(statistics)
        trainer.step = counters[0]
        trainer.optimiser.step = counters[1]
        trainer.skipped = counters[2]
        return states.map { state in
            var random = RandomNumbers(seed: 0)
            random.state = state
            return random
        }
    }

    private static let format = "linewatch-checkpoint/1"

    private func foreign(_ reason: String) -> TrainingError {
        .foreignCheckpoint(path: path, reason: reason)
    }

    private typealias Part = (name: String, shape: [Int], cells: Cells<Float>)

    private static func parts(of optimiser: Adam<Float>) -> [Part] {
        zip(optimiser.parameters.all, optimiser.moments).flatMap { parameter, moments -> [Part] in
            [("value/\(parameter.name)", parameter.shape, parameter.value)]
                + zip(["m", "v", "max"], moments).map { ("\($0)/\(parameter.name)", parameter.shape, $1) }
        }
    }
}
