/// `debounce` of an inspection of endless material: NG only if n of the last m strips are above the limit.
package struct DebounceSettings: SettingTable {
    package var n = 1
    /// At least n, at most 16.
    package var of = 1
    /// The limit after an NG strip, as a share of the limit.
    package var release = 1.0

    package init() {}

    package static let isInline = true

    package static let settings: [Setting<DebounceSettings>] = [
        .integer("n", \.n, 1...16, "strips", "above the limit"),
        .integer("of", \.of, 1...16, "strips", "of the last so many"),
        .number("release", \.release, 0.5...1, "", "lowers the limit after an NG strip"),
    ]
}
