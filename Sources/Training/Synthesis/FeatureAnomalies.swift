// Anomalies that are made of features instead of pictures (METHODS.md 6, `noise` and `gas`); for ablations.

/// Features with noise: f + N(0, σ²) (Liu et al., SimpleNet, 2023).
public struct FeatureNoise: Sendable, Hashable {
    /// The deviation σ of each number.
    public var deviation: Float

    /// SimpleNet's 0.015, for features of 1,536 numbers as a network gives them.
    public static let raw = FeatureNoise(deviation: 0.015)

    /// For tokens of length 1: offsets have about a length of 0.3 [our design].
    public static func unit(width: Int) -> FeatureNoise {
        FeatureNoise(deviation: 0.3 / Float(width).squareRoot())
    }

    public init(deviation: Float) { self.deviation = deviation }

    /// `features` with noise that depends on `random` alone.
    public func of(_ features: [Float], _ random: inout CounterRandom) -> [Float] {
        features.map { $0 + random.normal(mean: 0, deviation: deviation) }
    }
}

/// Gradient ascent synthesis (Chen et al., GLASS, 2024): noisy features move to where the discriminator takes them for
/// good, within a shell around what they came from, and the hardest are kept.
public struct FeatureAscent: Sendable, Hashable {
    /// The noise that it begins with.
    public var noise = FeatureNoise.raw
    public var steps = 20
    /// How far a step goes along the gradient of length 1.
    public var stepSize: Float = 0.001
    /// After how many steps offsets are brought into the shell.
    public var projectionInterval = 5
    /// The inner radius r of the shell; the outer one is 2 r.
    public var radius: Float = 0.5
    /// The share with the largest loss that is kept.
    public var keptShare = 0.5

    public init() {}

    /// The least distance that 75 % of `features` have from the centre of their row, `[rows, width]` both: the radius of
    /// a shell around centres.
    public static func radius(of features: [Float], around centres: [Float], width: Int) -> Float {
        precondition(features.count == centres.count && !features.isEmpty, "\(features.count) features")
        let distances = stride(from: 0, to: features.count, by: width).map { start in
            (start..<start + width).reduce(0 as Float) { sum, index in
                sum + (features[index] - centres[index]) * (features[index] - centres[index])
            }.squareRoot()
        }.sorted()
        return distances[min(distances.count - 1, distances.count * 3 / 4)]
    }

    /// Anomalous features made of `features`, and the row that each came from, in rising order.
    ///
    /// - Parameters:
    ///   - features: `[rows, width]`.
    ///   - centres: `[rows, width]`, what offsets are measured from; nil for the features themselves.
    ///   - tape: its computation is forgotten. Gradients are added to the discriminator's parameters: clear them.
    ///   - discriminator: the logits of being anomalous, one for each row of `[rows, width]`.
    public func anomalies(
        of features: [Float], width: Int, centres: [Float]? = nil, _ random: inout CounterRandom,
        on tape: Tape<Float>, discriminator: (Tape<Float>, Tensor<Float>) -> Tensor<Float>
    ) -> (features: [Float], rows: [Int]) {
        let rows = features.count / width, centres = centres ?? features
        precondition(
            rows > 0 && rows * width == features.count && centres.count == features.count,
            "\(features.count) features and \(centres.count) of centres in rows of \(width)")
        var moved = noise.of(features, &random)
        for step in 1...max(steps, 1) {
            let gradients = gradients(of: moved, rows, width, tape, discriminator)
            for row in 0..<rows { advance(&moved, gradients, row * width..<(row + 1) * width) }
            guard step % projectionInterval == 0 || step == steps else { continue }
            for row in 0..<rows { project(&moved, centres, row * width..<(row + 1) * width) }
        }
        tape.begin()
        let logits = tape.values(discriminator(tape, tape.constant(moved, [rows, width])))
        // The loss -log σ(z) falls with the logit: the lowest logits are the hardest; of equal ones the first rows.
        let count = max(1, Int((Double(rows) * keptShare).rounded(.up)))
        let hardest = logits.indices.sorted { (logits[$0], $0) < (logits[$1], $1) }.prefix(count).sorted()
        return (hardest.flatMap { moved[$0 * width..<($0 + 1) * width] }, hardest)
    }

    /// Of the loss of being called anomalous, whose sum keeps rows apart.
    private func gradients(
        of values: [Float], _ rows: Int, _ width: Int, _ tape: Tape<Float>,
        _ discriminator: (Tape<Float>, Tensor<Float>) -> Tensor<Float>
    ) -> [Float] {
        tape.begin()
        let x = tape.variable(values, [rows, width])
        let logits = tape.reshape(discriminator(tape, x), [rows])
        let ones = tape.constant([Float](repeating: 1, count: rows), [rows])
        tape.backward(tape.binaryCrossEntropy(logits: logits, targets: ones))
        return tape.gradientValues(of: x)
    }

    /// One step along the gradient of the row; none where it vanishes.
    private func advance(_ values: inout [Float], _ gradients: [Float], _ row: Range<Int>) {
        let length = row.reduce(0 as Float) { $0 + gradients[$1] * gradients[$1] }.squareRoot()
        guard length > 0, length.isFinite else { return }
        for index in row { values[index] += stepSize * gradients[index] / length }
    }

    /// Brings the offset of the row to a length of r to 2 r.
    private func project(_ values: inout [Float], _ centres: [Float], _ row: Range<Int>) {
        let length = row.reduce(0 as Float) {
            $0 + (values[$1] - centres[$1]) * (values[$1] - centres[$1])
        }.squareRoot()
        guard length > 0 else { return }
        let factor = min(max(length, radius), 2 * radius) / length
        for index in row { values[index] = centres[index] + (values[index] - centres[index]) * factor }
    }
}
