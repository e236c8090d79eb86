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
        #expect(bad.score > 1.4 * good.score)
        let most = try #require(bad.map.indices.max { bad.map[$0] < bad.map[$1] })
        // The blot is at 40...57, 24...39 of the input; the map has half its size.
        #expect(18...30 ~= most % detector.mapSize.width && 10...22 ~= most / detector.mapSize.width)
        #expect(bad.map.count == detector.mapSize.pixelCount && bad.map.allSatisfy { 0...2 ~= $0 })
    }

    @Test("gives a part that it was taught with a score of nearly 0")
    func knows() throws {
        // Two parts in four views are fewer patches than the capacities: all are in the bank.
        let detector = try detector(PatchFixture.bank())
        #expect(PatchFixture.scores(PatchFixture.part(1), detector).score < 2e-3)
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

    @Test("sets masked cells to 0 and scores the highest hundredth of the others")
    func masks() throws {
        let detector = try detector(PatchFixture.bank())
        let (plain, map) = PatchFixture.scores(PatchFixture.damaged(3), detector)
        let cells = detector.mapSize.pixelCount, columns = detector.mapSize.width
        for kept in [0..<columns, 30..<columns, 0..<1, 0..<0] {
            let mask = (0..<cells).map { UInt8(kept.contains($0 % columns) ? 7 : 0) }
            let score = unsafe detector.run(mask: mask)
            let masked = unsafe detector.withMap { unsafe Array($0) }
            #expect(masked == zip(map, mask).map { $1 == 0 ? 0 : $0 })
            let looked = mask.count { $0 != 0 }, top = max(1, looked / 100)
            let expected = zip(map, mask).filter { $1 != 0 }.map(\.0).sorted(by: >).prefix(top)
                .reduce(0.0) { $0 + Double($1) / Double(top) }
            #expect(abs(Double(score) - (looked == 0 ? 0 : expected)) < 1e-6, "\(kept)")
            if kept.count == columns { #expect(score == plain) }
        }
    }

    @Test(
        "takes tiles at their native resolution, and whole regions at about 256 x 256 pixels",
        arguments: [
            ("1280x720", 224, "224x224"), ("1280x720", 200, "224x224"), ("100x720", 224, "128x224"),
            ("20x20", 224, "64x64"), ("16384x16384", 8000, "4096x4096"), ("640x640", 0, "256x256"),
            ("224x224", 0, "256x256"), ("160x416", 0, "160x416"), ("1280x720", 0, "352x192"),
            ("16384x1", 0, "4096x64"),
        ])
    func inputs(region: String, tile: Int, expected: String) throws {
        let sides = region.split(separator: "x").compactMap { Int($0) }
        let size = Size(width: sides[0], height: sides[1])
        #expect(PatchDetector.inputSize(for: size, tile: tile).description == expected)
    }

    @Test("shares a trunk with another detector")
    func sharedTrunk() throws {
        let kernels = KernelTable(.best), bank = try PatchFixture.bank(), image = PatchFixture.damaged(3)
        let trunk = try PatchTrunk(
            PatchFixture.trunk(), size: PatchFixture.size, kernels: kernels, pool: TensorPool())
        let alone = PatchFixture.scores(image, try detector(bank))
        for _ in 0..<2 {
            let shared = PatchFixture.scores(image, try PatchDetector(bank, on: trunk, kernels: kernels))
            #expect(shared.score == alone.score && shared.map == alone.map)
        }
    }

    @Test("scores a frame without an allocation")
    func allocations() throws {
        let detector = try detector(PatchFixture.bank())
        let image = PatchFixture.part(4)
        _ = PatchFixture.scores(image, detector)
        let mask = [UInt8](repeating: 1, count: detector.mapSize.pixelCount)
        let before = ca_thread_allocations()
        for _ in 0..<20 {
            _ = detector.run()
            _ = unsafe detector.run(mask: mask)
        }
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
