import AnomalyModels
import CAllocationCounter
import Imaging
import Inference
import Kernels
import ModelPackages
import Platform
import Testing

/// VTF-R: nearest patches, rarity and a segmentation head on the vision tower of an imported CLIP.
@Suite("the tower of an imported CLIP as a trunk")
struct TowerTrunkTests {
    private static let size = Size(width: 64, height: 64)

    private static func part(_ seed: UInt64) -> [UInt8] { PatchFixture.part(seed, size) }

    /// The same part with a dark blot.
    private static func damaged(_ seed: UInt64) -> [UInt8] {
        var pixels = part(seed)
        for y in 24..<40 {
            for x in 20..<38 {
                for channel in 0..<3 { pixels[3 * (y * size.width + x) + channel] = 8 }
            }
        }
        return pixels
    }

    /// The small random CLIP with its two vision blocks twice, imported.
    private static func importer(_ folder: TemporaryFolder) throws -> (ModelImporter, path: String) {
        var tensors = try PackageFixture.visionTensors()
        for (name, tensor) in tensors.tensors {
            for block in 0..<2 where name.contains("resblocks.\(block).") {
                tensors.tensors[name.replacing("resblocks.\(block).", with: "resblocks.\(block + 2).")] =
                    tensor
            }
        }
        let path = try folder.write(tensors.bytes(), "tower.safetensors")
        return (try ModelImporter(checkpoint: path, activation: .gelu), path)
    }

    private static func package(_ folder: TemporaryFolder) throws -> (package: ModelPackage, path: String) {
        let (importer, path) = try importer(folder)
        var request = ModelImporter.Request(name: "tower")
        request.isForced = true
        return (try importer.write(request, to: folder.path + "/tower") { _, _, _ in }.package, path)
    }

    private static func bank(
        _ trunks: PatchTrunks, head: SegmentationHead? = nil
    ) throws -> PatchBank {
        var teaching = PatchTeaching(trunks, views: .mirrored, fusion: .standard)
        for seed in 1...2 as ClosedRange<UInt64> { try teaching.add(part(seed), size: size) }
        return try teaching.bank().with(head)
    }

    private static func trunks(
        _ package: ModelPackage, _ instructions: InstructionSet = .best, float: FloatSource? = nil
    ) -> PatchTrunks {
        PatchTrunks(package, float: float, kernels: KernelTable(instructions), pool: TensorPool())
    }

    private static func scores(
        _ bank: PatchBank, _ trunks: PatchTrunks, _ pixels: [UInt8]
    ) throws -> (score: Float, map: [Float]) {
        PatchFixture.scores(
            pixels, try PatchDetector(bank, on: trunks.trunk(size), kernels: trunks.kernels))
    }

    private static func head(_ channels: Int) -> SegmentationHead {
        var random = SplitMix64(seed: 7), tensors: [String: [Float]] = [:]
        for (name, shape) in SegmentationHead.shapes(
            channels: [channels, channels], width: 32, block: .gated)
        {
            tensors[name] = (0..<shape.reduce(1, *)).map { _ in Float(Int(random.next() % 201) - 100) / 400 }
        }
        return SegmentationHead(channels: [channels, channels], tensors: tensors, weight: 0.2, centre: 0)
    }

