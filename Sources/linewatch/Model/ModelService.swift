import ArgumentParser
import Sockets

// Models in service: what the daemon is told to do with them.

/// Which model, and for which inspection.
struct ModelInService: ParsableArguments {
    @OptionGroup var socket: StationSocket

    @Option(help: "The inspection. (default: the only one)")
    var inspect: String?

    @Flag(help: "Print the answer as JSON.")
    var json = false

    /// Loading a model and judging the station's pictures with it takes some seconds.
    static let patience = 120_000

    /// The inspection that was asked for, or the only one that there is.
    func inspection(asking client: StationClient) throws(CommandFailure) -> String {
        if let inspect { return inspect }
        let names = try client.ask(.modelList).rows("inspections").map { $0.string("inspect") }
        guard names.count == 1 else {
            throw CommandFailure(
                exit: .usage,
                names.isEmpty
                    ? "There is no inspection. Add one to the settings: 'linewatch config show --default'."
                    : "There are several inspections. Say which with --inspect: \(names.joined(separator: ", "))."
            )
        }
        return names[0]
    }

    /// Prints `answer` as JSON, or `text` and the level that the inspection has with it.
    func show(_ answer: ServerLine, _ verb: String, _ text: String) {
        let level = answer["level"]?.text.map { " Its level is \($0)." } ?? ""
        print(json ? answer.json("linewatch.model.\(verb)/1") : StyledLine(text + level).plain)
    }
}

/// `linewatch model activate`
struct ModelActivate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activate",
        abstract: "Lets a model judge an inspection, from the next frame on; it is in probation first.",
        discussion:
            "The model needs a threshold of its own for this inspection, which teaching or confirmed parts give."
    )

    @ArgumentParser.Argument(help: "The model: its name, its path, or at least 6 digits of its digest.")
    var model: String

    @OptionGroup var service: ModelInService

    func run() throws {
        let client = try service.socket.connect()
        let inspect = try service.inspection(asking: client)
        let answer = try client.ask(
            .modelActivate, [JSONMember("model", .text(model)), JSONMember("inspect", .text(inspect))],
            within: ModelInService.patience)
        let digest = answer["model"]?.text ?? model
        service.show(answer, "activate", "'\(inspect)' is judged by \(digest.prefix(12)).")
    }
}

/// `linewatch model shadow`
struct ModelShadow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shadow",
        abstract: "Lets a model judge the same frames in spare time, without effect, or ends that.")

    @ArgumentParser.Argument(help: "The model: its name, its path, or at least 6 digits of its digest.")
    var model: String?

    @Flag(help: "End the shadow of the inspection.")
    var off = false

    @OptionGroup var service: ModelInService

    func validate() throws {
        guard (model == nil) == off else { throw ValidationError("Name a model, or say --off.") }
    }

    func run() throws {
        let client = try service.socket.connect()
        let inspect = try service.inspection(asking: client)
        let answer = try client.ask(
            .modelShadow, [JSONMember("model", .text(model ?? "")), JSONMember("inspect", .text(inspect))],
            within: ModelInService.patience)
        let digest = answer["shadow"]?.text ?? model ?? ""
        service.show(
            answer, "shadow",
            digest.isEmpty
                ? "'\(inspect)' has no shadow." : "'\(inspect)' has the shadow \(digest.prefix(12)).")
    }
}

/// `linewatch model rollback`
struct ModelRollback: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Lets the previous model judge again, with its own thresholds.")

    @ArgumentParser.Argument(help: "The inspection. (default: the only one)")
    var inspection: String?

    @Flag(help: "Really do it.")
    var yes = false

    @OptionGroup var service: ModelInService

    func validate() throws {
        guard inspection == nil || service.inspect == nil || inspection == service.inspect else {
            throw ValidationError("'\(inspection ?? "")' and --inspect name two inspections.")
        }
        guard yes else {
            throw ValidationError("Rolling back takes the model out of service. Say --yes if that is meant.")
        }
    }

    func run() throws {
        let client = try service.socket.connect()
        let inspect = try inspection ?? service.inspection(asking: client)
        let answer = try client.ask(
            .modelRollback, [JSONMember("inspect", .text(inspect))], within: ModelInService.patience)
        let digest = answer["model"]?.text ?? ""
        service.show(answer, "rollback", "'\(inspect)' is judged by \(digest.prefix(12)) again.")
    }
}
