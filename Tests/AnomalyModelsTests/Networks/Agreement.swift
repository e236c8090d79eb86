import Testing

/// How far a value in int8 is from the same value in float32.
struct Agreement {
    /// Mean over the rows of the cosine of the angle between them.
    let cosine: Double
    let leastCosine: Double
    /// Length of the difference divided by the length of the value, over all rows.
    let relativeL2: Double

    /// - Parameter width: the length of a row: channels of a pixel, width of a token.
    init(_ found: [Float], _ expected: [Float], width: Int) {
        precondition(
            found.count == expected.count && expected.count % width == 0,
            "\(found.count) of \(expected.count)")
        var cosines: [Double] = []
        var error = 0.0, power = 0.0
        for start in stride(from: 0, to: expected.count, by: width) {
            var product = 0.0, a = 0.0, b = 0.0
            for i in start..<start + width {
                let x = Double(found[i]), y = Double(expected[i])
                product += x * y
                a += x * x
                b += y * y
                error += (x - y) * (x - y)
            }
            power += b
            cosines.append(a == 0 && b == 0 ? 1 : product / max((a * b).squareRoot(), 1e-30))
        }
        cosine = cosines.reduce(0, +) / Double(cosines.count)
        leastCosine = cosines.min() ?? 1
        relativeL2 = (error / max(power, 1e-30)).squareRoot()
    }

    /// The bar of METHODS.md 10.2 for tokens and maps at a tap.
    var meetsBar: Bool { cosine >= 0.998 && relativeL2 <= 0.06 }
}

extension Agreement: CustomStringConvertible {
    var description: String {
        "cosine \(rounded(cosine)) (least \(rounded(leastCosine))), relative L2 \(rounded(relativeL2))"
    }

    private func rounded(_ value: Double) -> Double { (value * 1e5).rounded() / 1e5 }
}
