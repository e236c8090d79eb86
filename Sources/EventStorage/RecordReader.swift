public import Events
import GRDB
import Synchronization

public import struct Events.Record

/// Which kinds of records a reader wants; gaps always come.
public struct RecordKinds: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let results = RecordKinds(rawValue: 1)
    public static let events = RecordKinds(rawValue: 2)
    public static let all: RecordKinds = [.results, .events]
}

/// What one look at the log showed.
public struct RecordPage: Equatable, Sendable {
    /// Ascending. Numbers between two of them, or before the first, that are not covered by a gap belong to
    /// kinds that were not asked for.
    public var records: [Record]
    /// Everything up to this number has been looked at: the cursor for the next page.
    public var cursor: UInt64
    /// The oldest and the newest number held when the page was read. An empty log has `first` = `last` + 1.
    public var first: UInt64
    public var last: UInt64
}

/// Reads the event log by cursor, on connections of its own that never wait for the writer.
///
/// Safe to share between threads. Every call blocks on the medium and sees one state of the log.
public final class RecordReader: Sendable {
    private let database: any DatabaseReader
    private let path: String
    // A run's boot never changes once it has begun.
    private let boots = Mutex<[UInt32: String]>([:])

    init(_ database: any DatabaseReader, path: String) { (self.database, self.path) = (database, path) }

    /// Opens the log in `folder` read-only, beside the daemon that writes it or without one.
    public convenience init(folder: String) throws(EventLogError) {
        let path = folder + "/events.db"
        let database = try translating(path) {
            var configuration = Configuration()
            configuration.readonly = true
            return try DatabasePool(path: path, configuration: configuration)
        }
        self.init(database, path: path)
    }

    /// At most `limit` records with numbers above `after`, ascending, numbers without a record as gaps.
    ///
    /// `after` below the oldest number gives one gap for what retention has deleted, or with `strict` throws
    /// `outOfRange`; beyond the newest it throws `cursorAhead`. A page whose records were all of other kinds
    /// is empty with a cursor that moved.
    ///
    /// What came after a result's commit (late score, pictures, mark) is left out, so that a record reads the same
    /// each time: `record(at:)` has it.
    public func page(
        after: UInt64, limit: Int, kinds: RecordKinds = .all, strict: Bool = false
    ) throws(EventLogError) -> RecordPage {
        try read { db in
            try self.page(after: after, limit: limit, kinds: kinds, strict: strict, db)
        }
    }

    private func page(
        after: UInt64, limit: Int, kinds: RecordKinds, strict: Bool, isComplete: Bool = false, _ db: Database
    ) throws -> RecordPage {
        let span = try LogSpan(db)
        guard after <= span.last else { throw EventLogError.cursorAhead(last: span.last) }
        if strict, after + 1 < span.first { throw EventLogError.outOfRange(first: span.first) }
        var page = RecordPage(records: [], cursor: after, first: span.first, last: span.last)
        let statement = try db.cachedStatement(
            sql: "SELECT \(RecordRow.columns) FROM record WHERE seq > ? ORDER BY seq LIMIT ?")
        let rows = try Row.fetchCursor(
            statement, arguments: [Int64(after), kinds == .all ? limit : limit + 1024])
        var boot = (run: 0 as UInt32, text: "")
        while page.records.count < limit, let row = try rows.next() {
            let decoder = RecordDecoder(row, isComplete: isComplete)
            let run = try decoder.run()
            if run != boot.run { boot = (run, try self.boot(of: run, db)) }
            try page.take(try decoder.record(boot: boot.text), kinds: kinds, limit: limit)
        }
        return page
    }

    /// Reads one state of the log. Blocks on the medium.
    func read<Value>(_ body: (Database) throws -> Value) throws(EventLogError) -> Value {
        try translating(path) { try database.read(body) }
    }

    /// The boot in which `run` was; empty where nobody said. Remembered: it never changes.
    private func boot(of run: UInt32, _ db: Database) throws -> String {
        if let known = boots.withLock({ $0[run] }) { return known }
        let boot = try Meta(db).boot(of: run)
        boots.withLock { boots in
            // As many as a log has in its worst weeks; more are simply asked for again.
            if boots.count >= 1_024 { boots.removeAll() }
            boots[run] = boot
        }
        return boot
    }

    /// As `page`, for all kinds, without the rest of what it tells.
    public func records(after: UInt64, limit: Int) throws(EventLogError) -> [Record] {
        try page(after: after, limit: limit).records
    }

    /// The record that covers the number `seq`: itself, with what was stored beside it since, or the gap around
    /// it. Throws `notFound`.
    public func record(at seq: UInt64) throws(EventLogError) -> Record {
        guard seq > 0 else { throw .notFound(seq: seq) }
        do {
            let record = try read { db in
                let page = try self.page(
                    after: seq - 1, limit: 1, kinds: .all, strict: true, isComplete: true, db)
                guard var record = page.records.first, case .result(var result) = record.body else {
                    return page.records.first
                }
                result.map = try ImageRow.id(seq: seq, kind: .map, db)
                result.mark = try MarkRow.mark(of: seq, db).map {
                    .init(verdict: $0.verdict, box: $0.box, absorb: $0.absorb)
                }
                record.body = .result(result)
                return record
            }
            if let record { return record }
        } catch {
            guard case .cursorAhead = error else {
                if case .outOfRange = error { throw .notFound(seq: seq) }
                throw error
            }
        }
        throw .notFound(seq: seq)
    }
}

extension RecordPage {
    /// Appends the record of `decoder`, and before it a gap for numbers that nothing covers.
    fileprivate mutating func take(
        _ record: Record, kinds: RecordKinds, limit: Int
    ) throws(EventLogError) {
        var start = record.seq
        if case .gap(let gap) = record.body { start = gap.from }
        if start > cursor + 1 {
            // The time is the record's, so that reading twice gives the same bytes.
            let why: Gap.Why = cursor + 1 < first ? .retention : .storageError
            let gap = Gap(from: cursor + 1, why: why, timeMilliseconds: record.timeMilliseconds)
            records.append(Record(seq: start - 1, run: record.run, boot: record.boot, body: .gap(gap)))
            cursor = start - 1
            guard records.count < limit else { return }
        }
        cursor = record.seq
        switch record.body {
        case .result: if kinds.contains(.results) { records.append(record) }
        case .event: if kinds.contains(.events) { records.append(record) }
        case .gap: records.append(record)
        }
    }
}

/// The oldest and the newest number that the log covers.
struct LogSpan: Equatable {
    var first: UInt64
    var last: UInt64

    init(_ db: Database) throws {
        let newest = try db.cachedStatement(sql: "SELECT max(seq) FROM record")
        last = UInt64(clamping: try Int64.fetchOne(newest) ?? 0)
        let oldest = try db.cachedStatement(
            sql: "SELECT coalesce(gap_from, seq) FROM record ORDER BY seq LIMIT 1")
        first = try Int64.fetchOne(oldest).map(UInt64.init(clamping:)) ?? last + 1
    }
}

extension Record {
    package var timeMilliseconds: Int64 {
        switch body {
        case .result(let result): result.timeMilliseconds
        case .event(let event): event.timeMilliseconds
        case .gap(let gap): gap.timeMilliseconds
        }
    }
}
