import Platform
import Testing
import Training

@Suite("FINE-R end to end")
struct EndToEndTests {
    @Test(
        "gradients through both branches are those of differences", arguments: [true, false], [true, false])
    func gradients(hasMarks: Bool, hasAttention: Bool) throws {
        let extractor = TwoBranchExtractor<Double>(
            widths: [2, 3, 4, 5], embedding: 6, hasAttention: hasAttention, seed: 4)
        let tape = Tape<Double>(workers: try Workers(count: 1))
        var numbers = TestNumbers("two branches \(hasMarks)")
        let pixels = numbers.normal(4 * 32 * 32 * 3), marks = numbers.normal(4 * 32 * 32).map { abs($0) / 5 }
        func loss() -> Tensor<Double> {
            tape.begin()
            let z = extractor.embeddings(
                tape, tape.constant(pixels, [4, 32, 32, 3]),
                weights: hasMarks ? tape.constant(marks, [4, 32, 32, 1]) : nil)
            return tape.ntXent(z, temperature: 0.5)
        }
        extractor.parameters.clearGradients()
        tape.backward(loss())
        let used = extractor.parameters.all.filter { $0.gradients.contains { $0 != 0 } }
        let attention = used.count { $0.name.contains("channels") || $0.name.contains("places") }
        #expect(attention == (hasAttention ? hasMarks ? 16 : 8 : 0))
        #expect(hasMarks ? used.count > 100 : used.count > 50 && used.count < 80, "\(used.count) used")
        var errors: [Double] = []
        for parameter in used {
            let (start, slopes) = (parameter.values, parameter.gradients), way = numbers.normal(start.count)
            let step = 1e-6
            func value(_ sign: Double) -> Double {
                parameter.values = zip(start, way).map { $0 + sign * step * $1 }
                return tape.value(loss())
            }
            let difference = (value(1) - value(-1)) / (2 * step)
            parameter.values = start
            let slope = zip(slopes, way).reduce(0) { $0 + $1.0 * $1.1 }
            errors.append(abs(slope - difference) / max(abs(difference), 1e-3))
        }
        // A step may cross the kink of a ReLU or of a pool among thousands.
        let good = errors.count { $0 < 1e-4 }
        #expect(good * 10 >= errors.count * 9, "\(good) of \(errors.count), \(errors.sorted().suffix(5))")
    }

    /// Light pictures of bars that lie across or stand, in four places.
    private static func pictures(withMarks: Bool) -> (pictures: [EndToEndTraining.Picture], kinds: [Int]) {
        var random = SplitMix64(seed: 9), kinds: [Int] = []
        let pictures = (0..<24).map { number in
            let kind = number % 2, x = Int.random(in: 8..<24, using: &random)
            let y = Int.random(in: 8..<24, using: &random)
            kinds.append(kind)
            let marks = (0..<32 * 32).map { pixel -> Float in
                let (row, column) = (pixel / 32, pixel % 32)
                let reach = kind == 0 ? 1 : 5
                return abs(row - y) <= reach && abs(column - x) <= reach ? 1 : 0
            }
            let pixels = marks.flatMap { mark -> [UInt8] in
                let value = UInt8(mark > 0 ? 30 : 180 + Int.random(in: 0..<40, using: &random))
                return [value, value, value]
            }
            return EndToEndTraining.Picture(pixels: pixels, marks: withMarks ? marks : nil)
        }
        return (pictures, kinds)
    }

    @Test(
        "a few epochs with marks part small ones from large ones, each time alike", arguments: [true, false])
    func training(withMarks: Bool) throws {
        let (pictures, kinds) = Self.pictures(withMarks: withMarks), workers = try Workers(count: 1)
        var settings = EndToEndTraining.Settings()
        (settings.widths, settings.embedding, settings.batch) = ([8, 8, 16, 16], 16, 12)
        (settings.epochs, settings.rate) = (40, 3e-3)
        var epochs = 0
        func trained() throws -> UnitRows {
            epochs = 0
            return try EndToEndTraining(
                fitting: pictures, side: 32, clusters: 2, seed: 1, settings, workers: workers
            ) { epochs = $0 }.embeddings
        }
        let rows = try trained()
        #expect(epochs == 40 && rows.count == 24)
        let again = try trained()
        #expect((0..<24).allSatisfy { again.row($0) == rows.row($0) })
        let found = SphericalKMeans(rows, count: 2, seed: 0).clusters
        let same = zip(found, kinds).count { $0 == $1 }
        #expect(!withMarks || max(same, 24 - same) >= 18, "\(same) of 24")
    }
}
