import ArgumentParser
import FoundationEssentials
import ModelPackages

/// `linewatch model list`: the packages that can be found.
struct ModelList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the models in LINEWATCH_MODELS.",
        discussion:
            "Exits with 1 if one of them cannot be opened; 'linewatch model verify' reads their files too.")

    @Flag(help: "Print one JSON document.")
    var json = false

    struct Entry: Encodable {
        let name: String
        let path: String
        var version: String?
        var architecture: String?
        var bytes: Int?
        var accuracy: [String: Double]?
        var error: String?
    }

    struct Report: Encodable {
        let schema = "linewatch.model.list/1"
        let folders: [String]
        let models: [Entry]
    }

    func run() throws {
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        let entries = locator.list().map { entry($0.name, $0.path) }
        if json {
            print(try jsonText(Report(folders: locator.directories, models: entries)))
        } else if entries.isEmpty {
            print("no models in \(locator.directories.joined(separator: ", "))")
        } else {
            print(text(entries))
        }
        if entries.contains(where: { $0.error != nil }) { throw ExitCode(1) }
    }

    private func entry(_ name: String, _ path: String) -> Entry {
        do {
            let package = try ModelPackage(opening: path, verifyingHashes: false)
            return Entry(
                name: name, path: path, version: package.manifest.version,
                architecture: package.manifest.architecture,
                bytes: package.manifest.files.reduce(0) { $0 + $1.bytes }, accuracy: package.manifest.accuracy
            )
        } catch {
            return Entry(name: name, path: path, error: "\(error)")
        }
    }

    private func text(_ entries: [Entry]) -> String {
        let rows = entries.filter { $0.error == nil }.map { entry in
            [
                entry.name, entry.version ?? "", entry.architecture ?? "",
                decimals(Double(entry.bytes ?? 0) / 1e6, 1), entry.path,
            ]
        }
        let lines = rows.isEmpty ? [] : [table([["name", "version", "architecture", "MB", "folder"]] + rows)]
        return (lines + entries.compactMap { entry in entry.error.map { "\(entry.name): \($0)" } })
            .joined(separator: "\n")
    }
}
