import Inference
import Kernels
import Platform
import Testing

struct LinearFitTests {
    @Test("a linear map with a bias is found from its rows and results, whatever the first guess")
    func recovered() {
        let depth = 7, columns = 3
        var random = SplitMix64(seed: 4)
        let weights = (0..<columns * depth).map { _ in random.unit() - 0.5 }
        let bias: [Float] = [1, -2, 0.5]
        var fit = LinearFit(depth: depth, columns: columns, kernels: KernelTable(.best))
        for _ in 0..<5 {
            let rows = (0..<40 * depth).map { _ in 4 * random.unit() }
            let results = (0..<40 * columns).map { place in
                (0..<depth).reduce(bias[place % columns]) {
                    $0 + weights[place % columns * depth + $1] * rows[place / columns * depth + $1]
                }
            }
            fit.add(rows, results)
        }
        let first = [Float](repeating: 0.3, count: columns * depth)
        let found = fit.weights(first: first, ridge: 1e-9)
        #expect(zip(found, weights).allSatisfy { abs($0 - $1) < 1e-3 })
        let shifts = (0..<columns).map { row in
            (0..<depth).reduce(fit.resultMean[row]) { $0 - found[row * depth + $1] * fit.rowMean[$1] }
        }
        #expect(zip(shifts, bias).allSatisfy { abs($0 - $1) < 5e-3 })
    }

    @Test("a great ridge keeps the first guess")
    func guessed() {
        var random = SplitMix64(seed: 5)
        var fit = LinearFit(depth: 4, columns: 2, kernels: KernelTable(.best))
        fit.add((0..<64).map { _ in random.unit() }, (0..<32).map { _ in random.unit() })
        let first: [Float] = [1, 2, 3, 4, 5, 6, 7, 8]
        #expect(zip(fit.weights(first: first, ridge: 1e9), first).allSatisfy { abs($0 - $1) < 1e-5 })
    }
}
