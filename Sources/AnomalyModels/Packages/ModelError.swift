package import Imaging
package import Inference
package import ModelPackages

/// Why a model cannot be imported, opened or built, and what to do about it.
package enum ModelError: Error, Hashable, CustomStringConvertible {
    case checkpoint(CheckpointError)
    case package(ModelPackageError)
    case image(ImagingError)
    case text(TokenizerError)
    /// `directory` holds weights that the graph cannot use.
    case weights(directory: String, InferenceError)
    case unknownArchitecture(directory: String, found: String, known: [String])
    /// `directory` holds what reads the results of a network, and none itself.
    case notANetwork(directory: String, architecture: String)
    case configuration(directory: String, key: String, found: String, allowed: String)
    case inputSize(found: String, allowed: String)
    /// Blocks have no node of this name.
    case unknownNode(name: String, example: String)
    /// A checkpoint is not of the network that a package is of.
    case otherNetwork(file: String, found: String, wanted: String)
    /// A patch bank was made with another trunk than the one in `directory`.
    case otherTrunk(directory: String, digest: String, wanted: PatchBank.Trunk)
    /// A zero-shot head was made for another network than the one in `directory`.
    case otherTower(directory: String, digest: String, wanted: PatchBank.Trunk)
    /// The tokenizer of the network needs a vocabulary, and none was given.
    case vocabularyRequired(file: String)
    case vocabularyUnreadable(file: String, reason: String)
    /// The network in int8 is too far from float32.
    case tooInaccurate(tap: String, cosine: Double, relativeL2: Double, demand: TapAccuracy.Demand)

    package var description: String {
        switch self {
        case .checkpoint(let error): error.description
        case .package(let error): error.description
        case .image(let error): error.description
        case .text(let error): "\(error)"
        case .weights("", let error): error.description
        case .weights(let directory, let error): "'\(directory)': \(error)"
        case .unknownArchitecture(let directory, let found, let known):
            "'\(directory)' needs the architecture '\(found)', which this build does not know. "
                + "It knows \(known.joined(separator: ", ")): update Linewatch."
        case .notANetwork(let directory, let architecture):
            "'\(directory)' is '\(architecture)', which computes nothing alone. Name the network that it was made for."
        case .configuration(let directory, let key, let found, let allowed):
            "'\(directory)/manifest.json': 'configuration.\(key)' is \(found), allowed: \(allowed). "
                + "Make the package again."
        case .inputSize(let found, let allowed):
            "the network cannot read \(found). Set --input to \(allowed)."
        case .unknownNode(let name, let example):
            "the network has no '\(name)' in its blocks. Name one such as '\(example)', or leave out the layer; parts are "
                + "\(Network.blockParts.joined(separator: ", "))."
        case .otherNetwork(let file, let found, let wanted):
            "'\(file)' is \(found), the package is of \(wanted). Give the file that it was imported from."
        case .otherTrunk(let directory, let digest, let wanted):
            "the patches were taught with '\(wanted.name)' \(wanted.digest.prefix(12)), '\(directory)' is "
                + "\(digest.prefix(12)). Teach again."
        case .otherTower(let directory, let digest, let wanted):
            "the zero-shot head was made for '\(wanted.name)' \(wanted.digest.prefix(12)), '\(directory)' is "
                + "\(digest.prefix(12)). Install both from one release; until then only taught parts are judged."
        case .vocabularyRequired(let file):
            "the tokenizer of '\(file)' needs its vocabulary. Give it with --vocabulary FILE."
        case .vocabularyUnreadable(let file, let reason):
            "the vocabulary '\(file)' cannot be used: \(reason)"
        case .tooInaccurate(let tap, let cosine, let relativeL2, let demand):
            "in int8, '\(tap)' has a mean cosine of \(decimals(cosine)) to float32 and a relative L2 of "
                + "\(decimals(relativeL2)); at least \(demand.cosine) and at most \(demand.relativeL2) are demanded. "
                + "Use another --calibration, or --force."
        }
    }
}

/// `value` with four decimals.
private func decimals(_ value: Double) -> String {
    let rounded = (value * 10_000).rounded() / 10_000
    return "\(rounded)"
}
