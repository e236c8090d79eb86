import Events
import GRDB

import struct Events.Record

// Retention deletes from the old end only, so that what is held stays one range of numbers. A limit that is
// crossed deletes what every holding consumer has acknowledged; a limit crossed hold_factor times deletes
// without asking, and tells each consumer that loses something once, until it has caught up.

extension EventLog {
    /// Deletes the oldest batch if a limit asks for it. Returns whether the next batch may be due as well.
    func retire(_ db: Database) throws -> Bool {
        guard let plan = try retirement(db) else { return false }
        let losers = consumers.filter { holds($0) && $0.acked + 1 < plan.first }
        let events = losers.filter { !writer.overrun.contains($0.name) }.map { consumer in
            var event = Event(.consumerOverrun, severity: .warning)
            event.a = Int32(clamping: plan.first - 1 - max(consumer.acked, status.first - 1))
            event.detail = "{\"consumer\":\"\(consumer.name)\"}"
            return Record.Body.event(stamped(event))
        }
        let names = losers.map(\.name)
        try store(
            Batch(events) { db, pass in
                try db.cachedStatement(sql: "DELETE FROM record WHERE seq < ?")
                    .execute(arguments: [Int64(plan.first)])
                try db.cachedStatement(sql: "DELETE FROM shadow WHERE seq < ?")
                    .execute(arguments: [Int64(plan.first)])
                pass.count -= plan.count
                pass.first = plan.first
                pass.writer.overrun.formUnion(names)
            }, db)
        return true
    }

    /// What the next deletion would leave: the first number of the record that is then the oldest, and how
    /// many records go.
    private func retirement(_ db: Database) throws -> (first: UInt64, count: Int)? {
        let usage = try Usage(self, db)
        guard let soft = try overdue(usage, factor: 1, db) else { return nil }
        let hard = settings.holdFactor == 1 ? soft : try overdue(usage, factor: settings.holdFactor, db)
        if let hard { return hard }
        guard let held = consumers.filter(holds).map(\.acked).min() else { return soft }
        guard held + 1 < soft.first else { return soft }
        return try oldest(soft.count, db) { $0.seq <= held }
    }

    /// The records to delete so that `factor` times the limits hold, at most one batch; nil if they do.
    private func overdue(_ usage: Usage, factor: Int, _ db: Database) throws -> (first: UInt64, count: Int)? {
        let batch = StoreSettings.deletionBatch
        if usage.bytes > settings.bytes * factor { return try oldest(batch, db) { _ in true } }
        let limit = Int64(settings.days * factor) * 86_400_000
        let excess = usage.count - settings.records * factor
        if excess > 0, let plan = try oldest(min(excess, batch), db, where: { _ in true }) { return plan }
        return try oldest(batch, db) { self.age($0) > limit }
    }

    /// The oldest records, at most `count`, up to the first that is not meant, and never the newest of all:
    /// it carries the numbering.
    private func oldest(
        _ count: Int, _ db: Database, where isMeant: (OldRecord) -> Bool
    ) throws -> (first: UInt64, count: Int)? {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT seq, coalesce(gap_from, seq), run, ts_ms, mono_ns FROM record ORDER BY seq LIMIT ?
                    """),
            arguments: [count + 1])
        var met = 0
        while let row = try rows.next() {
            let record = OldRecord(row)
            if met == count || !isMeant(record) { return met > 0 ? (record.start, met) : nil }
            met += 1
        }
        guard met > 1 else { return nil }
        return try oldest(met - 1, db) { _ in true }
    }

    /// Whether `consumer` still makes the log keep what it has not acknowledged.
    private func holds(_ consumer: Consumer) -> Bool {
        let silence = startClock.now(surroundings) - consumer.seenMilliseconds
        return silence < Int64(settings.consumerExpiryDays) * 86_400_000
    }

    /// Milliseconds since the record was made: by the clock that never jumps if this run made it.
    private func age(_ record: OldRecord) -> Int64 {
        if record.run == Int64(run), record.nanoseconds > 0 {
            return (surroundings.nanoseconds() - record.nanoseconds) / 1_000_000
        }
        return startClock.now(surroundings) - record.milliseconds
    }
}

/// What retention has to know of a record.
private struct OldRecord {
    let seq: UInt64
    /// The first number that it covers.
    let start: UInt64
    let run: Int64
    let milliseconds: Int64
    let nanoseconds: Int64

    init(_ row: Row) {
        seq = UInt64(clamping: row[0] as Int64? ?? 0)
        start = UInt64(clamping: row[1] as Int64? ?? 0)
        run = row[2] as Int64? ?? 0
        milliseconds = row[3] as Int64? ?? 0
        nanoseconds = row[4] as Int64? ?? 0
    }
}

/// How much the log holds.
private struct Usage {
    let count: Int
    /// Pages in use; freed ones are taken again before the file grows.
    let bytes: Int

    init(_ log: EventLog, _ db: Database) throws {
        count = log.status.count
        let pages = try Int.fetchOne(db.cachedStatement(sql: "PRAGMA page_count")) ?? 0
        let free = try Int.fetchOne(db.cachedStatement(sql: "PRAGMA freelist_count")) ?? 0
        let size = try Int.fetchOne(db.cachedStatement(sql: "PRAGMA page_size")) ?? 4096
        bytes = (pages - free) * size
    }
}
