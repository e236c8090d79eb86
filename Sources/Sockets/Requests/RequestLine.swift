public import Events

/// A request before its arguments are looked at: what every request has.
///
/// Rights and the order of the handshake are checked on this, so that a forbidden operation is refused as
/// forbidden whatever its arguments are.
public struct RequestLine: Equatable, Sendable {
    public let operation: Operation
    /// 1...2,147,483,647.
    public let id: UInt32
    /// The keys beside `op` and `id`.
    public let members: [JSONMember]

    /// Reads one line without its newline. `depthLimit` is 1 for a flat request.
    ///
    /// Throws `ErrorLine` with 1 `bad_json`, 3 `unknown_op` or 4 `bad_arg`, ready to be sent.
    public init(_ line: [UInt8], depthLimit: Int) throws(ErrorLine) {
        let members: [JSONMember]
        do {
            members = try JSONParser.members(of: line, depthLimit: depthLimit)
        } catch {
            throw .badJSON("\(error)")
        }
        let id = members.first { $0.key == "id" }?.value.integer ?? 0
        let isReadable = 1...Int64(Int32.max) ~= id
        self.id = isReadable ? UInt32(id) : 0
        guard let name = members.first(where: { $0.key == "op" })?.value.text else {
            throw .badArgument(id: self.id, key: "op", "'op' names the operation: a string")
        }
        guard let operation = Operation(rawValue: name) else {
            var error = ErrorLine(id: self.id, .unknownOperation)
            (error.key, error.message) = ("op", "there is no operation '\(name)': see describe")
            throw error
        }
        guard isReadable || operation == .describe && members.allSatisfy({ $0.key != "id" }) else {
            throw .badArgument(id: 0, key: "id", "'id' is an integer of 1 to 2147483647")
        }
        self.operation = operation
        self.members = members.filter { $0.key != "op" && $0.key != "id" }
    }
}

/// The arguments of a request, each known to the operation and inside its range.
struct Arguments {
    private let values: [String: JSONValue]
    private let standards: [String: Int64]

    /// Checks the members of `line` against the table of its operation.
    ///
    /// Throws `ErrorLine` 4 `bad_arg` that names the key and what is allowed.
    init(_ line: RequestLine, profile: Profile) throws(ErrorLine) {
        let known = line.operation.arguments
        var values: [String: JSONValue] = [:]
        for member in line.members {
            guard let argument = known.first(where: { $0.key == member.key }) else {
                throw .badArgument(
                    id: line.id, key: member.key,
                    "'\(line.operation.rawValue)' has no argument '\(member.key)'; it has: "
                        + known.map(\.key).joined(separator: ", "))
            }
            guard argument.kind.admits(member.value, profile: profile) else {
                throw .badArgument(
                    id: line.id, key: member.key, "'\(member.key)' is \(argument.kind.allowed)")
            }
            values[member.key] = member.value
        }
        for argument in known where argument.isRequired && values[argument.key] == nil {
            throw .badArgument(
                id: line.id, key: argument.key,
                "'\(line.operation.rawValue)' needs '\(argument.key)': \(argument.kind.allowed)")
        }
        self.values = values
        standards = Dictionary(
            uniqueKeysWithValues: known.compactMap { argument in
                argument.standard.map { (argument.key, $0) }
            })
    }

    subscript(key: String) -> JSONValue? { values[key] }

    /// The integer of `key`, or the table's own value, or 0.
    func integer(_ key: String) -> Int64 { values[key]?.integer ?? standards[key] ?? 0 }

    /// The integer of `key` as a smaller type; the table's range makes it fit.
    func number<Number: FixedWidthInteger>(_ key: String) -> Number { Number(clamping: integer(key)) }

    /// The integer of `key`, or nil where it is absent.
    func optional<Number: FixedWidthInteger>(_ key: String) -> Number? {
        values[key]?.integer.map { Number(clamping: $0) }
    }

    func flag(_ key: String) -> Bool { integer(key) == 1 }

    func text(_ key: String) -> String { values[key]?.text ?? "" }

    func texts(_ key: String) -> [String] { values[key]?.elements?.compactMap(\.text) ?? [] }

    func numbers<Number: FixedWidthInteger>(_ key: String) -> [Number] {
        values[key]?.elements?.compactMap { $0.integer.map { Number(clamping: $0) } } ?? []
    }
}

extension Argument.Kind {
    /// Whether `value` has this kind and is inside its range.
    func admits(_ value: JSONValue, profile: Profile) -> Bool {
        switch (self, value) {
        case (.integer(let range), .integer(let number)): range.contains(number)
        case (.number, .integer), (.number, .number): true
        case (.text(let least, let most), .text(let text)): least...most ~= text.utf8.count
        case (.consumerName, .text(let text)):
            1...24 ~= text.utf8.count
                && text.utf8.allSatisfy {
                    97...122 ~= $0 || 48...57 ~= $0 || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
                }
        case (.hexadecimal(let digits), .text(let text)):
            text.utf8.count == digits && text.utf8.allSatisfy { 48...57 ~= $0 || 97...102 ~= $0 }
        case (.camera(let least), .integer(let number)): least...32 ~= number
        case (.camera, .text(let text)): profile == .full && 1...100 ~= text.utf8.count
        case (.word(let words), .text(let text)): words.contains(text)
        case (.texts(let most), .array(let values)):
            values.count <= most && values.allSatisfy { 1...100 ~= $0.text?.utf8.count ?? 0 }
        case (.integers(let range, let most), .array(let values)):
            1...most ~= values.count && values.allSatisfy { $0.integer.map(range.contains) ?? false }
        default: false
        }
    }

    /// What is allowed, for people.
    var allowed: String {
        switch self {
        case .integer(let range): "an integer of \(range.lowerBound) to \(range.upperBound)"
        case .number: "a number"
        case .text(let least, let most): "a string of \(least) to \(most) bytes"
        case .consumerName: "a string of 1 to 24 characters of a-z 0-9 _ -"
        case .hexadecimal(let digits): "a string of \(digits) hexadecimal digits"
        case .camera(let least): "a camera's number, \(least) to 32, in profile full also its name"
        case .word(let words): "one of: " + words.joined(separator: ", ")
        case .texts(let most): "a list of at most \(most) strings of 1 to 100 bytes"
        case .integers(let range, let most):
            "a list of 1 to \(most) integers of \(range.lowerBound) to \(range.upperBound)"
        }
    }
}

extension ErrorLine {
    static func badJSON(_ message: String) -> ErrorLine {
        var error = ErrorLine(id: 0, .badJSON)
        error.message = message
        return error
    }

    static func badArgument(id: UInt32, key: String, _ message: String) -> ErrorLine {
        var error = ErrorLine(id: id, .badArgument)
        (error.key, error.message) = (key, message)
        return error
    }
}
