/// Why a training cannot go on.
public enum TrainingError: Error, Hashable, CustomStringConvertible {
    /// Three steps in a row had a loss or a gradient that is not finite; the first such value came out of
    /// `operation`.
    case notFinite(step: Int, operation: String)
    /// A checkpoint that belongs to another network or method.
    case foreignCheckpoint(path: String, reason: String)

    public var description: String {
        switch self {
        case .notFinite(let step, let operation):
            "Step \(step) is the third in a row that is not finite, first at '\(operation)'. The last checkpoint "
                + "is good: lower the learning rate or look at the data of these steps."
        case .foreignCheckpoint(let path, let reason):
            "'\(path)' is no checkpoint of this training: \(reason). Begin anew or name another file."
        }
    }
}
