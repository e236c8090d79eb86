import GRDB
import Synchronization

/// A reader whose cursor the log keeps, and for whom it holds records (LWP/1, 7).
public struct Consumer: Hashable, Sendable {
    public let name: String
    /// The user to whom the name belongs.
    public let uid: UInt32
    /// Everything up to this number has been acknowledged. Never moves back.
    public var acked: UInt64
    /// When it last registered or acknowledged: UTC milliseconds.
    public var seenMilliseconds: Int64
}

extension EventLog {
    /// The registered consumers by name, as of the last commit.
    public var consumers: [Consumer] {
        shared.withLock { $0.consumers.values.sorted { $0.name < $1.name } }
    }

    public func consumer(_ name: String) -> Consumer? { shared.withLock { $0.consumers[name] } }

    /// Registers the consumer `name` of the user `uid`, or finds it again.
    ///
    /// A new one starts at the end of the log: it does not inherit history. Fails with `foreignConsumer` if
    /// the name is another user's and with `tooManyConsumers` if it would be the 33rd. `completion` runs on
    /// the publisher's thread once the registration is durable, and must not block it.
    public func register(
        _ name: String, uid: UInt32,
        _ completion: @escaping @Sendable (Result<Consumer, EventLogError>) -> Void
    ) {
        submit(
            Request(completion) { db, pass in
                let limit = StoreSettings.consumerLimit
                var consumer =
                    pass.consumers[name]
                    ?? Consumer(name: name, uid: uid, acked: pass.durable, seenMilliseconds: 0)
                guard consumer.uid == uid else { throw EventLogError.foreignConsumer(name: name) }
                guard pass.consumers[name] != nil || pass.consumers.count < limit else {
                    throw EventLogError.tooManyConsumers(limit: limit)
                }
                consumer.seenMilliseconds = pass.milliseconds
                try pass.write(consumer, db)
                return consumer
            })
    }

    /// Acknowledges, for the consumer `name`, everything up to `seq`; completes with where its cursor then
    /// is.
    ///
    /// Cumulative and idempotent: an older number changes nothing. Fails with `cursorAhead` beyond the newest
    /// record and with `unknownConsumer`. `completion` runs as that of `register`.
    public func acknowledge(
        _ name: String, _ seq: UInt64,
        _ completion: @escaping @Sendable (Result<UInt64, EventLogError>) -> Void
    ) {
        submit(
            Request(mayWait: true, completion) { db, pass in
                guard var consumer = pass.consumers[name] else {
                    throw EventLogError.unknownConsumer(name: name)
                }
                guard seq <= pass.durable else { throw EventLogError.cursorAhead(last: pass.durable) }
                consumer.acked = max(consumer.acked, seq)
                consumer.seenMilliseconds = pass.milliseconds
                try pass.write(consumer, db)
                return consumer.acked
            })
    }

    /// Forgets the consumer `name`, its cursor and its hold on records. Fails with `unknownConsumer`.
    public func drop(
        _ name: String, _ completion: @escaping @Sendable (Result<Void, EventLogError>) -> Void
    ) {
        submit(
            Request(completion) { db, pass in
                guard pass.consumers.removeValue(forKey: name) != nil else {
                    throw EventLogError.unknownConsumer(name: name)
                }
                pass.writer.overrun.remove(name)
                try db.execute(sql: "DELETE FROM consumer WHERE name = ?", arguments: [name])
            })
    }
}

extension Pass {
    mutating func write(_ consumer: Consumer, _ db: Database) throws {
        consumers[consumer.name] = consumer
        if consumer.acked + 1 >= first { writer.overrun.remove(consumer.name) }
        try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO consumer(name, uid, acked, seen_ms) VALUES (?, ?, ?, ?)"
        ).execute(arguments: [
            consumer.name, consumer.uid, Int64(consumer.acked), consumer.seenMilliseconds,
        ])
    }

    static func consumers(_ db: Database) throws -> [String: Consumer] {
        let rows = try Row.fetchAll(db, sql: "SELECT name, uid, acked, seen_ms FROM consumer")
        var consumers: [String: Consumer] = [:]
        for row in rows {
            let name = row[0] as String? ?? ""
            consumers[name] = Consumer(
                name: name, uid: UInt32(clamping: row[1] as Int64? ?? 0),
                acked: UInt64(clamping: row[2] as Int64? ?? 0), seenMilliseconds: row[3] as Int64? ?? 0)
        }
        return consumers
    }
}
