internal import ArgumentParser
internal import Events
internal import FoundationEssentials
internal import Imaging
internal import Platform
internal import Sockets

/// `linewatch bench start`: from the start of the daemon to the first part that it judges.
struct BenchStart: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract:
            "Measures the daemon's start: until its sockets answer, until it is ready, until it judges.",
        discussion: """
            Starts linewatchd in an empty folder with a camera that plays a few rendered frames, where it has to read \
            the words of the class first. Then teaches it two good parts, and starts and stops it again and again. \
            systemd is told READY=1 when the sockets answer. From a clone, set LINEWATCH_MODELS to its folder Models.
            """)

    @Option(help: "Starts that count, once it is taught (1...1000).")
    var starts = 20

    @Option(help: "WIDTHxHEIGHT of the frames.", transform: CameraOptions.size(_:))
    var size = Size(width: 1_280, height: 720)

    @Option(help: "An existing folder on the disk that is committed to.")
    var folder = "/var/tmp"

    @Option(help: ArgumentHelp("The daemon. (default: linewatchd beside this program)", valueName: "path"))
    var daemon: String?

    @Flag(help: "Print one JSON document instead of lines.")
    var json = false

    func validate() throws {
        guard 1...1_000 ~= starts else { throw ValidationError("--starts is not in 1...1000.") }
    }

    func run() throws {
        let work = folder + "/linewatch-bench-" + String(UInt32.random(in: 0 ... .max), radix: 36)
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: work) }
        let line = BenchLine(
            folder: work, size: size, framesPerSecond: 30, cameraCount: 1, threads: 1, tile: 0, isa: "auto",
            program: try daemon ?? ChildProcess.beside("linewatchd"))
        try line.prepare()
        let first = try line.timeStart()
        try line.teach(["--quick"])
        let report = StartReport(
            first: first, taught: try (0..<starts).map { _ in try line.timeStart() })
        print(json ? try jsonText(report) : report.text)
    }
}

/// What `linewatch bench start` found. Keys are only ever added; times are milliseconds.
struct StartReport: Encodable {
    /// One start and the stop that followed.
    struct Start: Encodable {
        /// From the start of the process until its sockets answer, until it is ready with its camera, and until the
        /// line of the first part that a model judged.
        let serving, ready, judged: Double
        /// From the signal to the end of the process.
        let stop: Double
    }

    let schema = "linewatch.bench.start/1"
    /// In an empty folder, untaught.
    let first: Start
    let taught: [Start]

    var text: String {
        func row(_ name: String, _ key: KeyPath<Start, Double>) -> [String] {
            let times = taught.map { $0[keyPath: key] }.sorted()
            return [name]
                + [first[keyPath: key], times[times.count / 2], times[0], times[times.count - 1]]
                .map { decimals($0, 0) }
        }
        return table([
            ["milliseconds", "first time", "taught: median", "min", "max"],
            row("until the sockets answer, READY=1", \.serving), row("until it is ready", \.ready),
            row("until the first part is judged", \.judged), row("from the signal to the end", \.stop),
        ])
    }
}

extension BenchLine {
    /// Starts the daemon, waits for its first judgement, stops it.
    fileprivate func timeStart() throws -> StartReport.Start {
        let begin = MonotonicClock.now
        func passed() -> Double { Double(MonotonicClock.now - begin) / 1e6 }
        let daemon = try start()
        let serving = passed()
        try wait(for: 3)
        let ready = passed()
        let client = try LineClient(path: admin, patience: 60_000)
        _ = try client.hello(name: "bench", profile: .full, isAnonymous: true)
        _ = try client.ask("sub", [JSONMember("after", .integer(-2)), JSONMember("kinds", .integer(1))])
        try StationClient(socket: admin).arm()
        var line = try client.nextLine()
        while line.kind != "r" || (line["model"]?.text ?? "").isEmpty { line = try client.nextLine() }
        let judged = passed(), signal = MonotonicClock.now
        try stop(daemon)
        return StartReport.Start(
            serving: serving, ready: ready, judged: judged, stop: Double(MonotonicClock.now - signal) / 1e6)
    }
}
