import AnomalyModels
import CAllocationCounter
import Foundation
import Inference
import Kernels
import ModelPackages
import Tensors
import Testing

/// The backbone that sees and reads, as it ships.
struct ShippedLiteVLTests {
    private static let folder =
        URL(filePath: #filePath).appending(path: "../../../../Models").standardized.path

    private static func package(_ name: String) throws -> ModelPackage {
        try ModelPackage(opening: folder + "/" + name, verifyingHashes: false)
    }

    @Test("its trunk is the packaged trunk, code for code")
    func trunk() throws {
        let package = try Self.package("litevl"), trunk = try Self.package("efficientnet-lite0")
        let digest = try #require(package.manifest.configuration["trunk.digest"])
        #expect(digest == .string(trunk.digest.description))
        let names = package.weights.names.filter { !JoinedSource.isOwn($0) }
        #expect(names.count > 100)
        for name in names {
            let entry = try #require(trunk.weights.tensor(name), "\(name)")
            if entry.elementType == .int8 {
                #expect(try package.weights.int8(name) == trunk.weights.int8(name), "\(name)")
            } else {
                #expect(try package.weights.floats(name) == trunk.weights.floats(name), "\(name)")
            }
        }
    }

    @Test("its vectors in 8 bits point where those of its own weights in float32 point")
    func accuracy() throws {
        let package = try Self.package("litevl"), source = PackageSource(package)
        let patterns = PatternImages(seed: 9, width: 256, height: 256)
        let taps = try AccuracyCheck.taps(
            of: Network(of: package), quantised: source, float: source,
            samples: (0..<3).map { .image(patterns.image($0)) }
        ) { _ in }
        let embedding = try #require(taps.first { $0.name == "vision.embedding" })
        #expect(embedding.cosine >= 0.998, "\(embedding.cosine)")
    }

    @Test("the same bytes on every instruction set", arguments: InstructionSet.available)
    func identical(instructions: InstructionSet) throws {
        let comparison = try InstructionComparison(
            of: Network(of: Self.package("litevl")), .package(Self.package("litevl")), instructions,
            InstructionSet.named("scalar"))
        #expect(comparison.differences.isEmpty, "\(comparison.differences)")
    }

    @Test("a frame without an allocation")
    func allocations() throws {
        let package = try Self.package("litevl")
        let graph = try Network(of: package).graph(.image(side: 64), outputs: .taps)
        let session = try unsafe Session(
            CompiledModel(graph, weights: PackageSource(package), kernels: KernelTable(.best)),
            pool: TensorPool())
        session.run()
        let before = ca_thread_allocations()
        for _ in 0..<3 { session.run() }
        #expect(ca_thread_allocations() == before)
    }
}
