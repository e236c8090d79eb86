import AnomalyModels
import Imaging
import Inference
import Kernels
import Tensors
import Testing
import Training

@Suite("AdaCLIP-E's pass with prompts against an independent implementation")
struct PromptedGoldenTests {
    private static let cases: [SemanticFusion.Kind] = [.off, .mean, .clusters]

    @Test("has the reference's tokens, margins and scores in training", arguments: cases)
    func training(fusion: SemanticFusion.Kind) throws {
        let fixture = try PromptedFixture(), golden = fixture.golden
        let tape = Tape<Float>(workers: try Workers(count: 1), isTraining: false)
        tape.begin()
        let said = try fixture.training(fusion).said(tape, fixture.batch())
        for (tap, patches) in zip(PromptedFixture.layout.taps, said.patches) {
            let values = tape.values(patches)
            let some = stride(from: 0, to: values.count, by: 7).map { values[$0] }
            #expect(largestDifference(some, try golden.floats("tap\(tap)")) <= 1e-5, "tap \(tap)")
        }
        #expect(largestDifference(tape.values(said.image), try golden.floats("image")) <= 1e-5)
        #expect(relativeError(tape.values(said.mean), try golden.floats("margins")) <= 1e-4)
        #expect(
            relativeError(tape.values(said.score), try golden.floats("score.\(fusion.rawValue)")) <= 1e-4)
    }

    @Test("has the reference's loss and gradients: prompts, projections, adapter, temperature")
    func gradients() throws {
        let fixture = try PromptedFixture()
        let network = try fixture.training()
        let tape = try Tape<Float>(workers: Workers(count: 1))
        tape.begin()
        network.parameters.clearGradients()
        let loss = try network.loss(tape, fixture.batch())
        let expected = try #require(try fixture.golden.floats("loss").first)
        #expect(abs(tape.value(loss) - expected) <= 1e-4 * expected)
        tape.backward(loss)
        for parameter in network.parameters.all {
            let theirs = try fixture.golden.floats("gradient." + parameter.name)
            let ours = parameter.gradients
            let part = ours.count > 1000 ? stride(from: 0, to: ours.count, by: 5).map { ours[$0] } : ours
            #expect(relativeError(part, theirs) <= 1e-3, "\(parameter.name)")
        }
    }

    @Test("has the reference's loss where dice is taken over rows")
    func rows() throws {
        let fixture = try PromptedFixture()
        let tape = try Tape<Float>(workers: Workers(count: 1))
        tape.begin()
        let loss = tape.value(try fixture.training(dice: .rows).loss(tape, fixture.batch()))
        let expected = try #require(try fixture.golden.floats("loss.rows").first)
        #expect(abs(loss - expected) <= 1e-4 * expected)
    }

    @Test("has the reference's tokens in the graph that inspection compiles, from pixels on, in float32")
    func graph() throws {
        let fixture = try PromptedFixture(), folder = try PromptedFolder()
        let package = try PromptedFixture.package(in: folder.path)
        let size = Size(width: PromptedFixture.side, height: PromptedFixture.side)
        let tower = try PromptedTower(package, kind: .dynamic, size: size)
        let reference = try ReferenceSession(
            tower.graph,
            weights: PromptedSource(
                FloatSource(PromptedFixture.tower), PromptedFixture.head().weights, grid: tower.grid),
            kernels: KernelTable(.best), keepsAll: false)
        for index in 0..<2 {
            reference.run(image: try fixture.picture(index))
            for name in ["image", "condition"] {
                let ours = try #require(reference.output("prompts.\(name)"))
                let theirs = try fixture.golden.floats(name)
                let part = Array(theirs[index * ours.count..<(index + 1) * ours.count])
                #expect(relativeError(ours, part) <= 1e-4, "\(name) of picture \(index)")
            }
        }
        // The unit vectors of the first picture come first, every seventh number of them.
        reference.run(image: try fixture.picture(0))
        for tap in PromptedFixture.layout.taps {
            let ours = try #require(reference.output("prompts.tap\(tap)"))
            let some = stride(from: 0, to: ours.count, by: 7).map { ours[$0] }
            let theirs = try fixture.golden.floats("tap\(tap)").prefix(some.count)
            #expect(largestDifference(some, Array(theirs)) <= 2e-5, "tap \(tap)")
        }
    }

    @Test("has the reference's margins and scores in int8, as inspection computes them", arguments: cases)
    func detector(fusion: SemanticFusion.Kind) throws {
        let fixture = try PromptedFixture(), folder = try PromptedFolder()
        let package = try PromptedFixture.package(in: folder.path)
        for index in 0..<2 {
            let detector = try PromptedDetector(
                PromptedFixture.head(fusion, tower: package), PromptedFixture.columns[index], tower: package,
                size: Size(width: 96, height: 96), kernels: KernelTable(.best), pool: TensorPool())
            let pixels = try fixture.picture(index)
            unsafe detector.withInput { unsafe $0.copyBytes(from: pixels) }
            let score = detector.run()
            let margins = unsafe detector.withMargins { unsafe Array($0) }
            let theirs = try fixture.golden.floats("margins")
            let expected = Array(theirs[index * 144..<(index + 1) * 144])
            #expect(correlation(margins, expected) > 0.99, "picture \(index)")
            let whole = try fixture.golden.floats("score.\(fusion.rawValue)")[index]
            let largest = expected.map(abs).max() ?? 1
            // A fiftieth of the score, and no cosine is off by more than a twentieth of the largest margin.
            #expect(abs(score - (1 + 0.02 * whole)) < 0.02 * 0.05 * max(largest, abs(whole)), "\(fusion)")
        }
    }

    private func correlation(_ a: [Float], _ b: [Float]) -> Double {
        let (meanA, meanB) = (a.reduce(0, +) / Float(a.count), b.reduce(0, +) / Float(b.count))
        var (product, squareA, squareB) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            let (dx, dy) = (Double(x - meanA), Double(y - meanB))
            (product, squareA, squareB) = (product + dx * dy, squareA + dx * dx, squareB + dy * dy)
        }
        return product / (squareA * squareB).squareRoot()
    }
}
