import AnomalyModels
import CAllocationCounter
import Imaging
import Inference
import Kernels
import ModelPackages
import Platform
import Testing

@Suite("a head that was trained over many products, and the text of a class")
struct SharedHeadTests {
    private static let channels = [40, 112]

    private static func head(
        block: FusionBlock.Kind? = nil, _ change: (inout [String: [Float]]) -> Void = { _ in }
    ) throws -> SharedHead {
        var random = SplitMix64(seed: 21), tensors: [String: [Float]] = [:]
        for (name, shape) in SharedHead.shapes(channels: channels, block: block) {
            tensors[name] = (0..<shape.reduce(1, *)).map { _ in ZeroShotFixture.number(&random) / 4 }
        }
        tensors["evidence.deviation"] = tensors["evidence.deviation"]?.map { abs($0) + 0.05 }
        change(&tensors)
        let trunk = try PatchFixture.trunk()
        return SharedHead(
            trunk: .init(name: trunk.manifest.name, digest: trunk.digest.description), channels: channels,
            tensors: tensors, strength: 0.5)
    }

    private static func lesson(
        _ count: UInt64, _ views: ReferenceViews = .mirrored, _ instructions: InstructionSet = .best
    ) throws -> HeadLesson {
        var teaching = try PatchTeaching(
            trunk: PatchFixture.trunk(), views: views, fusion: .standard, kernels: KernelTable(instructions),
            pool: TensorPool())
        let parts = (1...count).map { PatchFixture.part($0) }
        for part in parts { try teaching.add(part, size: PatchFixture.size) }
        return HeadLesson(
            teaching,
            tiles: parts.enumerated().map { .init(part: $0, pixels: $1, size: PatchFixture.size) })
    }

    private static func shipped() throws -> ShippedWeights {
        ShippedWeights(
            margin: ClassMargin(try ZeroShotFixture.head(), ZeroShotFixture.columns()), head: try head())
    }

    /// The bank of two parts with what is shipped.
    private static func bank(_ instructions: InstructionSet = .best) throws -> PatchBank {
        let lesson = try lesson(2, .mirrored, instructions)
        return try lesson.additions(shipped(), kernels: KernelTable(instructions))
            .added(to: lesson.teaching.bank())
    }

    private static func detector(
        _ bank: PatchBank, _ instructions: InstructionSet = .best
    ) throws -> PatchDetector {
        try PatchDetector(
            bank, trunk: PatchFixture.trunk(), size: PatchFixture.size, kernels: KernelTable(instructions),
            pool: TensorPool())
    }

    @Test("a fitted head says of raw evidence what the shared one says of standardised evidence")
    func folding() throws {
        let head = try Self.head(), width = SegmentationHead.evidence
        let level = EvidenceLevel(
            mean: (0..<3).map { tap in (0..<width).map { 0.1 * Float(tap + $0) } },
            deviation: (0..<3).map { tap in (0..<width).map { 0.2 + 0.05 * Float(tap + $0) } },
            mapDeviation: 1)
        let fitted = head.fitted(to: level), raw: [Float] = [0.3, 0.7, 0.2, 0.9]
        for (tap, name) in SegmentationHead.taps.enumerated() {
            let mean = try #require(head.tensors["evidence.mean"])[tap * width..<(tap + 1) * width]
            let deviation = try #require(head.tensors["evidence.deviation"])[tap * width..<(tap + 1) * width]
            let own = (0..<width).map { (raw[$0] - level.mean[tap][$0]) / level.deviation[tap][$0] }
            let all = (0..<width).map {
                (raw[$0] - mean[mean.startIndex + $0]) / deviation[deviation.startIndex + $0]
            }
            let wide = try #require(head.tensors["input.\(name)"])
            let narrow = try #require(fitted.tensors["input.\(name)"])
            let outer = wide.count / SegmentationHead.hidden, inner = narrow.count / SegmentationHead.hidden
            for row in 0..<SegmentationHead.hidden {
                let said = zip(own + all, wide[(row + 1) * outer - 2 * width..<(row + 1) * outer])
                    .reduce(Float(0)) { $0 + $1.0 * $1.1 }
                let weights = narrow[(row + 1) * inner - width..<(row + 1) * inner]
                let found = zip(raw, weights).reduce(Float(0)) { $0 + $1.0 * $1.1 }
                // The means are in the bias, which all taps share: compare the change of one tap.
                let shift = zip(0..<width, weights).reduce(Float(0)) { sum, pair in
                    let own = wide[(row + 1) * outer - 2 * width + pair.0] / level.deviation[tap][pair.0]
                    let place = deviation.startIndex + pair.0
                    let all = wide[(row + 1) * outer - width + pair.0] / deviation[place]
                    return sum + own * level.mean[tap][pair.0] + all * mean[mean.startIndex + pair.0]
                }
                #expect(abs(found - shift - said) < 1e-3, "\(name), row \(row)")
            }
        }
    }

