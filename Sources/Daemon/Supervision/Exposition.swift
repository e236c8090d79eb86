import Capture
import Configuration
import EventStorage
import Events
import Inspection
import Platform
import Sockets
import Synchronization

/// The metrics of the daemon in Prometheus' text format, version 0.0.4 (OPERATIONS 11).
struct Exposition {
    private let core: StationCore
    private let inspections: [ActiveInspection]

    init(_ core: StationCore, inspections: [ActiveInspection]) {
        (self.core, self.inspections) = (core, inspections)
    }

    var text: String {
        var page = Page()
        results(&page)
        cameras(&page)
        station(&page)
        thresholds(&page)
        page.histogram("latency_seconds", "From trigger to ready for publishing.", core.tally.latency)
        page.histogram(
            "commit_seconds", "A transaction of the log, until it is durable.", core.publisher.commits)
        return page.text
    }

    private func results(_ page: inout Page) {
        let counts = core.tally.snapshot
        page.family(
            "results_total", "counter", "Committed results.",
            counts.byReason.sorted { $0.key.rawValue < $1.key.rawValue }.map { reason, count in
                ("verdict=\"\(reason.verdict.name)\",reason=\"\(reason.name)\"", Double(count))
            })
        page.family(
            "events_total", "counter", "Committed events.",
            counts.events.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                ("code=\"\($0.key.rawValue)\"", Double($0.value))
            })
        page.one(
            "triggers_total", "counter", "Triggers.",
            Double(core.triggerCount + core.missed.load(ordering: .relaxed)))
        page.one(
            "missed_triggers_total", "counter", "Refused software triggers.",
            Double(core.missed.load(ordering: .relaxed)))
        page.one(
            "deadline_missed_total", "counter", "Verdicts forced by their deadline.", Double(counts.deadlines)
        )
        page.one("pending_jobs", "gauge", "Triggers without a result.", Double(core.pendingCount))
    }

    private func cameras(_ page: inout Page) {
        func family(_ name: String, _ type: String, _ help: String, _ value: (CameraUnit) -> Double) {
            page.family(name, type, help, core.units.map { ("camera=\"\($0.id)\"", value($0)) })
        }
        family("frames_total", "counter", "Frames that came.") { Double($0.counters.takenCount) }
        family("frames_lost_total", "counter", "Frames that the driver lost.") {
            Double($0.counters.lostCount)
        }
        family("queue_refused_total", "counter", "Frames refused by a full queue.") {
            Double($0.counters.refusedCount)
        }
        family("queue_depth", "gauge", "Frames and triggers under way.") { Double($0.gate.docket.count) }
        family("camera_up", "gauge", "1 while the camera is there.") { $0.state.isPresent ? 1 : 0 }
        page.family(
            "camera_state", "gauge", "1 for the state that the camera is in.",
            core.units.map { ("camera=\"\($0.id)\",state=\"\($0.state.state.rawValue)\"", 1) })
        family("images_dropped_total", "counter", "Pictures that found no room.") {
            Double($0.lane.droppedPictures.load(ordering: .relaxed))
        }
    }

    private func station(_ page: inout Page) {
        let model = core.state, log = core.log.status
        page.one(
            "state", "gauge", "The state of LWP/1, 8.1.",
            Double(model.state(isArmed: core.isArmed, hasPending: core.pendingCount > 0).rawValue))
        page.one("ready", "gauge", "1 if parts are judged.", model.isRunning ? 1 : 0)
        page.one("alarm_bits", "gauge", "The alarm bits of LWP/1, 8.3.", Double(model.alarms.rawValue))
        page.one(
            "up_seconds", "gauge", "Since the start of the daemon.",
            Double(MonotonicClock.now - core.started) / 1e9)
        page.one("run", "gauge", "The number of this start.", Double(core.log.run))
        page.one("last_seq", "gauge", "The newest record.", Double(log.last))
        page.one("first_seq", "gauge", "The oldest record.", Double(log.first))
        page.one("cfg_crc", "gauge", "Checksum of the settings in force.", Double(model.config))
        page.one(
            "clock_synchronised", "gauge", "1 if the clock is known to be right.",
            core.isClockSynchronised.load(ordering: .relaxed) ? 1 : 0)
        page.family(
            "consumer_lag", "gauge", "Records behind the newest.",
            core.log.consumers.map { ("consumer=\"\($0.name)\"", Double(log.last - min(log.last, $0.acked))) }
        )
        page.one(
            "errors_internal_total", "counter", "Bugs that showed themselves.",
            Double(core.internalErrors.load(ordering: .relaxed)))
        page.one(
            "memory_rss_bytes", "gauge", "Memory that is resident.", Double(ProcessFigures.residentBytes))
        page.one(
            "memory_rss_warm_bytes", "gauge", "The same ten minutes after the start; 0 before.",
            Double(core.warmResidentBytes.load(ordering: .relaxed)))
        page.one("open_fds", "gauge", "Open descriptors.", Double(ProcessFigures.descriptorCount))
    }

    private func thresholds(_ page: inout Page) {
        func family(_ name: String, _ help: String, _ value: (ActiveInspection) -> Double?) {
            page.family(
                name, "gauge", help,
                inspections.compactMap { inspection in
                    value(inspection).map { ("inspect=\"\(inspection.settings.name)\"", $0) }
                })
        }
        family("threshold_raw", "The limit in the model's own units.") {
            $0.threshold.map { Double($0.limit) }
        }
        family("calibration_level", "0 none, 1 provisional, 2 calibrated.") {
            Double($0.threshold?.level.rawValue ?? 0)
        }
        family("calibration_parts", "Good parts that are known.") { Double($0.goodParts.sample.count) }
        family("false_reject_bound_ppm", "Upper bound of the false-reject rate; calibrated only.") {
            inspection in
            guard inspection.threshold?.level == .calibrated else { return nil }
            return inspection.calibration?.boundPPM.map(Double.init)
        }
    }
}

/// A page under way.
private struct Page {
    var text = ""

    mutating func one(_ name: String, _ type: String, _ help: String, _ value: Double) {
        family(name, type, help, [("", value)])
    }

    mutating func family(
        _ name: String, _ type: String, _ help: String, _ values: [(labels: String, value: Double)]
    ) {
        guard !values.isEmpty else { return }
        text += "# HELP linewatch_\(name) \(help)\n# TYPE linewatch_\(name) \(type)\n"
        for (labels, value) in values {
            text += "linewatch_\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(Self.number(value))\n"
        }
    }

    mutating func histogram(_ name: String, _ help: String, _ histogram: LatencyHistogram) {
        text += "# HELP linewatch_\(name) \(help)\n# TYPE linewatch_\(name) histogram\n"
        var bound = 0.0005
        while bound <= 4.1 {
            text += "linewatch_\(name)_bucket{le=\"\(bound)\"} \(histogram.count(upTo: bound * 1e6))\n"
            bound *= 2
        }
        let count = histogram.count
        text += "linewatch_\(name)_bucket{le=\"+Inf\"} \(count)\n"
        text +=
            "linewatch_\(name)_sum \(Double(histogram.sumMicroseconds) / 1e6)\nlinewatch_\(name)_count \(count)\n"
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }
}
