import ArgumentParser
import Configuration
import FoundationEssentials
import Platform

/// `linewatch config check`: lists everything that is wrong with the settings.
struct ConfigCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Lists all mistakes in the settings, each with its line.",
        discussion: "Exits with 0 if there are none, 8 if there are warnings only, and 7 if there are errors."
    )

    @Argument(help: "The file to check; otherwise the settings of this box.")
    var file: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    struct Report: Encodable {
        let schema = "linewatch.config.check/1"
        let files: [String]
        let errors: [FindingEntry]
        let warnings: [FindingEntry]
        /// The checksum with neither models nor calibrations; only of settings without errors.
        var settingsCRC: UInt16?

        enum CodingKeys: String, CodingKey {
            case schema, files, errors, warnings
            case settingsCRC = "settings_crc"
        }
    }

    func run() throws {
        let loaded = LoadedSettings.read(file, environment: ProcessInfo.processInfo.environment)
        if json {
            let crc = loaded.errors.isEmpty ? loaded.cfg(models: [], calibrations: []) : nil
            print(
                try jsonText(
                    Report(
                        files: loaded.files, errors: loaded.errors.map(FindingEntry.init),
                        warnings: loaded.warnings.map(FindingEntry.init), settingsCRC: crc)))
        } else {
            var standardError = StandardError()
            for finding in loaded.findings { print(finding, to: &standardError) }
            let files = loaded.files.count == 1 ? loaded.files[0] : "\(loaded.files.count) files"
            print("\(files): \(loaded.findings.isEmpty ? "no mistakes" : loaded.summary)")
        }
        guard loaded.exitCode == 0 else { throw ExitCode(loaded.exitCode) }
    }
}
