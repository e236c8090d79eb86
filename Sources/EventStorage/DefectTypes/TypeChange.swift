import Events
import FoundationEssentials
import GRDB
import Synchronization

/// Something that became of the kinds of defects, on its way into the log.
///
/// Written in the transaction of the next commit, in order, behind the results of that commit.
public enum TypeChange: Sendable, Hashable {
    /// The type is new or has learned.
    case keep(StoredDefectType)
    /// The type is no more; its number stays taken.
    case retire(UInt16)
    /// The embeddings with these numbers are of the type, 0 being none.
    case move([Int64], to: UInt16)
    /// Every embedding of a type is of another.
    case moveAll(from: UInt16, to: UInt16)
    /// Forgets the embeddings of a type.
    case drop(embeddingsOf: UInt16)
    /// Forgets every embedding with a number up to this.
    case dropAll(through: Int64)
    /// Exactly these embeddings show what the type looks like.
    case exemplars([Int64], of: UInt16)
    /// Records of `old` are now of `new`.
    case map(old: UInt16, new: UInt16)
    case constrain(TypeConstraint)
    /// The number of the next new type; 0 when all were given.
    case next(UInt16)
    /// What describes defects: embeddings of another head mean nothing.
    case head(String)
    /// At most so many embeddings are kept.
    case trim(to: Int)
    /// A re-clustering waits for a person's word.
    case propose(Int32, [UInt8])
    case withdraw(Int32)
}

/// Where the log gets what became of the kinds of defects.
public struct TypeSource: Sendable {
    /// What is to be written with the commit that begins now. Called on the writer's thread.
    let take: @Sendable () -> [TypeChange]
    /// That commit failed: it is to be written with a later one.
    let putBack: @Sendable ([TypeChange]) -> Void

    public init(
        take: @escaping @Sendable () -> [TypeChange], putBack: @escaping @Sendable ([TypeChange]) -> Void
    ) {
        (self.take, self.putBack) = (take, putBack)
    }
}

extension EventLog {
    /// Lets every commit from now on write what `source` has.
    public func takeTypes(from source: TypeSource) { shared.withLock { $0.typeSource = source } }

    /// Calls `completion` when everything that the source of types had by now is durable. `completion` runs on the
    /// publisher's thread and must not block it.
    public func flushTypes(_ completion: @escaping @Sendable (Result<Void, EventLogError>) -> Void) {
        submit(Request(completion) { _, _ in })
    }
}

extension TypeChange {
    func write(_ db: Database, at time: Int64) throws {
        func execute(_ sql: String, _ arguments: StatementArguments) throws {
            try db.cachedStatement(sql: sql).execute(arguments: arguments)
        }
        switch self {
        case .keep(let type): try DefectRow.write(type, db)
        case .retire(let id): try execute("UPDATE defect_type SET state = 0 WHERE id = ?", [id])
        case .move(let keys, let type):
            for key in keys {
                try execute("UPDATE defect_embedding SET type = ?, exemplar = 0 WHERE id = ?", [type, key])
            }
        case .moveAll(let old, let new):
            try execute("UPDATE defect_embedding SET type = ?, exemplar = 0 WHERE type = ?", [new, old])
        case .drop(let id): try execute("DELETE FROM defect_embedding WHERE type = ?", [id])
        case .dropAll(let last): try execute("DELETE FROM defect_embedding WHERE id <= ?", [last])
        case .exemplars(let keys, let id):
            try execute("UPDATE defect_embedding SET exemplar = 0 WHERE type = ? AND exemplar = 1", [id])
            for key in keys {
                try execute("UPDATE defect_embedding SET exemplar = 1 WHERE id = ? AND type = ?", [key, id])
            }
        case .map(let old, let new):
            try execute("INSERT OR IGNORE INTO type_map(old, new, ts_ms) VALUES (?, ?, ?)", [old, new, time])
        case .constrain(let pair):
            try execute(
                "INSERT OR REPLACE INTO type_constraint(a, b, must, uid) VALUES (?, ?, ?, 0)",
                [pair.a, pair.b, pair.isTogether])
        case .next(let id): try Meta(db).set("type_next", Int64(id))
        case .head(let digest): try Meta(db).set("type_head", digest)
        case .trim(let limit): try DefectRow.trim(to: limit, db)
        case .propose(let id, let body):
            // One proposal at a time: a newer one saw what the older one saw, and more.
            try execute("DELETE FROM type_proposal", [])
            try execute(
                "INSERT INTO type_proposal(id, ts_ms, body) VALUES (?, ?, ?)", [id, time, Data(body)])
            try Meta(db).set("type_proposal", Int64(id))
        case .withdraw(let id): try execute("DELETE FROM type_proposal WHERE id = ?", [id])
        }
    }
}
