internal import Platform

/// Random numbers that are a function of a seed, an index and how many were drawn before, and of nothing else
/// (SplitMix64 as a counter-based generator; Steele, Lea and Flood 2014).
///
/// Made of whole numbers and of additions, multiplications and divisions of floating-point ones: every machine
/// draws the same.
public struct CounterRandom: Sendable {
    private let key: UInt64
    private var count: UInt64 = 0

    /// The numbers of item `index` of the sequence `seed`.
    public init(seed: UInt64, index: UInt64) {
        key = SplitMix64.mixed(
            SplitMix64.mixed(seed &+ SplitMix64.increment) ^ SplitMix64.mixed(index ^ 0xD1B5_4A32_D192_ED03))
    }

    private init(key: UInt64) { self.key = key }

    /// Other numbers of the same item: each `number` has its own.
    public func stream(_ number: UInt64) -> CounterRandom {
        CounterRandom(key: SplitMix64.mixed(key ^ SplitMix64.mixed(number &+ 0x8CB9_2BA7_2F3D_8DD7)))
    }

    /// 64 bits.
    public mutating func next() -> UInt64 {
        count &+= 1
        return SplitMix64.mixed(key &+ count &* SplitMix64.increment)
    }

    /// 0 up to, not including, 1.
    public mutating func unit() -> Float { Float(next() >> 40) * (1 / 16_777_216) }

    /// Evenly from `low` to `high`.
    public mutating func uniform(_ low: Float, _ high: Float) -> Float { low + (high - low) * unit() }

    /// Evenly from `range`, ends included.
    public mutating func whole(_ range: ClosedRange<Int>) -> Int {
        let count = UInt64(range.upperBound - range.lowerBound + 1)
        return range.lowerBound + Int(((next() >> 32) &* count) >> 32)
    }

    /// True with `probability`.
    public mutating func chance(_ probability: Float) -> Bool { unit() < probability }

    /// One of `choices`, which is not empty.
    mutating func choice<Element>(_ choices: [Element]) -> Element {
        choices[whole(0...choices.count - 1)]
    }

    /// From a normal distribution (Box and Muller 1958).
    mutating func normal(mean: Float, deviation: Float) -> Float {
        let distance = (-2 * Elementary.logarithm(positiveUnit())).squareRoot()
        return mean + deviation * Float(distance) * Elementary.circle(unit()).x
    }

    /// From a gamma distribution of shape 2.
    mutating func gamma2(scale: Float) -> Float {
        -scale * Float(Elementary.logarithm(positiveUnit()) + Elementary.logarithm(positiveUnit()))
    }

    /// Above 0, up to 1.
    private mutating func positiveUnit() -> Double { Double((next() >> 40) + 1) * (1 / 16_777_216) }
}
