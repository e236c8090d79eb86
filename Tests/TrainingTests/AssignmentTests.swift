import Testing
import Training

struct AssignmentTests {
    @Test("Sinkhorn gives each thing a distribution and each cluster nearly the same weight")
    func sinkhornIsBalanced() {
        var numbers = TestNumbers("sinkhorn")
        let scores = numbers.normal(60 * 4)
        let q = sinkhorn(scores: scores, clusters: 4, rounds: 50)
        for row in 0..<60 { #expect(abs(q[row * 4..<row * 4 + 4].reduce(0, +) - 1) < 1e-12) }
        for cluster in 0..<4 {
            let weight = (0..<60).reduce(0.0) { $0 + q[$1 * 4 + cluster] }
            #expect(abs(weight - 15) < 1e-6, "cluster \(cluster): \(weight)")
        }
    }

    @Test("the nearest prototype has the largest product, and the lower index where two are equal")
    func nearest() throws {
        let tape = Tape<Float>(workers: try Workers(count: 1))
        tape.begin()
        let x = tape.constant([1, 0, 0, 1, 1, 1], [3, 2])
        let prototypes = tape.constant([0, 1, 1, 0, 1, 0], [3, 2])
        let (rows, indices) = tape.nearest(x, among: prototypes)
        #expect(indices == [1, 0, 0])
        #expect(tape.values(rows) == [1, 0, 0, 1, 0, 1])
    }

    @Test("a clamped number gets a gradient outside only if its step leads back inside")
    func clampLeadsBack() throws {
        let tape = Tape<Float>(workers: try Workers(count: 1))
        tape.begin()
        let x = tape.variable([0, 0, 0.3, 1, 1], [5])
        let signs = tape.constant([1, -1, 1, 1, -1], [5])
        tape.backward(tape.sum(tape.multiply(tape.clamp(x, to: 0.1...0.6), signs)))
        #expect(tape.gradientValues(of: x) == [0, -1, 1, 1, 0])
    }
}
