extension SettingValue {
    /// As the settings file writes it, on one line.
    package var toml: String {
        switch self {
        case .text(let text): quoted(text)
        case .integer(let integer): "\(integer)"
        case .number(let number): plain(number)
        case .flag(let flag): "\(flag)"
        case .list(let values): "[\(values.map(\.toml).joined(separator: ", "))]"
        case .table(let keys, let values):
            "{ "
                + keys.filter { values[$0] != .absent }
                .map { "\(Self.key($0)) = \(values[$0]?.toml ?? "")" }.joined(separator: ", ") + " }"
        case .absent: ""
        }
    }

    /// One line of JSON, keys sorted by their bytes, no blanks: equal for equal values.
    package var json: String {
        switch self {
        case .text(let text): quoted(text)
        case .integer(let integer): "\(integer)"
        case .number(let number): plain(number)
        case .flag(let flag): "\(flag)"
        case .list(let values): "[\(values.map(\.json).joined(separator: ","))]"
        case .table(_, let values):
            "{"
                + values.filter { $0.value != .absent }
                .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                .map { "\(quoted($0.key)):\($0.value.json)" }.joined(separator: ",") + "}"
        case .absent: "null"
        }
    }

    /// `key`, quoted where TOML needs it.
    static func key(_ key: String) -> String {
        !key.isEmpty && key.utf8.allSatisfy(DocumentReader.isBareKey) ? key : quoted(key)
    }
}