    @Test(
        "is the same after it was written and read again, and refused with a deviation of 0",
        arguments: [nil, .open, .gated] as [FusionBlock.Kind?])
    func roundTrip(block: FusionBlock.Kind?) throws {
        let folder = try TemporaryFolder(), head = try Self.head(block: block)
        let package = try head.package(name: "vtfusion", version: "1.0.0").write(
            to: folder.path + "/head", replacing: false)
        #expect(try SharedHead(of: package) == head)
        let flat = try Self.head { $0["evidence.deviation"]?[3] = 0 }
        let odd = try flat.package(name: "flat", version: "1.0.0").write(
            to: folder.path + "/flat", replacing: false)
        let error = #expect(throws: ModelError.self) { try SharedHead(of: odd) }
        #expect("\(try #require(error))".contains("evidence.deviation"))
    }

    @Test(
        "with a fusion block a product's head keeps what its text adapter makes of its class, or of an object"
    )
    func reading() throws {
        let head = try Self.head(block: .open), columns = ZeroShotFixture.columns()
        let level = EvidenceLevel(
            mean: [[Float]](repeating: [0, 0, 0, 0], count: 3),
            deviation: [[Float]](repeating: [1, 1, 1, 1], count: 3), mapDeviation: 1)
        let named = try #require(head.fitted(to: level, columns).tensors["block.text"])
        #expect(named == FusionBlock.text(columns, head.tensors))
        #expect(named != head.fitted(to: level).tensors["block.text"])
        for word in [named.prefix(32), named.suffix(32)] {
            #expect(abs(word.reduce(0) { $0 + $1 * $1 } - 1) < 1e-4)
        }
        let lesson = try Self.lesson(2)
        let additions = try lesson.additions(.init(head: head, columns: columns), kernels: KernelTable(.best))
        #expect(additions.head?.tensors["block.text"] == named && additions.head?.weight.isFinite == true)
        let odd = ClassColumns(normal: [1, 0], abnormal: [0, 1])
        #expect(throws: ModelError.self) {
            try lesson.additions(.init(head: head, columns: odd), kernels: KernelTable(.best))
        }
    }

    @Test("a bank keeps its text and its head when it is written and read again")
    func bankRoundTrip() throws {
        let folder = try TemporaryFolder(), bank = try Self.bank()
        #expect(bank.text != nil && bank.head != nil)
        let package = try bank.package(name: "part-7", version: "1.0.0").write(
            to: folder.path + "/bank", replacing: false)
        #expect(try PatchBank(of: package) == bank)
    }

    @Test("what is taught on one instruction set is taught on every other, and judges the same to the bit")
    func instructionSets() throws {
        let reference = try Self.bank(), image = PatchFixture.damaged(5)
        let scores = PatchFixture.scores(image, try Self.detector(reference))
        #expect(scores.map.allSatisfy { 0...2 ~= $0 } && Set(scores.map).count > 100)
        for instructions in InstructionSet.available {
            #expect(try Self.bank(instructions) == reference, "\(instructions)")
            let found = PatchFixture.scores(image, try Self.detector(reference, instructions))
            #expect(found == scores, "\(instructions)")
        }
    }

    @Test("a single good part, also one that lies as it lies, gives weights that are finite")
    func onePart() throws {
        for views in [ReferenceViews.mirrored, .fixed] {
            let additions = try Self.lesson(1, views).additions(Self.shipped(), kernels: KernelTable(.best))
            let text = try #require(additions.text), head = try #require(additions.head)
            #expect(text.weight.isFinite && text.weight > 0 && text.centre.isFinite, "\(views)")
            #expect(head.weight.isFinite && head.weight > 0 && head.centre.isFinite, "\(views)")
        }
    }

    @Test("weights of another trunk are refused")
    func otherTrunk() throws {
        let head = try Self.head()
        let foreign = SharedHead(
            trunk: .init(name: "other", digest: String(repeating: "0", count: 64)), channels: head.channels,
            tensors: head.tensors, strength: 0.5)
        #expect(throws: ModelError.self) {
            try Self.lesson(2).additions(.init(head: foreign), kernels: KernelTable(.best))
        }
    }

    @Test("a text of weight 0 leaves the map as it is, to the bit, and one with a weight does not")
    func weightlessText() throws {
        let lesson = try Self.lesson(2), bank = try lesson.teaching.bank(), image = PatchFixture.damaged(3)
        let margin = try #require(try Self.shipped().margin)
        let plain = PatchFixture.scores(image, try Self.detector(bank))
        let silent = bank.with(PatchText(margin, weight: 0, centre: 0.5))
        #expect(PatchFixture.scores(image, try Self.detector(silent)) == plain)
        let loud = bank.with(PatchText(margin, weight: 0.02, centre: 0.5))
        #expect(PatchFixture.scores(image, try Self.detector(loud)).map != plain.map)
    }

    @Test("text and head together allocate nothing for a frame")
    func allocations() throws {
        let detector = try Self.detector(Self.bank())
        unsafe detector.withInput { input in unsafe input.copyBytes(from: PatchFixture.part(7)) }
        _ = detector.run()
        let before = ca_thread_allocations()
        for _ in 0..<5 { _ = detector.run() }
        #expect(ca_thread_allocations() == before)
    }
}
