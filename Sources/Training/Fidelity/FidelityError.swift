package import AnomalyModels
package import ModelPackages
package import Tensors

/// Why AdaCLIP cannot be run on a tower, with what to do about it.
package enum FidelityError: Error, Hashable, CustomStringConvertible {
    case file(WeightFileError)
    case checkpoint(CheckpointError)
    case package(ModelPackageError)
    /// The network is no CLIP, or one without what AdaCLIP needs.
    case tower(reason: String)
    /// The heads belong to another tower.
    case otherTower(file: String, wanted: String, found: String)
    /// The tensors of a heads file, each list sorted by name.
    case heads(file: String, missing: [String], unexpected: [String], wrongShapes: [String])
    case notFinite(file: String, tensor: String)
    case className(String, reason: String)
    case vocabulary(reason: String)
    case switchUnknown(String, known: String)
    case input(reason: String)

    package var description: String {
        switch self {
        case .file(let error): error.description
        case .checkpoint(let error): error.description
        case .package(let error): error.description
        case .tower(let reason): "AdaCLIP cannot run on this network: \(reason)."
        case .otherTower(let file, let wanted, let found):
            "the heads '\(file)' were trained on the tower \(wanted.prefix(12)), this one is \(found.prefix(12)). "
                + "Give the checkpoint that they were trained on; without heads, products are judged by AdaCLIP-E."
        case .heads(let file, let missing, let unexpected, let wrongShapes):
            "'\(file)' holds no AdaCLIP heads for this tower: missing \(list(missing)); unexpected "
                + "\(list(unexpected)); wrong shape \(list(wrongShapes)). Give the heads that were trained on it; "
                + "without heads, products are judged by AdaCLIP-E."
        case .notFinite(let file, let tensor):
            "'\(tensor)' in '\(file)' has numbers that are not finite. Copy or convert the file again."
        case .className(let name, let reason):
            "the class name '\(shown(name))' cannot be used: \(reason)."
        case .vocabulary(let reason):
            "the vocabulary cannot be used: \(reason)"
        case .switchUnknown(let text, let known):
            "'\(shown(text))' is no switch. Known are: \(known)."
        case .input(let reason): reason
        }
    }
}

/// The first entries of a list, or "none".
private func list(_ entries: [String]) -> String {
    let more = entries.count > 12 ? " and \(entries.count - 12) more" : ""
    return entries.isEmpty ? "none" : entries.prefix(12).map(shown).joined(separator: ", ") + more
}

/// A text from outside on one line, and at most 80 characters of it.
private func shown(_ text: String) -> String {
    let scalars = text.unicodeScalars.prefix(80).map {
        $0.properties.generalCategory == .control ? "?" : String($0)
    }
    return scalars.joined() + (text.unicodeScalars.count > 80 ? "..." : "")
}
