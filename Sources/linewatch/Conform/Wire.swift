internal import Platform
internal import Sockets

/// A connection as a test wants it: whole lines in and out, each with a time limit.
final class Wire {
    private let client: LineClient
    private(set) var nextID = 0
    /// The first line that the server sent.
    private(set) var greeting = WireLine(text: "")

    /// Connects to `target` and reads the greeting.
    init(_ target: ConformanceTarget) throws {
        do {
            client = try LineClient(path: target.socket, patience: 5_000)
            greeting = WireLine(text: client.greeting.text)
        } catch .notLinewatch(_, let line) {
            throw Refused(line: WireLine(text: line))
        }
    }

    /// The server's first line was no greeting.
    struct Refused: Error, CustomStringConvertible {
        let line: WireLine
        var description: String { "instead of a greeting came \(line)" }
    }

    /// Connects and says hello; `name` nil: anonymous.
    convenience init(
        _ target: ConformanceTarget, name: String?, profile: String = "plc", heartbeat: Int? = nil
    ) throws {
        try self.init(target)
        var request = "\"name\":\"\(name ?? "conform")\",\"proto\":1,\"profile\":\"\(profile)\""
        if name == nil { request += ",\"anon\":1" }
        if let heartbeat { request += ",\"hb\":\(heartbeat)" }
        try expect(try ask("hello", request).kind == "ok", "hello was refused")
    }

    func send(_ text: String) throws { try client.send(bytes: Array(text.utf8)) }

    /// The next line; throws if none comes within the time or the connection ended.
    func line(within milliseconds: Int = 5_000) throws -> WireLine {
        WireLine(text: try client.nextLine(within: milliseconds).text)
    }

    /// Sends `op` with `arguments` (JSON members without braces) and returns the line that answers it; what
    /// came in between, heartbeats and records, is returned as `before`.
    @discardableResult
    func ask(_ op: String, _ arguments: String = "", within milliseconds: Int = 5_000) throws -> WireLine {
        try exchange(op, arguments, within: milliseconds).answer
    }

    func exchange(
        _ op: String, _ arguments: String = "", within milliseconds: Int = 5_000
    ) throws -> (before: [WireLine], answer: WireLine) {
        nextID += 1
        let separator = arguments.isEmpty ? "" : ","
        try send("{\"op\":\"\(op)\",\"id\":\(nextID)\(separator)\(arguments)}\n")
        var before: [WireLine] = []
        while true {
            let line = try line(within: milliseconds)
            if line.number("id") == nextID { return (before, line) }
            before.append(line)
        }
    }

    /// Sends raw bytes and returns the next line that is no heartbeat.
    func answer(to text: String, within milliseconds: Int = 5_000) throws -> WireLine {
        try send(text)
        while true {
            let line = try line(within: milliseconds)
            if line.kind != "hb" { return line }
        }
    }

    /// Throws unless the server ends the connection within the time; lines before that are skipped.
    func expectEnd(within milliseconds: Int) throws {
        let until = MonotonicClock.now + milliseconds * 1_000_000
        while MonotonicClock.now < until {
            do {
                _ = try line(within: max((until - MonotonicClock.now) / 1_000_000, 1))
            } catch SocketError.silent {
                continue
            } catch {
                return
            }
        }
        throw Violation("the connection was not closed within \(milliseconds) ms")
    }

    /// The lines that come until `milliseconds` have passed.
    func lines(for milliseconds: Int) throws -> [WireLine] {
        let until = MonotonicClock.now + milliseconds * 1_000_000
        var lines: [WireLine] = []
        while true {
            let left = (until - MonotonicClock.now) / 1_000_000
            guard left > 0 else { return lines }
            do {
                lines.append(try line(within: left))
            } catch SocketError.silent {
                return lines
            }
        }
    }
}
