import CKernels
import Foundation
import Platform
import Testing

/// The rows of training on each instruction set, beside plain loops in double precision.
@Suite("rows of training")
struct TrainingRowTests {
    private static let counts = [1, 2, 15, 16, 17, 31, 33, 64, 100, 257]

    /// Calls `body` with each table that this CPU runs.
    private static func withEachTable(_ body: (ct_kernels) throws -> Void) rethrows {
        var available: Int32 = 0, index = 0
        // Tables are constants of the library.
        while let table = unsafe ct_kernels_at(index, &available) {
            if available != 0 { unsafe try body(table.pointee) }
            index += 1
        }
    }

    private func near(_ found: [Float], _ expected: [Double], _ what: String, _ tolerance: Double = 1e-5) {
        for (index, (a, b)) in zip(found, expected).enumerated()
        where abs(Double(a) - b) > tolerance * max(1, abs(b)) {
            Issue.record("\(what), element \(index) of \(found.count): \(a) instead of \(b)")
            return
        }
    }

    @Test("activations and their gradients, written and added", arguments: counts)
    func activations(count: Int) {
        var random = SplitMix64(seed: UInt64(count))
        let x = random.floats(count, -9...9), dy = random.floats(count), old = random.floats(count)
        func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
        let quick = x.map { Double($0) * logistic(1.702 * Double($0)) }
        let plain = x.map { Double($0) * (1 + erf(Double($0) / 2.0.squareRoot())) / 2 }
        let quickSlope = x.map { x -> Double in
            let s = logistic(1.702 * Double(x))
            return s + 1.702 * Double(x) * s * (1 - s)
        }
        let slope = x.map { x -> Double in
            let x = Double(x)
            return (1 + erf(x / 2.0.squareRoot())) / 2 + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot()
        }
        unsafe Self.withEachTable { kernels in
            var y = [Float](repeating: 0, count: count)
            unsafe kernels.quick_gelu(x, &y, count)
            near(y, quick, "quick GELU")
            unsafe kernels.gelu(x, &y, count)
            near(y, plain, "GELU")
            for adds in [0, 1] as [Int32] {
                let before = old.map { adds == 1 ? Double($0) : 0 }
                var dx = old
                unsafe kernels.quick_gelu_back(x, dy, &dx, count, adds)
                near(dx, dx.indices.map { before[$0] + Double(dy[$0]) * quickSlope[$0] }, "quick GELU back")
                dx = old
                unsafe kernels.gelu_back(x, dy, &dx, count, adds)
                near(dx, dx.indices.map { before[$0] + Double(dy[$0]) * slope[$0] }, "GELU back")
            }
        }
    }

    @Test("softmax with hidden scores, and its way back", arguments: counts)
    func softmax(count: Int) {
        var random = SplitMix64(seed: UInt64(1000 + count))
        var scores = random.floats(count, -20...20)
        for index in stride(from: 3, to: count, by: 5) { scores[index] = -.infinity }
        let most = scores.max() ?? 0
        let powers = scores.map { exp(Double($0) - Double(most)) }, sum = powers.reduce(0, +)
        let dp = random.floats(count)
        unsafe Self.withEachTable { kernels in
            var row = scores, found: Float = 0
            let total = unsafe kernels.softmax(&row, count, &found)
            #expect(found == most && abs(Double(total) / sum - 1) < 1e-5)
            near(row, powers.map { $0 / sum }, "softmax")
            let shared = zip(row, dp).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            let expected = row.indices.map { Double(row[$0]) * (Double(dp[$0]) - shared) * 0.5 }
            var ds = [Float](repeating: 1, count: count)
            unsafe kernels.softmax_back(row, dp, &ds, 0.5, count, 1)
            near(ds, expected.map { $0 + 1 }, "softmax back, added")
            unsafe kernels.softmax_back(row, dp, &ds, 0.5, count, 0)
            near(ds, expected, "softmax back")
            var nothing = [Float](repeating: -.infinity, count: count)
            #expect(unsafe kernels.softmax(&nothing, count, &found) == 0 && nothing.allSatisfy { $0 == 0 })
            var broken = scores
            broken[0] = .nan
            _ = unsafe kernels.softmax(&broken, count, &found)
            #expect(broken[0].isNaN)
        }
    }

