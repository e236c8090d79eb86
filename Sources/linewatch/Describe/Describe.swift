import ArgumentParser
import Sockets

/// `linewatch describe`: what the daemon knows of its protocol.
struct Describe: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints the daemon's operations, codes and limits, as it knows them.")

    @OptionGroup var socket: StationSocket

    @Flag(help: "Print the answer as JSON.")
    var json = false

    func run() throws {
        let answer = try socket.connect().ask(.describe)
        print(json ? answer.json("linewatch.describe/1") : Self.text(answer))
    }

    /// A heading and a table for each list of the answer.
    private static func text(_ line: ServerLine) -> String {
        let roles = Dictionary(
            line.rows("roles").map { ($0.int("num"), $0.string("name")) },
            uniquingKeysWith: { first, _ in first })
        var lines = ["OPERATIONS"]
        lines += columns(
            line.rows("ops").map { operation in
                let arguments = operation["args"]?.elements ?? []
                return [
                    "  " + operation.string("op"), roles[operation.int("role")] ?? "\(operation.int("role"))",
                    arguments.map(argument).joined(separator: ", "),
                ]
            })
        lines += ["", "ERRORS"]
        lines += columns(
            line.rows("errors").map { ["  \($0.int("num"))", $0.string("code"), $0.string("remedy")] })
        for (title, key) in [("EVENTS", "events"), ("REASONS", "reasons"), ("FAREWELLS", "byes")] {
            lines += ["", title] + columns(line.rows(key).map { ["  \($0.int("num"))", $0.string("name")] })
        }
        for (title, key) in [("FLAGS", "flags"), ("ALARMS", "alarms")] {
            lines += ["", title]
            lines += columns(line.rows(key).enumerated().map { ["  \($0.offset)", $0.element.text ?? ""] })
        }
        if case .object(let limits)? = line["limits"] {
            lines +=
                ["", "LIMITS"]
                + columns(limits.map { ["  " + $0.key, "\($0.value.integer ?? 0)"] }, right: [1])
        }
        return lines.map { StyledLine($0).plain }.joined(separator: "\n")
    }

    /// `seq*`, where the star says that it must be there, and what is allowed.
    private static func argument(_ value: Sockets.JSONValue) -> String {
        let name = value.string("key") + (value.int("required") == 1 ? "*" : "")
        if let least = value["min"]?.integer, let most = value["max"]?.integer {
            return "\(name) \(least)...\(most)"
        }
        return name
    }
}
