import AnomalyModels
import CAllocationCounter
import Imaging
import Inference
import Kernels
import ModelPackages
import Testing

@Suite("zero-shot detection")
struct ZeroShotDetectorTests {
    @Test("finds a blot on a part of which it has seen no other, where it is")
    func finds() throws {
        let detector = try ZeroShotFixture.detector(ZeroShotFixture.head(mapWeight: 0, imageWeight: 0))
        let good = ZeroShotFixture.scores(PatchFixture.part(3), detector)
        let bad = ZeroShotFixture.scores(PatchFixture.damaged(3), detector)
        #expect(bad.score > good.score)
        let most = try #require(bad.map.indices.max { bad.map[$0] < bad.map[$1] })
        // The blot is at 40...57, 24...39 of the input; the map has half its size.
        #expect(16...32 ~= most % detector.mapSize.width && 8...24 ~= most / detector.mapSize.width)
    }

    @Test("adds to the rarity of patches the margins that the formulas of its head give")
    func margins() throws {
        let image = PatchFixture.damaged(4)
        let plain = ZeroShotFixture.scores(
            image, try ZeroShotFixture.detector(ZeroShotFixture.head(mapWeight: 0, imageWeight: 0)))
        let head = try ZeroShotFixture.head(mapWeight: 1, imageWeight: 1)
        let found = ZeroShotFixture.scores(image, try ZeroShotFixture.detector(head))
        let reference = try ZeroShotReference(head, ZeroShotFixture.columns(), image)
        let margins = reference.map(of: PatchFixture.size)
        let largest = margins.map(abs).max() ?? 0
        for (index, value) in found.map.enumerated() {
            // Weights in int8: a hundredth of the range.
            #expect(abs(value - plain.map[index] - margins[index]) < 0.02 * largest, "cell \(index)")
        }
        #expect(abs(found.score - max(plain.score + reference.peakMargin, 0)) < 0.02 * largest)
    }

    @Test("has the same bits on every instruction set")
    func instructionSets() throws {
        let head = try ZeroShotFixture.head(), image = PatchFixture.damaged(5)
        let expected = ZeroShotFixture.scores(image, try ZeroShotFixture.detector(head))
        for instructions in InstructionSet.available {
            let found = ZeroShotFixture.scores(image, try ZeroShotFixture.detector(head, instructions))
            #expect(found.score == expected.score && found.map == expected.map, "\(instructions)")
        }
    }

    @Test("scores a frame without an allocation")
    func allocations() throws {
        let detector = try ZeroShotFixture.detector(ZeroShotFixture.head())
        _ = ZeroShotFixture.scores(PatchFixture.damaged(1), detector)
        let before = ca_thread_allocations()
        for _ in 0..<3 { _ = detector.run() }
        #expect(ca_thread_allocations() == before)
    }

    @Test("sets masked cells to 0 and lets their patches out of the score")
    func masks() throws {
        let detector = try ZeroShotFixture.detector(ZeroShotFixture.head())
        let whole = ZeroShotFixture.scores(PatchFixture.damaged(3), detector)
        let cells = detector.mapSize.pixelCount, columns = detector.mapSize.width
        let all = unsafe detector.run(mask: [UInt8](repeating: 1, count: cells))
        #expect(all == whole.score)
        let mask = (0..<cells).map { UInt8($0 % columns < columns / 4 ? 1 : 0) }
        let part = unsafe detector.run(mask: mask)
        let map = unsafe detector.withMap { unsafe Array($0) }
        #expect(zip(map, mask).allSatisfy { $1 == 1 || $0 == 0 })
        // The blot is outside.
        #expect(part < whole.score)
        #expect(unsafe detector.run(mask: [UInt8](repeating: 0, count: cells)) == 0)
    }

    @Test("refuses a head that was made with another trunk")
    func otherTrunk() throws {
        let head = try ZeroShotFixture.head()
        let other = ZeroShotHead(
            trunk: .init(name: "other", digest: "0"), hidden: head.hidden, channels: head.channels,
            tensors: head.tensors, temperature: 0.07, mapWeight: 0, imageWeight: 0, limit: 1, median: 0)
        #expect(throws: ModelError.self) { try ZeroShotFixture.detector(other) }
    }
}
