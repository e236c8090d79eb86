import Testing
import Training

/// Every loss, as a function of what it is a loss of.
enum LossCase: String, CaseIterable, TestFunction {
    case crossEntropy, divergence, pairContrast, ntXent

    var name: String { rawValue }
    var gap: Double { 0 }

    var shapes: [[Int]] {
        switch self {
        case .pairContrast: [[5, 7], [5, 7], []]
        case .ntXent: [[6, 7]]
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
