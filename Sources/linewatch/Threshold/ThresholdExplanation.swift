import Sockets

/// What `threshold explain` says, in words.
package struct ThresholdExplanation {
    /// Good parts known, and how many of them the limit does not accept.
    package var row = StationReport.InspectionRow()
    package var rejects = 0
    package var intervals = 0
    /// The smallest rate that these parts could support; nil where none.
    package var supportedPpm: Double?
    package var needed = 0
    /// Score ranges and how many good parts lie in each.
    package var histogram: [(from: Double, to: Double, count: Int)] = []
    /// Scores of the highest good parts.
    package var highest: [Double] = []
    /// The limit with one good part more or less at the top.
    package var oneMore: Double?
    package var oneLess: Double?
    /// Parts that operators have marked as NG: how many, how many of them the limit accepts, and the lowest scores.
    package var markedCount = 0
    package var markedAccepted = 0
    package var marked: [(seq: Int, score: Double)] = []
    package var warning = ""
    package var note = ""

    package init() {}

    init(_ line: ServerLine) {
        row = StationReport.InspectionRow(threshold: line)
        (rejects, intervals, needed) = (
            line.integer("rejects"), line.integer("intervals"), line.integer("needed")
        )
        supportedPpm = line.double("supported_ppm")
        histogram = line.rows("histogram").compactMap { bin in
            guard let values = bin.elements, values.count == 3, let from = values[0].double,
                let to = values[1].double, let count = values[2].integer
            else { return nil }
            return (from, to, Int(count))
        }
        highest = line.rows("highest").compactMap { $0["score"]?.double }
        if row.limit != nil { (oneMore, oneLess) = (line.double("one_more"), line.double("one_less")) }
        (markedCount, markedAccepted) = (line.integer("marked_ng"), line.integer("marked_accepted"))
        marked = line.rows("marked").compactMap { row in
            guard let seq = row["seq"]?.integer, let score = row["score"]?.double else { return nil }
            return (Int(seq), score)
        }
        warning = line["warning"]?.text ?? ""
        note = line["note"]?.text ?? ""
    }

    /// The whole explanation, without the newlines.
    package var lines: [StyledLine] {
        var lines = [StyledLine(row.inspect, .bold)]
        lines[0].append("  \(row.statement)")
        var facts: [[String]] = [
            ["limit", row.limit.map { decimals($0, 4) } ?? "none"],
            ["median of good parts", row.median.map { decimals($0, 4) } ?? "none"],
            ["good parts", "\(grouped(row.parts)) in \(count(intervals, "production interval"))"],
            ["of them not accepted", grouped(rejects)],
        ]
        if let asked = row.askedPpm { facts.append(["rate asked for", readable(ppm: asked)]) }
        facts.append(["rate these parts support", supportedPpm.map { readable(ppm: $0) } ?? "none"])
        if needed > 0 {
            facts.append(["good parts needed", "\(grouped(needed)), \(grouped(row.missing)) more"])
        }
        if let oneMore { facts.append(["limit with one more above", decimals(oneMore, 4)]) }
        if let oneLess { facts.append(["limit without the highest", decimals(oneLess, 4)]) }
        if !highest.isEmpty {
            facts.append(["highest good parts", highest.map { decimals($0, 4) }.joined(separator: ", ")])
        }
        if markedCount > 0 {
            facts.append(["marked defects", "\(grouped(markedCount)), \(grouped(markedAccepted)) accepted"])
            let lowest = marked.map { "\(decimals($0.score, 4)) (\($0.seq))" }
            facts.append(["lowest marked defects", lowest.joined(separator: ", ")])
        }
        lines += columns(facts.map { ["  " + $0[0], $0[1]] }).map { StyledLine($0) }
        lines += histogramLines
        if !warning.isEmpty { lines.append(StyledLine(warning, .warning)) }
        if markedCount == 0 {
            lines.append(
                StyledLine(
                    "Nothing is said of missed defects: that needs real defects, marked with 'linewatch mark SEQ ng', "
                        + "or 'linewatch eval'.", .dim))
        }
        if !note.isEmpty { lines.append(StyledLine(note, .dim)) }
        return lines
    }

    /// One bar for each range; the range with the limit is marked.
    private var histogramLines: [StyledLine] {
        guard let most = histogram.map(\.count).max(), most > 0 else { return [] }
        let rows = histogram.map { bin in
            let bar = String(repeating: "#", count: (bin.count * 40 + most - 1) / most)
            let holdsLimit = row.limit.map { bin.from <= $0 && $0 < bin.to } ?? false
            return [
                "  \(decimals(bin.from, 4))", decimals(bin.to, 4), grouped(bin.count),
                bar + (holdsLimit ? "  <- limit" : ""),
            ]
        }
        return columns([["  score from", "to", "parts", ""]] + rows, right: [0, 1, 2]).enumerated().map {
            StyledLine($0.element, $0.offset == 0 ? .dim : .plain)
        }
    }
}