    @Test(
        "describes patches at a half, three quarters and all of its blocks, on one grid, without the class token"
    )
    func taps() throws {
        let folder = try TemporaryFolder(), (package, _) = try Self.package(folder)
        let trunk = try Self.trunks(package).trunk(Self.size)
        #expect(trunk.taps.map(\.output) == ["vision.tap2", "vision.tap3", "vision.tap4"])
        let network = try Network(of: package)
        guard case .clip(let clip) = network.architecture else {
            Issue.record("no CLIP")
            return
        }
        let patch = clip.vision.patch
        for tap in trunk.taps.indices {
            #expect(trunk.grid(tap) == Size(width: 64 / patch, height: 64 / patch))
            #expect(trunk.taps[tap].channels == clip.vision.width)
        }
        // Against the graph itself: row 1 of the tap is the first patch.
        let graph = clip.vision.graph(
            height: 64, width: 64, embeddingWidth: clip.embeddingWidth, activation: clip.activation,
            taps: [2, 3, 4]
        ).finer(network.finer)
        let session = try unsafe Session(
            CompiledModel(graph, weights: PackageSource(package), kernels: KernelTable(.best)),
            pool: TensorPool())
        let pixels = Self.part(1)
        unsafe session.withInput { unsafe $0.copyBytes(from: pixels) }
        session.run()
        unsafe trunk.withInput { unsafe $0.copyBytes(from: pixels) }
        trunk.run()
        for (tap, block) in [2, 3, 4].enumerated() {
            let width = clip.vision.width, values = try #require(session.floats("vision.tap\(block)"))
            let row = Array(values[width..<2 * width]), codes = trunk.codes(tap).prefix(width)
            let largest = row.map(abs).max() ?? 1
            for (value, code) in zip(row, codes) { #expect(abs(value / largest * 127 - Float(code)) <= 0.51) }
        }
    }

    @Test(
        "finds a blot before its bank, the same on every instruction set, with a head and a fusion block too")
    func finding() throws {
        let folder = try TemporaryFolder(), (package, _) = try Self.package(folder)
        let width = try PatchTrunk.taps(of: package)[0].channels
        let good = Self.part(5), bad = Self.damaged(5)
        let plain = try Self.bank(Self.trunks(package))
        #expect(
            try Self.scores(plain, Self.trunks(package), bad).score
                > Self.scores(plain, Self.trunks(package), good).score)
        let whole = plain.with(Self.head(width))
        let reference = try Self.scores(whole, Self.trunks(package), bad)
        #expect(reference.map.allSatisfy { 0...2 ~= $0 } && Set(reference.map).count > 50)
        for instructions in InstructionSet.available {
            let trunks = Self.trunks(package, instructions)
            #expect(try Self.bank(trunks) == plain, "\(instructions)")
            #expect(try Self.scores(whole, trunks, bad) == reference, "\(instructions)")
        }
    }

    @Test("a bank is the same after it was written and read again, and allocates nothing for a frame")
    func keeping() throws {
        let folder = try TemporaryFolder(), (package, _) = try Self.package(folder)
        let trunks = Self.trunks(package), width = try PatchTrunk.taps(of: package)[0].channels
        let bank = try Self.bank(trunks, head: Self.head(width))
        let written = try bank.package(name: "part-7", version: "1.0.0").write(
            to: folder.path + "/bank", replacing: false)
        #expect(try PatchBank(of: written) == bank)
        let detector = try PatchDetector(bank, on: trunks.trunk(Self.size), kernels: trunks.kernels)
        unsafe detector.withInput { input in unsafe input.copyBytes(from: Self.part(7)) }
        _ = detector.run()
        let before = ca_thread_allocations()
        for _ in 0..<3 { _ = detector.run() }
        #expect(ca_thread_allocations() == before)
    }

    @Test("a head on a tower has a third of the numbers of its tokens, up to 256, and on another trunk 16")
    func widths() throws {
        let folder = try TemporaryFolder(), (package, _) = try Self.package(folder)
        let taps = try PatchTrunk.taps(of: package)
        #expect(taps[0].channels == 128 && SegmentationHead.width(on: taps) == 32)
        #expect([64, 128, 768, 1024].map(SegmentationHead.embedding(ofTokens:)) == [16, 32, 256, 256])
        #expect(SegmentationHead.width(on: try PatchTrunk.taps(of: PatchFixture.trunk())) == 16)
    }

    @Test("a bank of another trunk, and an input that is no square, are refused")
    func refusals() throws {
        let folder = try TemporaryFolder(), (package, _) = try Self.package(folder)
        let trunks = Self.trunks(package)
        let foreign = try PatchFixture.bank()
        let error = #expect(throws: ModelError.self) {
            try PatchDetector(foreign, on: trunks.trunk(Self.size), kernels: trunks.kernels)
        }
        guard case .otherTrunk = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(throws: ModelError.self) { try trunks.trunk(Size(width: 96, height: 64)) }
    }

    @Test("in float32 it says nearly what it says in int8, and a checkpoint of another network is refused")
    func float() throws {
        let folder = try TemporaryFolder(), (package, path) = try Self.package(folder)
        let float = try FloatSource(of: package, checkpoint: path)
        let exact = Self.trunks(package, float: float), bad = Self.damaged(5)
        let found = try Self.scores(Self.bank(Self.trunks(package)), Self.trunks(package), bad)
        let wanted = try Self.scores(Self.bank(exact), exact, bad)
        #expect(found.map != wanted.map)
        #expect(zip(found.map, wanted.map).allSatisfy { abs($0 - $1) < 0.1 })
        #expect(throws: ModelError.self) { try FloatSource(of: PatchFixture.trunk(), checkpoint: path) }
        let missing = folder.path + "/none.safetensors"
        #expect(throws: ModelError.self) { try FloatSource(of: package, checkpoint: missing) }
    }
}
