import AnomalyModels
import Imaging
import Kernels
import ModelPackages
import Tensors
import Testing

struct ModelImportTests {
    @Test("an imported checkpoint is a package with origin, hash and measured accuracy")
    func imports() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(PackageFixture.visionTensors().bytes(), "tower.safetensors")
        let importer = try ModelImporter(checkpoint: path, activation: .gelu)
        var request = ModelImporter.Request(name: "tower")
        request.origin = "a test"
        request.licence = "Apache-2.0"
        request.isForced = true
        let report = try importer.write(request, to: folder.path + "/out/tower") { _, _, _ in }

        let package = try ModelPackage(opening: folder.path + "/out/tower", verifyingHashes: true)
        #expect(package.digest == report.package.digest)
        var network = importer.network
        network.finer = try network.blockNodes(named: "vision.heads")
        #expect(try Network(of: package) == network)
        let source = try #require(package.manifest.provenance.first)
        #expect(
            source.file == "tower.safetensors" && source.origin == "a test" && source.licence == "Apache-2.0")
        #expect(try source.sha256 == PackageDigest(ofFile: path).description)
        #expect(
            report.taps.map(\.name) == ["vision.tokens", "vision.tap1", "vision.tap2", "vision.embedding"])
        #expect(package.manifest.accuracy["vision.tap2.cosine"] ?? 0 > 0.99)
        #expect(package.manifest.quantisation?.exceptions.contains("vision.projection.weight") == true)
    }

    @Test("exceptions and equalisation of an import are in its manifest, and a model is built with them")
    func finer() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(PackageFixture.visionTensors().bytes(), "tower.safetensors")
        let importer = try ModelImporter(checkpoint: path, activation: .gelu)
        var request = ModelImporter.Request(name: "tower")
        request.isForced = true
        let usual = try importer.write(request, to: folder.path + "/out/tower") { _, _, _ in }
        #expect(usual.package.manifest.quantisation?.equalisation == nil)
        let exceptions = usual.package.manifest.quantisation?.exceptions ?? []
        #expect(Set(exceptions).isSuperset(of: ["vision.layer0.heads", "vision.layer1.heads"]))
        request.finer = ["vision.layer1.fc2", "vision.heads"]
        request.replaces = true
        let finer = try importer.write(request, to: folder.path + "/out/tower") { _, _, _ in }
        let error = { (report: ModelImporter.Report) in report.taps.map(\.relativeL2).last ?? 0 }
        #expect(error(finer) < error(usual))
        request.equalisation = 0.65
        let report = try importer.write(request, to: folder.path + "/out/tower") { _, _, _ in }

        let package = try ModelPackage(opening: folder.path + "/out/tower", verifyingHashes: true)
        #expect(package.manifest.quantisation?.equalisation == 0.65)
        #expect(
            package.manifest.quantisation?.exceptions == [
                "vision.layer0.heads", "vision.layer1.fc2.weight", "vision.layer1.heads",
                "vision.patch.weight", "vision.projection.weight",
            ])
        let network = try Network(of: package)
        #expect(network.finer == ["vision.layer0.heads", "vision.layer1.fc2", "vision.layer1.heads"])
        #expect(package.weights.tensor("vision.layer1.fc2.weight")?.elementType == .float32)
        #expect(package.weights.tensor("vision.layer0.fc2.weight")?.elementType == .int8)
        #expect(error(report) != error(finer))
        #expect(
            try InstructionComparison(of: network, .package(package), .best, InstructionSet.named("scalar"))
                .differences.isEmpty)
        request.finer = ["vision.layer9.fc2"]
        #expect(throws: ModelError.unknownNode(name: "vision.layer9.fc2", example: "vision.layer0.qkv")) {
            try importer.write(request, to: folder.path + "/out/tower") { _, _, _ in }
        }
    }

    @Test("a network that suffers in int8 is refused, and nothing is written unless it is forced")
    func inaccurate() throws {
        let folder = try TemporaryFolder()
        var tensors = try PackageFixture.visionTensors()
        // A few rows thousands of times larger than the others leave no codes for those.
        for name in tensors.tensors.keys where name.hasSuffix("ln_2.weight") {
            tensors.tensors[name]?.values[3] *= 5000
        }
        let path = try folder.write(tensors.bytes(), "tower.safetensors")
        let importer = try ModelImporter(checkpoint: path, activation: .gelu)
        var request = ModelImporter.Request(name: "tower")
        let error = #expect(throws: ModelError.self) {
            try importer.write(request, to: folder.path + "/out/tower") { _, _, _ in }
        }
        guard case .tooInaccurate = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(folder.names == ["tower.safetensors"])
        request.isForced = true
        let report = try importer.write(request, to: folder.path + "/out/tower") { _, _, _ in }
        #expect(report.package.manifest.configuration["forced"] == .bool(true))
    }

    @Test(
        "a checkpoint of another network lists what is missing and what is unexpected, and the nearest network"
    )
    func wrongCheckpoint() throws {
        let folder = try TemporaryFolder()
        var tensors = try PackageFixture.visionTensors()
        tensors.rename("visual.ln_pre.weight", "visual.something")
        let path = try folder.write(tensors.bytes(), "tower.safetensors")
        let error = #expect(throws: ModelError.self) {
            try ModelImporter(checkpoint: path, activation: .gelu)
        }
        let text = "\(error!)"
        #expect(
            text.contains("missing 'visual.ln_pre.weight'") && text.contains("unexpected 'visual.something'"))
        #expect(text.contains("CLIP") && !text.contains("\n"))
    }

    @Test(
        "a text network without its vocabulary, or with another one, is refused before anything is computed")
    func vocabulary() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(ClipFixture.openclip.tensors().bytes(), "clip.safetensors")
        let importer = try ModelImporter(checkpoint: path, activation: .gelu)
        var request = ModelImporter.Request(name: "clip")
        let steps = Steps()
        #expect(throws: ModelError.vocabularyRequired(file: path)) {
            try importer.write(request, to: folder.path + "/out/clip") { _, _, _ in steps.count += 1 }
        }
        request.vocabulary = ("words.txt", Array("a\nb\n".utf8))
        #expect(throws: ModelError.self) {
            try importer.write(request, to: folder.path + "/out/clip") { _, _, _ in steps.count += 1 }
        }
        #expect(steps.count == 0)
        #expect(folder.names == ["clip.safetensors"])
    }

    @Test(
        "a calibration folder that is missing, empty or holds a broken picture is an error, and nothing is written"
    )
    func calibrationFolder() throws {
        let folder = try TemporaryFolder()
        #expect(throws: ImagingError.self) { try ImageSamples(folder: folder.path + "/nowhere") }
        #expect(throws: ImagingError.self) { try ImageSamples(folder: folder.path) }
        let path = try folder.write(PackageFixture.visionTensors().bytes(), "tower.safetensors")
        _ = try folder.write(Array("no picture".utf8), "broken.png")
        var request = ModelImporter.Request(name: "tower")
        request.images = try ImageSamples(folder: folder.path)
        let importer = try ModelImporter(checkpoint: path, activation: .gelu)
        let error = #expect(throws: ModelError.self) {
            try importer.write(request, to: folder.path + "/out/tower") { _, _, _ in }
        }
        #expect("\(error!)".contains("broken.png"))
        #expect(folder.names == ["broken.png", "tower.safetensors"])
    }

    @Test("a package is not replaced unless it is asked for")
    func replaces() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(PackageFixture.visionTensors().bytes(), "tower.safetensors")
        let importer = try ModelImporter(checkpoint: path, activation: .gelu)
        var request = ModelImporter.Request(name: "tower")
        request.isForced = true
        _ = try importer.write(request, to: folder.path + "/tower") { _, _, _ in }
        #expect(throws: ModelError.self) {
            try importer.write(request, to: folder.path + "/tower") { _, _, _ in }
        }
        request.replaces = true
        request.version = "1.0.1"
        #expect(
            try importer.write(request, to: folder.path + "/tower") { _, _, _ in }.package.manifest.version
                == "1.0.1")
    }
}

/// Counts calls of a closure.
private final class Steps { var count = 0 }
