import ArgumentParser
import Events
import Platform
import Sockets

/// `linewatch version`: which version this is, and which the daemon.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Prints the version of this program and that of the daemon, if it runs.")

    @OptionGroup var socket: StationSocket

    @Flag(help: "Print one JSON document.")
    var json = false

    private struct Report: Encodable {
        let schema = "linewatch.version/1"
        let version: String
        let protocolVersion: String
        /// nil where no daemon answers.
        var daemon: String?
        var station: String?

        enum CodingKeys: String, CodingKey {
            case schema, version, daemon, station
            case protocolVersion = "protocol"
        }
    }

    func run() throws {
        // The greeting alone says it, and it comes before any question of rights.
        let greeting = (try? LineClient(path: socket.path, patience: 1_000))?.greeting
        let report = Report(
            version: ProductVersion.text, protocolVersion: "\(Greeting.major).\(Greeting.minor)",
            daemon: greeting?["srv"]?.text, station: greeting?["station"]?.text)
        guard !json else {
            print(try jsonText(report))
            return
        }
        print("linewatch \(report.version), protocol LWP/\(report.protocolVersion)")
        if let daemon = report.daemon {
            print("\(daemon) at \(socket.path), station \(report.station ?? "")")
        }
    }
}
