public import Events
import GRDB

/// A software trigger that was accepted: it will have exactly one result.
public struct Trigger: Hashable, Sendable {
    /// 1...32.
    public var camera: UInt8
    public var partNumber: UInt32
    /// At most 48 bytes of UTF-8.
    public var part: String
    public var deadlineMilliseconds: UInt32

    public init(camera: UInt8, partNumber: UInt32 = 0, part: String = "", deadlineMilliseconds: UInt32) {
        (self.camera, self.partNumber) = (camera, partNumber)
        (self.part, self.deadlineMilliseconds) = (part, deadlineMilliseconds)
    }
}

/// An operator's verdict on a record, kept beside it.
public struct Mark: Hashable, Sendable {
    public var seq: UInt64
    /// `ok`: a false reject; `ng`: a missed defect.
    public var verdict: Verdict
    public var absorb: Bool
    public var box: Box
    public var uid: UInt32

    public init(seq: UInt64, verdict: Verdict, absorb: Bool, box: Box, uid: UInt32) {
        (self.seq, self.verdict, self.absorb) = (seq, verdict, absorb)
        (self.box, self.uid) = (box, uid)
    }
}

extension EventLog {
    /// Accepts `trigger` under a new job number, which `completion` gets once the acceptance is durable: from
    /// then on the job has a result, INVALID at the next start if nothing else. `completion` runs on the
    /// publisher's thread and must not block it. The job that a failed acceptance took is not given again.
    public func accept(
        _ trigger: Trigger, _ completion: @escaping @Sendable (Result<UInt32, EventLogError>) -> Void
    ) {
        let job = takeJob()
        submit(
            Request(completion) { db, pass in
                try db.cachedStatement(
                    sql: """
                        INSERT INTO pending(job, camera, pn, part, deadline_ms, ts_ms)
                        VALUES (?, ?, ?, ?, ?, ?)
                        """
                ).execute(arguments: [
                    job, trigger.camera, trigger.partNumber, trigger.part, trigger.deadlineMilliseconds,
                    pass.milliseconds,
                ])
                pass.writer.pending.insert(job)
                return job
            })
    }

    /// Keeps an operator's verdict beside the result; a second one replaces the first. Fails with `notFound`.
    public func mark(
        _ mark: Mark, _ completion: @escaping @Sendable (Result<Void, EventLogError>) -> Void
    ) {
        submit(
            Request(completion) { db, pass in
                try Self.requireResult(mark.seq, db)
                try db.execute(
                    sql: """
                        INSERT OR REPLACE INTO mark(seq, verdict, absorb, x, y, w, h, uid, ts_ms)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        Int64(mark.seq), mark.verdict.rawValue, mark.absorb, mark.box.x, mark.box.y,
                        mark.box.width, mark.box.height, mark.uid, pass.milliseconds,
                    ])
            })
    }

    /// Keeps the score that came after the deadline had forced the verdict. Fails with `notFound`.
    public func add(
        _ late: InspectionResult.Late, to seq: UInt64,
        _ completion: @escaping @Sendable (Result<Void, EventLogError>) -> Void
    ) {
        submit(
            Request(completion) { db, _ in
                try Self.requireResult(seq, db)
                try db.execute(
                    sql: "UPDATE record SET late_score = ?, late_us = ? WHERE seq = ?",
                    arguments: [late.score, late.latencyMicroseconds, Int64(seq)])
            })
    }

    /// As `add(_:to:)`, of the result of `job`: for whoever does not know the number that the publisher gave it.
    /// Where the result is on its way into the log, the next commit is tried as well; then it fails with
    /// `unknownJob`.
    public func add(
        _ late: InspectionResult.Late, toJob job: UInt32,
        _ completion: @escaping @Sendable (Result<Void, EventLogError>) -> Void
    ) {
        onResult(ofJob: job, completion) { seq, db in
            try db.execute(
                sql: "UPDATE record SET late_score = ?, late_us = ? WHERE seq = ?",
                arguments: [late.score, late.latencyMicroseconds, seq])
        }
    }

    /// Lets `body` write, with the number of the result of `job`. A result that is still in a ring when the
    /// request comes is in the log by the commit after.
    func onResult(
        ofJob job: UInt32, attempts: Int = 2,
        _ completion: @escaping @Sendable (Result<Void, EventLogError>) -> Void,
        _ body: @escaping @Sendable (Int64, Database) throws -> Void
    ) {
        let orAgain: @Sendable (Result<Void, EventLogError>) -> Void = { [self] outcome in
            guard attempts > 1, case .failure(.unknownJob) = outcome else { return completion(outcome) }
            onResult(ofJob: job, attempts: attempts - 1, completion, body)
        }
        submit(
            Request(orAgain) { db, _ in
                guard let seq = try RecordRow.seq(ofJob: job, db) else { throw EventLogError.unknownJob(job) }
                try body(seq, db)
            })
    }

    static func requireResult(_ seq: UInt64, _ db: Database) throws {
        let kind = try Int.fetchOne(
            db, sql: "SELECT kind FROM record WHERE seq = ?", arguments: [Int64(clamping: seq)])
        guard kind == RecordRow.result else { throw EventLogError.notFound(seq: seq) }
    }
}
