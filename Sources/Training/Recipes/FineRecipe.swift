/// Everything that the head depends on that describes defects, but for the package it builds on.
package struct FineRecipe: Codable, Sendable, Hashable {
    /// Also what the package is called.
    package var name: String
    package var version: String
    /// Of the first design of each kind; the others follow.
    package var seed: UInt32
    /// The package whose patches it reads.
    package var trunk: String
    /// Designs of each kind of the simulated line, and defective samples of each design.
    package var products: Int
    package var samples: Int
    /// How much of the ground is taken off a finding.
    package var contrast: Float
    /// How much each map counts that the head reads: the last ones of the trunk, finest first.
    package var weights: [Float]
    /// From how similar on defects may be of one kind.
    package var similarity: Float

    /// Why this cannot be fitted, in words that name the setting; nil if it can.
    package var fault: String? {
        var limits = SettingLimits()
        limits.check("products", products, 1...100)
        limits.check("samples", samples, 1...1000)
        limits.check("contrast", contrast, 0...1)
        limits.check("weights, their number", weights.count, 1...3)
        for weight in weights { limits.check("weights", weight, 0...10) }
        limits.check("similarity", similarity, 0.3...0.9)
        return limits.fault
    }
}
