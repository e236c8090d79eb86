import AnomalyModels
import CAllocationCounter
import Imaging
import Inference
import Kernels
import ModelPackages
import Platform
import Testing

@Suite("the fusion of nearest patch and rarity")
struct PatchFusionTests {
    /// Adds `rare` times the rarity of a patch, and `excess` times what it has over that of its nearest.
    private func fusion(rare: Float = 0, excess: Float = 0) -> PatchFusion {
        var plus = SIMD16<Float>.zero, weights = [SIMD16<Float>](repeating: .zero, count: 5)
        // One unit for what is above 0 and one for what is below, both of parts that resemble each other.
        (plus[0], plus[1]) = (1, -1)
        weights[2] = rare * plus
        weights[4] = excess * plus
        let tap = PatchFusion.Tap(weights: weights, bias: .zero, outputs: plus, outputBias: 0)
        return PatchFusion(taps: [tap, tap, tap])
    }

    /// A fusion of numbers drawn by chance.
    private func randomFusion() -> PatchFusion {
        var random = SplitMix64(seed: 4)
        let vector = { () -> SIMD16<Float> in
            SIMD16((0..<16).map { _ in Float(Int(random.next() % 201) - 100) / 400 })
        }
        return PatchFusion(
            taps: (0..<3).map { _ in
                .init(
                    weights: (0..<5).map { _ in vector() }, bias: vector(), outputs: vector(), outputBias: 0.1
                )
            })
    }

    private func bank(_ fusion: PatchFusion?, _ instructions: InstructionSet = .best) throws -> PatchBank {
        var teaching = try PatchTeaching(
            trunk: PatchFixture.trunk(), views: .mirrored, fusion: fusion, kernels: KernelTable(instructions),
            pool: TensorPool())
        for seed in 1...2 as ClosedRange<UInt64> {
            try teaching.add(PatchFixture.part(seed), size: PatchFixture.size)
        }
        return try teaching.bank()
    }

    private func detector(_ bank: PatchBank, _ instructions: InstructionSet = .best) throws -> PatchDetector {
        try PatchDetector(
            bank, trunk: PatchFixture.trunk(), size: PatchFixture.size, kernels: KernelTable(instructions),
            pool: TensorPool())
    }

    @Test("with all weights 0 is the nearest patch to the bit")
    func startsAtControl() throws {
        let image = PatchFixture.damaged(3)
        let plain = PatchFixture.scores(image, try detector(bank(nil)))
        let fused = PatchFixture.scores(image, try detector(bank(fusion())))
        #expect(plain == fused)
    }

    @Test("computes banks, maps and scores of the same bits on every instruction set")
    func instructionSets() throws {
        let fusion = randomFusion(), image = PatchFixture.damaged(5)
        let expected = try bank(fusion)
        let reference = PatchFixture.scores(image, try detector(expected))
        #expect(reference.map.allSatisfy { 0...2 ~= $0 } && Set(reference.map).count > 100)
        for instructions in InstructionSet.available {
            let found = try bank(fusion, instructions)
            #expect(found == expected, "the bank, \(instructions)")
            #expect(
                PatchFixture.scores(image, try detector(found, instructions)) == reference, "\(instructions)")
        }
    }

    @Test("sets a blot that nothing in the picture resembles further apart from the rest")
    func rareThings() throws {
        let contrast = { (fusion: PatchFusion?) -> Float in
            let map = PatchFixture.scores(PatchFixture.damaged(3), try detector(bank(fusion))).map
            // The blot is at 40...57, 24...39 of the input; the map has half its size.
            return map[16 * 48 + 24] - map[4 * 48 + 5]
        }
        let plain = try contrast(nil), rare = try contrast(fusion(rare: 0.5))
        let excess = try contrast(fusion(excess: 0.5))
        #expect(rare > plain + 0.05 && excess > plain + 0.05)
    }

    @Test("does not hold against a part what good parts show once as well")
    func knownThings() throws {
        // Taught with the blot, which then is as rare as it was, but known.
        let teach = { (fusion: PatchFusion) -> PatchDetector in
            var teaching = try PatchTeaching(
                trunk: PatchFixture.trunk(), views: .fixed, fusion: fusion, kernels: KernelTable(.best),
                pool: TensorPool())
            for seed in 1...2 as ClosedRange<UInt64> {
                try teaching.add(PatchFixture.damaged(seed), size: PatchFixture.size)
            }
            return try detector(teaching.bank())
        }
        let image = PatchFixture.damaged(3)
        let plain = PatchFixture.scores(image, try teach(fusion())).score
        #expect(PatchFixture.scores(image, try teach(fusion(excess: 0.5))).score < plain + 0.05)
        #expect(PatchFixture.scores(image, try teach(fusion(rare: 0.5))).score > plain + 0.1)
    }

    @Test("is the same after it was written in a bank and read again")
    func roundTrip() throws {
        let folder = try TemporaryFolder(), bank = try bank(randomFusion())
        #expect(bank.vectors.allSatisfy { $0.rarities.count == $0.count && $0.rarities.contains { $0 > 0 } })
        let package = try bank.package(name: "part-7", version: "1.0.0").write(
            to: folder.path + "/bank", replacing: false)
        #expect(try PatchBank(of: package) == bank)
    }

    @Test("is refused with a rarity that none can have")
    func refusals() throws {
        let folder = try TemporaryFolder(), bank = try bank(.standard)
        let vectors = bank.vectors.map {
            PatchBank.Vectors(
                name: $0.name, channels: $0.channels, codes: $0.codes,
                rarities: $0.rarities.dropLast() + [2.5])
        }
        let package = try PatchBank(
            trunk: bank.trunk, size: bank.size, references: 2, views: bank.views, vectors: vectors,
            fusion: bank.fusion
        ).package(name: "odd", version: "1.0.0").write(to: folder.path + "/odd", replacing: false)
        #expect(throws: ModelError.self) { try PatchBank(of: package) }
    }

    @Test("counts rarity by itself where the good parts do not resemble each other")
    func strangers() throws {
        let outputs = { (second: [UInt8]) -> SIMD16<Float> in
            var teaching = try PatchTeaching(
                trunk: PatchFixture.trunk(), views: .fixed, fusion: .standard, kernels: KernelTable(.best),
                pool: TensorPool())
            try teaching.add(PatchFixture.part(1), size: PatchFixture.size)
            try teaching.add(second, size: PatchFixture.size)
            return try #require(try teaching.bank().fusion).taps[0].outputs
        }
        let alike = try outputs(PatchFixture.part(2))
        #expect(alike[0] == 0.5 && alike[8] == 0)
        // Another product: broad slanted stripes of another colour.
        let strange = (0..<PatchFixture.size.pixelCount).flatMap { pixel -> [UInt8] in
            let x = pixel % PatchFixture.size.width, y = pixel / PatchFixture.size.width
            return (x + y) / 11 % 2 == 0 ? [20, 200, 30] : [230, 40, 160]
        }
        let apart = try outputs(strange)
        #expect(apart[0] == 0 && apart[8] == 0.5)
    }

    @Test("allocates nothing for a frame")
    func allocations() throws {
        let detector = try detector(bank(randomFusion()))
        unsafe detector.withInput { input in unsafe input.copyBytes(from: PatchFixture.part(7)) }
        _ = detector.run()
        let before = ca_thread_allocations()
        for _ in 0..<5 { _ = detector.run() }
        #expect(ca_thread_allocations() == before)
    }
}
