import FoundationEssentials
import ModelPackages
import Tensors

/// A new empty folder, removed with all that is in it when the value goes.
final class TemporaryFolder {
    let path = "/tmp/linewatch-test-\(UInt64.random(in: 0 ... .max))"

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    /// The names in the folder, hidden ones too, sorted.
    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The content of a file, which must be there.
func content(_ path: String) -> [UInt8] {
    Array(FileManager.default.contents(atPath: path) ?? Data())
}

/// Replaces the content of a file, without any care.
func overwrite(_ path: String, _ bytes: [UInt8]) throws {
    // Cutting a file to nothing and filling it again makes some file systems wait for the disk; a new file
    // does not.
    try? FileManager.default.removeItem(atPath: path)
    try Data(bytes).write(to: URL(filePath: path))
}

/// A small package with everything in it.
func samplePackage() throws -> ModelPackageWriter {
    var weights = WeightFileWriter(metadata: ["made": "for tests"])
    try weights.addInt8("stem.weight", [2, 3], [1, -2, 3, -4, 5, -6])
    try weights.addFloat32("stem.scale", [2], [0.5, 0.25])
    try weights.addInt32("stem.zero_point", [2], [0, 255])
    try weights.addFloat16("head.weight", [1, 2], [0.5, -1])

    var writer = ModelPackageWriter(sampleManifest(), weights: weights)
    writer.add("MODEL.md", Array("# Sample\n".utf8))
    writer.add("tokenizer/vocab.txt", Array("a\nb\n".utf8))
    return writer
}

func sampleManifest() -> Manifest {
    var manifest = Manifest(name: "sample", version: "1.0.2-beta", architecture: "efficientnet-lite0")
    manifest.configuration = [
        "input": .number(224), "mean": .number(0.1), "layout": .string("nhwc"), "crop": .bool(true),
    ]
    manifest.provenance = [
        .init(
            file: "a.safetensors", sha256: String(repeating: "0f", count: 32),
            origin: "https://example.org/a",
            licence: "Apache-2.0")
    ]
    manifest.quantisation = .init(scheme: "qs8-per-channel", exceptions: ["head.weight"])
    manifest.calibration = .init(
        images: 64, quantile: 0.9999, dataset: "good parts",
        activations: [
            "stem": .init(scale: 0.1, zeroPoint: 128), "head": .init(scale: 0x1p-149, zeroPoint: 0),
        ])
    manifest.accuracy = ["top1": 0.753]
    return manifest
}

/// Rewrites the manifest of the package in `directory` by replacing text in it.
func editManifest(_ directory: String, _ text: String, _ replacement: String) throws {
    let path = directory + "/manifest.json"
    let old = String(decoding: content(path), as: UTF8.self)
    precondition(old.contains(text), "the manifest does not contain \(text)")
    try overwrite(path, Array(old.replacing(text, with: replacement).utf8))
}

/// The error that opening the package in `directory` throws, or nil.
func refusal(_ directory: String, verifyingHashes: Bool = true) -> ModelPackageError? {
    do {
        _ = try ModelPackage(opening: directory, verifyingHashes: verifyingHashes)
        return nil
    } catch { return error }
}
