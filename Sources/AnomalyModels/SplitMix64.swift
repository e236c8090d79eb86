/// SplitMix64 (Steele, Lea, Flood, 2014): a seeded generator whose sequence is the same everywhere.
struct SplitMix64 {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Nearly standard normal: the sum of four uniform numbers, scaled.
    mutating func normal() -> Float {
        let bits = next()
        let sum = (0..<4).reduce(Float(0)) { $0 + Float((bits >> (16 * $1)) & 0xffff) }
        return (sum / 65_536 - 2) * 1.7320508
    }
}
