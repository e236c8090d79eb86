import FoundationEssentials
import ModelPackages
import Testing

/// Who may have signed a package from outside.
struct TrustedKeysTests {
    // The first test of RFC 8032, 7.1.
    private static let privateKey = bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    private static let publicKey = bytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")

    private static func bytes(_ text: String) -> [UInt8] {
        stride(from: 0, to: text.utf8.count, by: 2).compactMap {
            UInt8(text.dropFirst($0).prefix(2), radix: 16)
        }
    }

    /// The file that minisign would write of `key`.
    private func minisignKey(_ key: [UInt8]) -> [UInt8] {
        let body = Data(Array("Ed".utf8) + Array(repeating: 7, count: 8) + key).base64EncodedString()
        return Array("untrusted comment: minisign public key 0707070707070707\n\(body)\n".utf8)
    }

    /// A folder with the signed package "sample" and the folder "keys" with one good key.
    private func signed() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try samplePackage().write(to: folder.path + "/sample", replacing: false)
        try PackageSignature.sign(packageAt: folder.path + "/sample", privateKey: Self.privateKey)
        try FileManager.default.createDirectory(
            atPath: folder.path + "/keys", withIntermediateDirectories: false)
        try overwrite(folder.path + "/keys/station.pub", minisignKey(Self.publicKey))
        try overwrite(folder.path + "/keys/README", Array("no key".utf8))
        return folder
    }

    @Test("a package is signed by the key that fits, and an unsigned one by none")
    func signer() throws {
        let folder = try signed()
        let keys = try TrustedKeys(at: [folder.path + "/keys", folder.path + "/nowhere"])
        #expect(keys.keys.map(\.bytes) == [Self.publicKey])
        #expect(
            try keys.signer(ofPackageAt: folder.path + "/sample") == folder.path + "/keys/station.pub")
        try FileManager.default.removeItem(atPath: folder.path + "/sample/manifest.sig")
        #expect(try keys.signer(ofPackageAt: folder.path + "/sample") == nil)
    }

    @Test("a signature by another key is refused, also where no key is known")
    func stranger() throws {
        let folder = try signed()
        let refusal = ModelPackageError.wrongSignature(directory: folder.path + "/sample")
        #expect(throws: refusal) { try TrustedKeys(at: []).signer(ofPackageAt: folder.path + "/sample") }
        var other = Self.publicKey
        other[0] ^= 1
        try overwrite(folder.path + "/keys/station.pub", minisignKey(other))
        #expect(throws: ModelPackageError.self) {
            try TrustedKeys(at: [folder.path + "/keys"]).signer(ofPackageAt: folder.path + "/sample")
        }
    }

    @Test("the signature of a file that minisign wrote is read, and goes with the bundle")
    func minisign() throws {
        let folder = try signed()
        let raw = String(decoding: content(folder.path + "/sample/manifest.sig"), as: UTF8.self)
        let signature = try #require(Data(base64Encoded: String(raw.dropLast())))
        let body = Data(Array("Ed".utf8) + Array(repeating: 7, count: 8) + Array(signature))
        try FileManager.default.removeItem(atPath: folder.path + "/sample/manifest.sig")
        let text = "untrusted comment: signature\n\(body.base64EncodedString())\ntrusted comment: x\nAAAA\n"
        try overwrite(folder.path + "/sample/manifest.json.minisig", Array(text.utf8))
        let keys = try TrustedKeys(at: [folder.path + "/keys/station.pub"])
        #expect(try keys.signer(ofPackageAt: folder.path + "/sample") == folder.path + "/keys/station.pub")

        try PackageBundle.write(packageAt: folder.path + "/sample", to: folder.path + "/b")
        var signer: String?
        try PackageBundle(opening: folder.path + "/b").install(to: folder.path + "/copy") {
            signer = try keys.signer(ofPackageAt: $0.directory)
        }
        #expect(signer == folder.path + "/keys/station.pub")
        #expect(content(folder.path + "/copy/manifest.json.minisig") == Array(text.utf8))
    }

    @Test(
        "a file that is no public key of minisign is refused, not skipped",
        arguments: ["", "untrusted comment: x\n", "untrusted comment: x\nAAAA\n", "RWQ=\n", "\u{FF}\n\n\n"])
    func invalid(text: String) throws {
        let folder = try signed()
        let path = folder.path + "/keys/bad.pub"
        try overwrite(path, Array(text.utf8))
        #expect(throws: ModelPackageError.invalidKeyFile(path: path)) {
            try TrustedKeys(at: [folder.path + "/keys"])
        }
    }
}
