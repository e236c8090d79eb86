internal import ArgumentParser
internal import Capture
internal import Configuration
internal import FoundationEssentials
internal import Platform

/// `linewatch replay`: how the models of this box judge a recording, and whether that is as it was.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Judges a recording as this box does, and compares it with before.",
        discussion: """
            Starts a linewatchd of its own with the settings, models, thresholds and calibrations of this box, in \
            which the camera plays DIR as fast as it is inspected. The running daemon and its log are not touched. \
            --record writes a line of JSON for each result; --expect compares with such a file and ends with code 5 \
            where a result differs. Results are equal to the bit on the same processor, and on others unless a \
            model's MODEL.md says otherwise. Try it before and after an update, a new model or a new threshold.
            """)

    @Argument(help: ArgumentHelp("A recording, or a folder of images.", valueName: "dir"))
    var directory: String

    @Option(help: "The camera that plays it, by id or name; needed where the settings have several.")
    var camera: String?

    @Option(help: ArgumentHelp("Compare with this file, which --record has written.", valueName: "file"))
    var expect: String?

    @Option(help: ArgumentHelp("Write the results to this file.", valueName: "file"))
    var record: String?

    @Option(help: ArgumentHelp("The settings file; otherwise the settings of this box.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("The daemon. (default: linewatchd beside this program)", valueName: "path"))
    var daemon: String?

    @Option(help: "An existing folder for the files of the replay, which are removed at the end.")
    var folder = "/var/tmp"

    @Flag(help: "Print the results as JSON Lines, with a key 'schema'.")
    var json = false

    func validate() throws {
        guard expect == nil || record == nil else {
            throw ValidationError("Say --expect or --record, not both.")
        }
    }

    func run() throws {
        let golden = try expect.map(Self.golden)
        let settings = try loaded()
        let camera = try chosen(settings)
        let recording = try Recording.open(
            try absolute(directory), framesPerSecond: camera.fps > 0 ? camera.fps : 10)
        warnOfJPEG(recording)
        let work =
            try absolute(folder) + "/linewatch-replay-" + String(UInt32.random(in: 0 ... .max), radix: 36)
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: work) }
        let line = try ReplayLine(
            settings, camera: camera, playing: recording, in: work,
            program: try daemon ?? ChildProcess.beside("linewatchd"))
        let results = try line.results()
        if json {
            for result in results { print("{\"schema\":\"linewatch.replay/1\"," + result.line.dropFirst()) }
        }
        if let record {
            try writeAtomically(record, Array(results.map { $0.line + "\n" }.joined().utf8))
        }
        if !json { print(ReplayComparison.summary(of: results)) }
        guard let golden, let expect else { return }
        let comparison = ReplayComparison(results, golden)
        guard comparison.isEqual else {
            throw CommandFailure(
                exit: .verdictNotOK,
                "Not as in '\(expect)': \(comparison.text). If that is meant, write the file anew with --record."
            )
        }
        if !json { print("all as in '\(expect)'") }
    }

    private func loaded() throws -> Settings {
        let loaded = LoadedSettings.read(config, environment: ProcessInfo.processInfo.environment)
        guard loaded.errors.isEmpty else {
            throw CommandFailure(
                exit: .errorsFound,
                "The settings have \(loaded.summary). 'linewatch config check' lists them.")
        }
        return loaded.settings
    }

    private func chosen(_ settings: Settings) throws -> CameraSettings {
        let known = settings.camera.map(\.label).joined(separator: "; ")
        guard let camera else {
            guard settings.camera.count == 1 else {
                throw CommandFailure("Say with --camera which one plays it. There are: \(known).")
            }
            return settings.camera[0]
        }
        guard let found = settings.camera.first(where: { $0.answers(to: camera) }) else {
            throw CommandFailure("No camera is '\(camera)'. There are: \(known).")
        }
        return found
    }

    private static func golden(_ path: String) throws -> [GoldenResult] {
        let text: String
        do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
            throw CommandFailure(
                "'\(path)' cannot be read. Write it with 'linewatch replay DIR --record \(path)'.")
        }
        return try text.split(separator: "\n").enumerated().map { index, line in
            guard let result = GoldenResult(line: String(line)) else {
                throw CommandFailure(
                    "'\(path)', line \(index + 1), is no result. Write the file anew with --record.")
            }
            return result
        }
    }

    /// The daemon has another working folder.
    private func absolute(_ path: String) throws -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }

    private func warnOfJPEG(_ recording: Recording) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: recording.path)) ?? []
        let isLossy = names.contains { [".jpg", ".jpeg"].contains(where: $0.lowercased().hasSuffix) }
        guard isLossy else { return }
        var standardError = StandardError()
        print(
            "The folder has JPEG pictures: they are not the pixels that the camera gave, so verdicts near a limit "
                + "may differ from the line's. Recordings and PNG pictures are exact.", to: &standardError)
    }
}

/// Two replays held against each other.
struct ReplayComparison {
    private let differences: [String]

    var isEqual: Bool { differences.isEmpty }

    init(_ results: [GoldenResult], _ expected: [GoldenResult]) {
        var differences: [String] = []
        if results.count != expected.count {
            differences.append("\(results.count) results, not \(expected.count)")
        }
        for (index, pair) in zip(results, expected).enumerated() {
            guard let difference = pair.0.difference(from: pair.1) else { continue }
            differences.append("result \(index + 1): \(difference)")
        }
        self.differences = differences
    }

    /// The first three, and how many more there are.
    var text: String {
        let more = differences.count - 3
        return differences.prefix(3).joined(separator: " | ") + (more > 0 ? " | and \(more) more" : "")
    }

    /// How many got which verdict.
    static func summary(of results: [GoldenResult]) -> String {
        let names = [("1", "OK"), ("2", "NG"), ("3", "UNSURE"), ("4", "INVALID")]
        let counts = names.map { value, name in "\(results.count { $0["v"] == value }) \(name)" }
        return "\(results.count) results: " + counts.joined(separator: ", ")
    }
}
