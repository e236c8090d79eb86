import FoundationEssentials
import ModelPackages
import Platform
import Tensors
import Testing

@Suite("Writing a model package in one step")
struct PackageWriterTests {
    @Test("a package is never written over another one without being asked to")
    func refusesExisting() throws {
        let folder = try TemporaryFolder()
        let first = try samplePackage().write(to: folder.path + "/p", replacing: false)
        var other = try samplePackage()
        other.manifest.version = "2.0"
        #expect(throws: ModelPackageError.exists(path: folder.path + "/p")) {
            try other.write(to: folder.path + "/p", replacing: false)
        }
        #expect(try ModelPackage(opening: folder.path + "/p", verifyingHashes: true).digest == first.digest)
        #expect(folder.names == ["p"])
    }

    @Test("a replaced package is gone completely, and an open one keeps its weights")
    func replaces() throws {
        let folder = try TemporaryFolder()
        let first = try samplePackage().write(to: folder.path + "/p", replacing: true)
        try overwrite(folder.path + "/p/left-over", [1])

        var weights = WeightFileWriter()
        try weights.addInt8("new", [1], [1])
        let second = ModelPackageWriter(
            Manifest(name: "m", version: "2", architecture: "x"), weights: weights)
        try second.write(to: folder.path + "/p", replacing: true)

        #expect(try ModelPackage(opening: folder.path + "/p", verifyingHashes: true).weights.names == ["new"])
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/p/left-over"))
        #expect(folder.names == ["p"])
        #expect(try first.weights.int8("stem.weight") == [1, -2, 3, -4, 5, -6])
    }

    @Test("a step that fails in the middle leaves no package and nothing beside it")
    func failsInTheMiddle() throws {
        let folder = try TemporaryFolder()
        var writer = try samplePackage()
        // "tokenizer" is written as a file, so that the folder for "tokenizer/vocab.txt" cannot be created.
        writer.add("tokenizer", [1])
        for replacing in [false, true] {
            #expect(throws: ModelPackageError.self) {
                try writer.write(to: folder.path + "/p", replacing: replacing)
            }
            #expect(folder.names.isEmpty)
        }
    }

    @Test("a step that fails in the middle leaves the package that is to be replaced as it was")
    func failsWhileReplacing() throws {
        let folder = try TemporaryFolder()
        let first = try samplePackage().write(to: folder.path + "/p", replacing: false)
        var writer = try samplePackage()
        writer.add("tokenizer", [1])
        #expect(throws: ModelPackageError.self) { try writer.write(to: folder.path + "/p", replacing: true) }
        #expect(try ModelPackage(opening: folder.path + "/p", verifyingHashes: true).digest == first.digest)
        #expect(folder.names == ["p"])
    }

    @Test("a package cannot be written below a file or in place of one")
    func impossiblePlaces() throws {
        let folder = try TemporaryFolder()
        try overwrite(folder.path + "/file", [7])
        guard case .unwritable? = writeRefusal(folder.path + "/file/p", replacing: true) else {
            Issue.record("a package was written below a file")
            return
        }
        #expect(writeRefusal(folder.path + "/file", replacing: false) == .exists(path: folder.path + "/file"))
        #expect(content(folder.path + "/file") == [7])
        #expect(folder.names == ["file"])
    }

    @Test(
        "what the reader would refuse is never published",
        arguments: ["scale", "zero point", "path", "name", "accuracy"])
    func refusesWhatTheReaderRefuses(fault: String) throws {
        let folder = try TemporaryFolder()
        var weights = WeightFileWriter()
        try weights.addFloat32("a.scale", [1], [fault == "scale" ? 0 : 1])
        try weights.addInt32("a.zero_point", [1], [fault == "zero point" ? 256 : 0])
        var writer = ModelPackageWriter(sampleManifest(), weights: weights)
        switch fault {
        case "path": writer.add("../escaped", [1])
        case "name": writer.manifest.name = "No Name"
        case "accuracy": writer.manifest.accuracy["top1"] = .nan
        default: break
        }
        #expect(throws: ModelPackageError.self) { try writer.write(to: folder.path + "/p", replacing: false) }
        #expect(folder.names.isEmpty)
    }

    @Test(
        "the writer of a file name that is reserved is refused",
        arguments: ["manifest.json", "manifest.sig", "", "/a"])
    func reservedNames(name: String) throws {
        let folder = try TemporaryFolder()
        var writer = try samplePackage()
        writer.add(name, [1])
        #expect(throws: ModelPackageError.unsafePath(path: folder.path + "/p/manifest.json", file: name)) {
            try writer.write(to: folder.path + "/p", replacing: false)
        }
        #expect(folder.names.isEmpty)
    }

    @Test("a writer that was killed leaves only a hidden folder, which is no package")
    func killed() throws {
        let folder = try TemporaryFolder()
        try samplePackage().write(to: folder.path + "/p", replacing: false)
        // What a kill just before the rename leaves behind: everything, under the temporary name.
        try FileManager.default.moveItem(
            atPath: folder.path + "/p", toPath: folder.path + "/.linewatch-1.tmp")
        let locator = ModelLocator(searchPath: folder.path, defaults: [])
        #expect(locator.list().isEmpty)
        #expect(throws: ModelPackageError.self) { try locator.find("p") }
        #expect(throws: ModelPackageError.self) { try locator.find(".linewatch-1.tmp") }
        try samplePackage().write(to: folder.path + "/p", replacing: false)
        #expect(locator.list().map(\.name) == ["p"])
    }

    private func writeRefusal(_ directory: String, replacing: Bool) -> ModelPackageError? {
        do throws(ModelPackageError) {
            let weights = WeightFileWriter()
            let manifest = Manifest(name: "m", version: "1", architecture: "x")
            try ModelPackageWriter(manifest, weights: weights).write(to: directory, replacing: replacing)
            return nil
        } catch { return error }
    }
}
