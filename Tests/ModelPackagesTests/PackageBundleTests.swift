import FoundationEssentials
import ModelPackages
import Platform
import Testing

/// A package as one file: what goes in comes out, and nothing else is taken for one.
struct PackageBundleTests {
    /// A folder with the package "sample" and the bundle "sample.lwb" of it.
    private func bundled() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try samplePackage().write(to: folder.path + "/sample", replacing: false)
        try PackageBundle.write(packageAt: folder.path + "/sample", to: folder.path + "/sample.lwb")
        return folder
    }

    /// What installing the bundle at `path` throws, or nil.
    private func refusal(_ path: String, to place: String) -> (any Error)? {
        do {
            try PackageBundle(opening: path).install(to: place) { _ in }
            return nil
        } catch { return error }
    }

    @Test("a package comes out of its bundle as it went in, byte by byte")
    func roundTrip() throws {
        let folder = try bundled()
        let bundle = try PackageBundle(opening: folder.path + "/sample.lwb")
        let original = try ModelPackage(opening: folder.path + "/sample", verifyingHashes: true)
        #expect(bundle.digest == original.digest)
        #expect(bundle.manifest == original.manifest)
        try bundle.install(to: folder.path + "/models/copy") { _ in }
        let copy = try ModelPackage(opening: folder.path + "/models/copy", verifyingHashes: true)
        #expect(copy.digest == original.digest)
        for file in ["manifest.json", "weights.safetensors", "MODEL.md", "tokenizer/vocab.txt"] {
            #expect(content(folder.path + "/models/copy/" + file) == content(folder.path + "/sample/" + file))
        }
    }

    @Test("a bundle cut at any byte, or with one more, is refused and leaves nothing")
    func cutAnywhere() throws {
        let folder = try bundled()
        let whole = content(folder.path + "/sample.lwb")
        let path = folder.path + "/cut"
        for length in stride(from: 0, to: whole.count, by: 7) + [whole.count - 1] {
            try overwrite(path, Array(whole.prefix(length)))
            #expect(refusal(path, to: folder.path + "/models/x") is ModelPackageError, "cut at \(length)")
        }
        try overwrite(path, whole + [0])
        #expect(refusal(path, to: folder.path + "/models/x") is ModelPackageError)
        #expect(((try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/models")) ?? []) == [])
    }

    @Test(
        "a bundle with any byte changed is refused, or is another package, and never traps", arguments: 0..<8)
    func fuzz(seed: UInt64) throws {
        let folder = try bundled()
        let whole = content(folder.path + "/sample.lwb")
        let digest = try PackageBundle(opening: folder.path + "/sample.lwb").digest
        var random = SplitMix64(seed: seed)
        for round in 0..<40 {
            var bytes = whole
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            try overwrite(folder.path + "/fuzzed", bytes)
            let place = folder.path + "/models/\(round)"
            if refusal(folder.path + "/fuzzed", to: place) == nil {
                let package = try ModelPackage(opening: place, verifyingHashes: true)
                #expect(bytes == whole || package.digest != digest)
            }
        }
    }

    @Test("sizes beyond the file are refused, however large", arguments: [12, 16, 20, 23])
    func sizes(offset: Int) throws {
        let folder = try bundled()
        var bytes = content(folder.path + "/sample.lwb")
        bytes[offset] = 0xFF
        try overwrite(folder.path + "/large", bytes)
        #expect(refusal(folder.path + "/large", to: folder.path + "/x") is ModelPackageError)
    }

    @Test("a refusal by the caller leaves nothing, and a place that is taken stays as it is")
    func refusedByCaller() throws {
        struct Refused: Error {}
        let folder = try bundled()
        let bundle = try PackageBundle(opening: folder.path + "/sample.lwb")
        #expect(throws: Refused.self) { try bundle.install(to: folder.path + "/x") { _ in throw Refused() } }
        #expect(folder.names == ["sample", "sample.lwb"])
        #expect(throws: ModelPackageError.exists(path: folder.path + "/sample")) {
            try bundle.install(to: folder.path + "/sample") { _ in }
        }
        #expect(folder.names == ["sample", "sample.lwb"])
    }

    @Test("a damaged package is not bundled")
    func damaged() throws {
        let folder = try bundled()
        try overwrite(folder.path + "/sample/MODEL.md", Array("# Simple\n".utf8))
        #expect(throws: ModelPackageError.self) {
            try PackageBundle.write(packageAt: folder.path + "/sample", to: folder.path + "/other.lwb")
        }
        #expect(!folder.names.contains("other.lwb"))
    }
}
