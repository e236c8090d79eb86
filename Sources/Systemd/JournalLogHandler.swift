public import Logging

/// Where log lines end: the journal, with every piece of metadata as a field LINEWATCH_...
///
/// Metadata keys are lower-case words, "camera", "seq"; `message_id` alone becomes the journal's own
/// MESSAGE_ID. What the journal refuses is dropped: logging must never stop the line.
public struct JournalLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var logLevel = Logger.Level.info
    private let label: String
    private let send: @Sendable (JournalEntry) -> Void

    /// A handler for the subsystem `label`: capture, infer, store, plc, admin, model, config or super.
    public init(label: String) {
        self.init(label: label) { try? $0.send() }
    }

    /// The same with another way out, for tests and for terminals.
    public init(label: String, send: @escaping @Sendable (JournalEntry) -> Void) {
        self.label = label
        self.send = send
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var entry = JournalEntry("\(event.message)", priority: Self.priority(of: event.level))
        entry.set("LINEWATCH_SUBSYSTEM", label)
        let all = metadata.merging(event.metadata ?? [:]) { _, own in own }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            entry.set(key == "message_id" ? "MESSAGE_ID" : "LINEWATCH_\(key)", value)
        }
        entry.set("CODE_FILE", event.file)
        entry.set("CODE_LINE", event.line)
        send(entry)
    }

    /// The journal has no trace; it and debug are one.
    private static func priority(of level: Logger.Level) -> JournalEntry.Priority {
        switch level {
        case .trace, .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }
}
