internal import ArgumentParser
internal import Sockets

/// `linewatch consumer`: who reads the log with a cursor of its own.
struct ConsumerGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consumer",
        abstract: "Shows and drops the registered readers of the log.",
        subcommands: [ConsumerList.self, ConsumerDrop.self]
    )
}

/// Which daemon to ask as an administrator.
struct AdminSocketChoice: ParsableArguments {
    @Option(
        name: .customLong("socket"),
        help: ArgumentHelp(
            "The admin socket of the daemon. (default: admin.sock in LINEWATCH_RUNTIME_DIR or /run/linewatch)",
            valueName: "path"))
    var chosen: String?

    /// The path that was asked for, or that of this box.
    var socket: String { chosen ?? StationSocket.standard("admin.sock") }
}

/// `linewatch consumer list`
struct ConsumerList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Shows every consumer, its cursor and how far it is behind.")

    @OptionGroup var choice: AdminSocketChoice

    @Flag(help: "Print the answer as JSON.")
    var json = false

    func run() throws {
        let answer = try LogReading(socket: choice.socket).ask("consumer.list")
        guard !json else {
            print("{\"schema\":\"linewatch.consumer.list/1\"," + answer.text.dropFirst())
            return
        }
        var rows = [["consumer", "uid", "acknowledged", "behind"]]
        guard case .array(let consumers)? = answer["consumers"] else {
            throw CommandFailure("The daemon's answer holds no list of consumers: \(answer.text)")
        }
        for consumer in consumers {
            rows.append([
                consumer["name"]?.text ?? "", "\(consumer["uid"]?.integer ?? 0)",
                "\(consumer["acked"]?.integer ?? 0)", "\(consumer["lag"]?.integer ?? 0)",
            ])
        }
        print(rows.count == 1 ? "No consumer is registered." : table(rows))
    }
}

/// `linewatch consumer drop`
struct ConsumerDrop: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop", abstract: "Forgets a consumer and releases the records held for it.")

    @OptionGroup var choice: AdminSocketChoice

    @ArgumentParser.Argument(help: "The consumer's name.")
    var name: String

    @Flag(help: "Really do it: its cursor is lost.")
    var yes = false

    @Flag(help: "Print the answer as JSON.")
    var json = false

    private struct Answer: Encodable {
        let schema = "linewatch.consumer.drop/1"
        let name: String
    }

    func run() throws {
        guard yes else {
            throw ValidationError("Dropping '\(name)' loses its cursor. Say --yes if that is meant.")
        }
        _ = try LogReading(socket: choice.socket).ask("consumer.drop", [JSONMember("name", .text(name))])
        let answer = Answer(name: name)
        print(json ? try jsonLine(answer) : "Dropped '\(name)'.")
    }
}
