import AnomalyModels
import Foundation
import Inference
import Kernels
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

    func write(_ bytes: [UInt8], _ name: String) throws -> String {
        try Data(bytes).write(to: URL(filePath: path + "/" + name))
        return path + "/" + name
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Packages of the small random CLIP of Golden/clip.py.
enum PackageFixture {
    /// The tensors of its vision tower, as OpenCLIP names them.
    static func visionTensors() throws -> NamedTensors {
        var tensors = try ClipFixture.openclip.tensors()
        tensors.tensors = tensors.tensors.filter { $0.key.hasPrefix("visual.") || $0.key == "logit_scale" }
        return tensors
    }

    /// Both towers, converted.
    static func checkpoint() throws -> Checkpoint {
        try CheckpointReader.read(ClipFixture.openclip.tensors().file(), activation: .gelu)
    }

    /// A package of both towers, written to `folder` without a tokenizer.
    static func package(in folder: TemporaryFolder, name: String = "clip") throws -> ModelPackage {
        let checkpoint = try checkpoint()
        let builder = try PackageBuilder(
            Network(checkpoint.architecture), weights: checkpoint.weights, calibration: nil)
        return try builder.package(name: name, version: "1.0.0").write(
            to: folder.path + "/" + name, replacing: false)
    }

    /// `package` with other tensors, written to `folder`.
    static func package(
        like package: ModelPackage, in folder: TemporaryFolder, name: String, leavingOut: String = "",
        replacing replaced: [String: (shape: [Int], values: [Float])] = [:]
    ) throws -> ModelPackage {
        var writer = WeightFileWriter()
        for name in package.weights.names where name != leavingOut {
            let entry = try package.weights.entry(name)
            if let (shape, values) = replaced[name] {
                try writer.addFloat32(name, Shape(shape), values)
            } else if entry.elementType == .int8 {
                try writer.addInt8(name, entry.shape, package.weights.int8(name))
            } else {
                try writer.addFloat32(name, entry.shape, package.weights.floats(name))
            }
        }
        var manifest = package.manifest
        manifest.name = name
        return try ModelPackageWriter(manifest, weights: writer).write(
            to: folder.path + "/" + name, replacing: false)
    }

    /// Every output of `model` for an image of a fixed sequence, as bit patterns.
    static func bits(of model: CompiledModel) throws -> [String: [UInt32]] {
        let session = try Session(model, pool: TensorPool())
        unsafe session.withInput { input in
            for index in input.indices {
                unsafe input[index] = UInt8(truncatingIfNeeded: index &* 2_654_435_761 >> 9)
            }
        }
        session.run()
        var outputs: [String: [UInt32]] = [:]
        for output in model.graph.outputs {
            outputs[output.name] = session.floats(output.name)?.map(\.bitPattern)
        }
        return outputs
    }
}
