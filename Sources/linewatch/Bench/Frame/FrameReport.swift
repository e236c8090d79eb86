internal import Imaging
internal import Sockets

/// What `linewatch bench frame` found. Keys are only ever added; times are milliseconds.
struct FrameReport: Encodable {
    let schema = "linewatch.bench.frame/1"
    let frames, cameras, threads, width, height, tile: Int
    let fps: Double
    let isTaught: Bool
    var seconds = 0.0
    var framesPerSecond: Double { seconds > 0 ? Double(frames * cameras) / seconds : 0 }
    /// By verdict: 1 OK, 2 NG, 3 UNSURE, 4 INVALID.
    private(set) var verdicts: [Int] = [0, 0, 0, 0]

    /// A quantity of every frame.
    struct Times: Encodable {
        var p50 = 0.0, p99 = 0.0, least = 0.0, most = 0.0

        init() {}

        /// Of `values` in nanoseconds.
        init(nanoseconds values: [Int]) {
            let sorted = values.sorted()
            guard let first = sorted.first, let last = sorted.last else { return }
            func at(_ share: Int) -> Double {
                Double(sorted[min(sorted.count * share / 100, sorted.count - 1)]) / 1e6
            }
            (p50, p99, least, most) = (at(50), at(99), Double(first) / 1e6, Double(last) / 1e6)
        }

        enum CodingKeys: String, CodingKey {
            case p50, p99
            case least = "min"
            case most = "max"
        }
    }

    private var resultTimes: [Int] = [], verdictTimes: [Int] = [], inferenceTimes: [Int] = []
    private var restTimes: [Int] = [], besideTimes: [Int] = []
    /// From exposure to the line on the socket, which follows the commit.
    var result: Times { Times(nanoseconds: resultTimes) }
    /// From exposure to the verdict, before the commit.
    var verdict: Times { Times(nanoseconds: verdictTimes) }
    /// Preparing, network and scoring of the same frames, in the daemon.
    var inference: Times { Times(nanoseconds: inferenceTimes) }
    /// All but inference, frame by frame.
    var rest: Times { Times(nanoseconds: restTimes) }
    /// From exposure to the line on the socket, while a product is taught in full; nil where that was not asked for.
    var besideTeaching: Times? { besideTimes.isEmpty ? nil : Times(nanoseconds: besideTimes) }
    private(set) var inferenceAlone = Times()
    /// The trunk, and what name and head add, the difference of medians and of least times of runs in turns; nil for an untaught product.
    private(set) var trunk: Times?
    private(set) var nameAndHead: (p50: Double, least: Double)?
    private(set) var allocationsPerFrame = 0.0
    /// A commit, as the daemon's store counts it.
    private(set) var commitP50 = 0.0, commitP99 = 0.0
    /// Of the daemon, when the first frame came that counts, and when the last had its result.
    private(set) var rssStart = 0, rssEnd = 0
    /// After each tenth of the frames.
    private(set) var rssOnTheWay: [Int] = []
    private(set) var minorFaultsPerFrame = 0.0

    init(_ line: BenchLine, frames: Int, isTaught: Bool) {
        (self.frames, self.isTaught) = (frames, isTaught)
        (cameras, threads, tile, fps) = (line.cameraCount, line.threads, line.tile, line.framesPerSecond)
        (width, height) = (line.size.width, line.size.height)
        for list in [\FrameReport.resultTimes, \.verdictTimes, \.inferenceTimes, \.restTimes] {
            self[keyPath: list].reserveCapacity(frames * cameras)
        }
    }

    /// Notes a result of profile full that `arrived` at that time of the monotonic clock.
    mutating func note(_ line: ServerLine, arrived: Int) {
        if let verdict = line.number("v"), 1...4 ~= verdict { verdicts[Int(verdict) - 1] += 1 }
        guard let exposed = line.number("mono_ns"), let us = line.number("us"),
            let stages = line["stage_us"]?.elements?.compactMap(\.integer), stages.count >= 4
        else { return }
        let inference = Int(stages[1] + stages[2] + stages[3]) * 1_000
        resultTimes.append(arrived - Int(exposed))
        verdictTimes.append(Int(us) * 1_000)
        inferenceTimes.append(inference)
        restTimes.append(arrived - Int(exposed) - inference)
    }

    /// Notes a result that came while a product was taught.
    mutating func noteBesideTeaching(_ line: ServerLine, arrived: Int) {
        if let exposed = line.number("mono_ns") { besideTimes.append(arrived - Int(exposed)) }
    }

    mutating func note(_ before: ProcessFigures, _ after: ProcessFigures) {
        (rssStart, rssEnd) = (before.residentBytes, after.residentBytes)
        minorFaultsPerFrame = Double(after.minorFaults - before.minorFaults) / Double(frames * cameras)
    }

    /// Notes what is resident on the way, after each tenth of the frames.
    mutating func noteMemory(_ figures: ProcessFigures) { rssOnTheWay.append(figures.residentBytes) }

    mutating func noteCommits(_ store: ServerLine) {
        commitP50 = (store.double("fsync_p50_us") ?? 0) / 1_000
        commitP99 = (store.double("fsync_p99_us") ?? 0) / 1_000
    }

