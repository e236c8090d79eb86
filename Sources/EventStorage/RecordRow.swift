import Events
import GRDB

import struct Events.Record

/// A record as a row of the table `record`: the only place that knows the order of its columns.
enum RecordRow {
    static let result = 1
    static let event = 2
    static let gap = 4

    static let columns = """
        seq, kind, run, ts_ms, mono_ns, flags, camera, job, pn, part, verdict, reason, score, raw, thr, cluster, \
        x, y, w, h, enc, lines, lines_valid, drv_seq, exp_us, lat_us, recipe, model, calib, image, late_score, \
        late_us, code, sev, a, b, gap_from, why, detail
        """

    private static let insertResult = """
        INSERT INTO record(seq, kind, run, ts_ms, mono_ns, flags, camera, job, pn, part, verdict, reason, score, \
        raw, thr, cluster, x, y, w, h, enc, lines, lines_valid, drv_seq, exp_us, lat_us, recipe, model, calib, \
        image, late_score, late_us, detail) \
        VALUES (?,1,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
        """
    private static let insertEvent = """
        INSERT INTO record(seq, kind, run, ts_ms, mono_ns, flags, camera, code, sev, a, b, detail) \
        VALUES (?,2,?,?,?,?,?,?,?,?,?,?)
        """
    private static let insertGap = """
        INSERT INTO record(seq, kind, run, ts_ms, mono_ns, gap_from, why) VALUES (?,4,?,?,0,?,?)
        """

    // Set at delivery, never stored.
    static let deliveryFlags: RecordFlags = [.historical, .notYetDurable]

    /// Stores `record` and returns it as a reader will get it.
    static func insert(_ record: Record, into db: Database) throws -> Record {
        var stored = record.asStored
        switch record.body {
        case .result(let result):
            let calibration = try insert(result, record, db, calibration: result.calibration)
            for embedding in result.embeddings { try DefectRow.insert(embedding, of: record, result, db) }
            if calibration != result.calibration, case .result(var read) = stored.body {
                read.calibration = calibration
                stored.body = .result(read)
            }
        case .event(let event): try insert(event, record, db)
        case .gap(let gap):
            try db.cachedStatement(sql: insertGap).execute(arguments: [
                Int64(record.seq), record.run, gap.timeMilliseconds, Int64(gap.from), gap.why.rawValue,
            ])
        }
        return stored
    }

    /// Stores `result`, without its calibration if that is unknown: a verdict is worth more than its
    /// footnote. Returns the calibration that it has now.
    private static func insert(
        _ result: InspectionResult, _ record: Record, _ db: Database, calibration: Int32
    ) throws -> Int32 {
        let values: [DatabaseValue] = [
            integer(record.seq), integer(record.run), integer(result.timeMilliseconds),
            integer(result.monotonicNanoseconds),
            integer(result.flags.subtracting(deliveryFlags).rawValue), integer(result.camera),
            integer(result.job), integer(result.partNumber), text(result.part),
            integer(result.verdict.rawValue), integer(result.reason.rawValue), integer(result.score),
            real(result.rawScore), real(result.rawThreshold), integer(result.cluster),
            integer(result.box.x), integer(result.box.y), integer(result.box.width),
            integer(result.box.height), integer(result.encoder), integer(result.lines),
            integer(result.validLines), integer(result.driverSequence), integer(result.exposureMicroseconds),
            integer(result.latencyMicroseconds), integer(result.recipe),
            text(result.model == 0 ? "" : ModelName.text(result.model)),
            calibration == 0 ? .null : integer(calibration), optional(result.image),
            optional(result.late?.score), optional(result.late?.latencyMicroseconds),
            text(RecordDetail(result).text),
        ]
        do {
            try db.cachedStatement(sql: insertResult).execute(arguments: StatementArguments(values))
            return calibration
        } catch let error as DatabaseError
            where error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY && calibration != 0
        {
            return try insert(result, record, db, calibration: 0)
        }
    }

    private static func insert(_ event: Event, _ record: Record, _ db: Database) throws {
        let values: [DatabaseValue] = [
            integer(record.seq), integer(record.run), integer(event.timeMilliseconds),
            integer(event.monotonicNanoseconds),
            integer(event.flags.subtracting(deliveryFlags).rawValue),
            event.camera == 0 ? .null : integer(event.camera), integer(event.code.rawValue),
            integer(event.severity.rawValue), integer(event.a), integer(event.b), text(event.detail),
        ]
        try db.cachedStatement(sql: insertEvent).execute(arguments: StatementArguments(values))
    }

    /// The number of the result of `job`, if there is one.
    static func seq(ofJob job: UInt32, _ db: Database) throws -> Int64? {
        let statement = try db.cachedStatement(sql: "SELECT seq FROM record WHERE kind = 1 AND job = ?")
        return try Int64.fetchOne(statement, arguments: [job])
    }

    private static func integer(_ value: some BinaryInteger) -> DatabaseValue { Int64(value).databaseValue }

    private static func optional(_ value: (some BinaryInteger)?) -> DatabaseValue {
        value.map { Int64($0).databaseValue } ?? .null
    }

    private static func real(_ value: Float?) -> DatabaseValue {
        value.map { Double($0).databaseValue } ?? .null
    }

    private static func text(_ value: String) -> DatabaseValue {
        value.isEmpty ? .null : value.databaseValue
    }
}

/// Twelve hexadecimal digits of a model's hash.
enum ModelName {
    static let mask: UInt64 = 0xFFFF_FFFF_FFFF

    static func text(_ model: UInt64) -> String {
        let digits = String(model & mask, radix: 16)
        return String(repeating: "0", count: 12 - digits.count) + digits
    }
}
