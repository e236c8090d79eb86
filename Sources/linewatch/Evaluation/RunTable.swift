import AnomalyModels
import Evaluation
import FoundationEssentials
import Glibc
import ModelPackages
import Platform

// A TABLE OF RUNS
//
// JSON Lines: first the settings that every row was measured with, then a row for each finished run, as
// `DetectionResult` writes itself. A row is appended in one call and synced before the next run begins. A table is
// valid for a command if and only if its settings equal the command's own; a last line without its end was being
// written when the program was killed, and is cut off.

/// The finished runs of an evaluation, in a file from which it goes on after it was ended.
final class RunTable {
    /// What the rows of one table have in common. Sets, draws and seeds are not among it: a table may grow.
    struct Settings: Codable, Hashable {
        var schema = "linewatch.eval-runs/1"
        let method: String
        let weights: String
        /// Names and digests of the packages that the method takes beside; nil where it takes none.
        let companions: [String]?
        let manifest: String?
        let version: String
        let commit: String?
        let input: String
        let keepsAspect: Bool
        let every: Int
        let shots: Int
        let className: String?
        let evaluationSize: String
        let smoothing: Double
        let proSteps: Int?
        let bootstrapDraws: Int
        let views: String?

        init(_ command: Eval, _ head: ReportHead, companions: [ModelPackage]) {
            let beside = companions.map { "\($0.manifest.name) \($0.digest)" }
            self.companions = beside.isEmpty ? nil : beside
            (method, weights, manifest) = (head.method, head.weights, head.manifest)
            (version, commit) = (head.version, head.commit)
            (input, keepsAspect, every) = (head.input, head.keepsAspect, head.every)
            (shots, className) = (command.shotCount, command.className?.description)
            (evaluationSize, smoothing) = (command.evalSize.description, command.smooth)
            (proSteps, bootstrapDraws) = (command.proSteps, command.bootstrap)
            views = command.views?.rawValue
        }
    }

    private let path: String
    private var rows: [DetectionResult] = []

    /// Opens the table at `path`, or begins one. Throws `CommandFailure` if it has rows of other settings or cannot be
    /// read.
    init(path: String, _ settings: Settings) throws {
        self.path = path
        let bytes = FileManager.default.contents(atPath: path) ?? Data()
        guard let end = bytes.lastIndex(of: 0x0A) else {
            try begin(settings)
            return
        }
        let whole = bytes.prefix(through: end)
        let lines = whole.split(separator: 0x0A)
        let decoder = JSONDecoder()
        guard (try? decoder.decode(Settings.self, from: Data(lines[0]))) == settings else {
            throw CommandFailure(
                "'\(path)' has runs of other settings. Name another file with --resume, or remove this one.")
        }
        for (index, line) in lines.enumerated().dropFirst() {
            guard let row = try? decoder.decode(DetectionResult.self, from: Data(line)) else {
                throw CommandFailure(
                    "'\(path)', line \(index + 1), is no run. Name another file with --resume, or remove this one."
                )
            }
            rows.append(row)
        }
        if whole.count < bytes.count { try writeAtomically(path, Array(whole)) }
    }

    private func begin(_ settings: Settings) throws {
        try writeAtomically(path, Array((try jsonLine(settings) + "\n").utf8))
    }

    /// The run of a set, if it is finished.
    func row(_ dataSet: String, draw: Int, seed: Int) -> DetectionResult? {
        rows.first { $0.dataSet == dataSet && $0.draw == draw && $0.seed == seed }
    }

    /// Adds a finished run, durably. Blocks. Throws `PlatformError`.
    func add(_ row: DetectionResult) throws {
        rows.append(row)
        let line = Array((try jsonLine(row) + "\n").utf8)
        // The string lives for the call.
        let file = unsafe open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard file >= 0 else { throw PlatformError.last("open", path) }
        defer { close(file) }
        // All of `line`, which lives for the call.
        guard unsafe write(file, line, line.count) == line.count, fsync(file) == 0 else {
            throw PlatformError.last("write", path)
        }
    }
}
