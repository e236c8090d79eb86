/// Everything that the head depends on that describes defects, but for the package it builds on.
package struct FineRecipe: Codable, Sendable, Hashable {
    /// Also what the package is called.
    package var name: String
    package var version: String
    /// Of the first design of each kind, of weights and of batches; further designs follow.
    package var seed: UInt32
    /// The package whose patches it reads.
    package var trunk: String
    /// Designs of each kind of thing, of each surface of the simulated line, and defective samples of each design.
    package var products: Int
    package var lineProducts: Int
    package var samples: Int
    /// Of the designs that a step looks at, the share that are surfaces of the simulated line.
    package var lineShare: Double
    /// The share of the data sets from outside among all that a step looks at, where there are any; nil for 0.5.
    package var includedShare: Double?
    /// First names of kinds to leave out, to measure on.
    package var except: [String]
    /// The hidden layer, and the numbers of a vector.
    package var hidden: Int
    package var width: Int
    /// Of the softmax over the other defects of a batch.
    package var temperature: Double
    package var steps: Int
    package var rate: Double
    /// From how similar on defects may be of one kind.
    package var similarity: Float

    /// Why this cannot be trained, in words that name the setting; nil if it can.
    package var fault: String? {
        var limits = SettingLimits()
        limits.check("products", products, 1...100)
        limits.check("lineProducts", lineProducts, 1...1000)
        limits.check("lineShare", Float(lineShare), 0...1)
        limits.check("includedShare", Float(includedShare ?? 0.5), 0...1)
        limits.check("samples", samples, 2...1000)
        limits.check("hidden", hidden, 1...1024)
        limits.check("width", width, 1...128)
        limits.check("temperature", Float(temperature), 0.01...10)
        limits.check("steps", steps, 1...1_000_000)
        limits.check("rate", Float(rate), 1e-6...1)
        limits.check("similarity", similarity, 0.3...0.9)
        return limits.fault
    }
}