    mutating func noteAlone(_ times: [Int], allocations: Int) {
        inferenceAlone = Times(nanoseconds: times)
        allocationsPerFrame = Double(allocations) / Double(max(1, times.count))
    }

    /// Notes runs in turns of the trunk, of all that is taught, and of that without name and head.
    mutating func noteParts(trunk runs: [Int], whole: [Int], plain: [Int]) {
        trunk = Times(nanoseconds: runs)
        let (with, without) = (Times(nanoseconds: whole), Times(nanoseconds: plain))
        nameAndHead = (p50: with.p50 - without.p50, least: with.least - without.least)
    }

    enum CodingKeys: String, CodingKey {
        case schema, frames, cameras, threads, width, height, tile, fps, taught, seconds, verdicts,
            result,
            verdict
        case inference, rest, trunk
        case framesPerSecond = "frames_per_s"
        case inferenceAlone = "inference_alone"
        case headP50 = "name_and_head_p50"
        case headLeast = "name_and_head_min"
        case besideTeaching = "beside_teaching"
        case allocationsPerFrame = "allocations_per_frame"
        case commitP50 = "commit_p50"
        case commitP99 = "commit_p99"
        case rssStart = "rss_start"
        case rssEnd = "rss_end"
        case rssOnTheWay = "rss_on_the_way"
        case minorFaultsPerFrame = "minor_faults_per_frame"
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(schema, forKey: .schema)
        for (key, value) in [
            (CodingKeys.frames, frames), (.cameras, cameras), (.threads, threads), (.width, width),
            (.height, height), (.tile, tile), (.rssStart, rssStart), (.rssEnd, rssEnd),
        ] { try values.encode(value, forKey: key) }
        for (key, value) in [
            (CodingKeys.fps, fps), (.seconds, seconds), (.framesPerSecond, framesPerSecond),
            (.allocationsPerFrame, allocationsPerFrame), (.commitP50, commitP50), (.commitP99, commitP99),
            (.minorFaultsPerFrame, minorFaultsPerFrame),
        ] { try values.encode(value, forKey: key) }
        for (key, value) in [
            (CodingKeys.result, result), (.verdict, verdict), (.inference, inference), (.rest, rest),
            (.inferenceAlone, inferenceAlone),
        ] { try values.encode(value, forKey: key) }
        try values.encodeIfPresent(besideTeaching, forKey: .besideTeaching)
        try values.encodeIfPresent(trunk, forKey: .trunk)
        try values.encodeIfPresent(nameAndHead?.p50, forKey: .headP50)
        try values.encodeIfPresent(nameAndHead?.least, forKey: .headLeast)
        try values.encode(isTaught, forKey: .taught)
        try values.encode(verdicts, forKey: .verdicts)
        try values.encode(rssOnTheWay, forKey: .rssOnTheWay)
    }

    var text: String {
        func row(_ name: String, _ times: Times) -> [String] {
            [name] + [times.p50, times.p99, times.least, times.most].map { decimals($0, 2) }
        }
        let rows =
            [
                ["milliseconds of a frame", "p50", "p99", "min", "max"],
                row("exposure to committed result at a client", result),
            ] + (besideTeaching.map { [row("the same, beside 'teach'", $0)] } ?? []) + [
                row("exposure to verdict", verdict),
                row("inference in the daemon", inference), row("all but inference", rest),
                row("inference alone, without a daemon", inferenceAlone),
            ]
        let megabytes = [rssStart, rssEnd].map { decimals(Double($0) / 1e6, 1) }
        let tenths = rssOnTheWay.map { decimals(Double($0) / 1e6, 1) }.joined(separator: " ")
        let lines = [
            "\(count(cameras, "camera")) \(width)x\(height), "
                + (fps > 0 ? "\(decimals(fps, 1)) frames/s each" : "as fast as inspected")
                + ", \(count(threads, "thread")): \(grouped(frames * cameras)) frames in "
                + "\(decimals(seconds, 1)) s, \(decimals(framesPerSecond, 1)) a second",
            "verdicts: \(verdicts[0]) OK, \(verdicts[1]) NG, \(verdicts[2]) UNSURE, \(verdicts[3]) INVALID",
            table(rows), partLine,
            "commit: p50 \(decimals(commitP50, 2)) ms, p99 \(decimals(commitP99, 2)) ms",
            "allocations of capture and inspection: \(decimals(allocationsPerFrame, 3)) a frame; "
                + "daemon: \(decimals(minorFaultsPerFrame, 2)) minor faults a frame",
            "daemon in memory: \(megabytes[0]) MB at the first frame, \(megabytes[1]) MB at the last; "
                + "after each tenth \(tenths)",
        ]
        return lines.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// The trunk, and name and head; empty where they were not timed.
    private var partLine: String {
        guard let trunk, let head = nameAndHead else { return "" }
        func pair(_ p50: Double, _ least: Double) -> String {
            "p50 \(decimals(p50, 2)) ms, min \(decimals(least, 2))"
        }
        return
            "of it the trunk: \(pair(trunk.p50, trunk.least)); name and head: \(pair(head.p50, head.least))"
    }
}
