import ArgumentParser

/// `linewatch doctor`: says what of this machine keeps Linewatch from its best, and what to do about it.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks this machine and its daemon, one line per check with its remedy.",
        discussion: """
            What only a running daemon knows is asked of it; without one the rest is checked, and cameras are opened. \
            Exits with 0 if all is well, 8 if there are warnings only, and 7 if a check failed.
            """
    )

    @OptionGroup var socket: StationSocket

    @Flag(help: "Print one JSON document instead of lines.")
    var json = false

    func run() throws {
        let report = CheckReport(checks: CheckReport.allChecks(of: Box.this(socket: socket.path)))
        print(json ? try report.json() : report.text)
        guard report.status == .pass else { throw ExitCode(report.status.exitCode) }
    }
}
