/// Everything that the closed-form baseline of LiteVL depends on, but for the packages it builds on.
package struct BaselineRecipe: Codable, Sendable, Hashable {
    /// Also what the package is called.
    package var name: String
    package var version: String
    /// Of the pictures on which channels are evened out before rounding.
    package var seed: UInt64
    /// Packages: the trunk, and the network that reads sentences.
    package var trunk: String
    package var text: String
    /// The λ of the regression from names to the rows of the trunk's classifier.
    package var ridge: Double

    /// Why this cannot be solved, in words that name the setting; nil if it can.
    package var fault: String? {
        var limits = SettingLimits()
        limits.check("ridge", ridge, 1e-6...1e6)
        return limits.fault
    }
}
