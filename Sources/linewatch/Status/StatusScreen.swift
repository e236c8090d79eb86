/// What `linewatch status --watch` shows at one moment.
package struct WatchPicture: Hashable, Sendable {
    package var report: StationReport
    /// Oldest first.
    package var results: [ResultRow]
    /// The newest defects, newest first, each with its picture once there is one.
    package var defects: [Defect]
    /// Why the daemon does not answer; nil while it does.
    package var trouble: String?
    /// Of the clock that people here look at.
    package var secondsFromUTC: Int

    package init(
        report: StationReport, results: [ResultRow], defects: [Defect], trouble: String?, secondsFromUTC: Int
    ) {
        (self.report, self.results, self.defects) = (report, results, defects)
        (self.trouble, self.secondsFromUTC) = (trouble, secondsFromUTC)
    }

    package struct Defect: Hashable, Sendable {
        package var result: ResultRow
        package var picture: Thumbnail?

        package init(result: ResultRow, picture: Thumbnail?) {
            (self.result, self.picture) = (result, picture)
        }
    }
}

/// Lays a picture out for a terminal of a given size.
package struct StatusScreen {
    /// Characters of a thumbnail.
    package static let thumbnailColumns = 16
    package static let thumbnailRows = 6
    private static let gap = 2

    private let width: Int
    private let ability: TerminalAbility

    package init(width: Int, ability: TerminalAbility) {
        self.width = max(width, 20)
        self.ability = ability
    }

    /// At most `height` lines of at most the width; the last one says how to leave.
    package func lines(_ picture: WatchPicture, height: Int) -> [StyledLine] {
        let report = picture.report
        var lines = [head(picture)]
        if let trouble = picture.trouble { lines.append(StyledLine(trouble, .bad)) }
        lines += StatusPage.alarms(report.alarms)
        lines.append(StyledLine())
        lines += StatusPage.cameras(report.cameras ?? [], now: report.time)
        lines.append(StyledLine())
        lines.append(StatusPage.counters(report))
        lines.append(bar(report.counters))
        lines.append(StatusPage.latency(report))
        if let line = sparkline(picture.results) { lines.append(line) }
        if let inspections = report.inspections, !inspections.isEmpty {
            lines.append(StyledLine())
            lines += StatusPage.inspections(inspections)
        }
        // Defects only where some results still fit below them.
        if !picture.defects.isEmpty, lines.count + Self.thumbnailRows + 8 <= height {
            lines.append(StyledLine())
            lines += defects(picture.defects)
        }
        let room = height - lines.count - 2
        if room > 1 {
            lines.append(StyledLine())
            lines += newest(picture, room: room - 1)
        }
        let shown = lines.prefix(max(height - 1, 1)).map { $0.clipped(to: width) }
        return height > 1 ? shown + [StyledLine("q quits", .dim).clipped(to: width)] : Array(shown)
    }

    /// Station and state to the left, product and time to the right.
    private func head(_ picture: WatchPicture) -> StyledLine {
        let report = picture.report
        let time = report.time == 0 ? "" : clockTime(report.time, secondsFromUTC: picture.secondsFromUTC)
        let right = [report.server, time].filter { !$0.isEmpty }.joined(separator: "  ")
        var line = StatusPage.head(of: report)
        guard line.width + right.count + 2 <= width else { return line }
        line = line.padded(to: width - right.count)
        line.append(right, .dim)
        return line
    }

    /// The shares of the verdicts as one bar over the width: OK, UNSURE, INVALID, NG.
    package func bar(_ counters: StationReport.Counters) -> StyledLine {
        let total = counters.results
        guard total > 0 else { return StyledLine("no results yet", .dim) }
        let parts: [(number: Int, style: StyledLine.Style, letter: String)] = [
            (counters.ok, .good, "o"), (counters.unsure, .warning, "?"), (counters.invalid, .dim, "x"),
            (counters.ng, .bad, "#"),
        ]
        let length = min(width, 72)
        var line = StyledLine()
        var done = 0
        var filled = 0
        for part in parts {
            done += part.number
            // What is there at all is seen, if there is room.
            let end = max(done * length / total, part.number > 0 ? min(filled + 1, length) : filled)
            let block = ability.hasBlocks && ability.colours != .none ? "\u{2588}" : part.letter
            line.append(String(repeating: block, count: end - filled), part.style)
            filled = end
        }
        return line
    }

    /// The latencies of the newest results as small bars; nil where there are too few.
    private func sparkline(_ results: [ResultRow]) -> StyledLine? {
        let shown = results.suffix(min(max(width - 30, 0), 60)).map(\.latencyMicroseconds)
        guard ability.hasBlocks, shown.count > 1, let most = shown.max(), most > 0 else { return nil }
        let steps = Array("\u{2581}\u{2582}\u{2583}\u{2584}\u{2585}\u{2586}\u{2587}\u{2588}")
        let text = shown.map { String(steps[min($0 * 8 / most, 7)]) }.joined()
        var line = StyledLine("newest  ", .dim)
        line.append(text)
        line.append("  up to \(readable(microseconds: most))", .dim)
        return line
    }

    /// The pictures of as many defects as fit beside each other, with two lines below each.
    package func defects(_ defects: [WatchPicture.Defect]) -> [StyledLine] {
        let cell = Self.thumbnailColumns
        let shown = defects.prefix(max((width + Self.gap) / (cell + Self.gap), 1))
        var lines = [StyledLine](repeating: StyledLine(), count: Self.thumbnailRows + 2)
        for (index, defect) in shown.enumerated() {
            let picture = defect.picture?.lines(for: ability) ?? placeholder
            let result = defect.result
            let captions = [
                StyledLine("\(result.seq) cam \(result.camera)", .bold),
                StyledLine(
                    result.kind.isEmpty
                        ? "\(result.ratio)x at \(result.x),\(result.y)" : "\(result.ratio)x \(result.kind)",
                    .dim),
            ]
            let column = index * (cell + Self.gap)
            for (row, line) in (picture + captions).enumerated() {
                lines[row] = lines[row].padded(to: column)
                lines[row].append(line.clipped(to: cell))
            }
        }
        return lines
    }

    private var placeholder: [StyledLine] {
        (0..<Self.thumbnailRows).map { row in
            StyledLine(row == Self.thumbnailRows / 2 ? "  (no picture)  " : "", .dim)
        }
    }

    /// A heading and the newest results, newest first, at most `room` lines.
    private func newest(_ picture: WatchPicture, room: Int) -> [StyledLine] {
        let shown = picture.results.suffix(max(room - 1, 0)).reversed()
        guard !shown.isEmpty else { return [] }
        let rows = shown.map { Self.row($0, secondsFromUTC: picture.secondsFromUTC) }
        let heading = ["time", "number", "camera", "part", "verdict", "x limit", "took", "why"]
        let text = columns([heading] + rows, right: [1, 2, 3, 5, 6])
        return zip(text, [nil] + shown.map { Optional($0) }).map { line, result in
            guard let result else { return StyledLine(line, .dim) }
            return StyledLine(line, Self.style(of: result))
        }
    }

    /// The cells of one result in a list.
    package static func row(_ result: ResultRow, secondsFromUTC: Int) -> [String] {
        let part = result.part.isEmpty ? result.partNumber == 0 ? "-" : "\(result.partNumber)" : result.part
        let isJudged = result.verdict != 4
        let place = result.width > 0 ? " at \(result.x),\(result.y) \(result.width)x\(result.height)" : ""
        return [
            clockTime(result.time, secondsFromUTC: secondsFromUTC), "\(result.seq)", "\(result.camera)",
            String(part.prefix(24)), result.verdictName, isJudged ? result.ratio : "-",
            readable(microseconds: result.latencyMicroseconds),
            (result.kind.isEmpty ? result.verdict == 1 ? "" : result.reasonName : result.kind) + place,
        ]
    }

    /// How a verdict is coloured.
    package static func style(of result: ResultRow) -> StyledLine.Style {
        switch result.verdict {
        case 1: .good
        case 2: .bad
        case 3: .warning
        default: .dim
        }
    }
}
