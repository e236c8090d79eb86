import Configuration

/// What `linewatch doctor` looks at: the machine, its settings, and what the daemon says, if one answers.
package struct Box: Sendable {
    package let machine: Machine
    let loaded: LoadedSettings
    /// nil where no daemon answers; then `silence` says why.
    package let report: StationReport?
    package let silence: String
    /// The socket that was asked.
    let socket: String

    /// Reads the settings of `machine`: the file that LINEWATCH_CONFIG names, else that of `/etc`.
    package init(machine: Machine, socket: String, report: StationReport?, silence: String) {
        self.machine = machine
        (self.socket, self.report, self.silence) = (socket, report, silence)
        let named = machine.environment["LINEWATCH_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let file = named ?? machine.path("/etc/linewatch/linewatch.toml")
        loaded = LoadedSettings.read(file, environment: machine.environment)
    }

    /// Asks the daemon at `socket`, and goes on without it.
    static func this(socket: String) -> Box {
        do throws(CommandFailure) {
            let report = try Status.report(asking: StationClient(socket: socket, patience: 5_000))
            return Box(machine: .this, socket: socket, report: report, silence: "")
        } catch {
            // The row has the remedy beside it: here only what was found.
            let isAway = error.exit == .unreachable
            return Box(
                machine: .this, socket: socket, report: nil,
                silence: isAway ? "none answers at '\(socket)'." : "\(error)")
        }
    }

    var settings: Settings { loaded.settings }

    /// The shortest deadline of the inspections; nil where there is none. Microseconds.
    var shortestDeadline: Int? {
        settings.inspect.map { Int($0.deadline / .microseconds(1)) }.min()
    }
}

extension CheckReport {
    /// Every check of `box`, in the order in which they are shown: the machine's first.
    package static func allChecks(of box: Box) -> [Check] {
        var checks = allChecks(of: box.machine)
        checks.append(settings(of: box))
        checks.append(daemon(of: box))
        checks += alarms(of: box)
        checks.append(role(of: box.machine))
        checks += sockets(of: box)
        checks += service(of: box)
        checks += cameras(of: box)
        checks += usb(of: box)
        checks.append(latency(of: box))
        if let growth = growth(of: box) { checks.append(growth) }
        checks += disk(of: box)
        checks.append(clock(of: box))
        if let journal = journal(of: box.machine) { checks.append(journal) }
        checks += calibration(of: box)
        checks += consumers(of: box)
        return checks
    }

    /// Whether the settings can be used.
    package static func settings(of box: Box) -> Check {
        let name = "settings"
        let loaded = box.loaded
        if let error = loaded.errors.first {
            return .fail(
                name, "\(loaded.summary), the first: \(error)",
                remedy: loaded.isThere
                    ? "Correct them: 'linewatch config check' lists all."
                    : "Make a file: 'linewatch config show --default > /etc/linewatch/linewatch.toml'.")
        }
        if let warning = loaded.warnings.first {
            return .warn(
                name, "\(loaded.summary), the first: \(warning)", remedy: "See 'linewatch config check'.")
        }
        let files = loaded.files.count == 1 ? loaded.files[0] : count(loaded.files.count, "file")
        return .pass(
            name,
            "\(files): \(count(loaded.settings.camera.count, "camera")), "
                + "\(count(loaded.settings.inspect.count, "inspection")).")
    }

    /// Whether the daemon answers, and in which state it is.
    package static func daemon(of box: Box) -> Check {
        let name = "daemon"
        guard let report = box.report else {
            return .warn(name, box.silence, remedy: "Run 'systemctl start linewatchd'.")
        }
        let (word, remedy) = StateWords.describe(report.state)
        let detail = "\(report.server), \(word), up \(readable(seconds: report.up)), run \(report.run)."
        guard let remedy else { return .pass(name, detail) }
        return report.state == 2 ? .fail(name, detail, remedy: remedy) : .warn(name, detail, remedy: remedy)
    }

    /// Every alarm that is set.
    package static func alarms(of box: Box) -> [Check] {
        (box.report?.alarms ?? []).map { .warn("alarm", "\($0.name).", remedy: $0.remedy) }
    }

    /// Whether parts are judged within their deadline.
    package static func latency(of box: Box) -> Check {
        let name = "latency"
        guard let counters = box.report?.counters, counters.results > 0 else {
            return .pass(name, "no results of a running daemon to measure.")
        }
        let measured =
            "p50 \(readable(microseconds: counters.p50Us)), p99 \(readable(microseconds: counters.p99Us))"
        guard let deadline = box.shortestDeadline else { return .pass(name, measured + ".") }
        let detail = "\(measured), shortest deadline \(readable(microseconds: deadline))."
        guard counters.p99Us > deadline else { return .pass(name, detail) }
        return .warn(
            name, detail,
            remedy: "Give inspections more time (deadline_ms), a smaller region or model, or more cores.")
    }

    /// What the thresholds of the inspections rest on.
    package static func calibration(of box: Box) -> [Check] {
        (box.report?.inspections ?? []).map { row in
            let name = "calibration"
            let detail = "'\(row.inspect)': \(row.statement)."
            switch row.level {
            case "calibrated": return .pass(name, detail)
            case "none":
                return .warn(name, detail, remedy: "Teach it: 'linewatch teach \(row.inspect) --good 2'.")
            default:
                return .warn(
                    name, detail,
                    remedy: "Confirm good parts: 'linewatch threshold explain \(row.inspect)' says how many.")
            }
        }
    }

    /// How far the registered readers are behind.
    package static func consumers(of box: Box) -> [Check] {
        (box.report?.consumers ?? []).map { consumer in
            let name = "reader"
            let limit = UInt64(box.settings.store.records) / 10
            let detail = "'\(consumer.name)': \(grouped(consumer.lag)) records behind."
            guard consumer.lag > limit else { return .pass(name, detail) }
            return .warn(
                name, detail,
                remedy:
                    "See why it does not read, or drop it: 'linewatch consumer drop \(consumer.name) --yes'.")
        }
    }
}
