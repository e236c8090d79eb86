/// Holds what one file says against the description: keys, types and ranges.
///
/// Each value that does not fit becomes a finding and `.refused`, so that what comes after may rely on types
/// and ranges.
struct SettingCheck {
    private(set) var findings: [Finding] = []

    /// Unknown keys beyond so many findings are listed without a suggestion, which takes its time.
    private static let maximumSuggestions = 200

    /// `node` without what does not fit `description`.
    mutating func cleaned(_ node: Node, _ description: TableDescription) -> Node {
        cleaned(node, description, label: "")
    }

    private mutating func cleaned(_ node: Node, _ description: TableDescription, label: String) -> Node {
        guard let table = node.table else { return node }
        var result = NodeTable()
        for key in table.keys {
            guard let value = table[key] else { continue }
            if let setting = description[key] {
                result[key] = checked(value, key, setting.kind, setting.unit, label)
            } else if let kind = description.further {
                result[key] = checked(value, key, kind, "", label)
            } else {
                let place = label.isEmpty ? "" : " in \(label)"
                let noun = label.isEmpty && value.isTableOrTables ? "table" : "key"
                let names = findings.count < Self.maximumSuggestions ? description.settings.map(\.name) : []
                findings.append(
                    .error(
                        value.origin,
                        "unknown \(noun) \(quoted(key))\(place)\(Suggestion.clause(for: key, among: names))"))
            }
        }
        return Node(.table(result), origin: node.origin)
    }

    /// The value of `key`, or `.refused` with a finding.
    mutating func checked(
        _ node: Node, _ key: String, _ kind: SettingKind, _ unit: String, _ label: String
    ) -> Node {
        let place = label.isEmpty ? quoted(key) : "\(quoted(key)) in \(label)"
        switch (kind, node.value) {
        case (.table(let inner), .table):
            return cleaned(node, inner, label: Self.label(of: key, inner, in: label, isArray: false))
        case (.tables(let inner, let count), .list(let nodes)) where nodes.allSatisfy({ $0.table != nil }):
            let innerLabel = Self.label(of: key, inner, in: label, isArray: true)
            // Before anything looks at each: a file can hold very many.
            guard nodes.count <= count.upperBound else {
                let message = "there are \(nodes.count) \(innerLabel), allowed are \(kind.allowed)"
                refuse(nodes[count.upperBound], message)
                break
            }
            let list = nodes.map { cleaned($0, inner, label: innerLabel) }
            return Node(.list(list), origin: node.origin)
        case (.tables, _), (.table, _):
            let form = Self.label(of: key, nil, in: label, isArray: kind.isArray)
            refuse(node, "\(place) must be \(kind.typeName), \(form), found \(node.summary)")
        case (.list(let element, let count), .list(let nodes)):
            guard count.contains(nodes.count) else {
                refuse(node, "\(place) has \(nodes.count) elements, allowed is \(kind.allowed)")
                break
            }
            let list = nodes.map { checked($0, key, element, unit, label) }
            if list.contains(where: { $0.value == .refused }) { break }
            return Node(.list(list), origin: node.origin)
        case (.textOrTexts(let rule), .list(let nodes)) where !nodes.isEmpty:
            let list = nodes.map { checked($0, key, .text(rule), unit, label) }
            if list.contains(where: { $0.value == .refused }) { break }
            return Node(.list(list), origin: node.origin)
        default:
            switch kind.fit(of: node.value) {
            case .good: return node
            case .outside:
                let range = "\(kind.allowed)\(unit.isEmpty ? "" : " \(unit)")"
                var message = "\(place) is \(node.bare), allowed is \(range)"
                if case .choice(let words) = kind, let word = node.text {
                    message += Suggestion.clause(for: word, among: words)
                }
                refuse(node, message)
            case .otherType:
                let range = if case .flag = kind { "" } else { " (\(kind.allowed))" }
                refuse(node, "\(place) must be \(kind.typeName)\(range), found \(node.summary)")
            }
        }
        return Node(.refused, origin: node.origin)
    }

    /// Adds a finding that somebody else made.
    mutating func note(_ finding: Finding) { findings.append(finding) }

    private mutating func refuse(_ node: Node, _ message: String) {
        findings.append(.error(node.origin, message))
    }

    /// How a table is written: `[station]`, `[[camera]]`, `[camera.line]`, `match of [[camera]]`.
    static func label(
        of key: String, _ description: TableDescription?, in outer: String, isArray: Bool
    ) -> String {
        if description?.isInline == true { return "\(key) of \(outer)" }
        let path = outer.isEmpty ? key : outer.filter { $0 != "[" && $0 != "]" } + ".\(key)"
        return isArray ? "[[\(path)]]" : "[\(path)]"
    }
}

extension SettingKind {
    enum Fit { case good, outside, otherType }

    /// Whether a value that is neither list nor table fits.
    func fit(of value: Node.Value) -> Fit {
        switch (self, value) {
        case (.text(let rule), .text(let text)), (.textOrTexts(let rule), .text(let text)):
            rule.accepts(text) ? .good : .outside
        case (.choice(let words), .text(let text)): words.contains(text) ? .good : .outside
        case (.integer(let range), .integer(let integer)): range.contains(integer) ? .good : .outside
        case (.number(let range), .integer(let integer)): range.contains(Double(integer)) ? .good : .outside
        case (.number(let range), .number(let number)): range.contains(number) ? .good : .outside
        case (.flag, .flag): .good
        default: .otherType
        }
    }

    var isArray: Bool { if case .tables = self { true } else { false } }
}

extension Node {
    /// The value as the file could write it, for `is 8`.
    fileprivate var bare: String {
        if case .text(let text) = value { quoted(text) } else { summary }
    }

    fileprivate var isTableOrTables: Bool {
        table != nil || list.map { !$0.isEmpty && $0.allSatisfy { $0.table != nil } } ?? false
    }
}
