import AnomalyModels
import Foundation
import Imaging
import Inference
import Kernels
import ModelPackages
import SimulatedLine
import Testing
import Training

@Suite("training a segmentation head for a product")
struct SegmentationTrainingTests {
    private static let size = Size(width: 128, height: 96)
    private static let kernels = KernelTable(.best)

    private static func trunk() throws -> ModelPackage {
        let folder = URL(filePath: #filePath).appending(path: "../../../../Models").standardized.path
        return try ModelPackage(opening: folder + "/efficientnet-lite0", verifyingHashes: false)
    }

    /// `count` good parts of a drawn product.
    private static func lesson(_ count: Int) throws -> HeadLesson {
        let kind = try #require(PracticeCatalogue.kinds.first)
        var teaching = try PatchTeaching(
            trunk: trunk(), views: .mirrored, fusion: .standard, kernels: kernels, pool: TensorPool())
        var tiles: [HeadLesson.Tile] = []
        for part in 0..<count {
            let sample = kind.render(
                product: 3, sample: part, defective: false, size: size, colour: false)
            try teaching.add(sample.image.pixels, size: size)
            tiles.append(.init(part: part, pixels: sample.image.pixels, size: size))
        }
        return HeadLesson(teaching, tiles: tiles)
    }

    private static func practice(_ lesson: HeadLesson, count: Int = 24) throws -> SegmentationPractice {
        try SegmentationPractice(lesson, seed: 5, count: count, proofCount: 24, kernels: kernels)
    }

    private static func result(
        _ practice: SegmentationPractice, _ lesson: HeadLesson, steps: Int
    ) throws -> SegmentationTraining.Result {
        var training = SegmentationTraining()
        training.steps = steps
        return try training.run(practice, lesson, threads: 1, kernels: kernels)
    }

    @Test("practises on as many good pictures as pictures with a defect, the same every time")
    func practice() throws {
        let lesson = try Self.lesson(2), made = try Self.practice(lesson), again = try Self.practice(lesson)
        #expect(made.samples.count == 24 && made.proofs.count == 24 && made.banks.count == 2)
        #expect((10...12).contains(made.samples.filter(\.isDefective).count))
        #expect(made.sheet == again.sheet)
        #expect(made.banks == again.banks)
    }

    @Test("practises on defects that were marked as missed too: as they are, and pasted into good parts")
    func missed() throws {
        let plain = try Self.lesson(2), good = plain.tiles[0]
        let box = Region(x: 40, y: 32, width: 16, height: 16)
        var pixels = good.pixels
        for y in box.y..<box.y + box.height {
            for x in box.x..<box.x + box.width {
                for channel in 0..<3 { pixels[3 * (y * Self.size.width + x) + channel] = 255 }
            }
        }
        let lesson = HeadLesson(
            plain.teaching, tiles: plain.tiles,
            missed: [.init(pixels: pixels, size: Self.size, box: box)])
        let made = try Self.practice(lesson, count: 48), again = try Self.practice(lesson, count: 48)
        #expect(made.sheet == again.sheet)
        #expect(made.sheet != (try Self.practice(plain, count: 48).sheet))
        // Its box is 16 cells of the mask wherever its edges lie on cells of 4 pixels, as they do in the picture itself.
        let marked = made.samples.count { $0.defectiveCells == 16 }
        #expect(marked > (try Self.practice(plain, count: 48).samples.count { $0.defectiveCells == 16 }))
    }

    private struct Stop: Error {}

    @Test("what progress throws ends practice and training")
    func stopped() throws {
        let lesson = try Self.lesson(2), practice = try Self.practice(lesson)
        var seen = 0
        #expect(throws: Stop.self) {
            try SegmentationPractice(lesson, seed: 5, count: 4, proofCount: 1, kernels: Self.kernels) {
                done, _ in
                seen = done
                if done == 2 { throw Stop() }
            }
        }
        #expect(seen == 2)
        #expect(throws: Stop.self) {
            try SegmentationTraining().run(practice, lesson, threads: 1, kernels: Self.kernels) { step, _ in
                seen = step
                if step == 3 { throw Stop() }
            }
        }
        #expect(seen == 3)
    }

    @Test("a single good part practises before its other views, a fixed one before itself")
    func onePart() throws {
        let lesson = try Self.lesson(1), banks = try lesson.banks(), whole = try lesson.teaching.bank()
        #expect(banks.count == 4 && banks.allSatisfy { $0 != whole })
        #expect(Set((0..<4).map { lesson.fold(part: 0, view: $0) }) == Set(0..<4))
    }

    /// Sentences of no network.
    private static let columns = ClassColumns(
        normal: (0..<384).map { Float($0 * 37 % 101 - 50) / 560 },
        abnormal: (0..<384).map { Float($0 * 53 % 103 - 51) / 560 })

    @Test(
        "the network that is trained and the pass that inspects say the same of a picture",
        arguments: [[], [.gate], [.block]] as [Set<SegmentationNetwork.Part>], [16, 48])
    func agreement(left: Set<SegmentationNetwork.Part>, width: Int) throws {
        let lesson = try Self.lesson(2), practice = try Self.practice(lesson)
        let network = SegmentationNetwork(
            practice, width: width, seed: 1,
            parts: Set(SegmentationNetwork.Part.allCases).subtracting(left), columns: Self.columns)
        #expect(network.head(weight: 1, centre: 0).width == width)
        // Every weight some number, as trained ones are; without a gate adapters bend nothing, as in what ships.
        var random = RandomNumbers(seed: 3)
        for parameter in network.parameters.all where left.isEmpty || !parameter.name.hasSuffix(".up") {
            parameter.values = parameter.values.map { $0 + 0.1 * Float(random.nextNormal()) }
        }
        let bank = practice.banks[0], size = Self.size
        let made = SegmentationPractice.Proof(
            fold: 0, pixels: lesson.tiles[0].pixels, size: size,
            mask: PixelMask(size: size, pixels: [Bool](repeating: false, count: size.pixelCount)))
        func map(_ head: SegmentationHead?) throws -> (PatchDetector, [Float]) {
            let detector = try PatchDetector(
                bank.with(head), on: lesson.teaching.trunks.trunk(size), kernels: Self.kernels,
                keepsEvidence: true)
            // The tile has the size of the input.
            unsafe detector.withInput { input in unsafe input.copyBytes(from: lesson.tiles[0].pixels) }
            _ = detector.run()
            return (detector, unsafe detector.withMap { unsafe Array($0) })
        }
        let (detector, plain) = try map(nil)
        let weight: Float = 0.01
        let (_, added) = try map(network.head(weight: weight, centre: 0))
        let tape = try Tape<Float>(workers: Workers(count: 1), isTraining: false)
        let sample = SegmentationPractice.Sample(detector, bank, PatchCentres.of(bank), made)
        let logits = network.logits(tape, [network.input(sample)])
        let expected = tape.values(
            tape.resize(logits, height: size.height / 2, width: size.width / 2, alignsCorners: false))
        #expect(Set(expected).count > 100)
        for cell in plain.indices {
            let wanted = min(max(plain[cell] + weight * expected[cell], 0), 2)
            #expect(abs(added[cell] - wanted) < 2e-4, "cell \(cell)")
        }
    }

    @Test("finds practice defects that were kept back more precisely than before, and does so again")
    func training() throws {
        let lesson = try Self.lesson(2), practice = try Self.practice(lesson, count: 48)
        let first = try Self.result(practice, lesson, steps: 120)
        #expect(try #require(first.after.pixels) > #require(first.before.pixels))
        let second = try Self.result(practice, lesson, steps: 120)
        #expect(first.head == second.head && first.after == second.after)
    }

    @Test("a head with a fusion block is trained to the same weights every time, and is a product's")
    func block() throws {
        let lesson = try Self.lesson(2), practice = try Self.practice(lesson)
        var training = SegmentationTraining()
        training.steps = 12
        training.parts.insert(.block)
        training.shipped = ShippedWeights(columns: Self.columns)
        func run() throws -> SegmentationTraining.Result {
            try training.run(practice, lesson, threads: 1, kernels: Self.kernels)
        }
        let first = try run()
        #expect(first.head == (try run().head) && first.after.pixels != nil)
    }

    @Test("what is left out does not count in what was learned")
    func leftOut() throws {
        let lesson = try Self.lesson(2), practice = try Self.practice(lesson)
        func head(_ part: SegmentationNetwork.Part) throws -> SegmentationHead {
            let network = SegmentationNetwork(
                practice, seed: 1, parts: Set(SegmentationNetwork.Part.allCases).subtracting([part]),
                columns: Self.columns)
            let training = Trainer(
                tape: try Tape(workers: Workers(count: 1)), optimiser: Adam(network.parameters, .init()),
                schedule: Schedule(peak: 1e-2, warmUpSteps: 1, totalSteps: 10))
            for _ in 0..<3 {
                _ = try training.takeStep { network.loss($0, practice.samples.prefix(4).map(network.input)) }
            }
            return network.head(weight: 1, centre: 0)
        }
        #expect(try head(.segmentation).tensors["mix.0.point"]?.allSatisfy { $0 == 0 } == true)
        #expect(try head(.adapters).tensors["adapter.s8.up"]?.allSatisfy { $0 == 0 } == true)
        let blind = try head(.attention)
        for side in ["patches", "words"] {
            for part in ["weight", "bias"] {
                #expect(blind.tensors["block.\(side).out.\(part)"]?.allSatisfy { $0 == 0 } == true, "\(side)")
            }
        }
        #expect(try head(.block).block == nil && head(.features).block == nil)
        #expect(try head(.gate).block == .open && blind.block == .gated)
        let width = SegmentationHead.inputWidth("s8")
        let input = try #require(try head(.features).tensors["input.s8"])
        #expect(
            input.indices.allSatisfy {
                $0 % width >= width - SegmentationHead.evidence || input[$0] == 0
            })
    }
}
