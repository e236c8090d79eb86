import ArgumentParser
import Platform
import Sockets

/// `linewatch type show`
struct TypeShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows a kind of defect: what it looks like, what it is confused with, when it came.",
        discussion: "With --html and without a number, the page has every kind.")

    @OptionGroup var socket: StationSocket

    @ArgumentParser.Argument(help: "The type's number (1...65534).")
    var type: UInt16?

    @Option(
        help: ArgumentHelp(
            "Also write a page with pictures of it, that needs nothing else.", valueName: "file"))
    var html: String?

    @Flag(help: "Print the answer as JSON.")
    var json = false

    func validate() throws {
        guard type != nil || html != nil else { throw ValidationError("Say which type, or --html.") }
    }

    func run() throws {
        let client = try socket.connect()
        let types = try type.map { [Int($0)] } ?? TypeListing(client.ask(.typeList)).types.map(\.type)
        let answers = try types.map {
            try client.ask(.typeShow, [JSONMember("type", .integer(Int64($0)))])
        }
        if let html {
            let page = try TypePage(answers.map(TypePortrait.init), client)
            try writeAtomically(html, Array(page.html.utf8))
        }
        let now = WallClock.now, zone = secondsFromUTC()
        for answer in answers {
            if json {
                print(answer.json("linewatch.type.show/1"))
                continue
            }
            let hasBlocks = TerminalAbility.standardOutput.hasBlocks
            for line in TypePortrait(answer).lines(now: now, secondsFromUTC: zone, hasBlocks: hasBlocks) {
                print(StyledLine(line).plain)
            }
        }
        if let html, !json { print("'\(html)': \(answers.count) kind\(answers.count == 1 ? "" : "s")") }
    }
}

/// The answer of `type.show`.
package struct TypePortrait: Hashable, Sendable {
    package struct Exemplar: Hashable, Sendable {
        package var seq: UInt64
        package var similarity: Double
        package var time: Int64
        /// Pixels of the frame; a width of 0 where the place is not known any more.
        package var x, y, width, height: Int

        package init(
            seq: UInt64, similarity: Double, time: Int64 = 0, x: Int = 0, y: Int = 0, width: Int = 0,
            height: Int = 0
        ) {
            (self.seq, self.similarity, self.time) = (seq, similarity, time)
            (self.x, self.y, self.width, self.height) = (x, y, width, height)
        }
    }

    package struct Neighbour: Hashable, Sendable {
        package var type: Int
        package var name: String
        package var similarity: Double

        package init(type: Int, name: String, similarity: Double) {
            (self.type, self.name, self.similarity) = (type, name, similarity)
        }
    }

    package var row = TypeRow()
    package var threshold = 0.0
    package var parents: [Int] = []
    /// The most similar first.
    package var exemplars: [Exemplar] = []
    package var neighbours: [Neighbour] = []
    /// Defects of each of the last hours and days, oldest first.
    package var hours: [Int] = []
    package var days: [Int] = []

    package init() {}

    init(_ line: ServerLine) {
        row.type = line.integer("type")
        (row.name, row.inspect) = (line["name"]?.text ?? "", line["inspect"]?.text ?? "")
        (row.count, row.first, row.last) = (
            line.integer("count"), line.number("first_ms") ?? 0, line.number("last_ms") ?? 0
        )
        threshold = line.double("threshold") ?? 0
        parents = line.rows("parents").compactMap(\.integer).map(Int.init)
        exemplars = line.rows("exemplars").map {
            Exemplar(
                seq: UInt64(clamping: $0["seq"]?.integer ?? 0), similarity: $0["sim"]?.double ?? 0,
                time: $0["ts"]?.integer ?? 0, x: $0.int("x"), y: $0.int("y"), width: $0.int("w"),
                height: $0.int("h"))
        }
        neighbours = line.rows("neighbours").map {
            Neighbour(type: $0.int("type"), name: $0.string("name"), similarity: $0["sim"]?.double ?? 0)
        }
        hours = line.rows("hours").compactMap(\.integer).map(Int.init)
        days = line.rows("days").compactMap(\.integer).map(Int.init)
    }

    /// For people; `now` in UTC milliseconds.
    package func lines(now: Int64, secondsFromUTC zone: Int, hasBlocks: Bool) -> [String] {
        let since = moment(row.first, now: now, secondsFromUTC: zone)
        let last = moment(row.last, now: now, secondsFromUTC: zone)
        var lines = [
            "type \(row.type) '\(row.name)' of \(row.inspect): \(row.count) defects since \(since), the last \(last)"
        ]
        if !parents.isEmpty {
            lines.append("made of        " + parents.map { "type \($0)" }.joined(separator: ", "))
        }
        lines.append("last 24 hours  " + Self.bars(hours, hasBlocks: hasBlocks, unit: "an hour"))
        lines.append("last 14 days   " + Self.bars(days, hasBlocks: hasBlocks, unit: "a day"))
        let shown = exemplars.map { "\($0.seq) (\(decimals($0.similarity, 2)))" }.joined(separator: ", ")
        lines.append("most typical   " + (shown.isEmpty ? "none is kept" : shown))
        let near = neighbours.map { "type \($0.type) '\($0.name)' (\(decimals($0.similarity, 2)))" }
        lines.append("nearest        " + (near.isEmpty ? "no other type" : near.joined(separator: ", ")))
        lines.append("a defect is of it from a similarity of \(decimals(threshold, 2)) on")
        return lines
    }

    /// Counts as a row of small bars with their scale.
    package static func bars(_ counts: [Int], hasBlocks: Bool, unit: String) -> String {
        let most = counts.max() ?? 0
        let steps = Array(
            hasBlocks ? "\u{2581}\u{2582}\u{2583}\u{2584}\u{2585}\u{2586}\u{2587}\u{2588}" : ".:-=+*#@")
        let row = counts.map { count in
            count == 0 ? hasBlocks ? "\u{00B7}" : " " : String(steps[min(count * 8 / max(most, 1), 7)])
        }
        return "|\(row.joined())|  up to \(most) \(unit)"
    }
}
