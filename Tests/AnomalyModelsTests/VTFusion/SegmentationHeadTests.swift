import AnomalyModels
import CAllocationCounter
import Imaging
import Inference
import Kernels
import ModelPackages
import Platform
import Tensors
import Testing

@Suite("a segmentation head of VTFusion")
struct SegmentationHeadTests {
    private static let channels = [40, 112]

    /// Numbers drawn by chance.
    private static func head(
        weight: Float, seed: UInt64 = 7, width: Int = SegmentationHead.embedding,
        block: FusionBlock.Kind? = nil
    ) -> SegmentationHead {
        var random = SplitMix64(seed: seed)
        var tensors: [String: [Float]] = [:]
        for (name, shape) in SegmentationHead.shapes(channels: channels, width: width, block: block) {
            tensors[name] = (0..<shape.reduce(1, *)).map { _ in Float(Int(random.next() % 201) - 100) / 400 }
        }
        return SegmentationHead(channels: channels, tensors: tensors, weight: weight, centre: -0.1)
    }

    /// No fusion block, and those that there are.
    private static let blocks: [FusionBlock.Kind?] = [nil] + FusionBlock.Kind.allCases

    private func bank(_ head: SegmentationHead?, _ instructions: InstructionSet = .best) throws -> PatchBank {
        var teaching = try PatchTeaching(
            trunk: PatchFixture.trunk(), views: .mirrored, fusion: .standard,
            kernels: KernelTable(instructions), pool: TensorPool())
        for seed in 1...2 as ClosedRange<UInt64> {
            try teaching.add(PatchFixture.part(seed), size: PatchFixture.size)
        }
        return try teaching.bank().with(head)
    }

    private func detector(_ bank: PatchBank, _ instructions: InstructionSet = .best) throws -> PatchDetector {
        try PatchDetector(
            bank, trunk: PatchFixture.trunk(), size: PatchFixture.size, kernels: KernelTable(instructions),
            pool: TensorPool())
    }

    @Test("of weight 0 leaves the map as it is, to the bit")
    func weightless() throws {
        let image = PatchFixture.damaged(3)
        let plain = PatchFixture.scores(image, try detector(bank(nil)))
        #expect(try PatchFixture.scores(image, detector(bank(Self.head(weight: 0)))) == plain)
        #expect(try PatchFixture.scores(image, detector(bank(Self.head(weight: 0.1)))).map != plain.map)
    }

    @Test(
        "gives maps of the same bits on every instruction set, within 0 to 2, with and without a fusion block",
        arguments: blocks, [16, 64])
    func instructionSets(block: FusionBlock.Kind?, width: Int) throws {
        let head = Self.head(weight: 0.3, width: width, block: block)
        let image = PatchFixture.damaged(5)
        let reference = PatchFixture.scores(image, try detector(bank(head)))
        #expect(reference.map.allSatisfy { 0...2 ~= $0 } && Set(reference.map).count > 100)
        for instructions in InstructionSet.available {
            let found = try detector(bank(head, instructions), instructions)
            #expect(PatchFixture.scores(image, found) == reference, "\(instructions)")
        }
    }

    @Test("is the same after it was written in a bank and read again", arguments: blocks)
    func roundTrip(block: FusionBlock.Kind?) throws {
        let folder = try TemporaryFolder(), bank = try bank(Self.head(weight: 0.2, block: block))
        #expect(bank.head?.block == block)
        let package = try bank.package(name: "part-7", version: "1.0.0").write(
            to: folder.path + "/bank", replacing: false)
        #expect(try PatchBank(of: package) == bank)
    }

    @Test("is refused where it was made for patches of other channels")
    func refusals() throws {
        var tensors: [String: [Float]] = [:]
        for (name, shape) in SegmentationHead.shapes(channels: [40, 96]) {
            tensors[name] = [Float](repeating: 0.1, count: shape.reduce(1, *))
        }
        let odd = SegmentationHead(channels: [40, 96], tensors: tensors, weight: 0.2, centre: 0)
        let folder = try TemporaryFolder()
        let package = try bank(odd).package(name: "odd", version: "1.0.0").write(
            to: folder.path + "/odd", replacing: false)
        let error = #expect(throws: ModelError.self) { try PatchBank(of: package) }
        #expect("\(try #require(error))".contains("vtf.adapter.s16"))
    }

    @Test("with a fusion block of another shape is refused, with the tensor named")
    func oddBlock() throws {
        let folder = try TemporaryFolder()
        let writer = try bank(Self.head(weight: 0.2)).package(name: "half", version: "1.0.0")
        var tensors = WeightFileWriter(metadata: ["format": "linewatch"])
        let whole = try WeightFile(
            path: writer.write(to: folder.path + "/whole", replacing: false).directory
                + "/weights.safetensors")
        for name in whole.names.sorted() {
            let shape = try #require(whole.tensor(name)).shape
            if name.hasSuffix("vectors") {
                try tensors.addInt8(name, shape, whole.int8(name))
            } else {
                try tensors.addFloat32(name, shape, whole.floats(name))
            }
        }
        try tensors.addFloat32("vtf.block.said", [32, 3], [Float](repeating: 0, count: 96))
        let package = try ModelPackageWriter(writer.manifest, weights: tensors).write(
            to: folder.path + "/half", replacing: false)
        let error = #expect(throws: ModelError.self) { try PatchBank(of: package) }
        #expect("\(try #require(error))".contains("vtf.block."))
    }

    @Test("allocates nothing for a frame, with and without a fusion block", arguments: blocks)
    func allocations(block: FusionBlock.Kind?) throws {
        let detector = try detector(bank(Self.head(weight: 0.2, block: block)))
        unsafe detector.withInput { input in unsafe input.copyBytes(from: PatchFixture.part(7)) }
        _ = detector.run()
        let before = ca_thread_allocations()
        for _ in 0..<5 { _ = detector.run() }
        #expect(ca_thread_allocations() == before)
    }
}
