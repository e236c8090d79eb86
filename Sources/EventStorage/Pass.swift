import Events
import GRDB
import Synchronization

import struct Events.Record

/// One transaction in the making: copies of the state, which become the state if the transaction commits.
struct Pass {
    var writer: Writer
    var consumers: [String: Consumer]
    var first: UInt64
    var count: Int
    var refused: [Int] = []
    /// The records that it has written, as readers will get them.
    var stored: [Record] = []
    /// The newest number that was durable before this transaction.
    let durable: UInt64
    let run: UInt32
    let boot: String
    let milliseconds: Int64
    let nanoseconds: Int64

    init(_ log: EventLog) {
        writer = log.writer
        (run, boot) = (log.run, log.boot)
        milliseconds = log.surroundings.milliseconds()
        nanoseconds = log.surroundings.nanoseconds()
        let shared = log.shared.withLock { ($0.consumers, $0.status) }
        consumers = shared.0
        (first, count, durable) = (shared.1.first, shared.1.count, shared.1.last)
    }

    /// Stores `body` under the next number. Returns false, and stores nothing, if the table forbids it: a
    /// second result for a job.
    mutating func append(_ body: Record.Body, _ db: Database) throws -> Bool {
        do {
            stored.append(try RecordRow.insert(record(writer.next, body), into: db))
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            return false
        }
        writer.next += 1
        count += 1
        if let job = body.job, writer.pending.remove(job) != nil {
            try db.cachedStatement(sql: "DELETE FROM pending WHERE job = ?").execute(arguments: [job])
        }
        return true
    }

    private func record(_ seq: UInt64, _ body: Record.Body) -> Record {
        Record(seq: seq, run: run, boot: boot, body: body)
    }

    mutating func append(_ event: Event, _ db: Database) throws {
        var event = event
        (event.timeMilliseconds, event.monotonicNanoseconds) = (milliseconds, nanoseconds)
        _ = try append(.event(event), db)
    }

    /// Writes the gap for records that were lost, and closes the accepted triggers among them: their results
    /// were never shown, so each still gets its one.
    mutating func coverLost(_ db: Database) throws {
        if let from = writer.lostFrom {
            let gap = Gap(from: from, why: .storageError, timeMilliseconds: milliseconds)
            stored.append(try RecordRow.insert(record(writer.next - 1, .gap(gap)), into: db))
            count += 1
            writer.lostFrom = nil
        }
        guard !writer.lostPending.isEmpty else { return }
        _ = try closePending(reason: .internal, db) { [lost = writer.lostPending] in lost.contains($0) }
        writer.lostPending = []
    }

    /// Gives accepted triggers without a result an INVALID one with `reason`. Returns how many.
    mutating func closePending(
        reason: Reason, _ db: Database, where isMeant: (UInt32) -> Bool = { _ in true }
    ) throws -> Int {
        let rows = try Row.fetchAll(db, sql: "SELECT job, camera, pn, part FROM pending ORDER BY job")
        var closed = 0
        for row in rows {
            guard let job = UInt32(exactly: row[0] as Int64? ?? 0), isMeant(job) else { continue }
            var result = InspectionResult(
                job: job, camera: UInt8(clamping: row[1] as Int64? ?? 0), verdict: .invalid, reason: reason)
            result.partNumber = UInt32(clamping: row[2] as Int64? ?? 0)
            result.part = row[3] as String? ?? ""
            (result.timeMilliseconds, result.monotonicNanoseconds) = (milliseconds, nanoseconds)
            writer.pending.insert(job)
            if try append(.result(result), db) { closed += 1 }
            try db.execute(sql: "DELETE FROM pending WHERE job = ?", arguments: [job])
            writer.pending.remove(job)
        }
        return closed
    }
}
