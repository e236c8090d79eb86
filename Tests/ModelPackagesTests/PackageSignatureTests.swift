import FoundationEssentials
import ModelPackages
import Testing

@Suite("Signed model packages")
struct PackageSignatureTests {
    /// The key pair of RFC 8032, section 7.1, test 1.
    private static let privateKey = bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    private static let publicKey = bytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")

    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = Array(hexadecimal)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16)! }
    }

    private func withSignedPackage(_ body: (String) throws -> Void) throws {
        let folder = try TemporaryFolder()
        try samplePackage().write(to: folder.path + "/p", replacing: false)
        try PackageSignature.sign(packageAt: folder.path + "/p", privateKey: Self.privateKey)
        try body(folder.path + "/p")
    }

    private func verification(_ directory: String, key: [UInt8] = publicKey) -> ModelPackageError? {
        do throws(ModelPackageError) {
            try PackageSignature.verify(packageAt: directory, publicKey: key)
            return nil
        } catch { return error }
    }

    @Test("a package is verified by the public key of the private key that signed it")
    func roundTrip() throws {
        try withSignedPackage { directory in
            #expect(verification(directory) == nil)
            #expect(refusal(directory) == nil)
            #expect(content(directory + "/manifest.sig").count == 89)
        }
    }

    @Test("a signature does not depend on who asks: signing twice verifies as well")
    func signedTwice() throws {
        try withSignedPackage { directory in
            try PackageSignature.sign(packageAt: directory, privateKey: Self.privateKey)
            #expect(verification(directory) == nil)
        }
    }

    @Test("a changed manifest, signature or key is found")
    func changed() throws {
        try withSignedPackage { directory in
            var otherKey = Self.publicKey
            otherKey[0] ^= 1
            #expect(verification(directory, key: otherKey) != nil)

            let signature = content(directory + "/manifest.sig")
            for index in 0..<85 {
                var changed = signature
                changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
                try overwrite(directory + "/manifest.sig", changed)
                #expect(
                    verification(directory) == .wrongSignature(directory: directory), "character \(index)")
            }
            try overwrite(directory + "/manifest.sig", signature)
            #expect(verification(directory) == nil)
            try editManifest(directory, "\"images\" : 64", "\"images\" : 65")
            #expect(verification(directory) == .wrongSignature(directory: directory))
        }
    }

    @Test("a signature that is missing or cannot be read leaves the package unsigned")
    func unsigned() throws {
        try withSignedPackage { directory in
            let path = directory + "/manifest.sig"
            let signature = content(path)
            for length in 0..<signature.count - 1 {
                try overwrite(path, Array(signature.prefix(length)))
                #expect(verification(directory) == .unsigned(directory: directory), "cut at byte \(length)")
            }
            try overwrite(path, [UInt8](repeating: UInt8(ascii: "A"), count: 1000))
            #expect(verification(directory) == .unsigned(directory: directory))
            try FileManager.default.removeItem(atPath: path)
            #expect(verification(directory) == .unsigned(directory: directory))
            #expect(refusal(directory) == nil, "a signature is optional")
        }
    }

    @Test("keys of another length and folders that are no packages are refused")
    func wrongUse() throws {
        try withSignedPackage { directory in
            #expect(verification(directory, key: []) == .invalidKey)
            #expect(verification(directory, key: Self.publicKey + [0]) == .invalidKey)
            #expect(throws: ModelPackageError.invalidKey) {
                try PackageSignature.sign(packageAt: directory, privateKey: [1, 2, 3])
            }
            #expect(
                verification(directory + "/tokenizer") == .notAPackage(directory: directory + "/tokenizer"))
            #expect(throws: ModelPackageError.notAPackage(directory: "/nowhere")) {
                try PackageSignature.sign(packageAt: "/nowhere", privateKey: Self.privateKey)
            }
        }
    }
}
