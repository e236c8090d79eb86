/// Everything that the trained weights of a LiteVL depend on, but for the packages it builds on.
package struct LiteVLRecipe: Codable, Sendable, Hashable {
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
    /// Kinds that are not trained on, by their first names: what is measured on them is new to the network.
    package var heldOut: [String]
    /// Side of a picture in pixels, width and number of the blocks.
    package var side: Int
    package var width: Int
    package var layers: Int
    /// Passes (none leaves what the trunk knows of names, the control), pictures of a step, highest rate, decay of the
    /// weights.
    package var epochs: Int
    package var batch: Int
    package var rate: Double
    package var decay: Double
    /// What agreement with the trunk's classifier counts beside the captions.
    package var align: Float
    /// What the classifier's knowledge of names is multiplied with after the training: more of it keeps more of what
    /// the trunk knows of photographs.
    package var known: Float

    package init(
        name: String, version: String, seed: UInt64, trunk: String, text: String, pictures: Int,
        products: Int, heldOut: [String], side: Int, width: Int, layers: Int, epochs: Int, batch: Int,
        rate: Double, decay: Double, align: Float, known: Float
    ) {
        (self.name, self.version, self.seed, self.trunk) = (name, version, seed, trunk)
        (self.text, self.pictures, self.products, self.heldOut) = (text, pictures, products, heldOut)
        (self.side, self.width, self.layers, self.epochs) = (side, width, layers, epochs)
        (self.batch, self.rate, self.decay) = (batch, rate, decay)
        (self.align, self.known) = (align, known)
    }

    /// The recipe as far as the weights depend on it: what a checkpoint must agree with.
    var trained: LiteVLRecipe {
        var recipe = self
        (recipe.version, recipe.known) = ("", 0)
        return recipe
    }

    /// Why this cannot be trained, in words that name the setting; nil if it can.
    package var fault: String? {
        var limits = SettingLimits()
        limits.check("pictures", pictures, 1...1_000_000)
        limits.check("products", products, 1...1000)
        limits.check("side", side, 64...1024, inStepsOf: 32)
        limits.check("width", width, 64...1024, inStepsOf: 64)
        limits.check("layers", layers, 0...24)
        limits.check("epochs", epochs, 0...1000)
        limits.check("batch", batch, 2...1024)
        limits.check("rate", rate, 1e-6...1)
        limits.check("decay", decay, 0...1)
        limits.check("align", align, 0...10)
        limits.check("known", known, 0...100)
        return limits.fault
    }
}
