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
    /// Results of several publishers through `GroupCommit`, each waiting for its own.
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
        let publisher = GroupCommit(log)
        let end = MonotonicClock.now + span
        let failure = Mutex<EventLogError?>(nil)
        let done = DispatchGroup()
        let first = log.status.last
        let start = MonotonicClock.now
        @Sendable func publishNext() {
            publisher.publish([Self.result(log.takeJob())]) { outcome in
                if case .failure(let error) = outcome { failure.withLock { $0 = error } }
                if case .success = outcome, MonotonicClock.now < end { publishNext() } else { done.leave() }
            }
        }
        for _ in 0..<publishers {
            done.enter()
            publishNext()
        }
        done.wait()
        if let error = failure.withLock({ $0 }) { throw error }
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
