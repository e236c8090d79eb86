/// A table of the settings file as a Swift type: one property per key, with its default.
///
/// - Invariant: `settings` names every property once, so that reading, checking, showing and comparing cannot
///   forget one.
package protocol SettingTable: Hashable, Sendable {
    /// All defaults.
    init()
    static var settings: [Setting<Self>] { get }
    /// See `TableDescription`.
    static var isInline: Bool { get }
    static var identity: String? { get }
    static var meaning: String { get }
    /// Keys beyond `settings`; nil if there must be none.
    static var further: FurtherSettings<Self>? { get }
}

extension SettingTable {
    package static var isInline: Bool { false }
    package static var identity: String? { nil }
    package static var meaning: String { "" }
    package static var further: FurtherSettings<Self>? { nil }

    package static var description: TableDescription {
        TableDescription(
            settings: settings.map(\.description), further: further?.kind, isInline: isInline,
            identity: identity, meaning: meaning)
    }

    /// `standard` with what `node` sets; what has been refused, or is not there, stays.
    ///
    /// - Precondition: `node` went through `SettingCheck`, so that its values have the described types.
    package init(_ node: Node, standard: Self = Self()) {
        self = standard
        guard let table = node.table else { return }
        for setting in Self.settings {
            if let value = table[setting.description.name] { setting.write(&self, value) }
        }
        guard let further = Self.further else { return }
        for key in table.keys where !Self.settings.contains(where: { $0.description.name == key }) {
            if let value = table[key] { further.write(&self, key, value) }
        }
    }

    /// All values, defaults too, in the order of the description; further keys sorted behind them.
    package var value: SettingValue {
        var keys = Self.settings.map(\.description.name)
        var values: [String: SettingValue] = [:]
        for setting in Self.settings { values[setting.description.name] = setting.read(self) }
        for (key, value) in (Self.further?.read(self) ?? [:]).sorted(by: { $0.key < $1.key }) {
            keys.append(key)
            values[key] = value
        }
        return .table(keys, values)
    }
}

/// A key of `Table`: its description, and the way to its property.
package struct Setting<Table: SettingTable>: Sendable {
    package var description: SettingDescription
    let read: @Sendable (Table) -> SettingValue
    let write: @Sendable (inout Table, Node) -> Void

    /// The same, but every file must give it.
    var required: Self {
        var setting = self
        setting.description.isRequired = true
        return setting
    }

    /// The same, but a change starts something anew.
    func restarting(_ scope: ChangeScope) -> Self {
        var setting = self
        setting.description.change = scope
        return setting
    }
}

/// Keys that the description cannot name, all of one kind.
package struct FurtherSettings<Table: SettingTable>: Sendable {
    let kind: SettingKind
    let read: @Sendable (Table) -> [String: SettingValue]
    let write: @Sendable (inout Table, String, Node) -> Void
}
