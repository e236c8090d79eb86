/// A value of a settings file, or of what stands in for one, with its origin.
package struct Node: Hashable, Sendable {
    package var value: Value
    /// Of its key; of the value itself inside an array; of the header for a table with one.
    package var origin: Origin

    package init(_ value: Value, origin: Origin) {
        self.value = value
        self.origin = origin
    }

    /// The types of TOML 1.0.
    package indirect enum Value: Hashable, Sendable {
        case text(String)
        case integer(Int)
        case number(Double)
        case flag(Bool)
        /// A date, a time or both, as written; no setting takes one.
        case date(String)
        case list([Node])
        case table(NodeTable)
        /// Stood in the file and was refused with a finding; the default stays.
        case refused
    }

    /// What it is, for a message: `text "30"`, `the list of 3`.
    var summary: String {
        switch value {
        case .text(let text): "text \(quoted(text))"
        case .integer(let integer): "\(integer)"
        case .number(let number): "\(number)"
        case .flag(let flag): "\(flag)"
        case .date(let text): "the date \(text)"
        case .list(let elements): "a list of \(elements.count)"
        case .table: "a table"
        case .refused: "a refused value"
        }
    }

    /// The table, or nil if it is something else.
    package var table: NodeTable? {
        if case .table(let table) = value { table } else { nil }
    }

    /// The elements, or nil if it is no list.
    package var list: [Node]? {
        if case .list(let list) = value { list } else { nil }
    }

    /// The node below `key`, or nil if there is none or this is no table.
    package subscript(key: String) -> Node? { table?[key] }

    /// The element `index`, or nil if there is none or this is no list.
    package subscript(index: Int) -> Node? {
        guard let list, list.indices.contains(index) else { return nil }
        return list[index]
    }
}

/// Keys and their nodes, in the order of the file.
package struct NodeTable: Hashable, Sendable {
    /// Each key once.
    package private(set) var keys: [String] = []
    private var nodes: [String: Node] = [:]

    package init() {}

    /// Setting a new key appends it; setting nil removes the key.
    package subscript(key: String) -> Node? {
        get { nodes[key] }
        set {
            if nodes[key] == nil, newValue != nil { keys.append(key) }
            if newValue == nil { keys.removeAll { $0 == key } }
            nodes[key] = newValue
        }
    }
}

/// `text` between double quotes on one line, as JSON escapes it.
func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case _ where scalar.value < 0x20 || scalar.value == 0x7F:
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
