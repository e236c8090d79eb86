/// Why a data set cannot be evaluated, as one line for the person who asked for it.
public enum EvaluationError: Error, Hashable, CustomStringConvertible {
    /// A line of a manifest cannot be read.
    case manifest(path: String, line: Int, reason: String)
    /// The manifest has no rows of that set.
    case unknownSet(name: String, known: [String])
    /// More references are asked for than a set has candidates.
    case tooFewReferences(set: String, asked: Int, candidates: Int)
    /// An image or a mask cannot be used, and nothing may be left out.
    case leftOut(path: String, reason: String)
    /// A method gave a score that is no number.
    case notANumber(path: String)

    /// What happened, where, and what to do, in one line.
    public var description: String {
        switch self {
        case .manifest(let path, let line, let reason):
            "'\(path)', line \(line): \(reason). Write the manifest again."
        case .unknownSet(let name, let known):
            "no data set is called '\(name)'. Set --set to some of: \(known.joined(separator: ", "))."
        case .tooFewReferences(let set, let asked, let candidates):
            "'\(set)' has \(candidates) good images to draw references from, \(asked) are asked for. "
                + (candidates > 0
                    ? "Set --shots to at most \(candidates)." : "Choose another set with --set.")
        case .leftOut(let path, let reason):
            "'\(path)' cannot be used: \(reason) Repair it, or leave --strict out."
        case .notANumber(let path):
            "the score of '\(path)' is not a number. Check the model's weights."
        }
    }
}
