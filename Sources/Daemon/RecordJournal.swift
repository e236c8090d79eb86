public import Events
internal import Synchronization
public import Systemd

/// One journal line per NG and INVALID result and per event; nothing per OK part (OPERATIONS 5).
///
/// A convenience: the log is the truth. Repeats of an event code, and INVALID results of one reason, are held
/// back to one a minute with their count; results that are NG are not, since each is a part.
public final class RecordJournal: Sendable {
    private let send: @Sendable (JournalEntry) -> Void
    private let run: UInt32
    private let logsNG: Bool
    private let events = Mutex(RepeatLimit<EventCode>())
    private let invalid = Mutex(RepeatLimit<Reason>())

    /// - Parameters:
    ///   - run: the start of the daemon, for LINEWATCH_RUN.
    ///   - logsNG: `[log] ng_lines`.
    ///   - send: the way out; the journal itself unless a test listens.
    public init(
        run: UInt32, logsNG: Bool = true,
        send: @escaping @Sendable (JournalEntry) -> Void = { try? $0.send() }
    ) {
        (self.run, self.logsNG, self.send) = (run, logsNG, send)
    }

    /// Logs `record` if it is worth a line. `now` is in nanoseconds of the monotonic clock.
    public func add(_ record: Record, now: Int) {
        switch record.body {
        case .result(let result): add(result, seq: record.seq, now: now)
        case .event(let event): add(event, seq: record.seq, now: now)
        case .gap(let gap):
            var entry = JournalEntry(
                "numbers \(gap.from) to \(record.seq) hold no record (reason \(gap.why.rawValue))",
                priority: .warning)
            complete(&entry, seq: record.seq, subsystem: "store")
            send(entry)
        }
    }

    private func add(_ result: InspectionResult, seq: UInt64, now: Int) {
        var message: String
        switch result.verdict {
        case .ok, .unsure: return
        case .ng:
            guard logsNG else { return }
            let kind =
                result.cluster == 0 ? "" : ", type \(result.cluster == .max ? "new" : "\(result.cluster)")"
            message =
                "NG on camera \(result.camera): score \(result.score) of 10000\(kind)"
                + " at \(result.box.x),\(result.box.y) \(result.box.width)x\(result.box.height)"
        case .invalid:
            guard let heldBack = invalid.withLock({ $0.pass(result.reason, now: now) }) else { return }
            message = "INVALID on camera \(result.camera): \(result.reason)" + Self.more(heldBack)
        }
        var entry = JournalEntry(message, priority: result.verdict == .ng ? .notice : .warning)
        complete(&entry, seq: seq, subsystem: "infer")
        entry.set("LINEWATCH_JOB", result.job)
        entry.set("LINEWATCH_CAMERA", result.camera)
        entry.set("LINEWATCH_VERDICT", result.verdict.rawValue)
        entry.set("LINEWATCH_REASON", result.reason.rawValue)
        entry.set("LINEWATCH_SCORE", result.score)
        send(entry)
    }

    private func add(_ event: Event, seq: UInt64, now: Int) {
        guard let heldBack = events.withLock({ $0.pass(event.code, now: now) }) else { return }
        let camera = event.camera == 0 ? "" : " on camera \(event.camera)"
        var entry = JournalEntry(
            "\(event.code.name)\(camera) (\(event.a), \(event.b))" + Self.more(heldBack),
            priority: Self.priority(of: event.severity))
        complete(&entry, seq: seq, subsystem: Self.subsystem(of: event.code))
        entry.set("LINEWATCH_EVENT", event.code.name)
        entry.set("LINEWATCH_CODE", event.code.rawValue)
        entry.set("MESSAGE_ID", Self.messageID(of: event.code))
        if event.camera != 0 { entry.set("LINEWATCH_CAMERA", event.camera) }
        send(entry)
    }

    private func complete(_ entry: inout JournalEntry, seq: UInt64, subsystem: String) {
        entry.set("LINEWATCH_SUBSYSTEM", subsystem)
        entry.set("LINEWATCH_SEQ", seq)
        entry.set("LINEWATCH_RUN", run)
    }

    private static func more(_ heldBack: Int) -> String {
        heldBack == 0 ? "" : " and \(heldBack) more like it since the last line"
    }

    /// 32 hexadecimal digits that never change: a random identity whose last four digits are the code.
    static func messageID(of code: EventCode) -> String {
        "8d1c7b3f5e2a4f60b9d46c1e07a3\(code.rawValue)"
    }

    private static func priority(of severity: Event.Severity) -> JournalEntry.Priority {
        switch severity {
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }

    private static func subsystem(of code: EventCode) -> String {
        switch code.rawValue {
        case 1004, 1005: "config"
        case 1101...1199: "capture"
        case 1201...1299: "store"
        case 1301...1399: "infer"
        case 1401...1499: "model"
        case 1501...1599: "plc"
        default: "super"
        }
    }
}
