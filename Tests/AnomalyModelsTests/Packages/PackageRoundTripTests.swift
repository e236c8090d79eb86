import AnomalyModels
import Inference
import Kernels
import ModelPackages
import Tensors
import Testing

struct PackageRoundTripTests {
    @Test("a package gives the codes that the float weights would have been quantised to")
    func codes() throws {
        let folder = try TemporaryFolder()
        let package = try PackageFixture.package(in: folder)
        let source = PackageSource(package), float = FloatSource(try PackageFixture.checkpoint().weights)
        var count = 0
        for name in package.weights.names where package.weights.tensor(name)?.elementType == .int8 {
            let shape = try package.weights.entry(name).shape.extents
            #expect(
                try source.codes(name, shape: shape, axis: .first)
                    == float.codes(name, shape: shape, axis: .first))
            count += 1
        }
        // Of each of 2 and 3 layers qkv, attention, fc1 and fc2; of the text tower the words too.
        #expect(count == 4 * 2 + 4 * 3 + 1)
        #expect(package.weights.tensor("logit_scale")?.elementType == .float32)
        #expect(package.weights.tensor("vision.projection.weight")?.elementType == .float32)
    }

    @Test("a model from a package computes the bytes of a model from the checkpoint")
    func bytes() throws {
        let folder = try TemporaryFolder()
        let package = try PackageFixture.package(in: folder)
        let network = try Network(of: package), float = try PackageFixture.checkpoint()
        #expect(network == Network(float.architecture))

        let graph = try network.graph(network.nativeInput, outputs: .blocks)
        let fromPackage = try unsafe CompiledModel(
            graph, weights: PackageSource(package), kernels: KernelTable(.best))
        let fromFloat = try unsafe CompiledModel(
            graph, weights: FloatSource(float.weights), kernels: KernelTable(.best))
        #expect(try PackageFixture.bits(of: fromPackage) == PackageFixture.bits(of: fromFloat))
    }

    @Test("the positions of a package fit images of another size")
    func otherSize() throws {
        let folder = try TemporaryFolder()
        let package = try PackageFixture.package(in: folder)
        let network = try Network(of: package)
        guard case .clip(let clip) = network.architecture else { return }
        let side = clip.vision.patch * (clip.vision.grid + 2)
        let loaded = try LoadedModel(
            network, .package(package), input: .image(side: side), outputs: .last,
            kernels: KernelTable(.best), threads: 1,
            cacheDirectory: nil)
        #expect(try PackageFixture.bits(of: loaded.model)["vision.embedding"]?.count == clip.embeddingWidth)
    }

    @Test("an input that the network cannot read is refused with what it can")
    func inputSize() throws {
        let network = Network(try PackageFixture.checkpoint().architecture)
        #expect(throws: ModelError.self) { try network.graph(.image(side: 33), outputs: .last) }
        #expect(throws: ModelError.self) { try network.graph(.image(side: 1 << 20), outputs: .last) }
        #expect(throws: ModelError.self) { try network.graph(.tokens(count: 1), outputs: .last) }
        #expect(throws: ModelError.self) { try network.graph(.tokens(count: 100_000), outputs: .last) }
    }

    @Test("both instruction sets at the ends of the list compute the same bytes")
    func instructionSets() throws {
        let folder = try TemporaryFolder()
        let package = try PackageFixture.package(in: folder)
        let comparison = try InstructionComparison(
            of: Network(of: package), .package(package), .best, InstructionSet.named("scalar"))
        #expect(comparison.differences.isEmpty)
        #expect(comparison.valueCount > 1000)
    }
}
