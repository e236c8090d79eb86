import ArgumentParser
import Sockets

/// `linewatch config reload`: lets the running daemon read its settings again.
struct ConfigReload: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Lets the daemon read its settings again: all of them or, with any mistake, none.")

    @OptionGroup var socket: StationSocket

    @Flag(help: "Print the answer as JSON.")
    var json = false

    func run() throws {
        let answer = try socket.connect().ask(.configReload, within: ControlOptions.patience)
        guard !json else {
            print(answer.json("linewatch.config.reload/1"))
            return
        }
        let waiting = answer.rows("restart").compactMap(\.text)
        print("The settings are in force, checksum \(answer.integer("cfg")).")
        guard !waiting.isEmpty else { return }
        print(
            StyledLine(
                "These wait for a restart ('systemctl restart linewatchd'): \(waiting.joined(separator: ", "))."
            ).plain)
    }
}
