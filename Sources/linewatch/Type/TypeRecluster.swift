import AnomalyModels
import ArgumentParser
import EventStorage
import FoundationEssentials
import ModelPackages
import Sockets
import Training

/// `linewatch type recluster`
struct TypeRecluster: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recluster",
        abstract: "Sorts all kept defects anew, and gives the daemon what came of it.",
        discussion: """
            Reads the log of this box, beside the daemon and without disturbing it; a timer does so each night. Merges \
            and splits by people are kept. What would change the kind of more than 30 % of the defects, or end a kind \
            that somebody named, waits as a proposal: 'linewatch type apply' puts it in force.
            """)

    @OptionGroup var socket: StationSocket

    @Option(
        help: ArgumentHelp(
            "The daemon's state folder. (default: LINEWATCH_STATE_DIR or /var/lib/linewatch)",
            valueName: "dir"))
    var state: String?

    @Flag(help: "Only say what would come of it.")
    var dryRun = false

    @Flag(help: "Print the answer as JSON.")
    var json = false

    func run() throws {
        OpenBLAS.relaunchWithBestKernel()
        let folder =
            state ?? ProcessInfo.processInfo.environment["LINEWATCH_STATE_DIR"].flatMap {
                $0.isEmpty ? nil : $0
            }
            ?? "/var/lib/linewatch"
        let reader: RecordReader
        do { reader = try RecordReader(folder: folder) } catch {
            throw CommandFailure(
                "The log in '\(folder)' cannot be read: \(error) Name the folder with --state.")
        }
        let work = try ReclusteringWork(reader)
        guard !work.revision.inspections.isEmpty else {
            print(
                json
                    ? "{\"schema\":\"linewatch.type.recluster/1\",\"applied\":0,\"changed\":0}"
                    : "Too few defects are kept to sort them anew: it takes \(ReclusteringWork.least) of an inspection."
            )
            return
        }
        if !json { for line in work.lines { print(line) } }
        guard !dryRun else { return }
        let answer = try Self.send(Array(try JSONEncoder().encode(work.revision)), to: socket.connect())
        print(json ? answer.json("linewatch.type.recluster/1") : TypeApply.text(answer))
    }

    /// Sends `file` in pieces; returns the answer to the last.
    private static func send(_ file: [UInt8], to client: StationClient) throws -> ServerLine {
        let digest = PackageDigest(of: file).description, piece = 16_000
        var last: ServerLine?
        for start in stride(from: 0, to: file.count, by: piece) {
            let bytes = Data(file[start..<min(start + piece, file.count)])
            last = try client.ask(
                .typeApply,
                [
                    JSONMember("off", .integer(Int64(start))),
                    JSONMember("size", .integer(Int64(file.count))),
                    JSONMember("sha256", .text(digest)),
                    JSONMember("b64", .text(bytes.base64EncodedString())),
                ], within: 60_000)
        }
        guard let last else { throw CommandFailure("There was nothing to send.") }
        return last
    }
}

/// `linewatch type apply`
struct TypeApply: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Puts a proposed re-clustering in force.")

    @OptionGroup var socket: StationSocket

    @ArgumentParser.Argument(help: "The proposal's number; 'linewatch type list' shows it.")
    var proposal: UInt32

    @Flag(help: "Print the answer as JSON.")
    var json = false

    func run() throws {
        let answer = try socket.connect().ask(
            .typeApply, [JSONMember("proposal", .integer(Int64(proposal)))], within: 60_000)
        print(json ? answer.json("linewatch.type.apply/1") : Self.text(answer))
    }

    /// What the daemon did, for people.
    static func text(_ answer: ServerLine) -> String {
        let share = decimals(100 * (answer.double("changed") ?? 0), 1)
        guard answer.integer("applied") == 1 else {
            let number = answer.integer("proposal")
            let ends = (answer["ends"]?.elements ?? []).compactMap(\.text).map { "'\($0)'" }
            let ending = ends.isEmpty ? "" : " and end \(ends.joined(separator: ", "))"
            return
                "That would change the kind of \(share) % of the defects\(ending), and waits as proposal \(number): "
                + "'linewatch type apply \(number)' puts it in force."
        }
        return "In force: \(answer.integer("types")) kinds, \(share) % of the defects changed theirs."
    }
}
