package import AnomalyModels

/// Everything that the weights of a prompted head depend on, but for the packages it builds on.
package struct PromptedRecipe: Codable, Sendable, Hashable {
    /// Whether the sentences of the class are read, or two vectors are learned in their place.
    package enum Words: String, Codable, Sendable, Hashable {
        case sentences, anchors
    }

    /// Over what the dice of a map is taken: an image, or each of its rows as AdaCLIP's code does (METHODS.md 3.3, Q9).
    package enum Dice: String, Codable, Sendable, Hashable {
        case image, rows
    }

    /// "prompted": what tells this recipe from that of the tier on patches.
    package var tier: String
    /// Also what the package is called.
    package var name: String
    package var version: String
    package var seed: UInt64
    /// Packages: the tower, and the network that reads sentences; empty if the tower reads them itself.
    package var tower: String
    package var text: String
    /// Pictures of the kinds to practise on, and the designs of each kind.
    package var pictures: Int
    package var products: Int
    /// Side of a picture in pixels, passes, pictures of a step, highest rate.
    package var side: Int
    package var epochs: Int
    package var batch: Int
    package var rate: Double
    package var decay: Double
    package var prompts: PromptLayout.Kind
    package var fusion: SemanticFusion.Kind
    package var words: Words
    package var dice: Dice
    /// See `PromptedHead`.
    package var rarity: Bool
    package var mapWeight: Float
    package var imageWeight: Float

    package init(
        name: String, version: String, seed: UInt64, tower: String, text: String, pictures: Int,
        products: Int,
        side: Int, epochs: Int, batch: Int, rate: Double, decay: Double, prompts: PromptLayout.Kind,
        fusion: SemanticFusion.Kind, words: Words, dice: Dice, rarity: Bool, mapWeight: Float,
        imageWeight: Float
    ) {
        tier = "prompted"
        (self.name, self.version, self.seed, self.tower) = (name, version, seed, tower)
        (self.text, self.pictures, self.products, self.side) = (text, pictures, products, side)
        (self.epochs, self.batch, self.rate, self.decay) = (epochs, batch, rate, decay)
        (self.prompts, self.fusion, self.words, self.dice) = (prompts, fusion, words, dice)
        (self.rarity, self.mapWeight, self.imageWeight) = (rarity, mapWeight, imageWeight)
    }

    /// The recipe as far as the weights depend on it, in words: what a checkpoint must agree with.
    var trained: String {
        var recipe = self
        (recipe.version, recipe.mapWeight, recipe.imageWeight, recipe.rarity) = ("", 0, 0, false)
        return "\(recipe)"
    }

    /// Why this cannot be trained, in words that name the setting; nil if it can.
    package var fault: String? {
        var limits = SettingLimits()
        if tier != "prompted" { limits.note("tier = \"\(tier)\" is not \"prompted\"") }
        limits.check("pictures", pictures, 1...1_000_000)
        limits.check("products", products, 1...1000)
        limits.check("side", side, 64...1024, inStepsOf: 4)
        limits.check("epochs", epochs, 0...1000)
        limits.check("batch", batch, 1...256)
        limits.check("rate", rate, 1e-6...1)
        limits.check("decay", decay, 0...1)
        limits.check("mapWeight", mapWeight, 0...10)
        limits.check("imageWeight", imageWeight, 0...10)
        return limits.fault
    }
}
