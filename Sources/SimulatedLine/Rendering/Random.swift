import Platform

/// 32 bits that depend on three numbers and on nothing else.
@inline(__always)
func scrambled(_ x: UInt32, _ y: UInt32, _ seed: UInt32) -> UInt32 {
    var bits = x &* 0x85eb_ca6b ^ (y &* 0xc2b2_ae35 &+ 0x27d4_eb2f) ^ seed &* 0x9e37_79b1
    bits ^= bits >> 15
    bits &*= 0x2c1b_3c6d
    bits ^= bits >> 12
    bits &*= 0x297a_2d39
    return bits ^ bits >> 15
}

/// A seeded generator (SplitMix64; Steele, Lea, Flood, 2014) that starts anew for every purpose and index,
/// so that no frame depends on the frames before it.
struct Random {
    private var generator: SplitMix64

    /// What numbers are drawn for: each purpose has its own sequence.
    enum Purpose: UInt64 {
        case material = 1
        case layout, pose, light, defect, sensor, web
    }

    init(seed: UInt32, purpose: Purpose, index: Int = 0) {
        generator = SplitMix64(seed: UInt64(seed) << 32 ^ purpose.rawValue << 24)
        generator.state = next() ^ UInt64(bitPattern: Int64(index))
        _ = next()
    }

    mutating func next() -> UInt64 { generator.next() }

    /// 32 bits, for noise that wants its own seed.
    mutating func seed() -> UInt32 { UInt32(truncatingIfNeeded: next() >> 32) }

    /// 0 up to, not including, 1.
    mutating func unit() -> Float { Float(next() >> 40) * (1 / 16_777_216) }

    /// Evenly from `low` to `high`.
    mutating func uniform(_ low: Float, _ high: Float) -> Float { low + (high - low) * unit() }

    /// From `low` to `high`, each factor as likely as any other. Both are above 0.
    mutating func logarithmic(_ low: Float, _ high: Float) -> Float {
        // Repeated square roots of the ratio stand for its powers: no logarithm, which machines round apart.
        var value = low, factor = high / low
        for _ in 0..<12 {
            factor = factor.squareRoot()
            if next() & 1 << 40 != 0 { value *= factor }
        }
        return value
    }

    /// 0 up to, not including, `count`, which is above 0.
    mutating func index(below count: Int) -> Int { Int(next() >> 33) % count }

    /// True with probability `probability`.
    mutating func chance(_ probability: Float) -> Bool { unit() < probability }
}
