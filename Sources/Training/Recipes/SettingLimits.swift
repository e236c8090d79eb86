/// Looks at the settings of a recipe, one after the other, and keeps the first that cannot be trained with.
struct SettingLimits {
    /// Why, in words that name the setting; nil if all can.
    private(set) var fault: String?

    mutating func check<Value: Comparable>(_ name: String, _ value: Value, _ allowed: ClosedRange<Value>) {
        guard !allowed.contains(value) else { return }
        note(
            "\(name) = \(value) is not \(Self.words(allowed.lowerBound)) to \(Self.words(allowed.upperBound))"
        )
    }

    /// The same for a number that only has every `step`th of the values.
    mutating func check(_ name: String, _ value: Int, _ allowed: ClosedRange<Int>, inStepsOf step: Int) {
        guard !allowed.contains(value) || value % step != 0 else { return }
        note("\(name) = \(value) is not \(allowed.lowerBound) to \(allowed.upperBound) in steps of \(step)")
    }

    mutating func note(_ fault: String) { self.fault = self.fault ?? fault }

    /// A bound as a person writes it: 10, not 10.0.
    private static func words<Value>(_ bound: Value) -> String {
        let text = "\(bound)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
