/// The last line of a poll (LWP/1, 4.1).
public struct PollEnd: Equatable, Sendable {
    public var id: UInt32
    /// Records sent: results, events and gaps.
    public var count: UInt32
    /// The cursor after this poll.
    public var next: UInt64
    /// The newest number of the log.
    public var last: UInt64
    /// The consumer's cursor.
    public var acked: UInt64

    public init(id: UInt32, count: UInt32, next: UInt64, last: UInt64, acked: UInt64) {
        (self.id, self.count, self.next, self.last, self.acked) = (id, count, next, last, acked)
    }

    /// Appends the line with its newline, at most 118 bytes without what `more` puts before its end. Allocation-free.
    public func append(to line: inout LineWriter, more: (inout LineWriter) -> Void = { _ in }) {
        line.put("{\"t\":\"end\",\"id\":", id)
        line.put(",\"n\":", count)
        line.put(",\"next\":", next)
        line.put(",\"last\":", last)
        line.put(",\"more\":", next < last ? 1 : 0)
        line.put(",\"acked\":", acked)
        more(&line)
        line.put("}\n")
    }
}

extension LineWriter {
    /// Appends `skip`: `from` to `to` were left out by the client's own filter. Allocation-free.
    public mutating func putSkip(from: UInt64, to: UInt64) {
        put("{\"t\":\"skip\",\"seq\":", to)
        put(",\"from\":", from)
        put(",\"to\":", to)
        put("}\n")
    }

    /// Appends `c`: everything up to `seq` is now durable. Allocation-free.
    public mutating func putCommit(upTo seq: UInt64) {
        put("{\"t\":\"c\",\"seq\":", seq)
        put("}\n")
    }

    /// Appends `bye`, after which the server closes; the client may come back after `retry` ms. Allocation-free.
    public mutating func putFarewell(_ reason: FarewellReason, retry: UInt16) {
        put("{\"t\":\"bye\",\"why\":", reason.rawValue)
        put(",\"code\":\"")
        put(reason.code)
        put("\",\"retry\":", retry)
        put("}\n")
    }
}
