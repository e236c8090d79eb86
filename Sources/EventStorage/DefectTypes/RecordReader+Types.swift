import Events
import FoundationEssentials
import GRDB

/// What the log knows of kinds of defects, to go on with.
public struct StoredTypes: Sendable {
    /// In rising order of their numbers, those that are no more among them.
    public var types: [StoredDefectType] = []
    /// Of each type, the embeddings that show what it looks like.
    public var exemplars: [UInt16: [Int64]] = [:]
    /// The newest of no kind, oldest first.
    public var bin: [StoredEmbedding] = []
    /// 1 in a new log; 0 when all numbers were given.
    public var next: UInt16 = 1
    /// What described the defects; empty in a new log.
    public var head = ""
    public var embeddingCount = 0
    /// The highest number of an embedding; 0 if there is none.
    public var lastEmbedding: Int64 = 0
    /// The re-clustering that waits for a person's word.
    public var proposal: Int32?
    /// The highest number that a proposal ever had.
    public var lastProposal: Int32 = 0
}

extension RecordReader {
    /// What is known of kinds of defects, with at most `binLimit` of no kind. Blocks.
    public func types(binLimit: Int) throws(EventLogError) -> StoredTypes {
        try read { db in
            var found = StoredTypes()
            found.types = try Row.fetchAll(
                db, sql: "SELECT \(DefectRow.typeColumns) FROM defect_type ORDER BY id"
            ).map(DefectRow.type)
            for row in try Row.fetchAll(
                db, sql: "SELECT type, id FROM defect_embedding WHERE exemplar = 1 ORDER BY ts_ms, id")
            {
                found.exemplars[UInt16(clamping: row[0] as Int64? ?? 0), default: []].append(
                    row[1] as Int64? ?? 0)
            }
            found.bin = try Row.fetchAll(
                db,
                sql: """
                    SELECT \(DefectRow.embeddingColumns) FROM defect_embedding WHERE type = 0
                    ORDER BY id DESC LIMIT ?
                    """, arguments: [binLimit]
            ).map(DefectRow.embedding).reversed()
            let highest = found.types.map(\.id).max() ?? 0
            let next = try Meta(db).integer("type_next").map { UInt16(clamping: $0) } ?? 1
            // A number that a type has was given, whatever is said.
            found.next = next != 0 && next <= highest ? (highest >= 65_534 ? 0 : highest + 1) : next
            found.head =
                try String.fetchOne(
                    db, sql: "SELECT v FROM meta WHERE k = 'type_head' AND typeof(v) = 'text'") ?? ""
            found.embeddingCount = try Int.fetchOne(db, sql: "SELECT count(*) FROM defect_embedding") ?? 0
            found.lastEmbedding = try Int64.fetchOne(db, sql: "SELECT max(id) FROM defect_embedding") ?? 0
            found.proposal = try Int32.fetchOne(db, sql: "SELECT max(id) FROM type_proposal")
            found.lastProposal = Int32(clamping: try Meta(db).integer("type_proposal") ?? 0)
            return found
        }
    }

    /// Embeddings in the order in which they came: those of `type`, or all. Blocks.
    public func embeddings(type: UInt16? = nil) throws(EventLogError) -> [StoredEmbedding] {
        try read { db in
            let condition = type == nil ? "" : "WHERE type = ?"
            return try Row.fetchAll(
                db,
                sql:
                    "SELECT \(DefectRow.embeddingColumns) FROM defect_embedding \(condition) ORDER BY id",
                arguments: type.map { [$0] } ?? []
            ).map(DefectRow.embedding)
        }
    }

    /// For each type the defects that came since each of `times`, milliseconds since 1970. Blocks.
    public func typeCounts(since times: [Int64]) throws(EventLogError) -> [UInt16: [Int]] {
        try read { db in
            var counts: [UInt16: [Int]] = [:]
            for (index, time) in times.enumerated() {
                let rows = try Row.fetchAll(
                    db, sql: "SELECT type, count(*) FROM defect_embedding WHERE ts_ms >= ? GROUP BY type",
                    arguments: [time])
                for row in rows {
                    let type = UInt16(clamping: row[0] as Int64? ?? 0)
                    counts[type, default: Array(repeating: 0, count: times.count)][index] = row[1] ?? 0
                }
            }
            return counts
        }
    }

    /// What operators put together or apart. Blocks.
    public func typeConstraints() throws(EventLogError) -> [TypeConstraint] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT a, b, must FROM type_constraint ORDER BY a, b").map {
                TypeConstraint(a: $0[0] ?? 0, b: $0[1] ?? 0, isTogether: $0[2] as Int64? == 1)
            }
        }
    }

    /// The proposal `id`; nil if there is none of that number. Blocks.
    public func typeProposal(_ id: Int32) throws(EventLogError) -> [UInt8]? {
        try read { db in
            try Data.fetchOne(db, sql: "SELECT body FROM type_proposal WHERE id = ?", arguments: [id])
                .map(Array.init)
        }
    }

    /// Which types records of a type are of now, oldest change first. Blocks.
    public func typeMap() throws(EventLogError) -> [(old: UInt16, new: UInt16)] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT old, new FROM type_map ORDER BY ts_ms, old, new").map {
                (UInt16(clamping: $0[0] as Int64? ?? 0), UInt16(clamping: $0[1] as Int64? ?? 0))
            }
        }
    }
}
