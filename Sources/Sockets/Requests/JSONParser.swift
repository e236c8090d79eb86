// REQUEST LINE
//
// A line is valid if and only if it is UTF-8 without a NUL, holds exactly one JSON object (RFC 8259) between
// optional blanks, no object in it has a key twice, no string has half a surrogate pair or an escaped NUL, no
// number is beyond a double, and objects and arrays nest at most as deep as the socket allows (the object of the
// line itself is depth 1). The parser reads each byte once and keeps no more than the values of one line.

/// Why a line is no request.
public struct JSONFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// The byte of the line where the reading stopped, the first being 0.
    public let offset: Int
    /// What was wrong there.
    public let cause: String

    public var description: String { "byte \(offset): \(cause)" }
}

/// A strict reader of one line.
public struct JSONParser {
    private let bytes: [UInt8]
    private let depthLimit: Int
    private var offset = 0
    private var depth = 0

    private init(_ bytes: [UInt8], depthLimit: Int) {
        (self.bytes, self.depthLimit) = (bytes, depthLimit)
    }

    /// The members of the object that `line` is, in their order; `line` is without its newline.
    ///
    /// Throws `JSONFault` where the line is not valid.
    public static func members(of line: [UInt8], depthLimit: Int) throws(JSONFault) -> [JSONMember] {
        var parser = JSONParser(line, depthLimit: depthLimit)
        guard String(validating: line, as: UTF8.self) != nil else { throw parser.fault("invalid UTF-8") }
        parser.skipBlanks()
        guard parser.peek == UInt8(ascii: "{") else { throw parser.fault("a request is one object") }
        let members = try parser.object()
        parser.skipBlanks()
        guard parser.offset == line.count else { throw parser.fault("more after the object") }
        return members
    }

    private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private func fault(_ cause: String) -> JSONFault { JSONFault(offset: offset, cause: cause) }

    private mutating func skipBlanks() {
        while let byte = peek, byte == 32 || byte == 9 || byte == 13 || byte == 10 { offset += 1 }
    }

    /// Steps over `byte` and says whether it was there.
    private mutating func take(_ byte: Character) -> Bool {
        guard peek == byte.asciiValue else { return false }
        offset += 1
        return true
    }

    private mutating func value() throws(JSONFault) -> JSONValue {
        switch peek {
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ text: String, _ value: JSONValue) throws(JSONFault) -> JSONValue {
        guard bytes[offset...].starts(with: text.utf8) else { throw fault("not a value") }
        offset += text.utf8.count
        return value
    }

    private mutating func enter() throws(JSONFault) {
        depth += 1
        guard depth <= depthLimit else { throw fault("nested deeper than \(depthLimit)") }
        offset += 1
        skipBlanks()
    }

    private mutating func object() throws(JSONFault) -> [JSONMember] {
        try enter()
        defer { depth -= 1 }
        var members: [JSONMember] = []
        if take("}") { return members }
        var keys: Set<String> = []
        while true {
            guard peek == UInt8(ascii: "\"") else { throw fault("a key is missing") }
            let key = try text()
            guard keys.insert(key).inserted else { throw fault("key '\(key)' twice") }
            skipBlanks()
            guard take(":") else { throw fault("no ':' after a key") }
            skipBlanks()
            members.append(JSONMember(key, try value()))
            skipBlanks()
            if take("}") { return members }
            guard take(",") else { throw fault("neither ',' nor '}'") }
            skipBlanks()
        }
    }

    private mutating func array() throws(JSONFault) -> [JSONValue] {
        try enter()
        defer { depth -= 1 }
        var values: [JSONValue] = []
        if take("]") { return values }
        while true {
            values.append(try value())
            skipBlanks()
            if take("]") { return values }
            guard take(",") else { throw fault("neither ',' nor ']'") }
            skipBlanks()
        }
    }
}

// Strings and numbers.
extension JSONParser {
    private mutating func text() throws(JSONFault) -> String {
        offset += 1
        var unescaped: [UInt8] = []
        while let byte = peek {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: unescaped, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &unescaped)
            case 0..<32: throw fault("a control character in a string")
            default: unescaped.append(byte)
            }
        }
        throw fault("a string without end")
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONFault) {
        guard let byte = peek else { throw fault("a string without end") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "u"): text.append(contentsOf: Array(String(Character(try scalar())).utf8))
        default: throw fault("an unknown escape")
        }
    }

    /// The character of `\uXXXX`, or of two of them that are a surrogate pair.
    private mutating func scalar() throws(JSONFault) -> Unicode.Scalar {
        let first = try fourDigits()
        guard first != 0 else { throw fault("an escaped NUL") }
        guard 0xD800...0xDFFF ~= first else { return Unicode.Scalar(UInt16(first)) ?? "\u{FFFD}" }
        guard first < 0xDC00, take("\\"), take("u") else { throw fault("half a surrogate pair") }
        let second = try fourDigits()
        guard 0xDC00...0xDFFF ~= second else { throw fault("half a surrogate pair") }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }

    private mutating func fourDigits() throws(JSONFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 128
            else {
                throw fault("four hexadecimal digits are missing")
            }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }

    private mutating func number() throws(JSONFault) -> JSONValue {
        let start = offset
        var isInteger = true
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") {
            isInteger = false
            try digits()
        }
        if take("e") || take("E") {
            isInteger = false
            if !take("+") { _ = take("-") }
            try digits()
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isInteger, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw fault("a number beyond a double") }
        return .number(value)
    }

    /// Steps over one or more digits.
    private mutating func digits() throws(JSONFault) {
        let start = offset
        while let byte = peek, 48...57 ~= byte { offset += 1 }
        guard offset > start else { throw fault("not a value") }
    }
}
