import Tensors

/// What a published checkpoint of one network contains, and how it becomes `FloatWeights`.
struct CheckpointLayout: Sendable {
    /// The network and, where it has several, the layout; for messages.
    let name: String
    let architecture: Architecture
    let rules: [TensorRule]
    /// Whether a tensor may be there though no rule reads it.
    let ignores: @Sendable (String) -> Bool

    /// How `file` differs from this layout, or nil if it fits.
    func mismatch(with file: WeightFile) -> CheckpointError.Mismatch? {
        var needed: [String: [Int]] = [:]
        for source in rules.flatMap(\.sources) { needed[source.name] = source.shape }

        let wrongShapes = needed.compactMap { name, wanted -> CheckpointError.Mismatch.WrongShape? in
            guard let found = file.tensor(name)?.shape.extents, !fits(found, wanted) else { return nil }
            return CheckpointError.Mismatch.WrongShape(name: name, found: found, wanted: wanted)
        }
        let mismatch = CheckpointError.Mismatch(
            nearest: name,
            missing: needed.keys.filter { file.tensor($0) == nil }.sorted(),
            unexpected: file.names.filter { needed[$0] == nil && !ignores($0) },
            wrongShapes: wrongShapes.sorted { $0.name < $1.name })
        return mismatch.count == 0 ? nil : mismatch
    }

    /// The converted tensors of a file that fits.
    ///
    /// Throws if a tensor is no float, or if a number is not finite before or after the conversion.
    func convert(_ file: WeightFile) throws(CheckpointError) -> FloatWeights {
        var weights = FloatWeights()
        var broken: [String] = []
        for rule in rules {
            var sources: [[Float]] = []
            for source in rule.sources {
                do { sources.append(try file.floats(source.name)) } catch { throw .file(error) }
            }
            let values = rule.convert(sources)
            if !values.allSatisfy(\.isFinite) { broken.append(rule.target) }
            weights.tensors[rule.target] = (rule.shape, values)
        }
        guard broken.isEmpty else { throw .notFinite(file: file.path, tensors: broken.sorted()) }
        return weights
    }

    /// A single number may be stored with or without an extent.
    private func fits(_ found: [Int], _ wanted: [Int]) -> Bool {
        found == wanted || wanted == [1] && found.isEmpty
    }
}

extension CheckpointError.Mismatch {
    /// The number of tensors that are wrong.
    var count: Int { missing.count + unexpected.count + wrongShapes.count }
}
