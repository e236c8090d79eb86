/// Elementary functions made of additions, multiplications and divisions only, which IEEE 754 rounds alike
/// everywhere: the C library's differ in the last bit from machine to machine. Relative errors below 1e-9.
enum Elementary {
    private static let logarithmOf2 = 0.693_147_180_559_945_3

    /// The natural logarithm of `value`, which is above 0 and finite.
    static func logarithm(_ value: Double) -> Double {
        var exponent = Double(value.exponent), significand = value.significand
        if significand > 1.414_213_562_373_095 {
            significand /= 2
            exponent += 1
        }
        // ln s = 2 artanh t; t is at most 0.172.
        let t = (significand - 1) / (significand + 1), square = t * t
        var sum = 1.0 / 15
        for odd in [13.0, 11, 9, 7, 5, 3, 1] { sum = sum * square + 1 / odd }
        return exponent * logarithmOf2 + 2 * t * sum
    }

    /// e to the power of `value`; 0 below -700.
    static func exponential(_ value: Double) -> Double {
        guard value > -700 else { return 0 }
        let exponent = (value / logarithmOf2).rounded()
        let rest = value - exponent * logarithmOf2
        var sum = 1.0
        for divisor in stride(from: 12.0, through: 1, by: -1) { sum = 1 + sum * rest / divisor }
        return Double(sign: .plus, exponent: Int(exponent), significand: sum)
    }

    /// `base`, which is not negative, to the power of `exponent`.
    static func power(_ base: Double, _ exponent: Double) -> Double {
        base > 0 ? exponential(exponent * logarithm(base)) : 0
    }

    /// The cosine and the sine of `turns` of a full circle.
    static func circle(_ turns: Float) -> SIMD2<Float> {
        let quarters = (Double(turns) * 4).rounded()
        let angle = (Double(turns) - quarters / 4) * 6.283_185_307_179_586, square = angle * angle
        var cosine = 1.0, sine = 1.0
        for n in stride(from: 12.0, through: 2, by: -2) {
            cosine = 1 - cosine * square / (n * (n - 1))
            sine = 1 - sine * square / (n * (n + 1))
        }
        sine *= angle
        return switch Int(quarters) & 3 {
        case 0: SIMD2(Float(cosine), Float(sine))
        case 1: SIMD2(Float(-sine), Float(cosine))
        case 2: SIMD2(Float(-cosine), Float(-sine))
        default: SIMD2(Float(sine), Float(-cosine))
        }
    }
}
