import AnomalyModels
import CAllocationCounter
import Foundation
import Imaging
import Inference
import Kernels
import ModelPackages
import Platform
import Testing

@Suite("prompts among the tokens of the LiteVL that comes with the sources")
struct PromptedLiteVLTests {
    private static func litevl() throws -> ModelPackage {
        let folder = URL(filePath: #filePath).appending(path: "../../../../Models").standardized.path
        return try ModelPackage(opening: folder + "/litevl", verifyingHashes: false)
    }

    /// A head of random weights.
    private static func head(_ kind: PromptLayout.Kind = .dynamic) throws -> PromptedHead {
        let tower = try litevl()
        let layout = try #require(PromptLayout(try Network(of: tower), kind: kind))
        var random = SplitMix64(seed: 11), tensors: [String: [Float]] = [:]
        for (name, shape) in PromptedHead.shapes(layout) {
            let count = shape.reduce(1, *), scale = 1 / Float(shape.last ?? 1).squareRoot()
            tensors[name] = (0..<count).map { _ in scale * ZeroShotFixture.number(&random) }
        }
        return PromptedHead(
            tower: .init(name: tower.manifest.name, digest: tower.digest.description), layout: layout,
            tensors: tensors, temperature: 0.07, peakWeight: 0.5,
            choices: .init(fusion: .clusters, usesRarity: true, mapWeight: 0.03, imageWeight: 0.02))
    }

    private func detector(
        _ head: PromptedHead, _ instructions: InstructionSet = .best,
        size: Size = Size(width: 128, height: 96)
    ) throws -> PromptedDetector {
        try PromptedDetector(
            head, ZeroShotFixture.columns(), tower: Self.litevl(), size: size,
            kernels: KernelTable(instructions), pool: TensorPool())
    }

    private func scores(_ detector: PromptedDetector) -> (score: Float, map: [Float]) {
        let pixels = PatchFixture.part(3, detector.size)
        unsafe detector.withInput { unsafe $0.copyBytes(from: pixels) }
        let score = detector.run()
        return unsafe (score, detector.withMap { unsafe Array($0) })
    }

    @Test("have the same bits on every instruction set", arguments: PromptLayout.Kind.allCases)
    func instructionSets(kind: PromptLayout.Kind) throws {
        let head = try Self.head(kind)
        let expected = scores(try detector(head))
        #expect(expected.score.isFinite && expected.score > 0)
        for instructions in InstructionSet.available {
            let found = scores(try detector(head, instructions))
            #expect(found.score == expected.score && found.map == expected.map, "\(instructions)")
        }
    }

    @Test("have the same bits however many threads share the pass")
    func threads() throws {
        let head = try Self.head(), package = try Self.litevl(), size = Size(width: 128, height: 96)
        let tower = try PromptedTower(package, kind: .dynamic, size: size)
        let source = PromptedSource(PackageSource(package), head.weights, grid: tower.grid)
        let pixels = PatchFixture.part(3, size)
        let found = try (1...3).map { threads in
            let session = try unsafe Session(
                CompiledModel(tower.graph, weights: source, kernels: KernelTable(.best), threads: threads),
                pool: TensorPool())
            unsafe session.withInput { unsafe $0.copyBytes(from: pixels) }
            session.run()
            return tower.graph.outputs.map { session.floats($0.name) ?? [] }
        }
        #expect(found[1] == found[0] && found[2] == found[0])
        #expect(found[0].allSatisfy { !$0.isEmpty })
    }

    @Test("allocate nothing for a frame")
    func allocations() throws {
        let detector = try detector(Self.head())
        _ = scores(detector)
        let before = ca_thread_allocations()
        for _ in 0..<3 { _ = detector.run() }
        #expect(ca_thread_allocations() == before)
    }

    /// What METHODS.md 10.3 asks, whether prompts serve the other heads: those read the trunk's maps.
    @Test("change no bit of the trunk's maps, which every other head reads, and do change the tokens")
    func otherHeads() throws {
        let size = Size(width: 128, height: 96), pixels = PatchFixture.part(3, size)
        let plain = try PatchTrunk(
            PatchFixture.trunk(), size: size, kernels: KernelTable(.best), pool: TensorPool())
        unsafe plain.withInput { unsafe $0.copyBytes(from: pixels) }
        plain.run()
        var said: [[Float]] = []
        for kind in PromptLayout.Kind.allCases {
            let prompted = try detector(Self.head(kind))
            said.append(unsafe (scores(prompted), prompted.withMargins { unsafe Array($0) }).1)
            for tap in plain.taps.indices {
                #expect(prompted.trunk.codes(tap) == plain.codes(tap), "\(kind), tap \(tap)")
            }
        }
        #expect(said[0] != said[1] && said[1] != said[2])
    }

    @Test("are refused images of a size that LiteVL cannot read, and a network without tokens")
    func refusals() throws {
        let head = try Self.head()
        for size in [Size(width: 100, height: 96), Size(width: 32, height: 64)] {
            #expect(throws: ModelError.self) { try detector(head, size: size) }
        }
        #expect(throws: ModelError.self) {
            try PromptedTower(PatchFixture.trunk(), kind: .dynamic, size: Size(width: 64, height: 64))
        }
    }
}
