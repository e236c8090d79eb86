internal import ArgumentParser
internal import Sockets

/// `linewatch events`: what is in the log.
struct EventsGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Reads the log of results and events.",
        subcommands: [EventsTail.self, EventsGet.self, EventsExport.self, EventsStats.self]
    )
}

/// Which daemon to ask.
struct SocketChoice: ParsableArguments {
    @Option(
        name: .customLong("socket"),
        help: ArgumentHelp(
            "The PLC socket of the daemon. (default: plc.sock in LINEWATCH_RUNTIME_DIR or /run/linewatch)",
            valueName: "path"))
    var chosen: String?

    /// The path that was asked for, or that of this box.
    var socket: String { chosen ?? StationSocket.standard("plc.sock") }
}

/// `linewatch events tail`
struct EventsTail: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Shows records as they come, until it is interrupted.")

    @OptionGroup var choice: SocketChoice

    @Option(name: .shortAndLong, help: "Begin with so many records of the past.")
    var number = 10

    @Flag(help: "Only what is not OK.")
    var rejects = false

    @Flag(help: "Print JSON Lines, in the profile full of the protocol, with a key 'schema'.")
    var json = false

    func run() throws {
        let log = try LogReading(socket: choice.socket)
        let first = Int64(log.first) - 1
        var cursor = UInt64(max(Int64(log.last) - Int64(max(number, 0)), first, 0))
        while true {
            for record in try log.poll(after: &cursor, limit: 256, waitMilliseconds: 5_000) {
                if rejects, record.isOK { continue }
                print(json ? record.json("linewatch.events.tail/1") : record.summary)
            }
            flush()
        }
    }
}

/// `linewatch events get`
struct EventsGet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Shows the records behind a number.",
        discussion: "A single record comes with its late score, its pictures and its mark, where it has them."
    )

    @OptionGroup var choice: SocketChoice

    @Option(help: "Records above this number; default: the newest alone.")
    var after: UInt64?

    @Option(name: .shortAndLong, help: "At most so many records.")
    var number = 1

    @Flag(help: "Print JSON Lines, in the profile full of the protocol, with a key 'schema'.")
    var json = false

    func validate() throws {
        guard number > 0 else { throw ValidationError("--number must be at least 1.") }
    }

    func run() throws {
        let log = try LogReading(socket: choice.socket)
        var cursor = after ?? (log.last > 0 ? log.last - 1 : 0)
        guard cursor <= log.last else {
            throw CommandFailure("The newest record is \(log.last): ask for one before it.")
        }
        var left = number
        while left > 0 {
            let records = try log.poll(after: &cursor, limit: min(left, 256), waitMilliseconds: 0)
            for record in records {
                let shown = number == 1 ? try log.complete(record) : record
                print(json ? shown.json("linewatch.events.get/1") : shown.summary)
            }
            left -= records.count
            if records.isEmpty, cursor >= log.last { return }
        }
    }
}

/// `linewatch events export`
struct EventsExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Prints the log as JSON Lines, oldest first.")

    @OptionGroup var choice: SocketChoice

    @Flag(help: "The lines as the daemon sends them, the default.")
    var jsonl = false

    @Flag(help: "The same lines with a key 'schema'.")
    var json = false

    @Option(help: "First number.")
    var from: UInt64 = 1

    @Option(help: "Last number; default: the newest of now.")
    var to: UInt64?

    func validate() throws {
        guard !(json && jsonl) else { throw ValidationError("Say --json or --jsonl, not both.") }
    }

    func run() throws {
        let log = try LogReading(socket: choice.socket)
        let last = min(to ?? log.last, log.last)
        var cursor = from > 0 ? from - 1 : 0
        while cursor < last {
            let before = cursor
            for record in try log.poll(after: &cursor, limit: 256, waitMilliseconds: 0)
            where record.seq <= last {
                print(json ? record.json("linewatch.events.export/1") : record.line.text)
            }
            if cursor == before { return }
        }
    }
}

/// `linewatch events stats`
struct EventsStats: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Shows the counters of this run of the daemon.")

    @OptionGroup var choice: SocketChoice

    @Flag(help: "Print the answer as JSON.")
    var json = false

    func run() throws {
        let log = try LogReading(socket: choice.socket)
        let stats = try log.ask("stats")
        guard !json else {
            print("{\"schema\":\"linewatch.events.stats/1\"," + stats.text.dropFirst())
            return
        }
        let names = [
            ("run", "run"), ("up", "seconds up"), ("tr", "triggers"), ("ok", "OK"), ("ng", "NG"),
            ("un", "UNSURE"), ("iv", "INVALID"), ("ms", "missed triggers"), ("lost", "frames lost"),
            ("p50", "latency p50 us"), ("p99", "latency p99 us"), ("dl", "deadlines missed"),
        ]
        var rows = names.map { key, name in [name, stats.number(key).map { "\($0)" } ?? "-"] }
        rows.append(["records", "\(log.first)..\(log.last)"])
        print(table(rows))
    }
}
