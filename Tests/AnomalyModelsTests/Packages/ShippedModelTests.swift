import AnomalyModels
import Foundation
import Kernels
import ModelPackages
import Testing

/// The packages in Models/, which come with the sources.
struct ShippedModelTests {
    @Test(
        "a model that comes with the sources is as it was made and the same on two instruction sets",
        arguments: ["efficientnet-lite0", "minilm", "litevl"])
    func verifies(name: String) throws {
        let folder = URL(filePath: #filePath).appending(path: "../../../../Models").standardized.path
        let package = try ModelPackage(opening: folder + "/" + name, verifyingHashes: true)
        #expect(package.manifest.name == name)
        #expect(package.manifest.configuration["forced"] == nil)
        #expect(
            package.manifest.provenance.allSatisfy {
                ["Apache-2.0", "MIT"].contains($0.licence) && $0.origin != "unknown"
            })
        let comparison = try InstructionComparison(
            of: Network(of: package), .package(package), .best, InstructionSet.named("scalar"))
        #expect(comparison.differences.isEmpty)

        let text = try String(contentsOfFile: folder + "/" + name + "/MODEL.md", encoding: .utf8)
        #expect(text.contains(package.digest.description), "MODEL.md names another manifest")
        for file in package.manifest.files { #expect(text.contains(file.sha256), "\(file.path)") }
    }

    @Test(
        "a head that comes with the sources was made for the networks that come with them, and is no network",
        arguments: ["adaclip", "vtfusion", "fine"])
    func heads(name: String) throws {
        let folder = URL(filePath: #filePath).appending(path: "../../../../Models").standardized.path
        let package = try ModelPackage(opening: folder + "/" + name, verifyingHashes: true)
        let near = ModelLocator(searchPath: nil, defaults: [folder])
        let head = try #require(try HeadPackage(of: package, near: near))
        #expect(!head.bases.isEmpty)
        for base in head.bases {
            let there = try ModelPackage(opening: folder + "/" + base.name, verifyingHashes: false)
            #expect(there.digest.description == base.digest)
            let none = try HeadPackage(of: there, near: near)
            #expect(none == nil)
        }
        let text = try String(contentsOfFile: folder + "/" + name + "/MODEL.md", encoding: .utf8)
        #expect(text.contains(package.digest.description), "MODEL.md names another manifest")
        #expect(
            throws: ModelError.notANetwork(
                directory: package.directory, architecture: package.manifest.architecture)
        ) { try Network(of: package) }
    }
}
