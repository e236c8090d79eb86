internal import Events
internal import Glibc
internal import Sockets

/// A daemon's log over its socket, read anonymously: leaves no consumer behind and holds nothing back.
struct LogReading {
    private let client: LineClient
    /// Oldest and newest number when the connection began.
    let first: UInt64
    let last: UInt64

    /// Connects to the socket at `path`. Throws a failure that says what to do.
    init(socket path: String) throws {
        client = try LineClient(path: path, patience: 8_000)
        let answer = try client.hello(name: "linewatch", profile: .full, isAnonymous: true)
        guard answer.kind == "ok" else { throw CommandFailure(refusal: answer) }
        first = UInt64(answer.number("first") ?? 1)
        last = UInt64(answer.number("last") ?? 0)
    }

    /// Sends `op` and returns its answer. Throws what the daemon refuses.
    func ask(_ op: String, _ arguments: [JSONMember] = []) throws -> ServerLine {
        let answer = try client.ask(op, arguments)
        guard answer.kind != "err" else { throw CommandFailure(refusal: answer) }
        return answer
    }

    /// `record` with what came after its commit: late score, pictures, mark.
    func complete(_ record: LogLine) throws -> LogLine {
        var complete = record
        let answer = try client.ask("get", [JSONMember("seq", .integer(Int64(record.seq)))]) { line in
            if ["r", "e", "gap"].contains(line.kind) { complete = LogLine(line: line) }
        }
        guard answer.kind != "err" else { throw CommandFailure(refusal: answer) }
        return complete
    }

    /// The records behind `cursor`, which moves to the last of them. Waits for the first as long as it says.
    func poll(after cursor: inout UInt64, limit: Int, waitMilliseconds: Int) throws -> [LogLine] {
        var records: [LogLine] = []
        let arguments = [
            JSONMember("after", .integer(Int64(cursor))), JSONMember("max", .integer(Int64(limit))),
            JSONMember("wait", .integer(Int64(waitMilliseconds))),
        ]
        let end = try client.ask("poll", arguments) { line in
            if ["r", "e", "gap"].contains(line.kind) { records.append(LogLine(line: line)) }
        }
        guard end.kind != "err" else { throw CommandFailure(refusal: end) }
        cursor = UInt64(end.number("next") ?? Int64(cursor))
        return records
    }
}

/// One record as the daemon sent it.
struct LogLine {
    let line: ServerLine

    var seq: UInt64 { UInt64(line.number("seq") ?? 0) }
    var isOK: Bool { line.kind == "r" && line.number("v") == 1 }

    /// The daemon's line under the schema of the command that prints it.
    func json(_ schema: String) -> String { "{\"schema\":\"\(schema)\"," + line.text.dropFirst() }

    /// One line for people.
    var summary: String {
        let time = line.number("ts").map(Self.time) ?? ""
        switch line.kind {
        case "r": return "\(seq)  \(time)  \(result)"
        case "e":
            let camera = line.number("cam").flatMap { $0 == 0 ? nil : " on camera \($0)" } ?? ""
            let name = line["name"]?.text ?? "event \(line.number("code") ?? 0)"
            return "\(seq)  \(time)  \(name)\(camera) (\(line.number("a") ?? 0), \(line.number("b") ?? 0))"
        default:
            return "\(seq)  \(time)  nothing from \(line.number("from") ?? 0) to \(seq)"
                + " (reason \(line.number("why") ?? 0))"
        }
    }

    private var result: String {
        let verdict = line.number("v").flatMap { [1: "OK", 2: "NG", 3: "UNSURE", 4: "INVALID"][$0] } ?? "?"
        var text = "\(verdict)  camera \(line.number("cam") ?? 0)  job \(line.number("job") ?? 0)"
        if let part = line.number("pn"), part > 0 { text += "  part \(part)" }
        if verdict == "INVALID" { return text + "  reason \(line.number("rs") ?? 0)" }
        text += "  score \(line.number("sc") ?? 0)"
        if let width = line.number("w"), width > 0 {
            text += "  at \(line.number("x") ?? 0),\(line.number("y") ?? 0)"
            text += " \(width)x\(line.number("h") ?? 0)"
        }
        if let cluster = line.number("cl"), cluster > 0 {
            text += cluster == 65_535 ? "  new kind" : "  type \(cluster)"
        }
        return text
    }

    /// UTC milliseconds as 14:02:11.123.
    private static func time(_ milliseconds: Int64) -> String {
        let ofDay = milliseconds.quotientAndRemainder(dividingBy: 86_400_000).remainder
        func digits(_ value: Int64, _ count: Int) -> String {
            let text = "\(value)"
            return String(repeating: "0", count: max(count - text.count, 0)) + text
        }
        let (hours, minutes) = (ofDay / 3_600_000, ofDay / 60_000 % 60)
        let seconds = digits(ofDay / 1_000 % 60, 2) + "." + digits(ofDay % 1_000, 3)
        return "\(digits(hours, 2)):\(digits(minutes, 2)):\(seconds)"
    }
}

/// Writes out what was printed, also into a pipe.
func flush() { fflush(nil) }
