import ArgumentParser
import Configuration
import FoundationEssentials
import Platform

/// `linewatch config diff`: what would change, and what it takes.
struct ConfigDiff: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Lists what is different between two settings files, and what must be started anew for it.",
        discussion: "Exits with 7 if one of them has errors.")

    @Argument(help: "The file with the settings as they are.")
    var old: String

    @Argument(help: "The file with the settings as they shall be; otherwise the settings of this box.")
    var new: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    struct Entry: Encodable {
        let key: String
        let change: String
        /// `reload`, `camera` or `restart`.
        let needs: String
        var old: JSONValue?
        var new: JSONValue?
    }

    struct Report: Encodable {
        let schema = "linewatch.config.diff/1"
        let changes: [Entry]
        let cameras: [Int]
        let restart: Bool
    }

    func run() throws {
        let environment = ProcessInfo.processInfo.environment
        let sides = [
            LoadedSettings.read(old, environment: environment),
            LoadedSettings.read(new, environment: environment),
        ]
        let errors = sides.flatMap(\.errors)
        guard errors.isEmpty else {
            var standardError = StandardError()
            for error in errors { print(error, to: &standardError) }
            throw ExitCode(7)
        }
        let difference = SettingDifference(from: sides[0], to: sides[1])
        print(json ? try jsonText(report(difference)) : text(difference))
    }

    private func report(_ difference: SettingDifference) -> Report {
        let entries = difference.changes.map { change in
            Entry(
                key: change.path,
                change: change.old == nil ? "added" : change.new == nil ? "removed" : "changed",
                needs: "\(change.scope)", old: change.old.map(JSONValue.init),
                new: change.new.map(JSONValue.init)
            )
        }
        return Report(changes: entries, cameras: difference.cameras, restart: difference.restartsDaemon)
    }

    private func text(_ difference: SettingDifference) -> String {
        guard !difference.changes.isEmpty else { return "no difference" }
        var lines = difference.changes.map(\.description)
        if difference.restartsDaemon {
            let keys = difference.changes.filter { $0.scope == .restart }.map(\.path)
            lines.append("the daemon must be restarted: \(keys.joined(separator: ", "))")
        } else if !difference.cameras.isEmpty {
            let names = difference.cameras.map(String.init).joined(separator: ", ")
            lines.append("a reload is enough; these cameras are started anew: \(names)")
        } else {
            lines.append("a reload is enough")
        }
        return lines.joined(separator: "\n")
    }
}
