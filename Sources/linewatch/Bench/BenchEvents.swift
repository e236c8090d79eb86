import ArgumentParser
import EventStorage
import FoundationEssentials

/// `linewatch bench events`: durable results per second, beside what SQLite alone does on the same disk.
struct BenchEvents: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Measures the event log: durable results per second on the disk of a folder.",
        discussion: "Every commit waits for the disk. The files are removed at the end."
    )

    @Option(help: "Measure on the disk of this folder, which must exist.")
    var folder = "/var/tmp"

    @Option(help: "Seconds for each figure.")
    var seconds = 3.0

    @Option(help: "Results on their way at once in the grouped measurement.")
    var publishers = 64

    @Option(
        help: """
            Measure instead what clients of the socket cost: with none, with one reader and with so many, in turns; \
            3 and more have one among them that never reads and one that sends garbage without end.
            """)
    var clients: Int?

    @Option(help: "Results per second that are published while clients are measured.")
    var rate = 250

    @Flag(help: "Print one JSON document instead of a table.")
    var json = false

    private struct Report: Encodable {
        let schema = "linewatch.bench.events/1"
        let rawInsertsPerS, singleResultsPerS, singleToRaw: Double
        let commitP50Us, commitP99Us: Double
        let groupedResultsPerS, groupedToRaw, readRecordsPerS: Double
    }

    func validate() throws {
        guard 0.1...600 ~= seconds else { throw ValidationError("--seconds must be 0.1 to 600") }
        guard 1...64 ~= clients ?? 1 else { throw ValidationError("--clients must be 1 to 64") }
        guard 1...5000 ~= rate else { throw ValidationError("--rate must be 1 to 5000") }
        guard 1...4096 ~= publishers else { throw ValidationError("--publishers must be 1 to 4096") }
    }

    func run() throws {
        let work = folder + "/linewatch-bench-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: work) }
        if let clients { return try measure(clients: clients, in: work) }
        let speed = try StoreSpeed(folder: work, seconds: seconds, publishers: publishers)
        let report = Report(
            rawInsertsPerS: speed.rawInsertsPerSecond.rounded(),
            singleResultsPerS: speed.singleResultsPerSecond.rounded(),
            singleToRaw: (speed.singleResultsPerSecond / speed.rawInsertsPerSecond * 100).rounded() / 100,
            commitP50Us: (Double(speed.commitP50) / 100).rounded() / 10,
            commitP99Us: (Double(speed.commitP99) / 100).rounded() / 10,
            groupedResultsPerS: speed.groupedResultsPerSecond.rounded(),
            groupedToRaw: (speed.groupedResultsPerSecond / speed.rawInsertsPerSecond * 100).rounded() / 100,
            readRecordsPerS: speed.readRecordsPerSecond.rounded())
        print(json ? try snakeText(report) : text(report))
    }

    /// What clients cost.
    private struct CrowdReport: Encodable {
        let schema = "linewatch.bench.events/1"
        let figures: [CrowdSpeed.Figure]
    }

    private func measure(clients: Int, in folder: String) throws {
        let speed = try CrowdSpeed(
            folder: folder, seconds: seconds, clients: clients, ratePerSecond: rate)
        guard !json else { return print(try snakeText(CrowdReport(figures: speed.figures))) }
        var rows = [
            [
                "clients", "results", "publish p50 us", "p99 us", "commit to socket p50 us", "p99 us",
                "RSS MB", "growth MB",
            ]
        ]
        for figure in speed.figures {
            rows.append([
                "\(figure.clients)", "\(figure.published)", "\(figure.publishP50Us)",
                "\(figure.publishP99Us)",
                "\(figure.socketP50Us)", "\(figure.socketP99Us)", decimals(Double(figure.rssBytes) / 1e6, 1),
                decimals(Double(figure.rssGrowthBytes) / 1e6, 1),
            ])
        }
        print(table(rows))
    }

    private func snakeText(_ report: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }

    private func text(_ report: Report) -> String {
        table([
            ["durable, synchronous FULL", "per second", "to SQLite alone"],
            ["SQLite alone, one row per transaction", decimals(report.rawInsertsPerS, 0), "1.00"],
            [
                "results, one per commit", decimals(report.singleResultsPerS, 0),
                decimals(report.singleToRaw, 2),
            ],
            [
                "results, \(publishers) on their way", decimals(report.groupedResultsPerS, 0),
                decimals(report.groupedToRaw, 2),
            ],
            ["records read back", decimals(report.readRecordsPerS, 0), ""],
        ]) + "\none commit: p50 \(report.commitP50Us) us, p99 \(report.commitP99Us) us"
    }
}
