/// Everything that the weights of a zero-shot head depend on, but for the packages it builds on.
package struct ZeroShotRecipe: Codable, Sendable, Hashable {
    /// Also what the package is called.
    package var name: String
    package var version: String
    package var seed: UInt64
    /// Packages: the trunk, and the network that reads sentences.
    package var trunk: String
    package var text: String
    /// Pictures of the kinds to practise on, and the designs of each kind.
    package var pictures: Int
    package var products: Int
    /// Data sets from outside that are trained on too: then the weights must not be given away.
    package var include: [String]
    /// Pictures of those.
    package var included: Int
    /// What each of them shows.
    package var nouns: [String: String]
    /// Side of a picture in pixels, rows of the hidden layer, passes, pictures of a step, highest rate.
    package var side: Int
    package var hidden: Int
    package var epochs: Int
    package var batch: Int
    package var rate: Double
    package var decay: Double
    /// See `ZeroShotHead`.
    package var mapWeight: Float
    package var imageWeight: Float

    package init(
        name: String, version: String, seed: UInt64, trunk: String, text: String, pictures: Int,
        products: Int, include: [String], included: Int, nouns: [String: String], side: Int, hidden: Int,
        epochs: Int, batch: Int, rate: Double, decay: Double, mapWeight: Float, imageWeight: Float
    ) {
        (self.name, self.version, self.seed, self.trunk) = (name, version, seed, trunk)
        (self.text, self.pictures, self.products, self.include) = (text, pictures, products, include)
        (self.included, self.nouns, self.side, self.hidden) = (included, nouns, side, hidden)
        (self.epochs, self.batch, self.rate, self.decay) = (epochs, batch, rate, decay)
        (self.mapWeight, self.imageWeight) = (mapWeight, imageWeight)
    }

    /// The recipe as far as the weights depend on it, in words: what a checkpoint must agree with.
    var trained: String {
        var recipe = self
        (recipe.version, recipe.mapWeight, recipe.imageWeight, recipe.nouns) = ("", 0, 0, [:])
        // A dictionary prints in another order in every process.
        return "\(recipe)" + nouns.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
    }

    /// Why this cannot be trained, in words that name the setting; nil if it can.
    package var fault: String? {
        var limits = SettingLimits()
        limits.check("pictures", pictures, 1...1_000_000)
        limits.check("products", products, 1...1000)
        if included < 0 || (include.isEmpty != (included == 0)) {
            limits.note("include and included = \(included) do not go together")
        }
        limits.check("side", side, 64...1024, inStepsOf: 32)
        limits.check("hidden", hidden, 16...1024, inStepsOf: 16)
        limits.check("epochs", epochs, 1...1000)
        limits.check("batch", batch, 1...256)
        limits.check("rate", rate, 1e-6...1)
        limits.check("decay", decay, 0...1)
        limits.check("mapWeight", mapWeight, 0...10)
        limits.check("imageWeight", imageWeight, 0...10)
        return limits.fault
    }
}
