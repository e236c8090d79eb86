import Crypto
import FoundationEssentials
import Glibc
import Platform

/// The optional Ed25519 signature of a package (RFC 8032): `manifest.sig`, 64 bytes in base64 with a newline.
///
/// It signs the bytes of `manifest.json`, whose hashes cover every other file. It therefore proves something
/// only about a package that is opened with `verifyingHashes` as well.
public enum PackageSignature {
    static let fileName = "manifest.sig"

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

    /// The 64 bytes of the signature, or nil if there is none that can be read.
    private static func signature(in directory: String) -> Data? {
        guard let file = try? MappedFile(directory + "/" + fileName), file.byteCount <= 100 else {
            return nil
        }
        var text = unsafe file.withUnsafeBytes { unsafe Array($0) }
        if text.last == UInt8(ascii: "\n") { text.removeLast() }
        guard let signature = Data(base64Encoded: Data(text)), signature.count == 64 else { return nil }
        return signature
    }
}
