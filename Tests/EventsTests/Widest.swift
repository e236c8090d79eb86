import Events

/// Values with every field at its widest.
enum Widest {
    static let id = UInt32(Int32.max)

    static let result: Record = {
        var result = InspectionResult(job: .max, camera: 32, verdict: .ng, reason: .newCluster)
        (result.partNumber, result.score, result.cluster) = (.max, .max, .max)
        result.flags = RecordFlags(rawValue: .max)
        result.box = Box(x: .max, y: .max, width: .max, height: .max)
        (result.encoder, result.latencyMicroseconds, result.timeMilliseconds) = (.min, .max, .max)
        return Record(seq: LineLimit.seq, run: .max, body: .result(result))
    }()

    /// `result` with every list full and every text as bad as it can be.
    static let fullResult: Record = {
        guard case .result(var result) = Self.result.body else { return Self.result }
        result.part = String(repeating: "\u{1}", count: 48)
        (result.rawScore, result.rawThreshold) = (-.greatestFiniteMagnitude, .leastNonzeroMagnitude)
        (result.lines, result.validLines, result.driverSequence) = (.max, .max, .max)
        (result.millimetres, result.pixelsPerMillimetre) = (-.greatestFiniteMagnitude, 0.001)
        result.exposureMicroseconds = .max
        (result.monotonicNanoseconds, result.recipe, result.calibration) = (.min, .max, .min)
        result.model = .max
        result.stageMicroseconds = Array(repeating: .max, count: 5)
        var finding = Finding()
        finding.box = result.box
        (finding.score, finding.cluster, finding.area) = (.max, .max, .max)
        result.findings = Array(repeating: finding, count: 40)
        result.regions = Array(repeating: RegionVerdict(), count: 40)
        result.late = .init(score: .max, latencyMicroseconds: .max)
        (result.image, result.map) = (.max, .max)
        result.mark = .init(verdict: .invalid, box: result.box, absorb: true)
        return Record(
            seq: LineLimit.seq, run: .max, boot: String(repeating: "f", count: 36), body: .result(result))
    }()

    static let event: Record = {
        var event = Event(.calibrationWeak, severity: .critical, camera: 32, a: .min, b: .min)
        event.flags = RecordFlags(rawValue: .max)
        event.timeMilliseconds = .max
        event.detail = String(repeating: "\u{1}\"é", count: 5_000)
        return Record(seq: LineLimit.seq, run: .max, body: .event(event))
    }()

    static let gap = Record(
        seq: LineLimit.seq, run: .max,
        body: .gap(Gap(from: LineLimit.seq, why: .logRecreated, timeMilliseconds: .max)))

    static let status: StationStatus = {
        var status = StationStatus()
        (status.state, status.isReady, status.error) = (.initialized, true, .min)
        (status.alarms, status.recipe, status.isArmed) = (Alarms(rawValue: .max), .max, true)
        (status.camerasPresent, status.queued, status.free) = (.max, .max, .max)
        (status.missed, status.config, status.timeMilliseconds) = (.max, .max, .max)
        return status
    }()

    static let statistics: StationStatistics = {
        var statistics = StationStatistics()
        (statistics.run, statistics.uptime, statistics.triggers) = (.max, .max, .max)
        (statistics.ok, statistics.ng, statistics.unsure, statistics.invalid) = (.max, .max, .max, .max)
        (statistics.missed, statistics.lost, statistics.deadlines) = (.max, .max, .max)
        (statistics.p50, statistics.p99) = (.max, .max)
        return statistics
    }()

    static let greeting: Greeting = {
        var greeting = Greeting()
        greeting.server = String(repeating: "\"", count: 40)
        greeting.station = String(repeating: "é", count: 40)
        (greeting.log, greeting.run, greeting.config, greeting.state) = (.max, .max, .max, 6)
        (greeting.first, greeting.last, greeting.heartbeat) = (LineLimit.seq, LineLimit.seq, 10_000)
        return greeting
    }()

    static func keys(of record: Record) -> String {
        switch record.body {
        case .result: "t seq job pn v rs fl sc cl cam x y w h en us ts bk"
        case .event: "t seq code sev cam a b fl ts bk"
        case .gap: "t seq from to why ts"
        }
    }

    /// The protocol's own figure for the longest line, newline included.
    static func limit(of record: Record) -> Int {
        switch record.body {
        case .result: 229
        case .event: 137
        case .gap: 108
        }
    }
}
