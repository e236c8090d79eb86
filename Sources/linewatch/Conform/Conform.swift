internal import ArgumentParser

/// `linewatch conform`: the checks of the protocol against a server.
struct Conform: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks a server against the protocol LWP/1, row by row of its table.",
        discussion: """
            Runs the rows that a socket alone decides. It registers consumers whose names begin with 'conform' and \
            sends triggers: do not point it at a running line. Ends with 1 if a row fails.
            """
    )

    @Option(
        name: .customLong("socket"),
        help: ArgumentHelp(
            "The PLC socket of the server. (default: plc.sock in LINEWATCH_RUNTIME_DIR or /run/linewatch)",
            valueName: "path"))
    var chosen: String?

    private var socket: String { chosen ?? StationSocket.standard("plc.sock") }

    @Option(help: "A camera that takes software triggers.")
    var camera = 1

    @Flag(help: "The release figures instead of the short forms.")
    var long = false

    @Option(parsing: .upToNextOption, help: "Only these rows, for example C7 C14.")
    var only: [String] = []

    @Flag(help: "Print JSON Lines, one row each.")
    var json = false

    /// One row as JSON.
    private struct Row: Encodable {
        var schema = "linewatch.conform/1"
        var check: String
        var title: String
        var outcome: String
        var detail: String
    }

    func run() throws {
        let known = Set(ConformanceCheck.all.map(\.name))
        if let stranger = only.first(where: { !known.contains($0) }) {
            throw ValidationError(
                "There is no row '\(stranger)' here. Rows: \(known.sorted().joined(separator: " ")).")
        }
        // Without a server every row would fail, and none would say why.
        _ = try LogReading(socket: socket)
        let target = ConformanceTarget(socket: socket, isLong: long, camera: camera)
        var failures = 0
        for check in ConformanceCheck.all where only.isEmpty || only.contains(check.name) {
            let outcome = check.run(on: target)
            if case .failed = outcome { failures += 1 }
            try show(check, outcome)
        }
        guard failures == 0 else { throw ExitCode(1) }
    }

    private func show(_ check: ConformanceCheck, _ outcome: ConformanceCheck.Outcome) throws {
        let (word, detail) =
            switch outcome {
            case .passed: ("PASS", "")
            case .failed(let what): ("FAIL", what)
            case .skipped(let why): ("SKIP", why)
            }
        if json {
            let row = Row(check: check.name, title: check.title, outcome: word, detail: detail)
            print(try jsonLine(row))
        } else {
            let name = check.name + String(repeating: " ", count: max(4 - check.name.count, 0))
            print("\(word)  \(name) \(check.title)" + (detail.isEmpty ? "" : ": \(detail)"))
        }
    }
}
