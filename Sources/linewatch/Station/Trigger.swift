import ArgumentParser
import Platform
import Sockets

/// `linewatch trigger`: has one part inspected.
struct TriggerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trigger",
        abstract: "Has one part inspected, and with --wait says what came of it.",
        discussion: "With --wait it exits with 5 if the verdict is not OK.")

    @OptionGroup var socket: StationSocket

    @ArgumentParser.Argument(help: "The camera: its id or its name. (default: the only one)")
    var camera: String?

    @Option(help: "The part number (0...4294967295).")
    var pn: UInt32?

    @Option(help: "What the part is called, at most 48 bytes.")
    var part: String?

    @Option(help: "Milliseconds until the result must be there (5...60000). (default: that of the settings)")
    var deadline: Int?

    @Flag(help: "Wait for the result.")
    var wait = false

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        guard (5...60_000).contains(deadline ?? 5) else {
            throw ValidationError("--deadline \(deadline ?? 0) is not in 5...60000.")
        }
        guard (part ?? "").utf8.count <= 48 else { throw ValidationError("--part has more than 48 bytes.") }
    }

    func run() throws {
        let client = try socket.connect()
        // Results of the part come behind this number, whatever else happens meanwhile.
        let before = try client.ask(.state).number("last").flatMap(UInt64.init(exactly:)) ?? 0
        let accepted = try client.ask(.trigger, arguments)
        let text = json ? accepted.json("linewatch.trigger/1") : Self.text(accepted)
        guard wait else {
            print(text)
            return
        }
        let limit = accepted.integer("dl") + 10_000
        let result = try Self.result(
            of: accepted.integer("job"), after: before, within: limit, asking: client)
        print(
            json
                ? "\(text.dropLast()),\"result\":\(result.text)}"
                : text + "\n" + LogLine(line: result).summary)
        guard result.number("v") == 1 else { throw ExitCode(CommandFailure.Exit.verdictNotOK.rawValue) }
    }

    private var arguments: [JSONMember] {
        var arguments: [JSONMember] = []
        if let camera { arguments.append(.camera(camera)) }
        if let pn { arguments.append(JSONMember("pn", .integer(Int64(pn)))) }
        if let part { arguments.append(JSONMember("part", .text(part))) }
        if let deadline { arguments.append(JSONMember("deadline", .integer(Int64(deadline)))) }
        return arguments
    }

    private static func text(_ line: ServerLine) -> String {
        "job \(line.integer("job")) on camera \(line.integer("cam")), due in \(line.integer("dl")) ms"
    }

    /// The one result of `job`. Blocks; throws if it is not there within `milliseconds`.
    private static func result(
        of job: Int, after seq: UInt64, within milliseconds: Int, asking client: StationClient
    ) throws(CommandFailure) -> ServerLine {
        var cursor = seq
        let end = MonotonicClock.now + milliseconds * 1_000_000
        while true {
            let left = (end - MonotonicClock.now) / 1_000_000
            guard left > 0 else {
                throw CommandFailure(
                    "No result of job \(job) came within \(milliseconds) ms. "
                        + "Look at 'linewatch status' and the daemon's journal.")
            }
            let records = try client.poll(
                after: &cursor, limit: 64, waitMilliseconds: min(left, 1_000), kinds: 1)
            if let result = records.first(where: { $0.kind == "r" && $0.integer("job") == job }) {
                return result
            }
        }
    }
}

extension JSONMember {
    /// The argument `cam`: a number where `text` is one, else a name.
    static func camera(_ text: String) -> JSONMember {
        JSONMember("cam", Int64(text).map { .integer($0) } ?? .text(text))
    }
}
