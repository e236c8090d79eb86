internal import AnomalyModels

/// Everything that the weights of a shared head depend on, but for the package it builds on.
package struct SharedHeadRecipe: Codable, Sendable, Hashable {
    /// Also what the package is called.
    package var name: String
    package var version: String
    package var seed: UInt64
    /// The package whose patches it reads.
    package var trunk: String
    /// Designs of each kind of the simulated line, and pictures of each design.
    package var products: Int
    package var pictures: Int
    /// Side of a picture in pixels.
    package var side: Int
    package var steps: Int
    package var batch: Int
    /// The highest rate, and the L2 decay.
    package var rate: Double
    package var decay: Double
    /// See `SharedHead`.
    package var strength: Float
    /// For a head with a fusion block, the package that reads class names; nil for one without.
    package var text: String?
    /// What of the block is left out, to see what it is worth: "attention".
    package var without: [String]?
    /// What is added: "gate" to the block, "segmentation" behind it.
    package var with: [String]?
    /// Numbers of an adapted patch; nil for those that the trunk asks for.
    package var width: Int?

    package init(
        name: String, version: String, seed: UInt64, trunk: String, products: Int, pictures: Int, side: Int,
        steps: Int, batch: Int, rate: Double, decay: Double, strength: Float, text: String? = nil,
        without: [String]? = nil, with: [String]? = nil, width: Int? = nil
    ) {
        (self.text, self.without, self.with, self.width) = (text, without, with, width)
        (self.name, self.version, self.seed, self.trunk) = (name, version, seed, trunk)
        (self.products, self.pictures, self.side) = (products, pictures, side)
        (self.steps, self.batch, self.rate, self.decay) = (steps, batch, rate, decay)
        self.strength = strength
    }

    /// The recipe as far as the weights depend on it: what a checkpoint must agree with.
    var trained: SharedHeadRecipe {
        var recipe = self
        (recipe.version, recipe.strength) = ("", 0)
        return recipe
    }

    /// The parts of the network that it makes.
    var parts: Set<SegmentationNetwork.Part> {
        var parts: Set<SegmentationNetwork.Part> = [.features]
        if text != nil { parts.formUnion([.block, .attention]) }
        parts.formUnion((with ?? []).compactMap(SegmentationNetwork.Part.init))
        return parts.subtracting((without ?? []).compactMap(SegmentationNetwork.Part.init))
    }

    /// Why this cannot be trained, in words that name the setting; nil if it can.
    package var fault: String? {
        var limits = SettingLimits()
        limits.check("products", products, 1...1000)
        limits.check("pictures", pictures, 3...1000)
        limits.check("side", side, 64...512, inStepsOf: 32)
        limits.check("steps", steps, 1...1_000_000)
        limits.check("batch", batch, 1...256)
        limits.check("rate", rate, 1e-6...1)
        limits.check("decay", decay, 0...1)
        limits.check("strength", strength, 0...10)
        if let width { limits.check("width", width, SegmentationHead.widths, inStepsOf: 16) }
        if let fault = limits.fault { return fault }
        for (key, values, known) in [
            ("without", without, ["attention"]), ("with", with, ["gate", "segmentation"]),
        ] {
            for value in values ?? [] {
                guard known.contains(value) else {
                    return
                        "\(key) has '\(value)'; what can stand there is \(known.joined(separator: " or "))"
                }
                if text == nil, value != "segmentation" {
                    return "\(key) = ['\(value)'] has nothing to do where there is no text"
                }
            }
        }
        return nil
    }
}
