import Events
import FoundationEssentials
import GRDB

import struct Events.Record

/// Rows of the tables `defect_type` and `defect_embedding`.
enum DefectRow {
    static func insert(
        _ embedding: DefectEmbedding, of record: Record, _ result: InspectionResult, _ db: Database
    ) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO defect_embedding(id, seq, region, type, z, sim, exemplar, ts_ms,
                  inspect) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            DefectEmbedding.key(job: result.job, finding: embedding.finding), Int64(record.seq),
            embedding.finding, embedding.type, Data(embedding.codes.map(UInt8.init(bitPattern:))),
            Double(embedding.similarity), embedding.isExemplar, result.timeMilliseconds,
            embedding.inspection,
        ])
    }

    static func write(_ type: StoredDefectType, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO defect_type(id, name, inspect, n, centre, theta, first_ms, last_ms, parents,
                  state, recent, recent_next) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            type.id, type.name, type.inspection, type.count, data(type.centre), Double(type.threshold),
            type.firstSeen, type.lastSeen, type.parents.map(String.init).joined(separator: " "),
            type.isGone ? 0 : 1, data(type.recent), type.next,
        ])
    }

    static func type(_ row: Row) throws -> StoredDefectType {
        let id = row[0] as Int64? ?? 0
        guard let number = UInt16(exactly: id), let centre = floats(row[4] as Data? ?? Data()),
            let recent = floats(row[10] as Data? ?? Data()), centre.allSatisfy(\.isFinite),
            recent.allSatisfy(\.isFinite)
        else {
            throw EventLogError.damaged(path: "events.db", message: "defect type \(id) has no valid numbers")
        }
        var type = StoredDefectType(
            id: number, name: row[1] as String? ?? "", inspection: row[2] as String? ?? "",
            count: Int(clamping: row[3] as Int64? ?? 0), centre: centre,
            threshold: Float(row[5] as Double? ?? 0), firstSeen: row[6] as Int64? ?? 0,
            lastSeen: row[7] as Int64? ?? 0,
            parents: (row[8] as String? ?? "").split(separator: " ").compactMap { UInt16($0) },
            recent: recent, next: Int(clamping: row[11] as Int64? ?? 0))
        type.isGone = row[9] as Int64? == 0
        return type
    }

    static let typeColumns =
        "id, name, inspect, n, centre, theta, first_ms, last_ms, parents, state, recent, recent_next"
    static let embeddingColumns = "id, seq, region, type, z, sim, exemplar, ts_ms, inspect"

    static func embedding(_ row: Row) -> StoredEmbedding {
        StoredEmbedding(
            id: row[0] as Int64? ?? 0, seq: UInt64(clamping: row[1] as Int64? ?? 0),
            finding: UInt8(clamping: row[2] as Int64? ?? 0), type: UInt16(clamping: row[3] as Int64? ?? 0),
            codes: (row[4] as Data? ?? Data()).map { Int8(bitPattern: $0) },
            similarity: Float(row[5] as Double? ?? 0), isExemplar: row[6] as Int64? == 1,
            timeMilliseconds: row[7] as Int64? ?? 0,
            inspection: UInt32(clamping: row[8] as Int64? ?? 0))
    }

    /// Deletes the oldest of the largest type, none that shows what it looks like, until `limit` are left.
    static func trim(to limit: Int, _ db: Database) throws {
        var excess = (try Int.fetchOne(db, sql: "SELECT count(*) FROM defect_embedding") ?? 0) - limit
        while excess > 0 {
            let largest = try Row.fetchOne(
                db,
                sql: """
                    SELECT type, count(*) AS n FROM defect_embedding WHERE exemplar = 0
                    GROUP BY type ORDER BY n DESC, type LIMIT 1
                    """)
            guard let largest, let type = largest[0] as Int64?, let count = largest[1] as Int? else { return }
            // As many at once as leave the largest no smaller than a tenth below what it was.
            let part = min(excess, max(1, count / 10))
            try db.execute(
                sql: """
                    DELETE FROM defect_embedding WHERE id IN (SELECT id FROM defect_embedding
                    WHERE type = ? AND exemplar = 0 ORDER BY ts_ms, id LIMIT ?)
                    """, arguments: [type, part])
            excess -= part
        }
    }

    /// Little-endian IEEE 754.
    private static func data(_ values: [Float]) -> Data {
        Data(
            values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
            })
    }

    private static func floats(_ data: Data) -> [Float]? {
        let bytes = Array(data)
        guard bytes.count % 4 == 0 else { return nil }
        return (0..<bytes.count / 4).map { index in
            Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[4 * index + $1]) << (8 * UInt32($1)) })
        }
    }
}
