import ArgumentParser
import Sockets

/// `linewatch mark`: what a person says of a result.
struct MarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mark",
        abstract: "Stores a person's verdict beside a result: a false reject, or a missed defect.",
        discussion: """
            'ok' says that the part is good: it joins the good parts of the calibration. 'ng' says that a defect was \
            missed: its box becomes a practice defect for teaching. A newer mark replaces an older one. The \
            result itself stays as it was.
            """)

    enum Verdict: String, ExpressibleByArgument, CaseIterable { case ok, ng }

    @OptionGroup var socket: StationSocket

    @ArgumentParser.Argument(help: "The number of the result.")
    var seq: UInt64

    @ArgumentParser.Argument(help: "What it should have been: ok or ng.")
    var verdict: Verdict

    @Flag(help: "With ok: also propose the part as a reference.")
    var absorb = false

    @Option(
        help: "With ng: where the defect is, X,Y,WIDTH,HEIGHT in pixels. (default: the whole frame)",
        transform: Self.box)
    var box: MarkedBox?

    @Flag(help: "Print the answer as JSON.")
    var json = false

    func validate() throws {
        guard seq >= 1, seq < 1 << 53 else { throw ValidationError("SEQ is a number of the log, from 1 on.") }
        guard !absorb || verdict == .ok else {
            throw ValidationError("--absorb goes with ok: only good parts are references.")
        }
        guard box == nil || verdict == .ng else {
            throw ValidationError("--box goes with ng: it says where the defect is.")
        }
    }

    func run() throws {
        let client = try socket.connect()
        var arguments = [
            JSONMember("seq", .integer(Int64(seq))), JSONMember("as", .integer(verdict == .ok ? 1 : 2)),
        ]
        if absorb { arguments.append(JSONMember("absorb", .integer(1))) }
        for (key, value) in box?.members ?? [] { arguments.append(JSONMember(key, .integer(value))) }
        let answer = try client.ask(.mark, arguments)
        guard !json else {
            print(answer.json("linewatch.mark/1"))
            return
        }
        print(
            "Marked \(seq) as \(verdict == .ok ? "good" : "defective")\(absorb ? ", and proposed it as a reference" : "")."
        )
    }

    private static func box(_ text: String) throws -> MarkedBox {
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int64($0) }
        guard numbers.count == 4, let x = numbers[0], let y = numbers[1], let width = numbers[2],
            let height = numbers[3], [x, y].allSatisfy({ 0...65_535 ~= $0 }),
            [width, height].allSatisfy({ 1...65_535 ~= $0 })
        else {
            throw ValidationError("'\(text)' is no box. Write X,Y,WIDTH,HEIGHT in pixels.")
        }
        return MarkedBox(x: x, y: y, width: width, height: height)
    }
}

/// Where a missed defect is, in pixels of the frame.
struct MarkedBox {
    let x, y, width, height: Int64

    /// As the protocol names its sides.
    var members: [(String, Int64)] { [("x", x), ("y", y), ("w", width), ("h", height)] }
}
