import ArgumentParser
import Configuration
import Daemon
import FoundationEssentials
import Platform
import Systemd

/// The inspection daemon: arguments and exit codes; everything else is `Daemon`.
@main
struct Linewatchd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "linewatchd",
        abstract:
            "Inspects the frames of the cameras in the settings and tells control programs the results.",
        discussion: """
            Runs under systemd as linewatchd.service. Ends with 0 after an orderly stop, 1 if it cannot run, \
            7 if the settings have errors.
            """)

    @Option(help: "The settings file; the *.toml in the folder conf.d beside it are read too.")
    var config: String?

    @Flag(help: "Only check the settings, as 'linewatch config check' does.")
    var check = false

    @Flag(help: "Log to standard error instead of the journal.")
    var foreground = false

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let named = environment["LINEWATCH_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let main = config ?? named ?? "/etc/linewatch/linewatch.toml"
        let folder = main.lastIndex(of: "/").map { String(main[...$0]) } ?? ""
        let loaded = Settings.load(main: main, confd: folder + "conf.d", environment: environment)
        var standardError = StandardError()
        for finding in loaded.findings {
            print(finding, to: &standardError)
        }
        guard loaded.errors.isEmpty else { throw ExitCode(7) }
        guard !check else { return }
        let isForeground = foreground || loaded.settings.log.target == .stderr
        let journal = DaemonLog(level: loaded.settings.log.level.rawValue) { entry in
            if isForeground { Self.show(entry) } else { try? entry.send() }
        }
        do {
            try await InspectionService(loaded, journal: journal).run()
        } catch {
            journal.sayLast("\(error)")
            if !isForeground { print(error, to: &standardError) }
            throw ExitCode(1)
        }
    }

    /// One line for people: time and message.
    private static func show(_ entry: JournalEntry) {
        var standardError = StandardError()
        let message = entry.fields.first { $0.name == "MESSAGE" }?.value ?? ""
        let seconds = WallClock.now / 1_000 % 86_400
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        print(
            "\(two(seconds / 3_600)):\(two(seconds / 60 % 60)):\(two(seconds % 60)) \(message)",
            to: &standardError)
    }
}
