/// The page of `linewatch status`, from a report alone.
package struct StatusPage {
    private let report: StationReport
    private var lines: [StyledLine] = []

    /// Lays out `report`.
    package init(_ report: StationReport) {
        self.report = report
        addHead()
        addAlarms()
        addCameras()
        addResults()
        addInspections()
        addKinds()
        addStore()
        addConsumers()
        for note in report.unknown { lines.append(StyledLine("not known: \(note)", .dim)) }
    }

    /// All lines, without the newline.
    package var text: [StyledLine] { lines }

    /// The first line of page and screen: station, state, and what to do about it.
    package static func head(of report: StationReport) -> StyledLine {
        let (word, remedy) = StateWords.describe(report.state)
        var line = StyledLine(report.station.isEmpty ? "station" : report.station, .bold)
        line.append("  ")
        let isGood = [3, 4, 5].contains(report.state)
        line.append(word, isGood ? .good : report.state == 2 ? .bad : .warning)
        if isGood && !report.isReady { line.append(", not ready for a trigger", .warning) }
        if report.state == 2 && report.error != 0 { line.append(" (error \(report.error))", .bad) }
        if let remedy { line.append("  \(remedy)") }
        return line
    }

    /// The kinds of defects that were seen last.
    private mutating func addKinds() {
        guard let types = report.types, !types.isEmpty else { return }
        let now = report.time
        let ago = { (time: Int64) in "\(readable(seconds: max(0, now - time) / 1_000)) ago" }
        let rows = types.prefix(5).map { row in
            [
                "\(row.type)", row.name, row.inspect, "\(row.count)", ago(row.first), ago(row.last),
                "\(row.hour ?? 0)",
            ]
        }
        let head = ["kind", "name", "inspection", "defects", "first", "last", "last hour"]
        let text = columns([head] + rows, right: [0, 3, 6])
        lines.append(StyledLine())
        for (index, line) in text.enumerated() { lines.append(StyledLine(line, index == 0 ? .dim : .plain)) }
    }

    private mutating func addHead() {
        lines.append(Self.head(of: report))
        lines.append(
            StyledLine(
                "\(report.server), up \(readable(seconds: report.up)), run \(report.run), log \(report.log), "
                    + "settings \(report.config)", .dim))
        lines.append(
            StyledLine(
                (report.recipe == 0 ? "no recipe" : "recipe \(report.recipe)")
                    + (report.isArmed ? ", armed" : ", not armed")
                    + ", queue \(report.queued) used, \(report.free) free"))
    }

    private mutating func addAlarms() {
        guard !report.alarms.isEmpty else { return }
        lines.append(StyledLine())
        lines += Self.alarms(report.alarms)
    }

    /// A line for each alarm, with what to do.
    package static func alarms(_ alarms: [AlarmRow]) -> [StyledLine] {
        let width = alarms.map(\.name.count).max() ?? 0
        return alarms.map { alarm in
            var line = StyledLine("ALARM  ", .bad)
            line.append(alarm.name + String(repeating: " ", count: width - alarm.name.count), .bold)
            line.append("  " + alarm.remedy)
            return line
        }
    }

    private mutating func addCameras() {
        guard let cameras = report.cameras, !cameras.isEmpty else { return }
        lines.append(StyledLine())
        lines += Self.cameras(cameras, now: report.time)
    }

    /// A table of `cameras` with its heading; what is not streaming or idle is marked.
    package static func cameras(_ cameras: [StationReport.CameraRow], now: Int64) -> [StyledLine] {
        let heading = ["camera", "name", "state", "since", "fps", "frames", "lost", "refused", "picture"]
        let rows = cameras.map { camera in
            [
                "\(camera.id)", camera.name.isEmpty ? "-" : camera.name,
                isWell(camera) || camera.reason.isEmpty ? camera.state : "\(camera.state) (\(camera.reason))",
                camera.since == 0 ? "-" : readable(seconds: max(now - camera.since, 0) / 1_000),
                decimals(camera.fps, 1), grouped(camera.frames), grouped(camera.lost),
                grouped(camera.refused),
                camera.width == 0
                    ? camera.source
                    : "\(camera.width)x\(camera.height) \(camera.format) \(camera.source), \(camera.trigger)"
                        + (camera.isArmed ? ", armed" : ""),
            ]
        }
        let text = columns([heading] + rows, right: [0, 3, 4, 5, 6, 7])
        return text.enumerated().map { index, line in
            guard index > 0 else { return StyledLine(line, .dim) }
            return StyledLine(line, isWell(cameras[index - 1]) ? .plain : .warning)
        }
    }

    private static func isWell(_ camera: StationReport.CameraRow) -> Bool {
        ["streaming", "idle"].contains(camera.state)
    }

    private mutating func addResults() {
        lines.append(StyledLine())
        lines.append(Self.counters(report))
        lines.append(Self.latency(report))
    }

    /// The counters of the run, each verdict with its share.
    package static func counters(_ report: StationReport) -> StyledLine {
        let counters = report.counters
        let total = counters.results
        func share(_ number: Int) -> String {
            total == 0 ? "" : " (\(decimals(Double(number) * 100 / Double(total), 1)) %)"
        }
        var line = StyledLine("OK \(grouped(counters.ok))\(share(counters.ok))", .good)
        line.append("   ")
        line.append("NG \(grouped(counters.ng))\(share(counters.ng))", counters.ng > 0 ? .bad : .plain)
        line.append("   ")
        line.append(
            "UNSURE \(grouped(counters.unsure))\(share(counters.unsure))",
            counters.unsure > 0 ? .warning : .plain)
        line.append("   ")
        line.append(
            "INVALID \(grouped(counters.invalid))\(share(counters.invalid))",
            counters.invalid > 0 ? .warning : .plain)
        if let rate = report.resultsPerMinute {
            line.append("   \(decimals(rate, rate < 10 ? 1 : 0)) per minute")
        }
        return line
    }

    /// Latency, and what was lost or late.
    package static func latency(_ report: StationReport) -> StyledLine {
        let counters = report.counters
        var line = StyledLine(
            "latency p50 \(readable(microseconds: counters.p50Us)), p99 \(readable(microseconds: counters.p99Us))"
        )
        for (number, what) in [
            (counters.missed, "missed triggers"), (counters.framesLost, "frames lost"),
            (counters.deadlinesMissed, "deadlines missed"),
        ] {
            line.append("   ")
            line.append("\(what) \(grouped(number))", number > 0 ? .warning : .plain)
        }
        return line
    }

    private mutating func addInspections() {
        guard let inspections = report.inspections, !inspections.isEmpty else { return }
        lines.append(StyledLine())
        lines += Self.inspections(inspections)
    }

    /// A table of `inspections` with its heading.
    package static func inspections(_ inspections: [StationReport.InspectionRow]) -> [StyledLine] {
        let rows = inspections.map { row in
            var notes = row.statement
            if row.probationParts > 0 || row.probationSeconds > 0 {
                notes +=
                    "; probation: \(count(row.probationParts, "part"))"
                    + ", \(readable(seconds: row.probationSeconds)) left"
            }
            if !row.shadow.isEmpty { notes += "; shadow \(row.shadow.prefix(12))" }
            return [
                row.inspect, row.shortModel.isEmpty ? "-" : row.shortModel,
                row.limit.map { decimals($0, 4) } ?? "-", notes,
            ]
        }
        let text = columns([["inspection", "model", "limit", "calibration"]] + rows, right: [2])
        return text.enumerated().map { index, line in
            guard index > 0 else { return StyledLine(line, .dim) }
            return StyledLine(line, inspections[index - 1].level == "none" ? .warning : .plain)
        }
    }

    private mutating func addStore() {
        guard let store = report.store else { return }
        var line = StyledLine(
            "store  \(count(store.records, "record")), \(readable(bytes: store.bytes)); pictures "
                + "\(readable(bytes: store.imagesBytes)); \(readable(bytes: store.freeBytes)) free; fsync p50 "
                + "\(readable(microseconds: store.fsyncP50Us)), p99 \(readable(microseconds: store.fsyncP99Us))"
        )
        if store.lost > 0 { line.append("; lost \(grouped(store.lost))", .bad) }
        let isWell = ["", "ok", "writable"].contains(store.condition)
        if !isWell { line.append("; \(store.condition)", .bad) }
        lines += [StyledLine(), line]
    }

    private mutating func addConsumers() {
        guard let consumers = report.consumers else { return }
        let text = consumers.map { "\($0.name) \(grouped($0.lag)) behind" }.joined(separator: ", ")
        lines.append(StyledLine("readers  " + (text.isEmpty ? "none registered" : text)))
    }
}
