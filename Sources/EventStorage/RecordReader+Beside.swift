import Events
import GRDB

// What is stored beside a result.

extension RecordReader {
    /// The number of the final result of `job`; nil while there is none. Blocks.
    public func seq(ofJob job: UInt32) throws(EventLogError) -> UInt64? {
        try read { db in try RecordRow.seq(ofJob: job, db).map(UInt64.init(clamping:)) }
    }

    /// The operator's verdict on the record `seq`; nil if there is none. Blocks.
    public func mark(of seq: UInt64) throws(EventLogError) -> Mark? {
        try read { db in try MarkRow.mark(of: seq, db) }
    }
}

/// Rows of the table `mark`.
enum MarkRow {
    static func mark(of seq: UInt64, _ db: Database) throws -> Mark? {
        let statement = try db.cachedStatement(
            sql: "SELECT verdict, absorb, x, y, w, h, uid FROM mark WHERE seq = ?")
        guard let row = try Row.fetchOne(statement, arguments: [Int64(clamping: seq)]) else { return nil }
        guard let verdict = Verdict(rawValue: UInt8(clamping: row[0] as Int64? ?? 0)) else {
            throw EventLogError.damaged(path: "events.db", message: "mark \(seq) has no valid 'verdict'")
        }
        let box = Box(x: number(row, 2), y: number(row, 3), width: number(row, 4), height: number(row, 5))
        return Mark(
            seq: seq, verdict: verdict, absorb: row[1] as Int64? == 1, box: box, uid: number(row, 6))
    }

    private static func number<Value: FixedWidthInteger>(_ row: Row, _ index: Int) -> Value {
        Value(clamping: row[index] as Int64? ?? 0)
    }
}
