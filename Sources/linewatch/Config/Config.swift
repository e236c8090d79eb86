import ArgumentParser
import Configuration
import FoundationEssentials

/// `linewatch config`: the settings file.
struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks, shows, compares and reloads the settings.",
        discussion:
            "The settings are those of /etc/linewatch/linewatch.toml, or of the file that LINEWATCH_CONFIG "
            + "names, then of the *.toml in the folder conf.d beside it.",
        subcommands: [ConfigCheck.self, ConfigShow.self, ConfigDiff.self, ConfigReload.self])
}

extension LoadedSettings {
    /// The settings of `file` and of the folder conf.d beside it; those of this box if it is nil.
    static func read(_ file: String?, environment: [String: String]) -> LoadedSettings {
        let named = environment["LINEWATCH_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let main = file ?? named ?? "/etc/linewatch/linewatch.toml"
        let folder = main.lastIndex(of: "/").map { String(main[...$0]) } ?? ""
        return Settings.load(main: main, confd: folder + "conf.d", environment: environment)
    }

    /// 0 if all is well, 7 if there are errors, 8 if there are warnings only.
    var exitCode: Int32 { !errors.isEmpty ? 7 : !warnings.isEmpty ? 8 : 0 }

    /// `2 errors, 1 warning`.
    var summary: String {
        func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
        return "\(count(errors.count, "error")), \(count(warnings.count, "warning"))"
    }
}

/// A finding as JSON; keys are only ever added.
struct FindingEntry: Encodable {
    let severity: String
    let message: String
    /// `file`, `environment`, `option`, `state` or `none`.
    let source: String
    var file: String?
    var line: Int?
    var column: Int?
    /// The variable, option or state, where it is none of a file.
    var name: String?

    init(_ finding: Finding) {
        severity = finding.severity.rawValue
        message = finding.message
        switch finding.origin {
        case .file(let location):
            source = "file"
            file = location.path
            line = location.line
            column = location.column
        case .environment(let variable):
            source = "environment"
            name = variable
        case .option(let option):
            source = "option"
            name = option
        case .state(let key):
            source = "state"
            name = key
        case .standard: source = "none"
        }
    }
}
