/// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014): a seeded generator
/// whose sequence is the same everywhere and whose whole state is one number. Allocation-free.
///
/// Increment 9E3779B97F4A7C15, multipliers BF58476D1CE4E5B9 and 94D049BB133111EB, shifts 30, 27, 31.
package struct SplitMix64: RandomNumberGenerator, Sendable, Hashable {
    /// What the state grows by with each number.
    package static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// The state; setting it continues from there.
    package var state: UInt64

    /// Begins with `seed` as the state.
    @inlinable
    package init(seed: UInt64) { state = seed }

    /// 64 bits: the state after its growth, mixed.
    @inlinable
    package mutating func next() -> UInt64 {
        state &+= Self.increment
        return Self.mixed(state)
    }

    /// The bits that depend on `bits` and on nothing else: different ones for each, and nothing of their pattern.
    @inlinable
    package static func mixed(_ bits: UInt64) -> UInt64 {
        var bits = bits
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }
}
