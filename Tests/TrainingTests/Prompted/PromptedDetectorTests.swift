import AnomalyModels
import Foundation
import Imaging
import Inference
import Kernels
import ModelPackages
import Testing
import Training

@Suite("inspection by a head with prompts")
struct PromptedDetectorTests {
    private static let text = PatchBank.Trunk(name: "minilm", digest: "abc")

    private func detector(
        _ head: PromptedHead, _ package: ModelPackage, _ instructions: InstructionSet = .best,
        size: Size = Size(width: 96, height: 64)
    ) throws -> PromptedDetector {
        try PromptedDetector(
            head, PromptedFixture.columns[0], tower: package, size: size, kernels: KernelTable(instructions),
            pool: TensorPool())
    }

    private func scores(_ detector: PromptedDetector, _ seed: UInt64 = 1) -> (score: Float, map: [Float]) {
        var random = RandomNumbers(seed: seed, stream: "pixels")
        let pixels = (0..<detector.size.pixelCount * 3).map { _ in UInt8(random.nextIndex(below: 256)) }
        unsafe detector.withInput { unsafe $0.copyBytes(from: pixels) }
        let score = detector.run()
        return unsafe (score, detector.withMap { unsafe Array($0) })
    }

    @Test("has the same bits on every instruction set, with rarity and without", arguments: [true, false])
    func instructionSets(usesRarity: Bool) throws {
        let folder = try PromptedFolder(), package = try PromptedFixture.package(in: folder.path)
        let head = PromptedFixture.head(tower: package, usesRarity: usesRarity)
        let expected = scores(try detector(head, package))
        for instructions in InstructionSet.available {
            let found = scores(try detector(head, package, instructions))
            #expect(found.score == expected.score && found.map == expected.map, "\(instructions)")
        }
    }

    @Test("scores the same frame the same, every time")
    func repeats() throws {
        let folder = try PromptedFolder(), package = try PromptedFixture.package(in: folder.path)
        let detector = try detector(PromptedFixture.head(tower: package, usesRarity: true), package)
        let first = scores(detector).score
        #expect((0..<3).allSatisfy { _ in detector.run() == first })
    }

    @Test("sets masked cells to 0, and a mask of everything changes nothing")
    func masks() throws {
        let folder = try PromptedFolder(), package = try PromptedFixture.package(in: folder.path)
        for usesRarity in [true, false] {
            let detector = try detector(PromptedFixture.head(tower: package, usesRarity: usesRarity), package)
            let whole = scores(detector), cells = detector.mapSize.pixelCount
            #expect(unsafe detector.run(mask: [UInt8](repeating: 1, count: cells)) == whole.score)
            let mask = (0..<cells).map { UInt8($0 % detector.mapSize.width < 12 ? 1 : 0) }
            _ = unsafe detector.run(mask: mask)
            let map = unsafe detector.withMap { unsafe Array($0) }
            #expect(zip(map, mask).allSatisfy { $1 == 1 || $0 == 0 })
            #expect(unsafe detector.run(mask: [UInt8](repeating: 0, count: cells)) == 0)
        }
    }

