/// One key of the settings file: used to check it, to name it in messages, to show it, and to write the
/// annotated example.
package struct SettingDescription: Sendable {
    /// The key, as the file spells it.
    package let name: String
    package let kind: SettingKind
    /// `ms`, `px`, `1/s`; empty if it has none.
    package let unit: String
    /// What it is for, in a few words.
    package let meaning: String
    /// Whether a file must give it: there is no default that could be right.
    package var isRequired = false
    /// What a change of it takes.
    package var change: ChangeScope = .reload

    /// The allowed values with their unit: `[16..16384] px`.
    package var allowedWithUnit: String { unit.isEmpty ? kind.allowed : "\(kind.allowed) \(unit)" }
}

/// What must be started anew when a setting changes, least first.
package enum ChangeScope: Int, Comparable, Sendable {
    /// Nothing: swapped between two frames.
    case reload
    /// The camera that it belongs to, or all cameras if it belongs to none.
    case camera
    /// The daemon.
    case restart

    package static func < (left: ChangeScope, right: ChangeScope) -> Bool { left.rawValue < right.rawValue }
}

/// The keys of one table.
package struct TableDescription: Sendable {
    package let settings: [SettingDescription]
    /// What any further key must be; nil if there must be none.
    package let further: SettingKind?
    /// Whether it is written between braces.
    package let isInline: Bool
    /// The key by which an element of an array of tables is known: `id` or `name`; nil for single tables.
    package let identity: String?
    /// When it has a meaning, for the comment behind its header.
    package let meaning: String

    package subscript(name: String) -> SettingDescription? { settings.first { $0.name == name } }
}

/// A value of a setting, without where it came from.
package indirect enum SettingValue: Hashable, Sendable {
    case text(String)
    case integer(Int)
    case number(Double)
    case flag(Bool)
    case list([SettingValue])
    /// In the order of the description.
    case table([String], [String: SettingValue])
    /// An optional setting that is not set; it is left out of every listing.
    case absent
}
