import AnomalyModels
import CAllocationCounter
import Imaging
import Inference
import Kernels
import ModelPackages
import Testing

@Suite("the nearest-patch detector")
struct PatchDetectorTests {
    @Test("finds a blot on a part, where it is")
    func finds() throws {
        let detector = try detector(PatchFixture.bank())
        let good = PatchFixture.scores(PatchFixture.part(3), detector)
        let bad = PatchFixture.scores(PatchFixture.damaged(3), detector)
        #expect(bad.score > 2 * good.score)
        let most = try #require(bad.map.indices.max { bad.map[$0] < bad.map[$1] })
        // The blot is at 40...57, 24...39 of the input; the map has half its size.
        #expect(18...30 ~= most % detector.mapSize.width && 10...22 ~= most / detector.mapSize.width)
        #expect(bad.map.count == detector.mapSize.pixelCount && bad.map.allSatisfy { 0...2 ~= $0 })
    }

    @Test("gives a part that it was taught with a score of nearly 0")
    func knows() throws {
        // Two parts in four views are fewer patches than the capacities: all are in the bank.
        let detector = try detector(PatchFixture.bank())
        #expect(PatchFixture.scores(PatchFixture.part(1), detector).score < 1e-4)
    }

    @Test("computes banks, maps and scores of the same bits on every instruction set")
    func instructionSets() throws {
        let expected = try PatchFixture.bank(.turned, .best)
        let image = PatchFixture.damaged(5)
        let reference = PatchFixture.scores(image, try detector(expected))
        for instructions in InstructionSet.available {
            let bank = try PatchFixture.bank(.turned, instructions)
            #expect(bank == expected, "the bank, \(instructions)")
            let found = PatchFixture.scores(image, try detector(bank, instructions))
            #expect(found.score == reference.score && found.map == reference.map, "\(instructions)")
        }
    }

    @Test("scores a frame without an allocation")
    func allocations() throws {
        let detector = try detector(PatchFixture.bank())
        let image = PatchFixture.part(4)
        _ = PatchFixture.scores(image, detector)
        let before = ca_thread_allocations()
        for _ in 0..<20 { _ = detector.run() }
        #expect(ca_thread_allocations() == before)
    }

    @Test("refuses a bank of another trunk, and sizes that no trunk reads")
    func refusals() throws {
        let bank = try PatchFixture.bank()
        let other = PatchBank(
            trunk: .init(name: "other", digest: String(repeating: "0", count: 64)), size: bank.size,
            references: 2, views: bank.views, vectors: bank.vectors)
        #expect(throws: ModelError.self) { try detector(other) }
        for side in [0, 32, 100, 8192] {
            #expect(throws: ModelError.self) {
                try PatchDetector(
                    bank, trunk: PatchFixture.trunk(), size: Size(width: side, height: 64),
                    kernels: KernelTable(.best), pool: TensorPool())
            }
        }
    }

    private func detector(_ bank: PatchBank, _ instructions: InstructionSet = .best) throws -> PatchDetector {
        try PatchDetector(
            bank, trunk: PatchFixture.trunk(), size: PatchFixture.size, kernels: KernelTable(instructions),
            pool: TensorPool())
    }
}
