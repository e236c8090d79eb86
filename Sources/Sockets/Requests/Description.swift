import Events

// What `describe` says: every table of the protocol, from the same lists that the server works with. The text of
// the protocol is tested against it.

extension LineWriter {
    /// Appends the line that answers `describe`.
    mutating func put(descriptionOf id: UInt32) {
        put("{\"t\":\"describe\",\"id\":", id)
        put(",\"ops\":")
        put(json: .array(Operation.allCases.map(\.description)))
        put(",\"roles\":")
        put(json: .array(Role.allCases.map { .named(Int64($0.rawValue), "\($0)") }))
        put(",\"errors\":")
        put(
            json: .array(
                ErrorNumber.allCases.map {
                    .object([
                        JSONMember("num", .integer(Int64($0.rawValue))),
                        JSONMember("code", .text($0.code.description)),
                        JSONMember("remedy", .text($0.remedy.description)),
                    ])
                }))
        put(",\"events\":")
        put(json: .array(EventCode.allCases.map { .named(Int64($0.rawValue), $0.name.description) }))
        put(",\"reasons\":")
        put(json: .array(Reason.allCases.map { .named(Int64($0.rawValue), $0.name.description) }))
        put(",\"flags\":")
        put(json: .array(RecordFlags.meanings.map { .text($0.description) }))
        put(",\"alarms\":")
        put(json: .array(Alarms.meanings.map { .text($0.description) }))
        put(",\"byes\":")
        put(json: .array(FarewellReason.allCases.map { .named(Int64($0.rawValue), $0.code.description) }))
        put(",\"limits\":")
        put(json: .object(Self.limits))
        put("}\n")
    }

    private static let limits: [JSONMember] = {
        let settings = ServerSettings()
        let limits: [(String, Int)] = [
            ("line", settings.lineLimit), ("admin_line", settings.adminLineLimit),
            ("plc_answer", LineLimit.plc), ("full_answer", LineLimit.full),
            ("depth", settings.depthLimit), ("admin_depth", settings.adminDepthLimit),
            ("rate", settings.requestRate), ("burst", settings.requestBurst),
            ("hello_s", Int(settings.helloTimeout.components.seconds)),
            ("half_line_s", Int(settings.halfLineTimeout.components.seconds)),
            ("slow_s", Int(settings.slowTimeout.components.seconds)),
            ("clients", settings.clientLimit), ("admins", settings.adminLimit),
            ("bad_lines", settings.badLineLimit),
        ]
        return limits.map { JSONMember($0.0, .integer(Int64($0.1))) }
    }()
}

extension JSONValue {
    fileprivate static func named(_ number: Int64, _ name: String) -> JSONValue {
        .object([JSONMember("num", .integer(number)), JSONMember("name", .text(name))])
    }
}

extension Operation {
    fileprivate var description: JSONValue {
        .object([
            JSONMember("op", .text(rawValue)), JSONMember("role", .integer(Int64(role.rawValue))),
            JSONMember("args", .array(arguments.map(\.description))),
        ])
    }
}

extension Argument {
    fileprivate var description: JSONValue {
        var members = [JSONMember("key", .text(key)), JSONMember("is", .text(kind.allowed))]
        if case .integer(let range) = kind {
            members[1] = JSONMember("min", .integer(range.lowerBound))
            members.append(JSONMember("max", .integer(range.upperBound)))
        }
        if isRequired { members.append(JSONMember("required", .integer(1))) }
        if let standard { members.append(JSONMember("default", .integer(standard))) }
        return .object(members)
    }
}
