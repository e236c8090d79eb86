/// What a daemon says of itself at one moment, as far as this user may ask.
package struct StationReport: Hashable, Encodable, Sendable {
    package var schema = "linewatch.status/1"
    package var station = ""
    /// Product and version.
    package var server = ""
    package var log = ""
    package var run = 0
    /// Seconds since the start.
    package var up = 0
    package var state = 0
    package var stateName = ""
    package var isReady = false
    /// The last error number that led to the state error; 0 none.
    package var error = 0
    package var alarms: [AlarmRow] = []
    package var recipe = 0
    package var isArmed = false
    package var queued = 0
    package var free = 0
    /// Checksum of the settings.
    package var config = 0
    /// UTC milliseconds.
    package var time: Int64 = 0
    package var first: UInt64 = 0
    package var last: UInt64 = 0
    package var counters = Counters()
    /// Of the newest results; nil where there are too few.
    package var resultsPerMinute: Double?
    /// nil where they could not be asked for.
    package var cameras: [CameraRow]?
    package var inspections: [InspectionRow]?
    package var store: StoreRow?
    /// Kinds of defects, the one seen last first.
    package var types: [TypeRow]?
    package var consumers: [ConsumerRow]?
    package var memory: MemoryRow?
    /// What could not be asked for, and why.
    package var unknown: [String] = []

    package init() {}

    /// Results of this run, and how long they took.
    package struct Counters: Hashable, Encodable, Sendable {
        package var triggers = 0
        package var ok = 0
        package var ng = 0
        package var unsure = 0
        package var invalid = 0
        package var missed = 0
        package var framesLost = 0
        package var deadlinesMissed = 0
        package var p50Us = 0
        package var p99Us = 0

        package init() {}

        package var results: Int { ok + ng + unsure + invalid }
    }

    package struct CameraRow: Hashable, Encodable, Sendable {
        package var id = 0
        package var name = ""
        package var source = ""
        package var kind = ""
        package var trigger = ""
        package var isArmed = false
        package var state = ""
        package var reason = ""
        /// UTC milliseconds.
        package var since: Int64 = 0
        package var device = ""
        package var format = ""
        package var width = 0
        package var height = 0
        package var fps = 0.0
        package var frames = 0
        package var lost = 0
        package var refused = 0

        package init() {}
    }

    package struct InspectionRow: Hashable, Encodable, Sendable {
        package var inspect = ""
        package var model = ""
        package var previous = ""
        package var shadow = ""
        package var probationParts = 0
        package var probationSeconds = 0
        /// `none`, `provisional` or `calibrated`.
        package var level = ""
        package var mode = ""
        package var calibration = 0
        package var limit: Double?
        package var median: Double?
        package var parts = 0
        package var missing = 0
        package var askedPpm: Double?
        /// Only of level calibrated.
        package var ppm: Double?
        package var boundPpm: Double?
        package var confidence: Double?

        package init() {}
    }

    package struct StoreRow: Hashable, Encodable, Sendable {
        package var records = 0
        package var bytes = 0
        package var imagesBytes = 0
        package var freeBytes = 0
        package var fsyncP50Us = 0
        package var fsyncP99Us = 0
        package var pending = 0
        package var lost = 0
        package var condition = ""

        package init() {}
    }

    /// Resident bytes of the daemon: now, and ten minutes after its start; 0 before.
    package struct MemoryRow: Hashable, Encodable, Sendable {
        package var bytes = 0
        package var warmBytes = 0

        package init() {}
    }

    package struct ConsumerRow: Hashable, Encodable, Sendable {
        package var name = ""
        package var uid = 0
        package var acked: UInt64 = 0
        package var lag: UInt64 = 0

        package init() {}
    }
}

extension StationReport.InspectionRow {
    /// The model by its first digits; "" where there is none.
    package var shortModel: String { String(model.prefix(12)) }

    /// What the level means, without a rate where none is supported (OPERATIONS O19).
    package var statement: String {
        switch level {
        case "none": return "untaught: nothing is OK until good parts are known"
        case "provisional" where mode == "fixed": return "provisional: fixed limit, no rate"
        case "provisional":
            let known = "provisional, no rate: \(count(parts, "good part"))"
            return missing > 0 ? known + ", \(grouped(missing)) more for the rate asked for" : known
        case "calibrated":
            guard let rate = boundPpm ?? ppm else { return "calibrated from \(count(parts, "good part"))" }
            let sure = confidence.map { ", \(decimals($0 * 100, 0)) % sure" } ?? ""
            return
                "at most \(readable(ppm: rate)) of good parts not accepted\(sure), from \(count(parts, "part"))"
        default: return level
        }
    }
}

/// One result of the log, for a list.
package struct ResultRow: Hashable, Sendable {
    package var seq: UInt64 = 0
    package var job = 0
    package var partNumber = 0
    package var part = ""
    /// 1 OK, 2 NG, 3 UNSURE, 4 INVALID.
    package var verdict = 0
    package var reason = 0
    package var reasonName = ""
    /// The kind of its defect: 0 none, 65,535 a new one.
    package var cluster = 0
    /// What that is called; empty: not known, or none.
    package var kind = ""
    package var camera = 0
    /// 10,000 is the limit.
    package var score = 0
    package var x = 0
    package var y = 0
    package var width = 0
    package var height = 0
    package var latencyMicroseconds = 0
    /// UTC milliseconds.
    package var time: Int64 = 0

    package init() {}

    package var verdictName: String { [1: "OK", 2: "NG", 3: "UNSURE", 4: "INVALID"][verdict] ?? "?" }

    /// The score as a multiple of the limit: "1.33".
    package var ratio: String { decimals(Double(score) / 10_000, 2) }
}
