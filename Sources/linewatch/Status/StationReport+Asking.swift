import Events
import Sockets

// How a report is put together from a daemon's answers. What this user may not ask for, or what the daemon does
// not have, is left out and named; only a daemon that cannot be asked at all is an error.

extension StationReport {
    /// Asks `client` for everything. Blocks.
    init(asking client: StationClient) throws(CommandFailure) {
        self.init()
        try update(asking: client)
        try updateSlowParts(asking: client)
    }

    /// State, counters and cameras: what changes from second to second.
    mutating func update(asking client: StationClient) throws(CommandFailure) {
        unknown = unknown.filter { !$0.hasPrefix("cameras") }
        take(greeting: client.greeting)
        take(state: try client.ask(.state))
        take(statistics: try client.ask(.stats))
        first = client.introduction.number("first").flatMap(UInt64.init(exactly:)) ?? first
        cameras = try optional("cameras", { () throws(CommandFailure) in try client.ask(.cameraList) })?
            .rows("cameras").map(CameraRow.init)
    }

    /// Inspections, store and consumers: what changes rarely.
    mutating func updateSlowParts(asking client: StationClient) throws(CommandFailure) {
        unknown = unknown.filter { $0.hasPrefix("cameras") }
        let models = try optional("inspections") { () throws(CommandFailure) in try client.ask(.modelList) }
        if let models {
            inspections = models.rows("inspections").map(InspectionRow.init)
            for index in inspections?.indices ?? 0..<0 {
                let name = inspections?[index].inspect ?? ""
                let shown = try optional("the threshold of '\(name)'") { () throws(CommandFailure) in
                    try client.ask(.thresholdShow, [JSONMember("inspect", .text(name))])
                }
                if let shown { inspections?[index].take(threshold: shown) }
            }
        }
        store = try optional("store") { () throws(CommandFailure) in try client.ask(.storeStat) }
            .map(StoreRow.init)
        types = try optional("kinds of defects") { () throws(CommandFailure) in try client.ask(.typeList) }
            .map { TypeListing($0).types }
        consumers = try optional("consumers") { () throws(CommandFailure) in try client.ask(.consumerList) }?
            .rows("consumers").map(ConsumerRow.init)
        memory = try optional("memory") { () throws(CommandFailure) in try client.blob(.metrics) }
            .map { MemoryRow(metrics: String(decoding: $0, as: UTF8.self)) }
    }

    /// The answer of `ask`; nil, with a note, where the daemon refuses. A lost connection is thrown.
    private mutating func optional<Answer>(
        _ what: String, _ ask: () throws(CommandFailure) -> Answer
    ) throws(CommandFailure) -> Answer? {
        do {
            return try ask()
        } catch {
            guard error.exit != .unreachable else { throw error }
            unknown.append(error.exit == .forbidden ? "\(what): only for admins" : "\(what): \(error)")
            return nil
        }
    }

    private mutating func take(greeting: ServerLine) {
        station = greeting["station"]?.text ?? station
        server = greeting["srv"]?.text ?? server
        log = greeting["log"]?.text ?? log
        run = greeting.integer("run")
    }

    private mutating func take(state line: ServerLine) {
        state = line.integer("st")
        stateName = StateWords.describe(state).word
        isReady = line.integer("rdy") == 1
        error = line.integer("err")
        alarms = AlarmRow.all(in: UInt32(truncatingIfNeeded: line.integer("al")))
        recipe = line.integer("rcp")
        isArmed = line.integer("armed") == 1
        (queued, free) = (line.integer("q"), line.integer("free"))
        config = line.integer("cfg")
        time = line.number("ts") ?? 0
        last = line.number("last").flatMap(UInt64.init(exactly:)) ?? 0
    }

    private mutating func take(statistics line: ServerLine) {
        run = line.integer("run")
        up = line.integer("up")
        counters.triggers = line.integer("tr")
        (counters.ok, counters.ng) = (line.integer("ok"), line.integer("ng"))
        (counters.unsure, counters.invalid) = (line.integer("un"), line.integer("iv"))
        (counters.missed, counters.framesLost) = (line.integer("ms"), line.integer("lost"))
        counters.deadlinesMissed = line.integer("dl")
        (counters.p50Us, counters.p99Us) = (line.integer("p50"), line.integer("p99"))
    }

    /// Calls the kinds of the defects in `results` what they are called now.
    func name(_ results: [ResultRow]) -> [ResultRow] {
        let names = Dictionary((types ?? []).map { ($0.type, $0.name) }) { first, _ in first }
        return results.map { result in
            var named = result
            named.kind =
                result.cluster == 0
                ? ""
                : result.cluster == 65_535 ? "new kind" : names[result.cluster] ?? "type \(result.cluster)"
            return named
        }
    }

