import ArgumentParser
import FoundationEssentials
import Sockets

/// Which daemon a command asks, and by which of its sockets.
struct StationSocket: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The socket of the daemon. (default: admin.sock in LINEWATCH_RUNTIME_DIR or /run/linewatch)",
            valueName: "path"))
    var socket: String?

    /// The path that was asked for, or that of the admin socket of this box.
    var path: String { socket ?? Self.standard(environment: ProcessInfo.processInfo.environment) }

    /// Connects and introduces itself. Throws `CommandFailure`.
    func connect() throws(CommandFailure) -> StationClient { try StationClient(socket: path) }

    /// The admin socket in the runtime folder that `environment` names.
    static func standard(environment: [String: String]) -> String {
        let folder = environment["LINEWATCH_RUNTIME_DIR"].flatMap { $0.isEmpty ? nil : $0 }
        return (folder ?? "/run/linewatch") + "/admin.sock"
    }
}
