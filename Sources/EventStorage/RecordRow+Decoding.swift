import Events
import GRDB

import struct Events.Record

/// One row of `RecordRow.columns`, read by position.
///
/// The bytes come from a disk that may have changed them: a value that no writer can have meant is an error,
/// never a trap.
struct RecordDecoder {
    private let row: Row
    /// Whether a result comes with what was stored beside it after its commit.
    private let isComplete: Bool

    init(_ row: Row, isComplete: Bool = false) { (self.row, self.isComplete) = (row, isComplete) }

    var seq: UInt64 { UInt64(clamping: row[0] as Int64? ?? 0) }
    var kind: Int { Int(row[1] as Int64? ?? 0) }

    func run() throws(EventLogError) -> UInt32 { try integer(2) }

    func record(boot: String) throws(EventLogError) -> Record {
        Record(seq: seq, run: try run(), boot: boot, body: try body())
    }

    private func body() throws(EventLogError) -> Record.Body {
        switch kind {
        case RecordRow.result: .result(try result())
        case RecordRow.event: .event(try event())
        case RecordRow.gap: .gap(try gap())
        default: throw damaged(1)
        }
    }

    private func result() throws(EventLogError) -> InspectionResult {
        guard let verdict = Verdict(rawValue: try integer(10)) else { throw damaged(10) }
        guard let reason = Reason(rawValue: try integer(11)) else { throw damaged(11) }
        var result = InspectionResult(
            job: try integer(7), camera: try integer(6), verdict: verdict, reason: reason)
        result.timeMilliseconds = try integer(3)
        result.monotonicNanoseconds = try integer(4)
        result.flags = RecordFlags(rawValue: try integer(5))
        result.partNumber = try integer(8)
        result.part = row[9] as String? ?? ""
        result.score = try integer(12)
        result.rawScore = (row[13] as Double?).map(Float.init)
        result.rawThreshold = (row[14] as Double?).map(Float.init)
        result.cluster = try integer(15)
        result.box = Box(
            x: try integer(16), y: try integer(17), width: try integer(18), height: try integer(19))
        result.encoder = try integer(20)
        result.lines = try integer(21)
        result.validLines = try integer(22)
        result.driverSequence = try integer(23)
        result.exposureMicroseconds = try integer(24)
        result.latencyMicroseconds = try integer(25)
        result.recipe = try integer(26)
        result.model = try (row[27] as String?).map(model) ?? 0
        result.calibration = try integer(28)
        if isComplete {
            result.image = row[29] as Int64?
            if row[30] as Int64? != nil {
                result.late = .init(score: try integer(30), latencyMicroseconds: try integer(31))
            }
        }
        guard let text = row[38] as String? else { return result }
        guard let detail = RecordDetail(text) else { throw damaged(38) }
        detail.complete(&result)
        return result
    }

    private func event() throws(EventLogError) -> Event {
        guard let code = EventCode(rawValue: try integer(32)) else { throw damaged(32) }
        guard let severity = Event.Severity(rawValue: try integer(33)) else { throw damaged(33) }
        var event = Event(
            code, severity: severity, camera: try integer(6), a: try integer(34), b: try integer(35))
        event.timeMilliseconds = try integer(3)
        event.monotonicNanoseconds = try integer(4)
        event.flags = RecordFlags(rawValue: try integer(5))
        event.detail = row[38] as String? ?? ""
        return event
    }

    private func gap() throws(EventLogError) -> Gap {
        guard let why = Gap.Why(rawValue: try integer(37)) else { throw damaged(37) }
        let from: UInt64 = try integer(36)
        guard from >= 1, from <= seq else { throw damaged(36) }
        return Gap(from: from, why: why, timeMilliseconds: try integer(3))
    }

    /// NULL reads as 0.
    private func integer<Value: FixedWidthInteger>(_ index: Int) throws(EventLogError) -> Value {
        guard let value = Value(exactly: row[index] as Int64? ?? 0) else { throw damaged(index) }
        return value
    }

    private func model(_ text: String) throws(EventLogError) -> UInt64 {
        guard text.utf8.count == 12, let value = UInt64(text, radix: 16) else { throw damaged(27) }
        return value
    }

    private func damaged(_ index: Int) -> EventLogError {
        let names = RecordRow.columns.split(separator: ", ")
        return .damaged(path: "events.db", message: "record \(seq) has no valid '\(names[index])'")
    }
}
