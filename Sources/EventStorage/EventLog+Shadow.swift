public import Events
import GRDB

/// What a model in the shadow said about one frame that another had judged (OPERATIONS 9).
public struct ShadowVerdict: Hashable, Sendable {
    /// SHA-256 of the model, as its caller writes it.
    public var model: String
    /// 1/10,000 of that model's threshold.
    public var score: UInt32
    public var verdict: Verdict
    public var latencyMicroseconds: UInt32

    public init(model: String, score: UInt32, verdict: Verdict, latencyMicroseconds: UInt32) {
        (self.model, self.score) = (model, score)
        (self.verdict, self.latencyMicroseconds) = (verdict, latencyMicroseconds)
    }
}

extension EventLog {
    /// Keeps what the model `model` in the shadow said of the record `seq`; a second word replaces the first.
    ///
    /// Fails with `notFound`. `completion` runs on the publisher's thread and must not block it.
    public func addShadow(
        seq: UInt64, model: String, score: UInt32, verdict: Verdict, latencyMicroseconds: UInt32,
        _ completion: @escaping @Sendable (Result<Void, EventLogError>) -> Void
    ) {
        let shadow = ShadowVerdict(
            model: model, score: score, verdict: verdict, latencyMicroseconds: latencyMicroseconds)
        submit(
            Request(completion) { db, _ in
                try Self.requireResult(seq, db)
                try shadow.insert(seq: Int64(seq), db)
            })
    }

    /// As `addShadow(seq:...)`, of the result of `job`. Where the result is on its way into the log, the next
    /// commit is tried as well; then it fails with `unknownJob`.
    public func addShadow(
        toJob job: UInt32, model: String, score: UInt32, verdict: Verdict, latencyMicroseconds: UInt32,
        _ completion: @escaping @Sendable (Result<Void, EventLogError>) -> Void
    ) {
        let shadow = ShadowVerdict(
            model: model, score: score, verdict: verdict, latencyMicroseconds: latencyMicroseconds)
        onResult(ofJob: job, completion) { seq, db in try shadow.insert(seq: seq, db) }
    }
}

extension ShadowVerdict {
    fileprivate func insert(seq: Int64, _ db: Database) throws {
        try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO shadow(seq, model, score, verdict, lat_us) VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: [seq, model, score, verdict.rawValue, latencyMicroseconds])
    }
}

extension RecordReader {
    /// How many results `model` judged in the shadow, and of how many of them it thought otherwise than the model
    /// in force. Results that were INVALID, whose part nobody judged, are left out. Blocks.
    public func shadowReport(model: String) throws(EventLogError) -> (count: Int, disagreements: Int) {
        try read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT count(*), coalesce(sum(shadow.verdict <> record.verdict), 0)
                    FROM shadow JOIN record ON record.seq = shadow.seq
                    WHERE shadow.model = ? AND record.verdict <> 4
                    """, arguments: [model])
            return (row?[0] as Int? ?? 0, row?[1] as Int? ?? 0)
        }
    }
}
