import ModelPackages
import Platform
import Tensors
import Testing

@Suite("Model packages written and opened")
struct PackageRoundTripTests {
    @Test("a package that was written comes back with all its parts")
    func roundTrip() throws {
        let folder = try TemporaryFolder()
        let directory = folder.path + "/sample"
        try samplePackage().write(to: directory, replacing: false)
        let package = try ModelPackage(opening: directory, verifyingHashes: true)

        var expected = sampleManifest()
        expected.files = package.manifest.files
        #expect(package.manifest == expected)
        #expect(
            package.manifest.files.map(\.path) == ["MODEL.md", "tokenizer/vocab.txt", "weights.safetensors"])
        #expect(
            package.manifest.files.map(\.bytes) == [9, 4, content(directory + "/weights.safetensors").count])
        #expect(package.manifest.configuration["input"]?.integer == 224)
        #expect(package.manifest.configuration["mean"]?.integer == nil)
        #expect(try package.weights.int8("stem.weight") == [1, -2, 3, -4, 5, -6])
        #expect(try package.weights.floats("stem.scale") == [0.5, 0.25])
        let vocabulary = try package.file("tokenizer/vocab.txt")
        #expect(unsafe vocabulary.withUnsafeBytes { unsafe Array($0) } == Array("a\nb\n".utf8))
        #expect(folder.names == ["sample"])
    }

    @Test("the writer gives the package that the reader gives")
    func sameAsReader() throws {
        let folder = try TemporaryFolder()
        let written = try samplePackage().write(to: folder.path + "/p", replacing: false)
        let opened = try ModelPackage(opening: folder.path + "/p", verifyingHashes: true)
        #expect(written.manifest == opened.manifest && written.digest == opened.digest)
        #expect(written.directory == folder.path + "/p")
        #expect(written.weights.path == folder.path + "/p/weights.safetensors")
    }

    @Test("the same parts give the same bytes and the same digest, wherever they are written")
    func deterministic() throws {
        let folder = try TemporaryFolder()
        let a = try samplePackage().write(to: folder.path + "/a", replacing: false)
        let b = try samplePackage().write(to: folder.path + "/deep/er/b", replacing: false)
        #expect(a.digest == b.digest)
        for file in ["manifest.json", "weights.safetensors", "MODEL.md"] {
            #expect(content(a.directory + "/" + file) == content(b.directory + "/" + file))
        }
    }

    @Test("the digest changes with every part of the package")
    func digest() throws {
        let folder = try TemporaryFolder()
        var digests: Set<PackageDigest> = []
        var changed = try samplePackage()
        digests.insert(try changed.write(to: folder.path + "/a", replacing: false).digest)
        changed.add("MODEL.md", [1])
        digests.insert(try changed.write(to: folder.path + "/b", replacing: false).digest)
        changed.manifest.version = "2"
        digests.insert(try changed.write(to: folder.path + "/c", replacing: false).digest)
        #expect(digests.count == 3)
        #expect(digests.allSatisfy { $0.description.count == 64 && $0.bytes.count == 32 })
    }

    @Test("the digest is the SHA-256 of the standard's example")
    func sha256() {
        #expect(
            PackageDigest(of: Array("abc".utf8)).description
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test("the manifest is sorted, indented text that ends with a newline")
    func text() throws {
        let folder = try TemporaryFolder()
        try samplePackage().write(to: folder.path + "/p", replacing: false)
        let lines = String(decoding: content(folder.path + "/p/manifest.json"), as: UTF8.self).split(
            separator: "\n")
        let keys = lines.filter { $0.hasPrefix("  \"") }.map { String($0.dropFirst(3).prefix { $0 != "\"" }) }
        #expect(
            keys == [
                "accuracy", "architecture", "calibration", "configuration", "files", "format", "name",
                "provenance",
                "quantisation", "version",
            ])
        #expect(lines.contains { $0.contains("https://example.org/a") })
        #expect(content(folder.path + "/p/manifest.json").last == UInt8(ascii: "\n"))
    }

    @Test("a package without calibration, quantisation and other files is complete")
    func minimal() throws {
        let folder = try TemporaryFolder()
        let manifest = Manifest(name: "m", version: "1", architecture: "vit")
        let package = try ModelPackageWriter(manifest, weights: WeightFileWriter())
            .write(to: folder.path + "/m", replacing: false)
        #expect(package.manifest.calibration == nil && package.manifest.quantisation == nil)
        #expect(package.manifest.files.count == 1)
    }

    @Test("a package that is reached through a link opens")
    func linked() throws {
        let folder = try TemporaryFolder()
        try samplePackage().write(to: folder.path + "/p-1", replacing: false)
        try link(folder.path + "/p", to: "p-1")
        #expect(refusal(folder.path + "/p") == nil)
    }

    @Test("a file that the manifest does not list is not part of the package")
    func unlisted() throws {
        let folder = try TemporaryFolder()
        let package = try samplePackage().write(to: folder.path + "/p", replacing: false)
        try overwrite(folder.path + "/p/notes.txt", [1])
        #expect(refusal(folder.path + "/p") == nil)
        for path in ["notes.txt", "manifest.json", "../p/MODEL.md", ""] {
            #expect(throws: ModelPackageError.unlisted(directory: folder.path + "/p", file: path)) {
                try package.file(path)
            }
        }
    }
}
