import ArgumentParser
import Configuration
import FoundationEssentials
import Platform

/// `linewatch config show`: the settings as they are in force after the next start or reload.
struct ConfigShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows the settings, where each comes from, or a complete commented file.")

    @Argument(help: "The file to show; otherwise the settings of this box.")
    var file: String?

    @Flag(help: "Show every value, defaults too; otherwise only those that something sets.")
    var effective = false

    @Flag(help: "Show the file and line of each value, or what else set it.")
    var origin = false

    @Flag(
        name: .customLong("default"), help: "Print the complete settings file with all defaults and comments."
    )
    var standard = false

    @Flag(help: "Print one JSON document.")
    var json = false

    struct Entry: Encodable {
        let key: String
        let value: JSONValue
        var origin: String?
    }

    struct Report: Encodable {
        let schema = "linewatch.config.show/1"
        let files: [String]
        let settings: [Entry]
    }

    func validate() throws {
        guard !standard || (!effective && !origin && !json && file == nil) else {
            throw ValidationError("--default shows defaults only: use it alone")
        }
    }

    func run() throws {
        guard !standard else {
            print(Settings.example.annotatedFile, terminator: "")
            return
        }
        let loaded = LoadedSettings.read(file, environment: ProcessInfo.processInfo.environment)
        let shown = loaded.effective.filter { effective || $0.origin != .standard }
        if json {
            let entries = shown.map {
                Entry(key: $0.path, value: JSONValue($0.value), origin: origin ? "\($0.origin)" : nil)
            }
            print(try jsonText(Report(files: loaded.files, settings: entries)))
        } else {
            let width = min(shown.map { $0.path.count + $0.value.toml.count + 3 }.max() ?? 0, 60)
            for setting in shown {
                let text = "\(setting.path) = \(setting.value.toml)"
                let space = String(repeating: " ", count: max(width - text.count, 0))
                print(origin ? "\(text)\(space)  # \(setting.origin)" : text)
            }
        }
        guard !loaded.errors.isEmpty else { return }
        var standardError = StandardError()
        print(
            "The settings have \(loaded.summary); what is wrong is shown as its default. "
                + "'linewatch config check' lists the mistakes.", to: &standardError)
        throw ExitCode(7)
    }
}

/// A value of a setting as JSON.
struct JSONValue: Encodable {
    private let value: SettingValue

    init(_ value: SettingValue) { self.value = value }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch value {
        case .text(let text): try container.encode(text)
        case .integer(let integer): try container.encode(integer)
        case .number(let number): try container.encode(number)
        case .flag(let flag): try container.encode(flag)
        case .list(let values): try container.encode(values.map(JSONValue.init))
        case .table(_, let values): try container.encode(values.mapValues(JSONValue.init))
        case .absent: try container.encodeNil()
        }
    }
}