    @Test("sums of columns, and layer norm with all its gradients", arguments: counts)
    func norm(width: Int) {
        let rows = 7, epsilon = 1e-5
        var random = SplitMix64(seed: UInt64(2000 + width))
        let x = random.floats(rows * width), dy = random.floats(rows * width)
        let gain = random.floats(width), bias = random.floats(width)
        let reference = LayerNormReference(x, dy, gain, bias, rows: rows, width: width, epsilon: epsilon)
        unsafe Self.withEachTable { kernels in
            var sums = [Float](repeating: 2, count: width)
            unsafe kernels.column_sums(dy, rows, width, width, &sums)
            near(sums, reference.biasSums.map { $0 + 2 }, "column sums", 1e-5)
            var y = [Float](repeating: 0, count: rows * width),
                moments = [Float](repeating: 0, count: 2 * rows)
            var dx = y, gains = [Float](repeating: 0, count: width), biases = gains
            // Every pointer is good for the time of the closure.
            unsafe x.withUnsafeBufferPointer { x in
                unsafe dy.withUnsafeBufferPointer { dy in
                    unsafe gain.withUnsafeBufferPointer { gain in
                        unsafe bias.withUnsafeBufferPointer { bias in
                            unsafe withUnsafeMutablePointers(&y, &moments, &dx, &gains, &biases) {
                                var op = unsafe ct_norm(
                                    x: x.baseAddress, gain: gain.baseAddress, bias: bias.baseAddress, y: $0,
                                    moments: $1, dy: dy.baseAddress, dx: $2, gain_sums: $3, bias_sums: $4,
                                    width: width, epsilon: Float(epsilon), adds: 0)
                                unsafe kernels.layer_norm(&op, 0, rows)
                                unsafe kernels.layer_norm_back(&op, 0, rows)
                                unsafe kernels.layer_norm_sums(&op, rows, 0, width)
                            }
                        }
                    }
                }
            }
            near(y, reference.y, "layer norm", 1e-5)
            // A row of one has no deviation: only epsilon is left of it.
            if width > 1 { near(dx, reference.dx, "layer norm back", 2e-5) }
            near(gains, reference.gainSums, "gain sums", 2e-5)
            near(biases, reference.biasSums, "bias sums", 1e-5)
        }
    }
}

@unsafe
private func withUnsafeMutablePointers(
    _ a: inout [Float], _ b: inout [Float], _ c: inout [Float], _ d: inout [Float], _ e: inout [Float],
    _ body: (
        UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?,
        UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?
    ) -> Void
) {
    // Each pointer is good for the time of `body`.
    unsafe a.withUnsafeMutableBufferPointer { a in
        unsafe b.withUnsafeMutableBufferPointer { b in
            unsafe c.withUnsafeMutableBufferPointer { c in
                unsafe d.withUnsafeMutableBufferPointer { d in
                    unsafe e.withUnsafeMutableBufferPointer { e in
                        unsafe body(a.baseAddress, b.baseAddress, c.baseAddress, d.baseAddress, e.baseAddress)
                    }
                }
            }
        }
    }
}

/// Layer norm and its gradients by their formulas.
private struct LayerNormReference {
    var y: [Double] = []
    var dx: [Double] = []
    var gainSums: [Double]
    var biasSums: [Double]

    init(
        _ x: [Float], _ dy: [Float], _ gain: [Float], _ bias: [Float], rows: Int, width: Int, epsilon: Double
    ) {
        gainSums = Array(repeating: 0, count: width)
        biasSums = gainSums
        for row in 0..<rows {
            let values = x[row * width..<(row + 1) * width].map(Double.init)
            let change = dy[row * width..<(row + 1) * width].map(Double.init)
            let mean = values.reduce(0, +) / Double(width)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
            let scale = 1 / (variance + epsilon).squareRoot()
            let normal = values.map { ($0 - mean) * scale }
            let g = (0..<width).map { change[$0] * Double(gain[$0]) }
            let a = g.reduce(0, +) / Double(width)
            let b = zip(g, normal).reduce(0) { $0 + $1.0 * $1.1 } / Double(width)
            for index in 0..<width {
                y.append(normal[index] * Double(gain[index]) + Double(bias[index]))
                dx.append((g[index] - a - normal[index] * b) * scale)
                gainSums[index] += change[index] * normal[index]
                biasSums[index] += change[index]
            }
        }
    }
}
