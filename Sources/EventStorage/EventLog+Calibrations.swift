import FoundationEssentials
import GRDB

extension EventLog {
    /// Keeps `calibration` under a new number, which `completion` gets once it is durable: from then on results
    /// may name it. Its own `id` is not looked at.
    ///
    /// Fails with `invalidCalibration` if a rule of `StoredCalibration` is broken. `completion` runs on the
    /// publisher's thread and must not block it.
    public func add(
        _ calibration: StoredCalibration,
        _ completion: @escaping @Sendable (Result<Int32, EventLogError>) -> Void
    ) {
        submit(
            Request(completion) { db, _ in
                if let flaw = calibration.flaw { throw EventLogError.invalidCalibration(reason: flaw) }
                let counts = calibration.sampleCounts
                let scores = CalibrationScores(
                    parts: calibration.parts, leaveOneOut: calibration.leaveOneOutScores)
                try db.execute(
                    sql: """
                        INSERT INTO calib(inspect, model, ts_ms, n, r, level, ppm, bound_ppm, thr, median, scores)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        calibration.inspect, calibration.model, calibration.timeMilliseconds, counts.parts,
                        counts.rejects, calibration.level, calibration.ppm, calibration.boundPPM,
                        Double(calibration.threshold), Double(calibration.median), Data(scores.encoded),
                    ])
                return Int32(clamping: db.lastInsertedRowID)
            })
    }
}

extension RecordReader {
    /// The newest calibration of the inspection `inspect` for the model with SHA-256 `model`; nil if there is none.
    /// Blocks.
    public func calibration(inspect: String, model: String) throws(EventLogError) -> StoredCalibration? {
        try calibrations(
            "WHERE inspect = ? AND model = ? ORDER BY id DESC LIMIT 1", [inspect, model]
        ).first
    }

    /// Every calibration of the inspection `inspect`, of whatever model, newest first. Blocks.
    public func calibrations(inspect: String) throws(EventLogError) -> [StoredCalibration] {
        try calibrations("WHERE inspect = ? ORDER BY id DESC", [inspect])
    }

    /// The calibration that results name by `id`; nil if there is none. Blocks.
    public func calibration(id: Int32) throws(EventLogError) -> StoredCalibration? {
        try calibrations("WHERE id = ?", [id]).first
    }

    private func calibrations(
        _ condition: String, _ arguments: StatementArguments
    ) throws(EventLogError) -> [StoredCalibration] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT id, inspect, model, level, ppm, bound_ppm, thr, median, ts_ms, scores FROM calib
                    \(condition)
                    """, arguments: arguments
            ).map(Self.calibration)
        }
    }

    private static func calibration(_ row: Row) throws -> StoredCalibration {
        let id = row[0] as Int64? ?? 0
        guard let scores = CalibrationScores(Array(row[9] as Data? ?? Data())) else {
            throw EventLogError.damaged(
                path: "events.db", message: "calibration \(id) has no valid 'scores'")
        }
        var calibration = StoredCalibration(
            inspect: row[1] as String? ?? "", model: row[2] as String? ?? "",
            level: UInt8(clamping: row[3] as Int64? ?? 0), ppm: (row[4] as Int64?).map(Int.init),
            boundPPM: (row[5] as Int64?).map(Int.init), threshold: Float(row[6] as Double? ?? 0),
            median: Float(row[7] as Double? ?? 0), timeMilliseconds: row[8] as Int64? ?? 0,
            parts: scores.parts, leaveOneOutScores: scores.leaveOneOut)
        calibration.id = Int32(clamping: id)
        return calibration
    }
}
