import Dispatch
package import Events
import GRDB
import Platform
import Synchronization

package import struct Events.Record

/// The speed of the event log on one folder's disk, beside that of SQLite alone.
public struct StoreSpeed: Hashable, Sendable {
    /// One row per transaction, WAL, synchronous FULL, nothing else in the database.
    public var rawInsertsPerSecond = 0.0
    /// One result per commit, each waiting for the one before.
    public var singleResultsPerSecond = 0.0
    /// Nanoseconds of those commits.
    public var commitP50 = 0
    public var commitP99 = 0
    /// Results of several workers through the `Publisher`, each waiting for its own.
    public var groupedResultsPerSecond = 0.0
    /// Records read back, decoded, in pages of 256.
    public var readRecordsPerSecond = 0.0

    /// Measures in `folder`, which must be empty and is left with the files, about `seconds` for each figure.
    ///
    /// `publishers` results are on their way at any moment of the grouped measurement. Blocks.
    public init(folder: String, seconds: Double, publishers: Int) throws(EventLogError) {
        let span = Int(seconds * 1e9)
        try measureRaw(folder + "/raw", span)
        let log = try EventLog.open(folder: folder + "/log", settings: StoreSettings())
        try measureSingle(log, span)
        try measureGrouped(log, span, publishers)
        try measureReading(log)
        try log.stop()
    }

    private mutating func measureRaw(_ folder: String, _ span: Int) throws(EventLogError) {
        rawInsertsPerSecond = try translating(folder) {
            try createFolder(folder)
            var configuration = Configuration()
            configuration.journalMode = .wal
            let queue = try DatabaseQueue(path: folder + "/raw.db", configuration: configuration)
            return try queue.writeWithoutTransaction { db in
                try db.execute(
                    sql: "PRAGMA synchronous = FULL; CREATE TABLE t(seq INTEGER PRIMARY KEY, s TEXT)")
                let insert = try db.makeStatement(sql: "INSERT INTO t(s) VALUES (?)")
                let text = String(repeating: "x", count: 100)
                return try Self.rate(span) { try insert.execute(arguments: [text]) }
            }
        }
    }

    private mutating func measureSingle(_ log: EventLog, _ span: Int) throws(EventLogError) {
        var times: [Int] = []
        singleResultsPerSecond = try translating(log.path) {
            try Self.rate(span) {
                let start = MonotonicClock.now
                try log.commit([Self.result(log.takeJob())])
                times.append(MonotonicClock.now - start)
                try log.maintain()
            }
        }
        times.sort()
        commitP50 = times[times.count / 2]
        commitP99 = times[times.count * 99 / 100]
    }

    private mutating func measureGrouped(_ log: EventLog, _ span: Int, _ publishers: Int)
        throws(EventLogError)
    {
        let end = MonotonicClock.now + span
        let first = log.status.last
        let start = MonotonicClock.now
        let done = DispatchSemaphore(value: 0)
        let handover = Mutex<Publisher?>(nil)
        let known = Mutex(first)
        // As many as became durable are handed over again, so that always the same number is on its way.
        let publisher = try translating(log.path) {
            try Publisher(log: log, rings: []) { last in
                let count = known.withLock { known in
                    defer { known = last }
                    return last - known
                }
                guard count > 0, let publisher = handover.withLock({ $0 }) else { return }
                guard MonotonicClock.now < end else {
                    _ = done.signal()
                    return
                }
                for _ in 0..<count { publisher.publish(Self.result(log.takeJob())) }
            }
        }
        handover.withLock { $0 = publisher }
        for _ in 0..<publishers { publisher.publish(Self.result(log.takeJob())) }
        _ = done.wait(timeout: .now() + .nanoseconds(2 * span + 10_000_000_000))
        handover.withLock { $0 = nil }
        publisher.finish()
        if let failure = publisher.health.failure {
            throw .storage(path: log.path, message: failure)
        }
        groupedResultsPerSecond = Double(log.status.last - first) * 1e9 / Double(MonotonicClock.now - start)
    }

    private mutating func measureReading(_ log: EventLog) throws(EventLogError) {
        let start = MonotonicClock.now
        var cursor: UInt64 = 0
        while cursor < log.status.last { cursor = try log.reader.page(after: cursor, limit: 256).cursor }
        readRecordsPerSecond = Double(cursor) * 1e9 / Double(MonotonicClock.now - start)
    }

    /// How often per second `body` runs.
    private static func rate(_ span: Int, _ body: () throws -> Void) rethrows -> Double {
        let start = MonotonicClock.now
        var count = 0
        while MonotonicClock.now - start < span {
            try body()
            count += 1
        }
        return Double(count) * 1e9 / Double(MonotonicClock.now - start)
    }

    /// An NG result with two boxes, one region and five stages, as a line makes them.
    package static func result(_ job: UInt32) -> Record.Body {
        var result = InspectionResult(job: job, camera: 1, verdict: .ng, reason: .anomaly)
        (result.score, result.partNumber, result.part) = (13_250, job, "part \(job)")
        (result.rawScore, result.rawThreshold) = (0.53, 0.4)
        (result.model, result.recipe) = (0x1234_5678_9ABC, 1)
        result.stageMicroseconds = [900, 400, 20_000, 9000, 0]
        result.findings = [Finding(), Finding()]
        result.regions = [RegionVerdict()]
        result.timeMilliseconds = Surroundings.machine.milliseconds()
        result.monotonicNanoseconds = Surroundings.machine.nanoseconds()
        return .result(result)
    }
}
