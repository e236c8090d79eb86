import ArgumentParser
import FoundationEssentials
import Glibc
import Sockets

/// `linewatch status`: how the station is, on one page.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows how the station is: cameras, results, latency, calibration, alarms and what to do.",
        discussion: """
            With --watch the page is a screen that is kept up to date, with the newest defects and results; q \
            leaves it. Where output is no terminal, or with NO_COLOR, lines are appended instead.
            """)

    @OptionGroup var socket: StationSocket

    @Flag(help: "Keep the page up to date until q or Ctrl-C.")
    var watch = false

    @Flag(help: "Print one JSON document; with --watch one line a second.")
    var json = false

    func run() throws {
        let client = try socket.connect()
        guard !watch else {
            var watching = StatusWatch(socket: socket.path, client: client)
            try watching.run(json: json)
            return
        }
        let report = try Self.report(asking: client)
        guard !json else {
            print(try jsonReport(report))
            return
        }
        let ability = TerminalAbility.standardOutput
        for line in StatusPage(report).text { print(line.text(for: ability)) }
    }

    /// The whole report, with the rate of the newest results.
    static func report(asking client: StationClient) throws(CommandFailure) -> StationReport {
        var report = try StationReport(asking: client)
        var cursor = report.last > 256 ? report.last - 256 : 0
        let records = try client.poll(after: &cursor, limit: 256, waitMilliseconds: 0, kinds: 1)
        report.takeRate(of: records.compactMap(ResultRow.init))
        return report
    }
}

extension TerminalAbility {
    /// That of standard output.
    static var standardOutput: TerminalAbility {
        TerminalAbility(
            environment: ProcessInfo.processInfo.environment, isTerminal: isatty(STDOUT_FILENO) == 1)
    }
}
