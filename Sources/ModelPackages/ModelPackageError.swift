public import Platform
public import Tensors

/// What is wrong with a model package, where, and what to do about it.
public enum ModelPackageError: Error, Hashable, CustomStringConvertible {
    case unreadable(PlatformError)
    case unwritable(PlatformError)
    case notFound(name: String, searched: [String])

    // The manifest
    case notAPackage(directory: String)
    case manifestTooLarge(path: String, byteCount: Int, allowed: Int)
    case malformedManifest(path: String, problem: String)
    case unknownFormat(path: String, found: Int)
    case notAllowed(path: String, key: String, found: String, allowed: String)
    case unsafePath(path: String, file: String)

    // The files
    case missingFile(path: String)
    case leavesPackage(path: String)
    case wrongByteCount(path: String, expected: Int, found: Int)
    case wrongHash(path: String, expected: String, found: String)
    case unlisted(directory: String, file: String)

    // The weights
    case weights(WeightFileError)
    case invalidScale(path: String, tensor: String, index: Int, value: Float)
    case invalidZeroPoint(path: String, tensor: String, index: Int, value: Int32)

    // Writing and signing
    case exists(path: String)
    case unsigned(directory: String)
    case wrongSignature(directory: String)
    case invalidKey
    case invalidKeyFile(path: String)

    // Bundles
    case notABundle(path: String, problem: String)

    /// What is wrong, where, and what to do, in one line.
    public var description: String {
        switch self {
        case .unreadable(let error), .unwritable(let error):
            error.description
        case .notFound(let name, let searched):
            "there is no model \(quoted(name)) in \(searched.map { "'\($0)'" }.joined(separator: ", ")). "
                + "Import it or set LINEWATCH_MODELS to the folder that holds it."
        case .notAPackage(let directory):
            "'\(directory)' is no model package: it has no manifest.json. Name the folder that holds it."
        case .manifestTooLarge(let path, let byteCount, let allowed):
            "'\(path)' has \(byteCount) bytes and \(allowed) are allowed. Is it a manifest?"
        case .malformedManifest(let path, let problem):
            "'\(path)' is not a valid manifest: \(problem). \(Self.again)"
        case .unknownFormat(let path, let found):
            "'\(path)' has the format \(found) and this build reads 1. "
                + "Update Linewatch or make the package again."
        case .notAllowed(let path, let key, let found, let allowed):
            "'\(path)': \(quoted(key)) is \(quoted(found)), allowed: \(allowed). Make the package again."
        case .unsafePath(let path, let file):
            "'\(path)' lists the file \(quoted(file)), which is not a plain path inside the package. "
                + "Do not use it."
        case .missingFile(let path):
            "'\(path)' is missing though the manifest lists it. \(Self.again)"
        case .leavesPackage(let path):
            "'\(path)' is a link out of its package. Put a copy of the file there."
        case .wrongByteCount(let path, let expected, let found):
            "'\(path)' has \(found) bytes where the manifest says \(expected). \(Self.again)"
        case .wrongHash(let path, let expected, let found):
            "'\(path)' has the SHA-256 \(found) where the manifest says \(expected). \(Self.again)"
        case .unlisted(let directory, let file):
            "the package '\(directory)' lists no file \(quoted(file)). "
                + "Check that it is for this architecture."
        case .weights(let error):
            error.description
        case .invalidScale(let path, let tensor, let index, let value):
            "'\(path)': element \(index) of \(quoted(tensor)) is \(value), but a scale is above 0. "
                + Self.remake
        case .invalidZeroPoint(let path, let tensor, let index, let value):
            "'\(path)': element \(index) of \(quoted(tensor)) is \(value), but a zero point is 0 to 255. "
                + Self.remake
        case .exists(let path):
            "'\(path)' is already there. Choose another name, or ask to replace it."
        case .unsigned(let directory):
            "the package '\(directory)' has no readable manifest.sig. Ask its maker to sign it."
        case .wrongSignature(let directory):
            "the package '\(directory)' was not signed by this key. Do not use it."
        case .invalidKey:
            "the key is not an Ed25519 key. Give its 32 raw bytes."
        case .invalidKeyFile(let path):
            "'\(path)' is not a public key as minisign writes it. Put the file of 'minisign -G' there."
        case .notABundle(let path, let problem):
            "'\(path)' is no whole model bundle: \(problem). Copy it again, or make it with 'linewatch model export'."
        }
    }

    private static let again = "Copy the package again."
    private static let remake = "Make the package again."
}
