internal import CSystemd
internal import Glibc

/// One line of the journal with its fields (systemd.journal-fields(7)).
public struct JournalEntry: Hashable, Sendable {
    /// Syslog's priorities, 0 the worst.
    public enum Priority: UInt8, Sendable {
        case emergency, alert, critical, error, warning, notice, info, debug
    }

    /// In the order in which they are sent. Names are A-Z, 0-9 and _, and begin with a letter.
    public private(set) var fields: [(name: String, value: String)]

    /// A line that says `message`, from the program `identifier`.
    public init(_ message: String, priority: Priority, identifier: String = "linewatchd") {
        fields = [
            ("MESSAGE", message), ("PRIORITY", "\(priority.rawValue)"), ("SYSLOG_IDENTIFIER", identifier),
        ]
    }

    /// Adds a field. A name that the journal would refuse is made acceptable: other characters become _.
    public mutating func set(_ name: String, _ value: some CustomStringConvertible) {
        let allowed = name.uppercased().utf8.map { byte -> UInt8 in
            let isAllowed =
                (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            return isAllowed ? byte : UInt8(ascii: "_")
        }
        let text = String(decoding: allowed, as: UTF8.self)
        let needsPrefix = text.first.map { !$0.isLetter } ?? true
        fields.append((needsPrefix ? "F\(text)" : text, "\(value)"))
    }

    /// Hands the line to the journal. Throws the error number if the journal refused it.
    ///
    /// Without a journal on this machine the line is lost and nothing is thrown, as sd_journal_sendv has it.
    public func send() throws(JournalError) {
        let texts = fields.map { ContiguousArray("\($0.name)=\($0.value)".utf8) }
        let joined = ContiguousArray(texts.joined())
        // The entries point into `joined`, which is alive during the closure, and are only read.
        let code = unsafe joined.withUnsafeBytes { bytes in
            var offset = 0
            let vectors = unsafe texts.map { text in
                defer { offset += text.count }
                return unsafe iovec(
                    iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress! + offset),
                    iov_len: text.count)
            }
            return unsafe sd_journal_sendv(vectors, Int32(vectors.count))
        }
        guard code >= 0 else { throw JournalError(code: -code) }
    }

    public static func == (left: JournalEntry, right: JournalEntry) -> Bool {
        left.fields.elementsEqual(right.fields, by: ==)
    }

    public func hash(into hasher: inout Hasher) {
        for field in fields {
            hasher.combine(field.name)
            hasher.combine(field.value)
        }
    }
}

/// The journal refused a line.
public struct JournalError: Error, Hashable, CustomStringConvertible {
    /// The error number.
    public let code: Int32

    public var description: String {
        "the journal refused a line (error \(code)): see 'systemctl status systemd-journald'"
    }
}
