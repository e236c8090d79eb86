import Events
import Sockets
import Testing

/// C8: every argument of every operation, one step inside and outside its range.
struct RequestRangeTests {
    /// A request of `operation` with valid values for what is required and `members` in place of others.
    private func line(_ operation: Operation, _ members: [JSONMember]) throws -> RequestLine {
        var all = [JSONMember("op", .text(operation.rawValue)), JSONMember("id", .integer(5))]
        for argument in operation.arguments + choices(operation)
        where argument.isRequired && !members.contains(where: { $0.key == argument.key }) {
            all.append(JSONMember(argument.key, argument.kind.samples.inside[0]))
        }
        all += members
        return try RequestLine(Array(text(.object(all)).utf8), depthLimit: 8)
    }

    /// Arguments of which one must be there although each is optional.
    private func choices(_ operation: Operation) -> [Argument] {
        let key: String? =
            switch operation {
            case .teachAdd, .imageGet: "seq"
            case .thresholdSet: "ppm"
            case .typeApply: "proposal"
            case .classTry: "class_name"
            default: nil
            }
        return operation.arguments.filter { $0.key == key }.map {
            .required($0.key, $0.kind)
        }
    }

    private func refusal(_ operation: Operation, _ members: [JSONMember]) throws -> ErrorLine? {
        do {
            _ = try Request(try line(operation, members), profile: .full)
            return nil
        } catch let error as ErrorLine {
            return error
        }
    }

    @Test(
        "what is inside a range is taken, what is outside is refused by name", arguments: Operation.allCases)
    func ranges(operation: Operation) throws {
        for argument in operation.arguments {
            let isAlone =
                [
                    "absorb", "x", "y", "w", "h", "next", "raw", "img", "off", "size", "sha256", "b64",
                    "more_names",
                ]
                .contains(argument.key) || argument.key.hasSuffix("_words")
            for value in argument.kind.samples.inside where !isAlone {
                #expect(
                    try refusal(operation, [JSONMember(argument.key, value)]) == nil,
                    "\(argument.key) \(value)")
            }
            for value in argument.kind.samples.outside {
                let error = try refusal(operation, [JSONMember(argument.key, value)])
                #expect(
                    error?.number == .badArgument && error?.key == argument.key, "\(argument.key) \(value)")
                #expect(error?.id == 5)
            }
        }
    }

    @Test("an unknown key and a missing one are refused by name", arguments: Operation.allCases)
    func keys(operation: Operation) throws {
        let error = try refusal(operation, [JSONMember("deadlin_ms", .integer(5))])
        #expect(error?.number == .badArgument && error?.key == "deadlin_ms")
        for argument in operation.arguments where argument.isRequired {
            let members = operation.arguments.filter { $0.isRequired && $0.key != argument.key }
                .map { JSONMember($0.key, $0.kind.samples.inside[0]) }
            let object = JSONValue.object(
                [JSONMember("op", .text(operation.rawValue)), JSONMember("id", .integer(5))] + members)
            let line = try RequestLine(Array(text(object).utf8), depthLimit: 8)
            let error = #expect(throws: ErrorLine.self) { try Request(line, profile: .full) }
            #expect(error?.key == argument.key)
        }
    }

    @Test("a watch of 1 to 199 ms, two answers to one question and a box for a good part are refused")
    func contradictions() throws {
        #expect(try refusal(.watch, [JSONMember("ms", .integer(199))])?.key == "ms")
        #expect(try refusal(.watch, [JSONMember("ms", .integer(200))]) == nil)
        #expect(
            try refusal(.thresholdSet, [JSONMember("raw", .number(0.5)), JSONMember("ppm", .integer(1))])
                != nil)
        let box = [JSONMember("as", .integer(1)), JSONMember("x", .integer(1))]
        #expect(try refusal(.mark, box)?.key == "x")
        let absorb = [JSONMember("as", .integer(2)), JSONMember("absorb", .integer(1))]
        #expect(try refusal(.mark, absorb)?.key == "absorb")
    }

    @Test("a camera's name is taken in profile full only")
    func cameraNames() throws {
        let named = try line(.trigger, [JSONMember("cam", .text("top"))])
        #expect(throws: ErrorLine.self) { try Request(named, profile: .plc) }
        guard case .trigger(let trigger) = try Request(named, profile: .full) else {
            Issue.record("no trigger")
            return
        }
        #expect(trigger.camera == .name("top"))
    }

    @Test("absent arguments mean what the protocol prints")
    func standards() throws {
        guard case .poll(let poll) = try Request(try line(.poll, []), profile: .plc),
            case .sub(let sub) = try Request(try line(.sub, []), profile: .plc)
        else {
            Issue.record("no poll")
            return
        }
        #expect(poll.after == .acked && poll.max == 1 && poll.wait == 0 && poll.kinds.rawValue == 3)
        #expect(!poll.isStrict && poll.log == nil)
        #expect(sub.after == .acked && sub.credit == 16 && sub.kinds.rawValue == 3 && !sub.isFast)
    }
}

/// `value` as JSON.
private func text(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text(let value): "\"\(value)\""
    case .array(let values): "[" + values.map(text).joined(separator: ",") + "]"
    case .object(let members):
        "{" + members.map { "\"\($0.key)\":" + text($0.value) }.joined(separator: ",") + "}"
    }
}

extension Argument.Kind {
    /// Values at the ends of the range, and values one step beyond or of another type.
    fileprivate var samples: (inside: [JSONValue], outside: [JSONValue]) {
        func string(_ count: Int) -> JSONValue { .text(String(repeating: "a", count: count)) }
        let strangers: [JSONValue] = [.null, .bool(true), .object([])]
        switch self {
        case .integer(let range):
            let outside: [JSONValue] = [
                range.lowerBound - 1, range.upperBound == .max ? -1 : range.upperBound + 1,
            ]
            .map { .integer($0) }
            let inside: [JSONValue] = [.integer(range.upperBound), .integer(range.lowerBound)]
            return (inside, outside + strangers + [.text("1"), .number(1.5), .array([])])
        case .number: return ([.number(1.5), .integer(2)], strangers + [.text("1")])
        case .text(let least, let most):
            let outside = least > 0 ? [string(least - 1), string(most + 1)] : [string(most + 1)]
            return ([string(most), string(least)], outside + strangers + [.integer(1)])
        case .consumerName:
            return (
                [.text("az09_-"), string(24), string(1)], strangers + [string(0), string(25), .text("A")]
            )
        case .hexadecimal(let digits):
            return ([string(digits)], strangers + [string(digits - 1), string(digits + 1), .integer(1)])
        case .camera(let least):
            return (
                [.integer(1), .integer(least), .integer(32)], strangers + [.integer(least - 1), .integer(33)]
            )
        case .word(let words): return (words.map { .text($0) }, strangers + [.text("other"), .integer(1)])
        case .texts(let most):
            let many = JSONValue.array(Array(repeating: .text("a"), count: most + 1))
            return ([.array([.text("a")]), .array([])], strangers + [many, .array([.integer(1)])])
        case .integers(let range, let most):
            let many = JSONValue.array(Array(repeating: .integer(1), count: most + 1))
            return (
                [.array([.integer(range.upperBound)])], strangers + [many, .array([]), .array([.integer(0)])]
            )
        }
    }
}
