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
    var path: String { socket ?? Self.standard("admin.sock") }

    /// Connects and introduces itself. Throws `CommandFailure`.
    func connect() throws(CommandFailure) -> StationClient { try StationClient(socket: path) }

    /// The socket `name` in the runtime folder of this box.
    static func standard(_ name: String) -> String {
        let folder = ProcessInfo.processInfo.environment["LINEWATCH_RUNTIME_DIR"].flatMap {
            $0.isEmpty ? nil : $0
        }
        return (folder ?? "/run/linewatch") + "/" + name
    }
}
