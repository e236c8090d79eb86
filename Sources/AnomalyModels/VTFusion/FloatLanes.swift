extension SIMD16 where Scalar == Float {
    /// The sum of the lanes, the upper half added to the lower until one is left.
    @inline(__always)
    var total: Float { (lowHalf + highHalf).total }

    // What stands here compares vectors of this very type: comparisons of any SIMD, as in pointwiseMax, go lane by lane.

    /// Lane by lane the larger of the two; no lane is NaN.
    @inline(__always)
    func larger(_ other: Self) -> Self { replacing(with: other, where: other .> self) }

    /// Lane by lane the smaller of the two; no lane is NaN.
    @inline(__always)
    func smaller(_ other: Self) -> Self { replacing(with: other, where: other .< self) }
}

/// Functions of float32 as one polynomial each, by products and sums that nobody fuses: the same bits on every instruction
/// set.
extension SIMD8<Float> {
    private typealias Bits = SIMD8<Int32>

    /// The sum of the lanes, the upper half added to the lower until one is left.
    @inline(__always)
    var total: Float {
        let four = lowHalf + highHalf
        let two = four.lowHalf + four.highHalf
        return two.x + two.y
    }

    /// Lane by lane the larger of the two; no lane is NaN.
    @inline(__always)
    func larger(_ other: Self) -> Self { replacing(with: other, where: other .> self) }

    /// Adding it rounds numbers below 2²² to the nearest integer, which stays in the low bits.
    private static var rounder: Float { 0x1.8p+23 }

    /// e to the power of each lane, relative error below 3e-7; powers below -87 and above 88 count as those.
    @inline(__always)
    var exponential: SIMD8<Float> {
        var power = self
        power.replace(with: -87, where: power .< -87)
        power.replace(with: 88, where: power .> 88)
        let binary = power * 0x1.715476p+0
        let shifted = binary + Self.rounder
        let f = binary - (shifted - Self.rounder)
        // 2^f for f in -0.5...0.5: the polynomial of the kernels' functions.
        var p = f * 0x1.5c08e4p-10 + 0x1.3d0c54p-7
        p = p * f + 0x1.c6b6e4p-5
        p = p * f + 0x1.ebf918p-3
        p = p * f + 0x1.62e428p-1
        p = p * f + 0x1.000002p+0
        // Both have eight lanes of four bytes.
        let count = unsafe unsafeBitCast(shifted, to: Bits.self) &- Bits(repeating: 0x4B40_0000)
        let exponent = (count &+ 127) &<< 23
        return unsafe p * unsafeBitCast(exponent, to: SIMD8<Float>.self)
    }

    /// 1 / (1 + e^-x).
    @inline(__always)
    var logistic: SIMD8<Float> { 1 / (1 + (-self).exponential) }
}
