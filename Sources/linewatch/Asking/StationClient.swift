import Events
import FoundationEssentials
import Sockets

/// A daemon over one of its sockets, asked anonymously in the profile full: leaves no consumer behind.
///
/// Every method blocks and throws `CommandFailure` with the exit code of its cause. Not for several threads.
final class StationClient {
    /// What the daemon greeted with.
    var greeting: ServerLine { client.greeting }
    /// What it answered to the introduction: the role, first and last number.
    let introduction: ServerLine
    private let client: LineClient

    /// The largest file that is taken from a daemon.
    private static let largestBlob = 256 << 20

    /// Connects to the socket at `path`; every wait for a line ends after `patience` milliseconds.
    init(socket path: String, patience: Int = 8_000) throws(CommandFailure) {
        do {
            client = try LineClient(path: path, patience: patience)
            introduction = try client.hello(name: "linewatch", profile: .full, isAnonymous: true)
        } catch { throw CommandFailure(error) }
        guard introduction.kind == "ok" else { throw CommandFailure(refusal: introduction) }
    }

    /// The role that the daemon gives to this user here.
    var role: Role? {
        introduction.number("role").flatMap { UInt8(exactly: $0) }.flatMap(Role.init(rawValue:))
    }

    /// Sends `operation` and returns its answer. `within` is for operations that take long by nature.
    func ask(
        _ operation: Sockets.Operation, _ arguments: [JSONMember] = [], within milliseconds: Int? = nil
    ) throws(CommandFailure) -> ServerLine {
        try ask(operation, arguments, within: milliseconds) { _ in }
    }

    /// The file that `operation` sends in pieces. Throws also if a piece is missing.
    func blob(_ operation: Sockets.Operation, _ arguments: [JSONMember] = []) throws(CommandFailure)
        -> [UInt8]
    {
        try file(operation, arguments).bytes
    }

    /// The same, with the line that ends it.
    func file(
        _ operation: Sockets.Operation, _ arguments: [JSONMember] = [], within milliseconds: Int? = nil
    ) throws(CommandFailure) -> (bytes: [UInt8], end: ServerLine) {
        var bytes: [UInt8] = []
        var isWhole = true
        let end = try ask(operation, arguments, within: milliseconds) { line in
            guard line.kind == "blob", isWhole else { return }
            guard let offset = line.number("off"), offset == bytes.count,
                let text = line["b64"]?.text, let piece = Data(base64Encoded: text),
                line.number("len").map({ $0 == piece.count }) ?? true,
                bytes.count + piece.count <= Self.largestBlob
            else {
                isWhole = false
                return
            }
            bytes += piece
        }
        guard isWhole else {
            throw CommandFailure(
                "The daemon's answer to \(operation.rawValue) is not whole. Ask again; if it stays so, report it."
            )
        }
        return (bytes, end)
    }

    /// The record `seq` with what came after its commit; nil if that number holds no result and no event.
    func record(_ seq: UInt64) throws(CommandFailure) -> ServerLine? {
        var record: ServerLine?
        _ = try ask(.get, [JSONMember("seq", .integer(Int64(clamping: seq)))], within: nil) { line in
            if ["r", "e"].contains(line.kind) { record = line }
        }
        return record
    }

    /// The records behind `cursor`, which moves to the last of them; waits for the first as long as it says.
    func poll(
        after cursor: inout UInt64, limit: Int, waitMilliseconds: Int, kinds: Int64 = 3
    ) throws(CommandFailure) -> [ServerLine] {
        var records: [ServerLine] = []
        let arguments = [
            JSONMember("after", .integer(Int64(cursor))), JSONMember("max", .integer(Int64(limit))),
            JSONMember("wait", .integer(Int64(waitMilliseconds))), JSONMember("kinds", .integer(kinds)),
        ]
        let end = try ask(.poll, arguments, within: nil) { line in
            if ["r", "e", "gap"].contains(line.kind) { records.append(line) }
        }
        cursor = end.number("next").flatMap(UInt64.init(exactly:)) ?? cursor
        return records
    }

    private func ask(
        _ operation: Sockets.Operation, _ arguments: [JSONMember], within milliseconds: Int?,
        other: (ServerLine) -> Void
    ) throws(CommandFailure) -> ServerLine {
        let patience = client.patience
        if let milliseconds { client.patience = max(milliseconds, patience) }
        defer { client.patience = patience }
        let answer: ServerLine
        do {
            answer = try client.ask(operation.rawValue, arguments, other: other)
        } catch { throw CommandFailure(error) }
        guard answer.kind != "err" else { throw CommandFailure(refusal: answer) }
        return answer
    }
}

extension ServerLine {
    /// The number of `key` with or without a fraction, or nil.
    func double(_ key: String) -> Double? { self[key]?.double }

    /// The daemon's answer as one JSON object under `schema`, without the keys that only belong to the line.
    func json(_ schema: String) -> String {
        // `t` and `id` come first and hold no comma (LWP/1, section 4).
        let rest = text.drop { $0 != "," }.dropFirst().drop { $0 != "," }
        return "{\"schema\":\"\(schema)\"" + (rest.isEmpty ? "}" : String(rest))
    }
}

extension Sockets.JSONValue {
    /// The number with or without a fraction, or nil.
    var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}
