import FoundationEssentials
import Platform

/// The public keys of those whose packages this box trusts.
public struct TrustedKeys: Sendable {
    /// Each with the file that it came from.
    public private(set) var keys: [(path: String, bytes: [UInt8])] = []

    /// A minisign public key file: a comment, then base64 of "Ed", 8 bytes of key id and 32 of the key.
    private static let keyByteCount = 42

    /// Reads the keys at `paths`: files in the format of minisign, or folders whose `*.pub` are such files. A path that
    /// is not there has none.
    ///
    /// Throws `unreadable` or `invalidKeyFile`: a key that cannot be read is not skipped, since somebody relies on it.
    public init(at paths: [String]) throws(ModelPackageError) {
        for path in paths {
            guard FileManager.default.fileExists(atPath: path) else { continue }
            guard isFolder(path) else {
                keys.append((path, try Self.key(path)))
                continue
            }
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            for name in names.sorted() where name.hasSuffix(".pub") && !name.hasPrefix(".") {
                keys.append(("\(path)/\(name)", try Self.key("\(path)/\(name)")))
            }
        }
    }

    private static func key(_ path: String) throws(ModelPackageError) -> [UInt8] {
        let file: MappedFile
        do { file = try MappedFile(path) } catch { throw .unreadable(error) }
        guard file.byteCount <= 4_096 else { throw .invalidKeyFile(path: path) }
        // Copied while the file is mapped.
        let text = unsafe file.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        let lines = text.split(separator: "\n").map { $0.hasSuffix("\r") ? $0.dropLast() : $0 }
        guard lines.count == 2, lines[0].hasPrefix("untrusted comment:"),
            let bytes = Data(base64Encoded: String(lines[1])).map(Array.init), bytes.count == keyByteCount,
            bytes.starts(with: Array("Ed".utf8))
        else { throw .invalidKeyFile(path: path) }
        return Array(bytes.suffix(32))
    }

    /// Checks who signed the package in the folder `directory`.
    ///
    /// Returns the file of the key, or nil where the package is not signed at all. Throws `wrongSignature` where none of
    /// the keys fits: a signature that is there must be good.
    public func signer(ofPackageAt directory: String) throws(ModelPackageError) -> String? {
        guard PackageSignature.isPresent(in: directory) else { return nil }
        for key in keys {
            do {
                try PackageSignature.verify(packageAt: directory, publicKey: key.bytes)
                return key.path
            } catch {
                guard case .wrongSignature = error else { throw error }
            }
        }
        throw .wrongSignature(directory: directory)
    }
}
