import FoundationEssentials
import Glibc
import Platform
import Sockets

/// `linewatch status --watch`: asks again and again, and shows what has become of it.
struct StatusWatch {
    private let socket: String
    private var client: StationClient?
    private var picture = WatchPicture(
        report: StationReport(), results: [], defects: [], trouble: nil, secondsFromUTC: secondsFromUTC())
    private var cursor: UInt64?
    private var log = ""
    /// Rounds until the parts that change rarely are asked for again.
    private var untilSlowParts = 0
    /// How often the picture of a defect was asked for.
    private var attempts: [UInt64: Int] = [:]

    /// Milliseconds between two looks.
    private static let period = 500
    /// How many results are kept for lists and rates.
    private static let kept = 512
    private static let shownDefects = 8

    init(socket: String, client: StationClient) {
        (self.socket, self.client) = (socket, client)
    }

    /// Runs until a person or the system ends it.
    mutating func run(json: Bool) throws {
        if json {
            try runJSON()
        } else if TerminalAbility.standardOutput.colours == .none && !Self.isMonochromeScreen {
            runLines()
        } else {
            runScreen()
        }
    }

    /// A terminal that can be drawn on and has no colours.
    private static var isMonochromeScreen: Bool {
        let environment = ProcessInfo.processInfo.environment
        let term = environment["TERM"] ?? ""
        return isatty(STDOUT_FILENO) == 1 && (environment["NO_COLOR"] ?? "").isEmpty && term.hasPrefix("vt")
    }

    private mutating func runScreen() {
        var ability = TerminalAbility.standardOutput
        if Self.isMonochromeScreen { ability.colours = .none }
        var terminal = Terminal()
        while true {
            refresh()
            fetchPictures()
            let size = Terminal.size
            let screen = StatusScreen(width: size.columns, ability: ability)
            terminal.draw(screen.lines(picture, height: size.rows), ability: ability)
            if terminal.wait(milliseconds: Self.period) == .leave { return }
        }
    }

    /// One line every two seconds, and one for each defect.
    private mutating func runLines() {
        refresh()
        // What was there before is counted and not listed.
        var shown = picture.results.last?.seq ?? 0
        print(picture.summary.plain)
        while true {
            for _ in 0..<4 {
                flush()
                usleep(UInt32(Self.period) * 1_000)
                refresh()
                for result in picture.results where result.seq > shown && result.verdict == 2 {
                    print(
                        StyledLine(
                            StatusScreen.row(result, secondsFromUTC: picture.secondsFromUTC)
                                .joined(separator: "  ")
                        ).plain)
                }
                shown = max(shown, picture.results.last?.seq ?? 0)
            }
            print(picture.summary.plain)
            flush()
        }
    }

    private mutating func runJSON() throws {
        while true {
            refresh()
            if let trouble = picture.trouble { throw CommandFailure(exit: .unreachable, trouble) }
            print(try jsonReportLine(picture.report))
            flush()
            usleep(1_000_000)
        }
    }

    /// Asks the daemon, connecting anew where the connection is gone. Blocks, at most two seconds for an answer.
    private mutating func refresh() {
        do {
            let client = try connection()
            try picture.report.update(asking: client)
            if untilSlowParts == 0 { try picture.report.updateSlowParts(asking: client) }
            untilSlowParts = (untilSlowParts + 3) % 4
            try takeRecords(from: client)
            picture.trouble = nil
        } catch {
            picture.trouble = "\(error) Trying again."
            if error.exit == .unreachable || error.exit == .notReady { client = nil }
        }
    }

    private mutating func connection() throws(CommandFailure) -> StationClient {
        if let client { return client }
        let client = try StationClient(socket: socket, patience: 2_000)
        self.client = client
        return client
    }

    private mutating func takeRecords(from client: StationClient) throws(CommandFailure) {
        let last = picture.report.last
        let isOtherLog = log != picture.report.log
        if isOtherLog { (log, picture.results, picture.defects) = (picture.report.log, [], []) }
        var next = isOtherLog ? nil : cursor
        // After a long pause only the end of the log is of interest.
        if let reached = next, reached > last || last - reached > UInt64(Self.kept) { next = nil }
        var position = next ?? (last > UInt64(Self.kept) ? last - UInt64(Self.kept) : 0)
        while true {
            let before = position
            let records = try client.poll(after: &position, limit: 256, waitMilliseconds: 0, kinds: 1)
            picture.results += picture.report.name(records.compactMap(ResultRow.init))
            if position == before || position >= last { break }
        }
        cursor = position
        picture.results.removeFirst(max(picture.results.count - Self.kept, 0))
        picture.report.takeRate(of: picture.results)
        takeDefects()
    }

    private mutating func takeDefects() {
        let newest = picture.results.filter { $0.verdict == 2 }.suffix(Self.shownDefects).reversed()
        let known = Dictionary(picture.defects.map { ($0.result.seq, $0.picture) }) { first, _ in first }
        picture.defects = newest.map { .init(result: $0, picture: known[$0.seq] ?? nil) }
        attempts = attempts.filter { seq, _ in newest.contains { $0.seq == seq } }
    }

    /// Gets at most two missing pictures; one that is not there after some rounds is not asked for again.
    private mutating func fetchPictures() {
        guard let client, picture.trouble == nil else { return }
        var fetched = 0
        for index in picture.defects.indices where picture.defects[index].picture == nil && fetched < 2 {
            let seq = picture.defects[index].result.seq
            guard attempts[seq, default: 0] < 6 else { continue }
            attempts[seq, default: 0] += 1
            fetched += 1
            do {
                let bytes = try client.blob(.imageGet, [JSONMember("seq", .integer(Int64(seq)))])
                picture.defects[index].picture = try? Thumbnail(
                    encoded: bytes, path: "\(seq)", columns: StatusScreen.thumbnailColumns,
                    rows: StatusScreen.thumbnailRows)
            } catch {
                if error.exit == .unreachable { self.client = nil }
                return
            }
        }
    }
}

extension WatchPicture {
    /// Everything that fits one line, for output that is no screen.
    package var summary: StyledLine {
        if let trouble { return StyledLine(trouble, .bad) }
        let cameras = report.cameras.map { cameras in
            let well = cameras.count { ["streaming", "idle"].contains($0.state) }
            return "  cameras \(well)/\(cameras.count)"
        }
        var line = StyledLine(clockTime(report.time, secondsFromUTC: secondsFromUTC) + "  ")
        line.append(StatusPage.head(of: report))
        line.append((cameras ?? "") + "  ")
        line.append(StatusPage.counters(report))
        line.append("  p99 \(readable(microseconds: report.counters.p99Us))")
        if !report.alarms.isEmpty {
            line.append("  alarms: " + report.alarms.map(\.name).joined(separator: ", "), .bad)
        }
        return line
    }
}
