import Testing
import Training

/// Operators that are linear in some of their inputs, the others held fixed.
private let linearOperators: [(OperatorCase, inputs: [[Int]])] = [
    (.linearWithoutBias, [[0], [1]]), (.product, [[0], [1]]), (.productLeft, [[0], [1]]),
    (.productRight, [[0], [1]]), (.productBoth, [[0], [1]]), (.productShared, [[0], [1]]),
    (.add, [[0, 1]]), (.addRow, [[0, 1]]), (.addNumber, [[0, 1]]), (.subtract, [[0, 1]]),
    (.multiply, [[0], [1]]), (.multiplyRow, [[0], [1]]), (.multiplyNumber, [[0], [1]]),
    (.scaleRows, [[0], [1]]), (.concatenate, [[0, 1, 2]]), (.concatenateLast, [[0, 1]]), (.slice, [[0]]),
    (.replace, [[0, 1]]), (.gather, [[0]]), (.repeated, [[0]]), (.mean, [[0]]), (.meanAxis, [[0]]),
    (.sumRows, [[0]]), (.convolveStride, [[0], [1]]), (.depthwiseOdd, [[0], [1]]), (.meanPool, [[0]]),
    (.meanPoolSame, [[0]]), (.spaceToDepth, [[0]]), (.resizeUp, [[0]]), (.resizeDown, [[0]]),
    (.resizeAligned, [[0]]), (.clusterMeans, [[0]]), (.linear, [[0, 2], [1, 2]]),
    (.convolve, [[0, 2], [1, 2]]), (.convolveSame, [[0, 2], [1, 2]]), (.convolvePoint, [[0, 2], [1, 2]]),
    (.depthwise, [[0, 2], [1, 2]]), (.depthwiseStride, [[0, 2], [1, 2]]), (.attention, [[2]]),
    (.attentionCausal, [[2]]), (.attentionLengths, [[2]]),
]

@Suite("the way back of a linear operator A is its adjoint")
struct AdjointTests {
    @Test(
        "<A x, y> equals <x, Aᵀ y>, to 1e-12 in double and 1e-5 in single precision",
        arguments: linearOperators.map(\.0))
    func dotProducts(operation: OperatorCase) throws {
        let workers = try Workers(count: 2)
        let sets = try #require(linearOperators.first { $0.0 == operation }?.inputs)
        for inputs in sets {
            let points = points(operation)
            let double = Evaluation(operation, at: points, in: Double.self, workers: workers)
            let single = Evaluation(operation, at: points, in: Float.self, workers: workers)
            #expect(difference(double, points, inputs) <= 1e-12, "\(operation), inputs \(inputs)")
            #expect(difference(single, points, inputs) <= 1e-5, "\(operation), inputs \(inputs)")
        }
    }

    @Test("Aᵀ y does not depend on where it is taken", arguments: linearOperators.map(\.0))
    func everywhere(operation: OperatorCase) throws {
        let workers = try Workers(count: 2)
        let sets = try #require(linearOperators.first { $0.0 == operation }?.inputs)
        for inputs in sets {
            var points = points(operation)
            let here = Evaluation(operation, at: points, in: Double.self, workers: workers)
            for input in inputs { points[input] = points[input].map { 3 - 2 * $0 } }
            let there = Evaluation(operation, at: points, in: Double.self, workers: workers)
            for input in inputs {
                let (a, b) = (here.gradients[input], there.gradients[input])
                let most = a.map(abs).max() ?? 0
                #expect(zip(a, b).allSatisfy { abs($0 - $1) <= 1e-12 * max(most, 1) }, "\(operation)")
            }
        }
    }

    private func points(_ operation: OperatorCase) -> [[Double]] {
        var numbers = TestNumbers("adjoint of \(operation)")
        return operation.shapes.map { numbers.normal($0.reduce(1, *)) }
    }

    /// The difference of both products over the sum of the absolute products.
    private func difference(_ found: Evaluation, _ points: [[Double]], _ inputs: [Int]) -> Double {
        let products = inputs.flatMap { zip(points[$0], found.gradients[$0]).map { $0 * $1 } }
        return abs(found.value - products.reduce(0, +)) / products.reduce(1e-9) { $0 + abs($1) }
    }
}
