internal import ArgumentParser
internal import Sockets
internal import Training

/// `linewatch teach start`
struct TeachStart: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Opens a set of good parts for an inspection.")

    @OptionGroup var choice: TeachSocket

    @ArgumentParser.Argument(help: "The inspection, or the camera if it has only one.")
    var inspection: String

    @Option(help: "reference: parts to learn. calibration: good parts that sharpen the threshold.")
    var kind = Kind.reference

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case reference, calibration
    }

    @Flag(help: "Print the answer as JSON.")
    var json = false

    func run() throws {
        let daemon = try choice.connect()
        let answer = try daemon.start(daemon.inspection(inspection), kind: kind.rawValue)
        guard !json else { return print(answer.json("linewatch.teach.start/1")) }
        let set = answer.number("set") ?? 0
        print("Set \(set) is open. Add good parts with 'linewatch teach add --set \(set)'.")
    }
}

/// `linewatch teach add`
struct TeachAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Adds a good part to a set: the next frame, or that of a result.")

    @OptionGroup var choice: TeachSocket

    @Option(help: "The set. Default: the open one.")
    var set: Int?

    @Option(help: "The number of a result whose frame is good. Default: the next frame that comes.")
    var seq: UInt64?

    @Option(help: "Seconds to wait for the next frame (1...3600).")
    var wait = 60

    @Flag(help: "Print the answer as JSON.")
    var json = false

    func validate() throws {
        guard 1...3600 ~= wait else { throw ValidationError("--wait is 1 to 3600, not \(wait).") }
    }

    func run() throws {
        let answer = try choice.connect().add(set: set.map(Int64.init), seq: seq, within: wait)
        guard !json else { return print(answer.json("linewatch.teach.add/1")) }
        print(answer.addedPart)
    }
}

/// `linewatch teach status`
struct TeachStatus: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows the sets of good parts.")

    @OptionGroup var choice: TeachSocket

    @Flag(help: "Print the answer as JSON.")
    var json = false

    func run() throws {
        let answer = try choice.connect().ask(.teachStatus)
        guard !json else { return print(answer.json("linewatch.teach.status/1")) }
        var rows = [["set", "inspection", "kind", "parts", "state"]]
        for set in answer["sets"]?.elements ?? [] {
            rows.append([
                "\(set["set"]?.integer ?? 0)", set["inspect"]?.text ?? "", set["kind"]?.text ?? "",
                "\(set["count"]?.integer ?? 0)", set["frozen"]?.integer == 1 ? "closed" : "open",
            ])
        }
        print(
            rows.count == 1
                ? "No set of good parts is kept. Begin with 'linewatch teach start'." : table(rows))
    }
}

/// `linewatch teach commit`
struct TeachCommit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "commit",
        abstract:
            "Closes a set, learns its parts, checks itself and switches the inspection to what it learned.")

    @OptionGroup var choice: TeachSocket
    @OptionGroup var options: TeachOptions

    @ArgumentParser.Argument(help: "The set.")
    var set: Int

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        if options.isFull { OpenBLAS.relaunchWithBestKernel() }
        let daemon = try choice.connect()
        let kind = try daemon.kind(of: Int64(set))
        let answer = try daemon.commit(Int64(set))
        guard kind != "calibration" else {
            guard !json else { return print(answer.json("linewatch.teach.commit/1")) }
            return print(
                "The \(answer.number("count") ?? 0) good parts of set \(set) now count for the threshold.")
        }
        let committed = try CommittedSet(answer)
        let lesson = try Lesson(committed, images: committed.folder, options, json: json)
        try lesson.run(daemon, json: json)
    }
}

/// `linewatch teach abort`
struct TeachAbort: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "abort", abstract: "Forgets a set of good parts with its pictures.")

    @OptionGroup var choice: TeachSocket

    @ArgumentParser.Argument(help: "The set.")
    var set: Int

    @Flag(help: "Really do it: the pictures of the set are lost.")
    var yes = false

    @Flag(help: "Print the answer as JSON.")
    var json = false

    func run() throws {
        guard yes else {
            throw ValidationError("Aborting set \(set) loses its pictures. Say --yes if that is meant.")
        }
        let answer = try choice.connect().ask(.teachAbort, [JSONMember("set", .integer(Int64(set)))])
        print(json ? answer.json("linewatch.teach.abort/1") : "Set \(set) is forgotten.")
    }
}

extension TeachConnection {
    func start(_ inspection: String, kind: String) throws -> ServerLine {
        try ask(.teachStart, [JSONMember("inspect", .text(inspection)), JSONMember("kind", .text(kind))])
    }

    /// Adds the frame of result `seq`, or the next one, for which it waits for `seconds`.
    func add(set: Int64?, seq: UInt64?, within seconds: Int) throws -> ServerLine {
        var arguments = set.map { [JSONMember("set", .integer($0))] } ?? []
        if let seq {
            arguments.append(JSONMember("seq", .integer(Int64(clamping: seq))))
        } else {
            arguments.append(JSONMember("next", .integer(1)))
        }
        return try ask(.teachAdd, arguments, within: seconds)
    }

    /// Closes a set.
    func commit(_ set: Int64) throws -> ServerLine {
        try ask(.teachCommit, [JSONMember("set", .integer(set))])
    }

    /// "reference" or "calibration"; throws if the daemon has no such set.
    func kind(of set: Int64) throws -> String {
        let sets = try ask(.teachStatus)["sets"]?.elements ?? []
        guard let found = sets.first(where: { $0["set"]?.integer == set }) else {
            throw CommandFailure("There is no set \(set). See 'linewatch teach status'.")
        }
        return found["kind"]?.text ?? "reference"
    }
}

extension ServerLine {
    /// What teach.add says, in words.
    var addedPart: String {
        let seq = number("seq") ?? 0
        let file = self["file"]?.text.map { ", kept as '\($0)'" } ?? ""
        return "Good part \(number("count") ?? 0): " + (seq > 0 ? "the frame of result \(seq)" : "a frame")
            + file + "."
    }
}
