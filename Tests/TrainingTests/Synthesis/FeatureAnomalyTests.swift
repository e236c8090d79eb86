import Testing
import Training

@Suite("anomalies made of features")
struct FeatureAnomalyTests {
    private let width = 24

    private func features(_ rows: Int) -> [Float] {
        var numbers = TestNumbers("features")
        return numbers.normal(rows * width).map { Float($0) }
    }

    @Test("noise has the deviation asked for, and is the same for the same numbers")
    func noise() {
        let features = features(400), noise = FeatureNoise.unit(width: width)
        var random = CounterRandom(seed: 1, index: 0), again = random
        let noisy = noise.of(features, &random)
        #expect(noisy == noise.of(features, &again))
        let squares = zip(noisy, features).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
        let deviation = (squares / Double(features.count)).squareRoot()
        #expect(abs(deviation / Double(noise.deviation) - 1) < 0.03)
    }

    @Test("ascent ends inside the shell, harder than the noise it began with, and keeps the hardest half")
    func ascent() throws {
        let tape = Tape<Float>(workers: try Workers(count: 1))
        let features = features(30), weights = self.features(1)
        // A discriminator that is linear: its gradient is the same everywhere.
        func discriminator(_ tape: Tape<Float>, _ x: Tensor<Float>) -> Tensor<Float> {
            tape.linear(x, tape.constant(weights, [1, width]), nil)
        }
        var settings = FeatureAscent()
        settings.stepSize = 0.05
        var random = CounterRandom(seed: 2, index: 0)
        let (made, rows) = settings.anomalies(
            of: features, width: width, &random, on: tape, discriminator: discriminator)
        #expect(rows.count == 15 && rows == rows.sorted() && Set(rows).count == 15)
        func logits(_ values: [Float]) -> [Float] {
            tape.begin()
            return tape.values(discriminator(tape, tape.constant(values, [values.count / width, width])))
        }
        let (before, after) = (logits(features), logits(made))
        for (place, row) in rows.enumerated() {
            let offset = (0..<width).map { made[place * width + $0] - features[row * width + $0] }
            let length = offset.reduce(0) { $0 + $1 * $1 }.squareRoot()
            #expect(0.499...1.001 ~= length)
            #expect(after[place] < before[row], "row \(row) is no harder")
        }
        // The hardest are those that the discriminator finds best to begin with.
        let rest = before.indices.filter { !rows.contains($0) }.map { before[$0] }
        let mean = { (values: [Float]) in values.reduce(0, +) / Float(values.count) }
        #expect(mean(rows.map { before[$0] }) < mean(rest))
    }

    @Test("the radius around centres is what three quarters of the distances do not exceed")
    func radius() {
        let features: [Float] = [1, 0, 0, 2, 3, 0, 0, 4], centres = [Float](repeating: 0, count: 8)
        #expect(FeatureAscent.radius(of: features, around: centres, width: 2) == 4)
        #expect(FeatureAscent.radius(of: [3, 4], around: [0, 0], width: 2) == 5)
    }
}
