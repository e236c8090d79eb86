package import Tensors

/// What keeps a published checkpoint from being imported, and what to do about it. `file` is its path.
package enum CheckpointError: Error, Hashable, CustomStringConvertible {
    case file(WeightFileError)
    /// The file is a Python pickle, or a zip archive as PyTorch writes.
    case pickle(file: String)
    /// No tensor has a name that we know.
    case unknown(file: String, names: [String])
    case doesNotFit(file: String, Mismatch)
    /// The network is of a kind that we do not run.
    case unsupported(file: String, feature: String)
    /// The checkpoint does not say which activation it was trained with.
    case activationRequired(file: String)
    /// The activation asked for is not the one that the checkpoint was trained with.
    case activationContradicts(file: String, asked: Architecture.Activation, found: Architecture.Activation)
    /// Folding a batch norm or a scale gave an infinity or NaN.
    case notFinite(file: String, tensors: [String])

    /// Everything that is wrong with the tensors of a checkpoint, each list sorted by name.
    package struct Mismatch: Hashable, Sendable {
        package struct WrongShape: Hashable, Sendable {
            package let name: String
            package let found: [Int]
            package let wanted: [Int]
        }

        /// The known architecture that fits best.
        package let nearest: String
        package let missing: [String]
        package let unexpected: [String]
        package let wrongShapes: [WrongShape]

        /// Every tensor that is wrong, one line each.
        package var details: [String] {
            missing.map { "missing: \(shown($0))" } + unexpected.map { "unexpected: \(shown($0))" }
                + wrongShapes.map { "wrong shape: \(shown($0.name)) is \($0.found), needs \($0.wanted)" }
        }
    }

    package var description: String {
        switch self {
        case .file(let error):
            error.description
        case .pickle(let file):
            "'\(file)' is a pickled checkpoint, which can run code when it is read. "
                + "Convert it to safetensors on another machine."
        case .unknown(let file, let names):
            "'\(file)' has no tensor of a known network, but \(list(names.map(shown))). "
                + "Known are: \(CheckpointReader.knownNetworks.joined(separator: ", "))."
        case .doesNotFit(let file, let mismatch):
            "'\(file)' is nearest to \(mismatch.nearest) but does not fit"
                + ": missing \(list(mismatch.missing.map(shown)))"
                + "; unexpected \(list(mismatch.unexpected.map(shown)))"
                + "; wrong shape "
                + list(mismatch.wrongShapes.map { "\(shown($0.name)) \($0.found), not \($0.wanted)" })
                + ". Check that it is the published checkpoint of this network."
        case .unsupported(let file, let feature):
            "'\(file)' has \(feature), which is not supported. "
                + "Use one of: \(CheckpointReader.knownNetworks.joined(separator: ", "))."
        case .activationRequired(let file):
            "'\(file)' does not say which activation it was trained with. "
                + "Set --activation to one of: \(activations)."
        case .activationContradicts(let file, let asked, let found):
            "'\(file)' was trained with \(found.rawValue), not \(asked.rawValue). Leave --activation out."
        case .notFinite(let file, let tensors):
            "'\(file)' gives numbers that are not finite in \(list(tensors)). Copy or download it again."
        }
    }

    private var activations: String {
        Architecture.Activation.allCases.map(\.rawValue).joined(separator: ", ")
    }
}

/// The first entries of a list, or "none".
private func list(_ entries: [String]) -> String {
    let limit = 12
    let more = entries.count > limit ? " and \(entries.count - limit) more" : ""
    return entries.isEmpty ? "none" : entries.prefix(limit).joined(separator: ", ") + more
}

/// A name from outside in quotes, on one line, and at most 80 characters of it.
private func shown(_ name: String) -> String {
    let scalars = name.unicodeScalars.prefix(80).map {
        $0.properties.generalCategory == .control ? "?" : String($0)
    }
    return "'" + scalars.joined() + (name.unicodeScalars.count > 80 ? "..." : "") + "'"
}
