import Platform

extension SplitMix64 {
    /// Nearly standard normal: the sum of four uniform numbers, scaled.
    mutating func normal() -> Float {
        let bits = next()
        let sum = (0..<4).reduce(Float(0)) { $0 + Float((bits >> (16 * $1)) & 0xffff) }
        return (sum / 65_536 - 2) * 1.7320508
    }
}
