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
    let core: StationCore
    let inspections: [ActiveInspection]
    let figures: Figures

    /// What only the control of the inspections knows.
    struct Figures {
        var imageBytes = 0
        /// By inspection.
        var driftProbabilities: [String: Double] = [:]
        var disagreements: [String: Int] = [:]
    }

    init(_ core: StationCore, inspections: [ActiveInspection], _ figures: Figures) {
        (self.core, self.inspections, self.figures) = (core, inspections, figures)
    }

    var text: String {
        var page = ExpositionPage()
        results(&page)
        cameras(&page)
        station(&page)
        clients(&page)
        models(&page)
        thresholds(&page)
        page.histograms(
            "latency_seconds", "From trigger to ready for publishing.", [("", core.tally.latency)])
        page.histograms(
            "stage_seconds", "What the stages of a judged frame take.",
            zip(ResultTally.stages, core.tally.stageTimes).map { ("stage=\"\($0)\"", $1) })
        page.histograms(
            "commit_seconds", "A transaction of the log, until it is durable.",
            [("", core.publisher.commits)])
        if let lateness = core.heartbeatLateness.withLock({ $0 }) {
            page.histograms(
                "heartbeat_jitter_seconds", "How late heartbeats were.", [("", lateness)])
        }
        return page.text
    }

    private func results(_ page: inout ExpositionPage) {
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
        page.one(
            "late_results_total", "counter", "Scores that came after their verdict had been forced.",
            Double(core.lateScores.load(ordering: .relaxed)))
        page.one(
            "lines_invalid_total", "counter", "Lines of strips that were not real.",
            Double(counts.invalidLines))
        page.one(
            "camera_lost_total", "counter", "Times that a camera went away.",
            Double(counts.events[.cameraLost] ?? 0))
        page.one(
            "camera_reconnects_total", "counter", "Times that one came back.",
            Double(counts.events[.cameraBack] ?? 0))
        page.one("commits_total", "counter", "Transactions of the log.", Double(core.publisher.commits.count))
        page.one("pending_jobs", "gauge", "Triggers without a result.", Double(core.pendingCount))
    }

    private func cameras(_ page: inout ExpositionPage) {
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

    private func station(_ page: inout ExpositionPage) {
        let model = core.state, log = core.log.status
        page.one(
            "state", "gauge", "The state of LWP/1, 8.1.",
            Double(model.state(isArmed: core.isArmed, hasPending: core.pendingCount > 0).rawValue))
        page.one("ready", "gauge", "1 if parts are judged.", model.isRunning ? 1 : 0)
        page.one("alarm_bits", "gauge", "The alarm bits of LWP/1, 8.3.", Double(model.alarms.rawValue))
        page.one(
            "up_seconds", "gauge", "Since the start of the daemon.",
            Double(MonotonicClock.now - core.started) / 1e9)
        page.family(
            "build_info", "gauge", "1 for the version that runs.", [("version=\"\(ProductVersion.text)\"", 1)]
        )
        page.one(
            "unclean_stops_total", "counter", "Stops of this log that were not in order.",
            Double(log.uncleanStops))
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
        page.one(
            "store_bytes", "gauge", "Size of the database.",
            Double(ProcessFigures.size(of: core.log.folder + "/events.db")))
        page.one("images_bytes", "gauge", "Size of the stored pictures.", Double(figures.imageBytes))
        page.one(
            "images_written_total", "counter", "Pictures that were stored.",
            Double(core.picturesWritten.load(ordering: .relaxed)))
        page.one(
            "disk_free_bytes", "gauge", "What may still be written beside the database.",
            Double(ProcessFigures.freeBytes(core.log.folder)))
        page.one(
            "watchdog_pings_total", "counter", "Times that systemd was told of progress.",
            Double(core.watchdogPings.load(ordering: .relaxed)))
        page.one("open_fds", "gauge", "Open descriptors.", Double(ProcessFigures.descriptorCount))
    }
}