    @Test("looks at the image through its prompts: with others it says something else")
    func prompts() throws {
        let folder = try PromptedFolder(), package = try PromptedFixture.package(in: folder.path)
        let head = PromptedFixture.head(tower: package)
        for name in ["prompts.block0", "prompts.block2", "prompts.dynamic.bias"] {
            var tensors = head.tensors
            tensors[name] = tensors[name]?.map { -$0 }
            let other = PromptedHead(
                tower: head.tower, layout: head.layout, tensors: tensors, temperature: head.temperature,
                peakWeight: head.peakWeight, choices: head.choices)
            #expect(
                scores(try detector(head, package)).score != scores(try detector(other, package)).score,
                "\(name)")
        }
    }

    @Test("refuses images of a size that the tower cannot read, and a head that was trained in another tower")
    func refusals() throws {
        let folder = try PromptedFolder(), package = try PromptedFixture.package(in: folder.path)
        let head = PromptedFixture.head(tower: package)
        for size in [Size(width: 90, height: 96), Size(width: 96, height: 8), Size(width: 8192, height: 96)] {
            #expect(throws: ModelError.self) { try detector(head, package, size: size) }
        }
        let error = #expect(throws: ModelError.self) { try detector(PromptedFixture.head(), package) }
        #expect(error.map { "\($0)".contains("zero-shot head") } == true)
    }

    @Test("is a package that gives back the head, for its own tower alone")
    func package() throws {
        let folder = try PromptedFolder(), tower = try PromptedFixture.package(in: folder.path)
        let head = PromptedFixture.head(.mean, tower: tower, usesRarity: true)
        let written = try head.package(name: "adaclip", version: "1.0.0", text: Self.text)
            .write(to: folder.path + "/adaclip", replacing: false)
        #expect(try PromptedHead(of: written, tower: tower) == head)
        #expect(try ClassHead(of: written, tower: tower) == .prompted(head))
        #expect(try ClassHead.tower(of: written) == head.tower)
        #expect(try ZeroShotHead.text(of: written) == Self.text)
        var other = PromptedFixture.tower
        other.tensors["vision.class"]?.values[0] += 1
        let stranger = try PackageBuilder(PromptedFixture.network, weights: other, calibration: nil)
            .package(name: "tower", version: "1.0.0").write(to: folder.path + "/stranger", replacing: false)
        let error = #expect(throws: ModelError.self) { try PromptedHead(of: written, tower: stranger) }
        let digest = head.tower.digest.prefix(12)
        #expect(error.map { "\($0)".contains(digest) } == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test("is refused as a package where a word or a number is not allowed, or its file was cut")
    func faults() throws {
        let folder = try PromptedFolder(), tower = try PromptedFixture.package(in: folder.path)
        let head = PromptedFixture.head(tower: tower)
        let values: [(String, Manifest.Value)] = [
            ("prompts", .string("many")), ("fusion", .string("k-means")), ("rarity", .number(1)),
            ("temperature", .number(0.6)), ("tower.width", .number(128)), ("weight.peak", .number(11)),
        ]
        for (key, value) in values {
            var package = try head.package(name: "adaclip", version: "1.0.0", text: Self.text)
            package.manifest.configuration[key] = value
            let written = try package.write(to: folder.path + "/adaclip", replacing: true)
            let error = #expect(throws: ModelError.self) { try PromptedHead(of: written, tower: tower) }
            let words = error.map { "\($0)" } ?? ""
            #expect(words.contains("configuration.\(key)'"), "\(key): \(words)")
        }
        let whole = try head.package(name: "adaclip", version: "1.0.0", text: Self.text)
            .write(to: folder.path + "/adaclip", replacing: true)
        let file = URL(filePath: whole.directory + "/weights.safetensors")
        let bytes = try Data(contentsOf: file)
        for count in [0, 7, 100, bytes.count / 2, bytes.count - 1] {
            try bytes.prefix(count).write(to: file)
            #expect(throws: (any Error).self, "\(count) bytes") {
                try PromptedHead(
                    of: ModelPackage(opening: whole.directory, verifyingHashes: false), tower: tower)
            }
        }
    }

    @Test(
        "fuses the same patches to the same vector whatever the order of equal ones, and ignores empty clusters"
    )
    func fusion() {
        let rule = SemanticFusion(.clusters, patches: 144, width: 16)
        #expect(rule.chosen == 11 && rule.clusters == 2)
        let same = [Float](repeating: 1, count: 11 * 16)
        #expect(rule.shares(of: same).allSatisfy { abs($0 - 1 / 11) < 1e-6 })
        // Three points here and eight there: each group counts a half.
        let two = (0..<11 * 16).map { Float($0 / 16 < 3 ? 0 : 5) }
        let shares = rule.shares(of: two)
        #expect(shares.prefix(3).allSatisfy { abs($0 - 1 / 6) < 1e-6 })
        #expect(shares.suffix(8).allSatisfy { abs($0 - 1 / 16) < 1e-6 })
        #expect(SemanticFusion(.mean, patches: 144, width: 16).shares(of: two) == rule.shares(of: same))
    }
}
