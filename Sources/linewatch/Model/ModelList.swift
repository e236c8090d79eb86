import ArgumentParser
import FoundationEssentials
import ModelPackages
import Sockets

/// `linewatch model list`: the packages that can be found.
struct ModelList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the models in LINEWATCH_MODELS, and which of them a running daemon uses.",
        discussion:
            "Exits with 1 if one of them cannot be opened; 'linewatch model verify' reads their files too.")

    @OptionGroup var socket: StationSocket

    @Flag(help: "Print one JSON document.")
    var json = false

    struct Entry: Encodable {
        let name: String
        let path: String
        var version: String?
        var architecture: String?
        var bytes: Int?
        var accuracy: [String: Double]?
        var digest: String?
        /// Such as "weld", "weld (previous)", "weld (shadow)"; nil where no daemon answers.
        var usedBy: [String]?
        var error: String?

        enum CodingKeys: String, CodingKey {
            case name, path, version, architecture, bytes, accuracy, digest, error
            case usedBy = "used_by"
        }
    }

    struct Report: Encodable {
        let schema = "linewatch.model.list/1"
        let folders: [String]
        let models: [Entry]
    }

    func run() throws {
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        let uses = ModelUses(socket: socket)
        let entries = locator.list().map { entry($0.name, $0.path, uses) }
        if json {
            print(try jsonText(Report(folders: locator.directories, models: entries)))
        } else if entries.isEmpty {
            print("no models in \(locator.directories.joined(separator: ", "))")
        } else {
            print(text(entries, showsUse: uses != nil))
        }
        if entries.contains(where: { $0.error != nil }) { throw ExitCode(1) }
    }

    private func entry(_ name: String, _ path: String, _ uses: ModelUses?) -> Entry {
        do {
            let package = try ModelPackage(opening: path, verifyingHashes: false)
            return Entry(
                name: name, path: path, version: package.manifest.version,
                architecture: package.manifest.architecture,
                bytes: package.manifest.files.reduce(0) { $0 + $1.bytes },
                accuracy: package.manifest.accuracy,
                digest: "\(package.digest)", usedBy: uses?.of("\(package.digest)"))
        } catch {
            return Entry(name: name, path: path, error: "\(error)")
        }
    }

    private func text(_ entries: [Entry], showsUse: Bool) -> String {
        let heading = ["name", "version", "architecture", "MB", "digest", "folder"]
        let rows = entries.filter { $0.error == nil }.map { entry in
            [
                // A taught product is called by its digest, which has a column of its own.
                entry.name == entry.digest ? String(entry.name.prefix(12)) : entry.name,
                entry.version ?? "", entry.architecture ?? "",
                decimals(Double(entry.bytes ?? 0) / 1e6, 1), String((entry.digest ?? "").prefix(12)),
                entry.path,
            ] + (showsUse ? [entry.usedBy?.joined(separator: ", ") ?? ""] : [])
        }
        let lines = rows.isEmpty ? [] : columns([heading + (showsUse ? ["used by"] : [])] + rows, right: [3])
        return (lines + entries.compactMap { entry in entry.error.map { "\(entry.name): \($0)" } })
            .map { StyledLine($0).plain }.joined(separator: "\n")
    }
}

/// Which inspections of a running daemon use which model.
private struct ModelUses {
    private var names: [String: [String]] = [:]

    /// nil where no daemon answers: the list is as good without one.
    init?(socket: StationSocket) {
        guard let client = try? StationClient(socket: socket.path, patience: 2_000),
            let answer = try? client.ask(.modelList)
        else { return nil }
        for row in answer.rows("inspections").map(StationReport.InspectionRow.init) {
            names[row.model, default: []].append(row.inspect)
            names[row.previous, default: []].append("\(row.inspect) (previous)")
            names[row.shadow, default: []].append("\(row.inspect) (shadow)")
        }
    }

    func of(_ digest: String) -> [String] { names[digest] ?? [] }
}
