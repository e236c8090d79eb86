import Crypto
import FoundationEssentials
import Glibc
import Platform

/// The optional Ed25519 signature of a package (RFC 8032): `manifest.sig`, 64 bytes in base64 with a newline, or
/// `manifest.json.minisig`, as minisign writes it in its legacy form.
///
/// It signs the bytes of `manifest.json`, whose hashes cover every other file. It therefore proves something
/// only about a package that is opened with `verifyingHashes` as well.
public enum PackageSignature {
    static let fileName = "manifest.sig"
    /// What `minisign -S -l -m manifest.json` writes.
    static let minisignName = "manifest.json.minisig"
    private static let largestByteCount = 4_096

    /// Throws unless the package in the folder `directory` is signed by the owner of `publicKey` (32 raw
    /// bytes).
    ///
    /// Throws `unsigned` if there is no signature that can be read, `wrongSignature` if it does not fit the
    /// manifest and the key, `invalidKey` if the key is none.
    public static func verify(packageAt directory: String, publicKey: [UInt8]) throws(ModelPackageError) {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else {
            throw .invalidKey
        }
        let manifest = try ModelPackage.manifestBytes(in: directory)
        guard let signature = signature(in: directory) else { throw .unsigned(directory: directory) }
        guard key.isValidSignature(signature, for: manifest) else {
            throw .wrongSignature(directory: directory)
        }
    }

    /// Signs the package in the folder `directory` with `privateKey` (32 raw bytes), in the place of an older
    /// signature.
    ///
    /// Throws `invalidKey`, `notAPackage` or `unwritable`.
    public static func sign(packageAt directory: String, privateKey: [UInt8]) throws(ModelPackageError) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: privateKey) else {
            throw .invalidKey
        }
        let manifest = try ModelPackage.manifestBytes(in: directory)
        guard let signature = try? key.signature(for: manifest) else { throw .invalidKey }
        let text = Data(signature).base64EncodedString() + "\n"
        do {
            try writeAtomically(directory + "/" + fileName, Array(text.utf8))
        } catch { throw .unwritable(error) }
    }

    /// Whether the package in the folder `directory` has a signature, good or not.
    static func isPresent(in directory: String) -> Bool {
        // The path is a valid C string for the call.
        [fileName, minisignName].contains { unsafe access(directory + "/" + $0, F_OK) == 0 }
    }

    /// The bytes of the signature's file; nil if there is none that can be read, or only one that is too long.
    static func bytes(in directory: String) -> [UInt8]? {
        for name in [fileName, minisignName] {
            guard let file = try? MappedFile(directory + "/" + name), file.byteCount <= largestByteCount
            else {
                continue
            }
            // Copied while the file is mapped.
            return unsafe file.withUnsafeBytes { unsafe Array($0) }
        }
        return nil
    }

    /// What a file with these bytes is called in a package.
    static func name(of bytes: [UInt8]) -> String {
        bytes.starts(with: Array("untrusted comment:".utf8)) ? minisignName : fileName
    }

    /// The 64 bytes of the signature, or nil if there is none that can be read.
    private static func signature(in directory: String) -> Data? {
        guard var text = bytes(in: directory) else { return nil }
        guard name(of: text) == fileName else { return minisignature(text) }
        if text.last == UInt8(ascii: "\n") { text.removeLast() }
        guard let signature = Data(base64Encoded: Data(text)), signature.count == 64 else { return nil }
        return signature
    }

    /// The signature in a file of minisign: a comment, base64 of "Ed", 8 bytes of key id and the 64 of the signature;
    /// what follows signs another comment and is not read.
    private static func minisignature(_ text: [UInt8]) -> Data? {
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
        guard lines.count >= 2, let bytes = Data(base64Encoded: String(lines[1])), bytes.count == 74,
            bytes.starts(with: Array("Ed".utf8))
        else { return nil }
        return Data(bytes.suffix(64))
    }
}
