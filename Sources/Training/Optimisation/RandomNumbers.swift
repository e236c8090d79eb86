internal import Glibc
internal import Platform

/// SplitMix64 (Steele, Lea, Flood, 2014): a seeded generator whose sequence is the same everywhere and whose
/// whole state is one number, which a checkpoint keeps.
public struct RandomNumbers: RandomNumberGenerator, Sendable, Hashable {
    /// The state; setting it continues from there.
    public var state: UInt64 {
        get { generator.state }
        set { generator.state = newValue }
    }

    private var generator: SplitMix64

    /// The sequence of `seed` for one purpose, `stream`: sequences of different names are unrelated.
    public init(seed: UInt64, stream: String = "") {
        // 64-bit FNV-1a of the name.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in stream.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        generator = SplitMix64(seed: seed ^ hash)
        _ = next()
    }

    public mutating func next() -> UInt64 { generator.next() }

    /// Uniform in 0..<1.
    public mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform in 0..<bound.
    public mutating func nextIndex(below bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// Normal with mean 0 and deviation 1 (Box and Muller), the cosine of each pair.
    public mutating func nextNormal() -> Double {
        (-2 * log(1 - nextUnit())).squareRoot() * cos(2 * .pi * nextUnit())
    }

    /// The same, drawn again until it lies within two deviations.
    public mutating func nextCutNormal() -> Double {
        while true {
            let value = nextNormal()
            if abs(value) <= 2 { return value }
        }
    }
}
