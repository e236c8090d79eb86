import Testing
import Training

/// Every loss, as a function of what it is a loss of.
enum LossCase: String, CaseIterable, TestFunction {
    case crossEntropy, divergence, pairContrast, ntXent
    case binaryCrossEntropy, focalLogits, focalProbabilities, dice, diceWhole, weightedMean
    case centrePull, centreSpread, imbalance, meanSquare, hingeInside, hingeOutside, structuralSimilarity

    var name: String { rawValue }
    var gap: Double { 0 }

    var shapes: [[Int]] {
        switch self {
        case .pairContrast: [[5, 7], [5, 7], []]
        case .ntXent: [[6, 7]]
        case .centrePull: [[5, 7], [3, 7]]
        case .meanSquare: [[5, 7], [5, 7]]
        case .hingeInside, .hingeOutside: [[5, 7], []]
        case .structuralSimilarity: [[1, 12, 13, 2], [1, 12, 13, 2]]
        default: [[5, 7]]
        }
    }

    func apply<Scalar: TrainingScalar>(_ tape: Tape<Scalar>, _ x: [Tensor<Scalar>]) -> Tensor<Scalar> {
        switch self {
        case .crossEntropy: return tape.crossEntropy(x[0], targets: [2, -1, 6, 0, 0])
        case .divergence:
            var numbers = TestNumbers("targets")
            let scores = tape.constant(numbers.normal(35).map { Scalar($0) }, [5, 7])
            return tape.divergence(x[0], targets: tape.detached(tape.softmax(scores)))
        case .pairContrast:
            return tape.pairContrast(tape.normalise(x[0]), tape.normalise(x[1]), scale: tape.exp(x[2]))
        case .ntXent: return tape.ntXent(tape.normalise(x[0]), temperature: 0.5)
        default: return applyMaps(tape, x)
        }
    }

    private func applyMaps<Scalar: TrainingScalar>(
        _ tape: Tape<Scalar>, _ x: [Tensor<Scalar>]
    ) -> Tensor<Scalar> {
        let mask = tape.constant((0..<35).map { $0 % 3 == 0 ? 1 : 0 }, [5, 7])
        switch self {
        case .binaryCrossEntropy: return tape.binaryCrossEntropy(logits: x[0], targets: mask)
        case .focalLogits: return tape.focal(logits: x[0], targets: mask, gamma: 2)
        case .focalProbabilities: return tape.focal(probabilities: tape.sigmoid(x[0]), targets: mask)
        case .dice: return tape.dice(tape.sigmoid(x[0]), targets: mask)
        case .diceWhole:
            return tape.dice(
                tape.reshape(tape.sigmoid(x[0]), [1, 35]), targets: tape.reshape(mask, [1, 35]))
        case .weightedMean: return tape.weightedMean(x[0], weights: mask)
        case .centrePull: return tape.centrePull(x[0], centres: x[1], labels: [0, 2, 2, 1, 0])
        case .centreSpread: return tape.centreSpread(tape.normalise(x[0]), temperature: 0.1)
        case .imbalance: return tape.imbalance(tape.softmax(x[0]))
        case .meanSquare: return tape.meanSquare(x[0], x[1])
        case .hingeInside: return tape.hinge(x[0], radius: x[1], margin: 0.2, isInside: true, weights: mask)
        case .hingeOutside: return tape.hinge(x[0], radius: x[1], margin: 0.2, isInside: false, weights: mask)
        case .structuralSimilarity: return tape.structuralSimilarity(tape.sigmoid(x[0]), tape.sigmoid(x[1]))
        default: return x[0]
        }
    }
}

struct LossGradientTests {
    @Test(
        "a loss's gradient equals central differences: 1e-6 in double, 1e-3 in single precision",
        arguments: LossCase.allCases)
    func differences(loss: LossCase) throws {
        let check = GradientCheck(loss, workers: try Workers(count: 2))
        #expect(check.isAlive)
        #expect(check.inDouble <= 1e-6, "\(loss)")
        #expect(check.inFloat <= 1e-3, "\(loss)")
    }
}
