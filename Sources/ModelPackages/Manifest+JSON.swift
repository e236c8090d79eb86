import FoundationEssentials
import Platform
import Tensors

extension Manifest {
    /// The largest manifest that is read.
    private static let largestByteCount = 4_000_000

    /// Reads and checks a manifest. Throws the first thing that is wrong with it; files are not touched.
    ///
    /// - Parameter path: what error messages call it.
    package init(json: [UInt8], path: String) throws(ModelPackageError) {
        guard json.count <= Self.largestByteCount else {
            throw .manifestTooLarge(path: path, byteCount: json.count, allowed: Self.largestByteCount)
        }
        struct Version: Decodable { let format: Int }
        let data = Data(json)
        do {
            // First the format alone: another one may differ in everything else.
            let format = try JSONDecoder().decode(Version.self, from: data).format
            guard format == 1 else { throw ModelPackageError.unknownFormat(path: path, found: format) }
            self = try JSONDecoder().decode(Manifest.self, from: data)
        } catch let error as ModelPackageError {
            throw error
        } catch let error as DecodingError {
            throw .malformedManifest(path: path, problem: error.summary)
        } catch {
            throw .malformedManifest(path: path, problem: "it is not JSON")
        }
        try check(path: path)
    }

    /// The bytes of the manifest. Throws `notAllowed` if a number is not finite, which JSON cannot write.
    func json(path: String) throws(ModelPackageError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do {
            return try Array(encoder.encode(self)) + [UInt8(ascii: "\n")]
        } catch {
            throw .notAllowed(
                path: path, key: "manifest", found: "a number that is not finite", allowed: "numbers")
        }
    }

    /// Throws unless every value is one that this build can work with.
    func check(path: String) throws(ModelPackageError) {
        func require(
            _ isAllowed: Bool, _ key: String, _ found: @autoclosure () -> String, _ allowed: String
        ) throws(ModelPackageError) {
            guard isAllowed else { throw .notAllowed(path: path, key: key, found: found(), allowed: allowed) }
        }
        try require(
            isName(name), "name", name, "up to 64 of a-z, 0-9, '.', '_', '-', first a letter or digit")
        try require(isVersion(version), "version", version, "a version such as 1.0.2 or 1.0.2-beta")
        try require(!architecture.isEmpty, "architecture", architecture, "the name of an architecture")
        for source in provenance {
            try require(isSHA256(source.sha256), "provenance.sha256", source.sha256, "64 hexadecimal digits")
        }
        if let calibration {
            try require(calibration.images >= 0, "calibration.images", "\(calibration.images)", "0 or more")
            try require(
                0...1 ~= calibration.quantile, "calibration.quantile", "\(calibration.quantile)", "0 to 1")
            for (name, parameters) in calibration.activations.sorted(by: { $0.key < $1.key }) {
                try require(
                    parameters.isValid, "calibration.activations.\(name)",
                    "scale \(parameters.scale), zero point \(parameters.zeroPoint)",
                    "a finite scale above 0 and a zero point from 0 to 255")
            }
        }
        var paths: Set<String> = []
        for file in files {
            guard isInside(file.path) else { throw .unsafePath(path: path, file: file.path) }
            try require(paths.insert(file.path).inserted, "files.path", file.path, "every file once")
            try require(file.bytes >= 0, "files.bytes", "\(file.bytes)", "0 or more")
            try require(
                isSHA256(file.sha256), "files.sha256", file.sha256, "64 hexadecimal digits, small letters")
        }
        guard paths.contains(ModelPackage.weightsName) else {
            throw .notAllowed(
                path: path, key: "files", found: "no weights", allowed: ModelPackage.weightsName)
        }
    }
}

/// Whether `text` may be the name of a package, and so of its folder.
private func isName(_ text: String) -> Bool {
    let isLetterOrDigit = { (byte: UInt8) in 48...57 ~= byte || 97...122 ~= byte }
    guard let first = text.utf8.first, isLetterOrDigit(first), text.utf8.count <= 64 else { return false }
    return text.utf8.allSatisfy { isLetterOrDigit($0) || "._-".utf8.contains($0) }
}

/// Whether `text` is numbers with dots, optionally followed by '-' and a word of a name's letters.
private func isVersion(_ text: String) -> Bool {
    let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard text.utf8.count <= 64, let numbers = parts.first, parts.count == 1 || isName(String(parts[1]))
    else {
        return false
    }
    return numbers.split(separator: ".", omittingEmptySubsequences: false)
        .allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { 48...57 ~= $0 } }
}

private func isSHA256(_ text: String) -> Bool {
    text.utf8.count == 64 && text.utf8.allSatisfy { 48...57 ~= $0 || 97...102 ~= $0 }
}

/// Whether `path` names a file below the package's folder, and not the manifest or its signature.
private func isInside(_ path: String) -> Bool {
    guard !path.isEmpty, path.utf8.count <= 255, !path.utf8.contains(0) else { return false }
    guard path != ModelPackage.manifestName, path != PackageSignature.fileName else { return false }
    return path.split(separator: "/", omittingEmptySubsequences: false)
        .allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
}

extension DecodingError {
    /// What is wrong and at which key, in a few words.
    fileprivate var summary: String {
        func place(_ context: Context) -> String {
            context.codingPath.isEmpty
                ? "" : " at \(quoted(context.codingPath.map(\.stringValue).joined(separator: ".")))"
        }
        switch self {
        case .keyNotFound(let key, let context):
            return "the key \(quoted(key.stringValue)) is missing\(place(context))"
        case .typeMismatch(let type, let context): return "another type than \(type) stands\(place(context))"
        case .valueNotFound(let type, let context): return "null stands instead of \(type)\(place(context))"
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            return "it is not JSON, or a number in it does not fit"
        case .dataCorrupted(let context): return "the value cannot be used\(place(context))"
        @unknown default: return "it cannot be read"
        }
    }
}
