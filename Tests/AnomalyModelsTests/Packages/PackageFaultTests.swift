import AnomalyModels
import Foundation
import Inference
import Kernels
import ModelPackages
import Tensors
import Testing

struct PackageFaultTests {
    @Test(
        "a package without one of its tensors is refused with the name of the tensor",
        arguments: [
            "vision.layer1.qkv.weight", "vision.layer1.qkv.weight.scale", "vision.layer0.norm1.bias",
            "vision.class",
        ])
    func missing(name: String) throws {
        let folder = try TemporaryFolder()
        let whole = try PackageFixture.package(in: folder)
        let package = try PackageFixture.package(like: whole, in: folder, name: "part", leavingOut: name)
        let error = #expect(throws: ModelError.self) { try load(package) }
        #expect("\(error!)".contains("'\(name)'") && "\(error!)".contains("missing"))
    }

    @Test(
        "a tensor of another shape or type is refused with its name",
        arguments: [
            ("vision.layer1.fc1.bias", [3]), ("vision.layer1.fc1.weight.scale", [2]),
            ("vision.positions", [6, 64]),
            ("vision.layer0.qkv.weight", [64, 192]), ("vision.class", []),
        ])
    func wrongShape(name: String, shape: [Int]) throws {
        let folder = try TemporaryFolder()
        let whole = try PackageFixture.package(in: folder)
        let values = [Float](repeating: 1, count: shape.reduce(1, *))
        let package = try PackageFixture.package(
            like: whole, in: folder, name: "other", replacing: [name: (shape, values)])
        let error = #expect(throws: ModelError.self) { try load(package) }
        #expect("\(error!)".contains("'\(name)'"))
    }

    @Test("equalisation factors of a wrong width are refused")
    func factors() throws {
        let folder = try TemporaryFolder()
        let whole = try PackageFixture.package(in: folder)
        var writer = WeightFileWriter()
        try writer.addFloat32("vision.layer0.norm1.factors", [3], [1, 2, 3])
        let package = try ModelPackageWriter(whole.manifest, weights: writer)
            .write(to: folder.path + "/factors", replacing: false)
        #expect(throws: InferenceError.self) {
            try PackageSource(package).factors("vision.layer0.norm1", width: 128)
        }
    }

    @Test("a weights file that was cut short is refused when the package is opened")
    func truncated() throws {
        let folder = try TemporaryFolder()
        let package = try PackageFixture.package(in: folder)
        let path = package.directory + "/weights.safetensors"
        let bytes = try TestFiles.bytes(path)
        for count in [0, 7, 100, bytes.count / 2, bytes.count - 1] {
            try FileManager.default.removeItem(atPath: path)
            try Data(bytes.prefix(count)).write(to: URL(filePath: path))
            #expect(throws: ModelPackageError.self, "cut to \(count)") {
                try ModelPackage(opening: package.directory, verifyingHashes: false)
            }
        }
    }

    @Test("sizes in a manifest that no network can have are refused, whatever they are")
    func configuration() throws {
        let folder = try TemporaryFolder()
        let whole = try PackageFixture.package(in: folder)
        let values: [Manifest.Value] = [
            .number(0), .number(-1), .number(1e18), .number(0.5), .string("64"), .bool(true),
            .number(1_000_001),
        ]
        var round = 0
        for key in whole.manifest.configuration.keys.sorted() where key != "vision.pre_norm" {
            for value in values + [nil] where !(key == "text.width" && value == nil) {
                var manifest = whole.manifest
                manifest.configuration[key] = value
                round += 1
                let package = try ModelPackageWriter(manifest, weights: WeightFileWriter())
                    .write(to: folder.path + "/c\(round)", replacing: false)
                #expect(throws: ModelError.self, "\(key) = \(String(describing: value))") {
                    try Network(of: package)
                }
            }
        }
    }

    private func load(_ package: ModelPackage) throws {
        let network = try Network(of: package)
        _ = try LoadedModel(
            network, .package(package), input: network.nativeInput, outputs: .last,
            kernels: KernelTable(.best),
            threads: 1, cacheDirectory: nil)
    }
}
