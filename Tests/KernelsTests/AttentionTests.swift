import CKernels
import Glibc
import Kernels
import Platform
import Testing

@Suite("attention equals scalar to the bit")
struct AttentionTests {
    @Test(
        "causal or not, in 8 bits or 16, at every head width, however its units are shared out",
        arguments: InstructionSet.vectors)
    func sizes(instructions: InstructionSet) throws {
        for (heads, headWidth) in [(3, 32), (2, 64), (1, 128)] {
            for tokens in [1, 7, 12, 13, 31, 32, 33, 50, 77] {
                for (isCausal, isFine) in [(false, false), (true, false), (false, true), (true, true)] {
                    let attention = Attention(
                        tokens: tokens, heads: heads, headWidth: headWidth, isCausal: isCausal, isFine: isFine
                    )
                    var random = SplitMix64(seed: UInt64(tokens * headWidth))
                    let qkv = random.floats(tokens * 3 * heads * headWidth)
                    let expected = attention.run(.scalar, qkv)
                    for split in Split.allCases {
                        try requireSame(
                            attention.run(instructions, qkv, split: split), expected, "\(attention), \(split)"
                        )
                    }
                }
            }
        }
    }

    @Test(
        "with masked keys, rows of zeros and values at the ends of the codes",
        arguments: InstructionSet.vectors)
    func extremes(instructions: InstructionSet) throws {
        let count = 20 * 3 * 128
        for qkv in [
            Array(repeating: 0, count: count), Array(repeating: Float(5), count: count),
            (0..<count).map { $0 % 2 == 0 ? 100 : -100 }, (0..<count).map { $0 < 384 ? 0 : 1e-20 },
        ] {
            for (visible, isFine) in [
                (1, false), (11, false), (20, false), (1, true), (11, true), (20, true),
            ] {
                let attention = Attention(
                    tokens: 20, heads: 2, headWidth: 64, isCausal: false, isFine: isFine)
                try requireSame(
                    attention.run(instructions, qkv, visible: visible),
                    attention.run(.scalar, qkv, visible: visible),
                    "\(visible) visible keys of \(qkv[0]), \(qkv[1]) ...")
            }
        }
    }

    @Test(
        "in 16 bits, probabilities lose less than a twentieth of what they lose in 8",
        arguments: InstructionSet.available)
    func fine(instructions: InstructionSet) {
        // Queries, keys and values are codes themselves, so that nothing but the probabilities is rounded.
        let tokens = 90, width = 32
        var random = SplitMix64(seed: 5)
        let qkv = (0..<tokens * 3 * width).map { index in
            let (token, column) = (index / (3 * width), index % (3 * width))
            let isGreatest = column < 2 * width ? column % width == 0 : token == 0
            let code = Float.random(in: -126...126, using: &random).rounded()
            return (isGreatest ? 127 : code) * (column < 2 * width ? 0.02 : 1)
        }
        var attention = Attention(tokens: tokens, heads: 1, headWidth: width, isCausal: false)
        let exact = exactAttention(qkv, tokens: tokens, width: width)
        let coarse = relativeError(attention.run(instructions, qkv), exact)
        attention.isFine = true
        let fine = relativeError(attention.run(instructions, qkv), exact)
        #expect(fine < coarse / 20 && coarse < 0.02, "\(fine) and \(coarse)")
    }
}

/// softmax(q k / sqrt(width)) v of one head in double precision.
private func exactAttention(_ qkv: [Float], tokens: Int, width: Int) -> [Double] {
    func value(_ token: Int, _ column: Int) -> Double { Double(qkv[token * 3 * width + column]) }
    return (0..<tokens).flatMap { query in
        let scores = (0..<tokens).map { key in
            (0..<width).reduce(0) { $0 + value(query, $1) * value(key, width + $1) }
                / Double(width).squareRoot()
        }
        let most = scores.max() ?? 0, powers = scores.map { exp($0 - most) }, sum = powers.reduce(0, +)
        return (0..<width).map { channel in
            powers.indices.reduce(0) { $0 + powers[$1] * value($1, 2 * width + channel) } / sum
        }
    }
}

private func relativeError(_ found: Buffer<Float>, _ exact: [Double]) -> Double {
    let errors = zip(found.elements, exact).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
    return (errors / exact.reduce(0) { $0 + $1 * $1 }).squareRoot()
}
