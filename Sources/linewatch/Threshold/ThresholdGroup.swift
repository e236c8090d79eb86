import ArgumentParser
import Sockets

/// `linewatch threshold`: which score is still OK, and what is known of it.
struct ThresholdGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "threshold",
        abstract: "Shows, explains and sets the limits of inspections.",
        subcommands: [ThresholdShow.self, ThresholdExplain.self, ThresholdSet.self])
}

/// `linewatch threshold show`
struct ThresholdShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows the limit of an inspection, or of all, and what supports it.")

    @OptionGroup var socket: StationSocket

    @ArgumentParser.Argument(help: "The inspection. (default: all)")
    var inspect: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    private struct Report: Encodable {
        let schema = "linewatch.threshold.show/1"
        let inspections: [StationReport.InspectionRow]
    }

    func run() throws {
        let client = try socket.connect()
        let names =
            try inspect.map { [$0] }
            ?? client.ask(.modelList).rows("inspections").map { $0.string("inspect") }
        let rows = try names.map { name in
            StationReport.InspectionRow(
                threshold: try client.ask(.thresholdShow, [JSONMember("inspect", .text(name))]))
        }
        guard !json else {
            print(try jsonReport(Report(inspections: rows)))
            return
        }
        if rows.isEmpty {
            print("There is no inspection. Add one to the settings: 'linewatch config show --default'.")
        }
        for line in StatusPage.inspections(rows) where !rows.isEmpty {
            print(line.text(for: .standardOutput))
        }
    }
}

/// `linewatch threshold explain`
struct ThresholdExplain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Says where the limit comes from, which rate the good parts support, and what is missing.")

    @OptionGroup var socket: StationSocket

    @ArgumentParser.Argument(help: "The inspection.")
    var inspect: String

    @Flag(help: "Print the answer as JSON.")
    var json = false

    func run() throws {
        let answer = try socket.connect().ask(.thresholdExplain, [JSONMember("inspect", .text(inspect))])
        guard !json else {
            print(answer.json("linewatch.threshold.explain/1"))
            return
        }
        for line in ThresholdExplanation(answer).lines { print(line.text(for: .standardOutput)) }
    }
}

/// `linewatch threshold set`
struct ThresholdSet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Asks for another rate of good parts that are not accepted, or sets a limit as it stands.",
        discussion: """
            A rate that the good parts known cannot support is refused, with the number that is missing. A limit set \
            with --raw has no rate: the inspection is provisional then.
            """)

    @OptionGroup var socket: StationSocket

    @ArgumentParser.Argument(help: "The inspection.")
    var inspect: String

    @Option(help: "Good parts of a million that may not be accepted (10...200000).")
    var ppm: Int?

    @Option(help: "The limit, in the model's own units.")
    var raw: Double?

    @Flag(help: "Print the answer as JSON.")
    var json = false

    func validate() throws {
        guard (ppm == nil) != (raw == nil) else { throw ValidationError("Say either --ppm or --raw.") }
        guard (10...200_000).contains(ppm ?? 10) else {
            throw ValidationError("--ppm \(ppm ?? 0) is not in 10...200000.")
        }
        guard (raw ?? 0).isFinite else { throw ValidationError("--raw is a number.") }
    }

    func run() throws {
        var arguments = [JSONMember("inspect", .text(inspect))]
        if let ppm { arguments.append(JSONMember("ppm", .integer(Int64(ppm)))) }
        if let raw { arguments.append(JSONMember("raw", .number(raw))) }
        let answer = try socket.connect().ask(.thresholdSet, arguments)
        guard !json else {
            print(answer.json("linewatch.threshold.set/1"))
            return
        }
        let row = StationReport.InspectionRow(threshold: answer)
        let limit = row.limit.map { decimals($0, 4) } ?? "none"
        print(StyledLine("\(inspect): limit \(limit), \(row.statement)").plain)
        if let warning = answer["warning"]?.text, !warning.isEmpty {
            print(StyledLine(warning, .warning).text(for: .standardOutput))
        }
    }
}
