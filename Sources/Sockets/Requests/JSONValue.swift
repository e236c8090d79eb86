import Events

/// One value of a JSON line.
public enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    /// A number without fraction and exponent that fits 64 bits.
    case integer(Int64)
    /// Any other number; finite.
    case number(Double)
    case text(String)
    case array([JSONValue])
    case object([JSONMember])
}

/// A key of a JSON object and its value.
public struct JSONMember: Equatable, Sendable {
    public var key: String
    public var value: JSONValue

    public init(_ key: String, _ value: JSONValue) {
        (self.key, self.value) = (key, value)
    }
}

extension JSONValue {
    /// The value of `key`, or nil where this is no object or has no such key.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// The number, or nil where this is no integer.
    public var integer: Int64? {
        guard case .integer(let value) = self else { return nil }
        return value
    }

    /// The string, or nil where this is none.
    public var text: String? {
        guard case .text(let value) = self else { return nil }
        return value
    }

    /// The elements, or nil where this is no array.
    public var elements: [JSONValue]? {
        guard case .array(let values) = self else { return nil }
        return values
    }
}

extension LineWriter {
    /// Appends `value` as JSON, without blanks.
    mutating func put(json value: JSONValue) {
        switch value {
        case .null: put("null")
        case .bool(let value): if value { put("true") } else { put("false") }
        case .integer(let value): put(value)
        case .number(let value): put(value)
        case .text(let value): put(quoted: value)
        case .array(let values):
            put("[")
            for (index, value) in values.enumerated() {
                if index > 0 { put(",") }
                put(json: value)
            }
            put("]")
        case .object(let members):
            put("{")
            for (index, member) in members.enumerated() {
                if index > 0 { put(",") }
                put(member)
            }
            put("}")
        }
    }

    /// Appends `"key":value`.
    mutating func put(_ member: JSONMember) {
        put(quoted: member.key)
        put(":")
        put(json: member.value)
    }
}