    /// The rate of `results`, oldest first: those of the last minute before the daemon's own time.
    mutating func takeRate(of results: [ResultRow]) {
        let recent = results.filter { $0.time > time - 60_000 }
        guard let oldest = recent.first, let newest = recent.last, recent.count > 1, newest.time > oldest.time
        else {
            resultsPerMinute = results.isEmpty || time == 0 ? nil : Double(recent.count)
            return
        }
        // Where the list reaches back less than a minute it is full, and its own span counts.
        let span = recent.count == results.count ? time - oldest.time : 60_000
        resultsPerMinute = Double(recent.count) * 60_000 / Double(max(span, 1))
    }
}

extension StationReport.CameraRow {
    init(_ value: Sockets.JSONValue) {
        self.init()
        id = value.int("id")
        (name, source, kind) = (value.string("name"), value.string("source"), value.string("kind"))
        (trigger, state, reason) = (value.string("trigger"), value.string("state"), value.string("reason"))
        isArmed = value.int("armed") == 1
        since = value["since_ms"]?.integer ?? 0
        (device, format) = (value.string("device"), value.string("format"))
        (width, height) = (value.int("width"), value.int("height"))
        fps = value["fps"]?.double ?? 0
        (frames, lost, refused) = (value.int("frames"), value.int("lost"), value.int("refused"))
    }
}

extension StationReport.InspectionRow {
    init(_ value: Sockets.JSONValue) {
        self.init()
        inspect = value.string("inspect")
        (model, previous, shadow) = (value.string("model"), value.string("previous"), value.string("shadow"))
        (probationParts, probationSeconds) = (value.int("probation_parts"), value.int("probation_s"))
        level = value.string("level")
    }

    /// What `threshold.show` says of the same inspection.
    init(threshold line: ServerLine) {
        self.init()
        inspect = line["inspect"]?.text ?? ""
        model = line["model"]?.text ?? ""
        take(threshold: line)
    }

    mutating func take(threshold line: ServerLine) {
        level = line["level"]?.text ?? level
        mode = line["mode"]?.text ?? ""
        calibration = line.integer("calib")
        // Of level none both are the model's own, or nothing: no part is accepted by them.
        if level != "none" { (limit, median) = (line.double("limit"), line.double("median")) }
        (parts, missing) = (line.integer("parts"), line.integer("missing"))
        askedPpm = line.double("asked_ppm")
        (ppm, boundPpm, confidence) = (
            line.double("ppm"), line.double("bound_ppm"), line.double("confidence")
        )
    }
}

extension StationReport.StoreRow {
    init(_ line: ServerLine) {
        self.init()
        records = line.integer("records")
        (bytes, imagesBytes) = (line.integer("bytes"), line.integer("images_bytes"))
        freeBytes = line.integer("free_bytes")
        (fsyncP50Us, fsyncP99Us) = (line.integer("fsync_p50_us"), line.integer("fsync_p99_us"))
        (pending, lost) = (line.integer("pending"), line.integer("lost"))
        condition = line["condition"]?.text ?? ""
    }
}

extension StationReport.ConsumerRow {
    init(_ value: Sockets.JSONValue) {
        self.init()
        (name, uid) = (value.string("name"), value.int("uid"))
        acked = UInt64(clamping: value["acked"]?.integer ?? 0)
        lag = UInt64(clamping: value["lag"]?.integer ?? 0)
    }
}

extension ResultRow {
    /// nil where `line` is no result.
    init?(_ line: ServerLine) {
        guard line.kind == "r" else { return nil }
        self.init()
        seq = UInt64(clamping: line.number("seq") ?? 0)
        (job, partNumber, part) = (line.integer("job"), line.integer("pn"), line["part"]?.text ?? "")
        (verdict, reason) = (line.integer("v"), line.integer("rs"))
        reasonName = UInt8(exactly: reason).flatMap(Reason.init(rawValue:))?.name.description ?? "\(reason)"
        (camera, score) = (line.integer("cam"), line.integer("sc"))
        cluster = line.integer("cl")
        (x, y, width, height) = (line.integer("x"), line.integer("y"), line.integer("w"), line.integer("h"))
        latencyMicroseconds = line.integer("us")
        time = line.number("ts") ?? 0
    }
}

extension ServerLine {
    /// The integer of `key`, or 0.
    func integer(_ key: String) -> Int { number(key).map(Int.init) ?? 0 }

    /// The objects in the list `key`; none where there is no such list.
    func rows(_ key: String) -> [Sockets.JSONValue] { self[key]?.elements ?? [] }
}

extension Sockets.JSONValue {
    /// The text of `key`, or "".
    func string(_ key: String) -> String { self[key]?.text ?? "" }

    /// The integer of `key`, or 0.
    func int(_ key: String) -> Int { self[key]?.integer.map(Int.init) ?? 0 }
}

extension StationReport.MemoryRow {
    /// What the Prometheus text `metrics` says of it.
    package init(metrics: String) {
        func gauge(_ name: String) -> Int {
            let row = metrics.split(separator: "\n").first { $0.hasPrefix("linewatch_\(name) ") }
            return row?.split(separator: " ").last.flatMap { Double($0) }.map { Int($0) } ?? 0
        }
        (bytes, warmBytes) = (gauge("memory_rss_bytes"), gauge("memory_rss_warm_bytes"))
    }
}
