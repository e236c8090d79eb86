public import Events
import GRDB

/// A part that an operator has marked as NG, with what it was judged by.
public struct MarkedDefect: Hashable, Sendable {
    public var seq: UInt64
    /// The raw score of the inspection that decided about the part: the model's own units.
    public var score: Float
    /// Where the defect is, in pixels of the frame; of width 0: somewhere.
    public var box: Box

    public init(seq: UInt64, score: Float, box: Box) {
        (self.seq, self.score, self.box) = (seq, score, box)
    }
}

extension RecordReader {
    /// The parts that `model` has judged and that operators have marked as NG, the newest first, at most `limit` of
    /// them. Parts without a score are left out: nothing was judged. Blocks.
    public func markedDefects(model: UInt64, limit: Int) throws(EventLogError) -> [MarkedDefect] {
        try read { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT m.seq, r.raw, m.x, m.y, m.w, m.h FROM mark m JOIN record r ON r.seq = m.seq
                    WHERE m.verdict = ? AND r.kind = 1 AND r.model = ? AND r.raw IS NOT NULL
                    ORDER BY m.seq DESC LIMIT ?
                    """)
            return try Row.fetchAll(
                statement, arguments: [Verdict.ng.rawValue, ModelName.text(model), limit]
            ).map { row in
                func side(_ index: Int) -> UInt16 { UInt16(clamping: row[index] as Int64? ?? 0) }
                return MarkedDefect(
                    seq: UInt64(clamping: row[0] as Int64? ?? 0), score: Float(row[1] as Double? ?? 0),
                    box: Box(x: side(2), y: side(3), width: side(4), height: side(5)))
            }
        }
    }
}
