import AnomalyModels
import Foundation
import Imaging
import ModelPackages
import Tensors
import Testing

@Suite("a taught product as a package")
struct TaughtProductTests {
    @Test("is the same when read again, and lies in a folder called by its digest")
    func roundTrip() throws {
        let folder = try TemporaryFolder()
        let (pictures, product) = try Self.taught()
        let package = try product.write(to: folder.path, pictures: pictures)
        #expect(package.directory == folder.path + "/" + package.digest.description)
        let again = try ModelPackage(opening: package.directory, verifyingHashes: true)
        #expect(try TaughtProduct(of: again) == product)
        #expect(try TaughtProduct.pictures(of: again) == pictures)
        // Once more changes nothing.
        #expect(try product.write(to: folder.path, pictures: pictures).digest == package.digest)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
    }

    @Test("is made anew where a file of it was damaged")
    func damagedFile() throws {
        let folder = try TemporaryFolder()
        let (pictures, product) = try Self.taught()
        let package = try product.write(to: folder.path, pictures: pictures)
        for file in ["weights.safetensors", "references/1.png", "masks/1"] {
            let path = package.directory + "/" + file
            var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
            bytes[bytes.count - 20] ^= 1
            try Data(bytes).write(to: URL(filePath: path))
            #expect(throws: ModelPackageError.self) {
                try ModelPackage(opening: package.directory, verifyingHashes: true)
            }
            let again = try product.write(to: folder.path, pictures: pictures)
            #expect(try TaughtProduct(of: again) == product, "\(file)")
        }
    }

    @Test("is refused, with one line, if its configuration is out of range or lacks anything")
    func configuration() throws {
        let changes: [(String, Manifest.Value?)] = [
            ("trunk", nil), ("trunk.digest", .bool(true)), ("views", .string("all")),
            ("frame.width", .number(0)), ("frame.height", .number(50)), ("frame.format", .string("YUYV")),
            ("references", .number(3)), ("references", .number(1)), ("references", .number(65)),
            ("regions", .number(3)), ("regions", .number(0)), ("region.0.x", .number(-1)),
            ("region.0.y", .number(0.5)), ("region.1.width", .number(900)), ("region.1.tile", .number(9000)),
            ("region.1.overlap", .number(0.6)), ("region.1.overlap", nil),
            ("region.1.mask", .string("masks/7")),
        ]
        let folder = try TemporaryFolder()
        let (pictures, product) = try Self.taught()
        let whole = try product.write(to: folder.path, pictures: pictures)
        for (index, change) in changes.enumerated() {
            let package = try Self.copy(whole, to: folder.path + "/\(index)") { manifest, _ in
                manifest.configuration[change.0] = change.1
            }
            Self.expectOneLine("\(change)") { try TaughtProduct(of: package) }
        }
    }

    @Test("is refused, with one line, if its vectors or scores are not there or out of range")
    func tensors() throws {
        let folder = try TemporaryFolder()
        let (pictures, product) = try Self.taught()
        let whole = try product.write(to: folder.path, pictures: pictures)
        for (index, name) in whole.weights.names.enumerated() {
            let package = try Self.copy(whole, to: folder.path + "/\(index)") { $1.removeValue(forKey: name) }
            Self.expectOneLine("without \(name)") { try TaughtProduct(of: package) }
        }
        let bad: [(String, [Float])] = [
            ("scores.own", [0]), ("scores.own", [0, 3]), ("scores.leave-one-out", [-1]),
            ("scores.leave-one-out", []),
        ]
        for (index, change) in bad.enumerated() {
            let package = try Self.copy(whole, to: folder.path + "/bad\(index)") { $1[change.0] = change.1 }
            Self.expectOneLine("\(change)") { try TaughtProduct(of: package) }
        }
        #expect(throws: ModelError.self) { try TaughtProduct(of: PatchFixture.trunk()) }
    }

    private static func expectOneLine(_ comment: Comment, _ body: () throws -> TaughtProduct) {
        do {
            _ = try body()
            Issue.record("accepted: \(comment)")
        } catch let error as ModelError {
            #expect(!error.description.contains("\n") && error.description.hasSuffix("."), comment)
        } catch {
            Issue.record("\(error): \(comment)")
        }
    }

    /// Two parts, and a product with a mask.
    private static func taught() throws -> ([ReferencePicture], TaughtProduct) {
        let pictures = try TeachingFixture.pictures(2), second = TeachingFixture.regions[1]
        let masked = TaughtRegion(
            rect: second.rect, tile: second.tile, overlap: second.overlap,
            mask: try TeachingFixture.mask(second.rect.size, 0..<60))
        return (pictures, try TeachingFixture.product(pictures, [TeachingFixture.regions[0], masked]))
    }

    /// The package with another manifest or other scores; a tensor that is removed is left out.
    private static func copy(
        _ package: ModelPackage, to path: String,
        changed: (inout Manifest, inout [String: [Float]?]) -> Void
    ) throws -> ModelPackage {
        var manifest = package.manifest
        var scores: [String: [Float]?] = [:]
        for name in package.weights.names {
            let values = name.hasPrefix("scores.") ? try package.weights.floats(name) : nil
            scores.updateValue(values, forKey: name)
        }
        changed(&manifest, &scores)
        var weights = WeightFileWriter()
        for (name, values) in scores {
            if let values {
                try weights.addFloat32(name, [values.count], values)
            } else {
                let shape = try #require(package.weights.tensor(name)).shape
                try weights.addInt8(name, shape, package.weights.int8(name))
            }
        }
        var writer = ModelPackageWriter(manifest, weights: weights)
        for file in package.manifest.files where file.path != "weights.safetensors" {
            let bytes = try Data(contentsOf: URL(filePath: package.directory + "/" + file.path))
            writer.add(file.path, [UInt8](bytes))
        }
        return try writer.write(to: path, replacing: false)
    }
}
