/// What a line says of a record beyond the record itself, because it depends on who reads it and when.
public struct Delivery: Equatable, Sendable {
    /// Newer records that wait for this consumer.
    public var backlog: UInt64 = 0
    /// The record is older than the connection that reads it.
    public var isHistorical = false
    /// The record is committed; false only in fast mode.
    public var isDurable = true

    public init(backlog: UInt64 = 0, isHistorical: Bool = false, isDurable: Bool = true) {
        (self.backlog, self.isHistorical, self.isDurable) = (backlog, isHistorical, isDurable)
    }

    /// `stored` with the bits that are set at delivery; bits that the protocol keeps at 0 are cleared.
    func flags(_ stored: RecordFlags) -> UInt16 {
        var flags = stored.intersection(RecordFlags(rawValue: 0x7FF))
        flags.remove([.historical, .notYetDurable])
        if isHistorical { flags.insert(.historical) }
        if !isDurable { flags.insert(.notYetDurable) }
        return flags.rawValue
    }
}

extension Record {
    /// Appends the line of this record with its newline (LWP/1, section 5).
    ///
    /// Profile plc allocates nothing beyond the buffer of `line` and writes at most 240 bytes. Numbers outside
    /// their range are brought to its nearest end.
    public func append(to line: inout LineWriter, profile: Profile, _ delivery: Delivery) {
        switch body {
        case .result(let result):
            result.append(to: &line, seq: seq, delivery)
            if profile == .full { result.appendMore(to: &line, run: run, boot: boot) }
        case .event(let event):
            event.append(to: &line, seq: seq, delivery)
            if profile == .full { event.appendMore(to: &line) }
        case .gap(let gap):
            gap.append(to: &line, to: seq)
        }
        line.put("}\n")
    }
}

extension InspectionResult {
    /// Appends the keys of profile plc without the closing brace.
    func append(to line: inout LineWriter, seq: UInt64, _ delivery: Delivery) {
        line.put("{\"t\":\"r\",\"seq\":", seq)
        line.put(",\"job\":", job)
        line.put(",\"pn\":", partNumber)
        line.put(",\"v\":", verdict.rawValue)
        line.put(",\"rs\":", reason.rawValue)
        line.put(",\"fl\":", delivery.flags(flags))
        line.put(",\"sc\":", min(score, LineLimit.score))
        line.put(",\"cl\":", cluster)
        line.put(",\"cam\":", camera)
        line.put(",\"x\":", box.x)
        line.put(",\"y\":", box.y)
        line.put(",\"w\":", box.width)
        line.put(",\"h\":", box.height)
        line.put(",\"en\":", encoder)
        line.put(",\"us\":", latencyMicroseconds)
        line.put(time: timeMilliseconds)
        line.put(",\"bk\":", min(delivery.backlog, LineLimit.backlog))
    }
}

extension Event {
    /// Appends the keys of profile plc without the closing brace.
    func append(to line: inout LineWriter, seq: UInt64, _ delivery: Delivery) {
        line.put("{\"t\":\"e\",\"seq\":", seq)
        line.put(",\"code\":", code.rawValue)
        line.put(",\"sev\":", severity.rawValue)
        line.put(",\"cam\":", camera)
        line.put(",\"a\":", a)
        line.put(",\"b\":", b)
        line.put(",\"fl\":", delivery.flags(flags))
        line.put(time: timeMilliseconds)
        line.put(",\"bk\":", min(delivery.backlog, LineLimit.backlog))
    }
}

extension Gap {
    /// Appends the keys of both profiles without the closing brace; `to` is the number of the gap's record.
    func append(to line: inout LineWriter, to: UInt64) {
        line.put("{\"t\":\"gap\",\"seq\":", to)
        line.put(",\"from\":", from)
        line.put(",\"to\":", to)
        line.put(",\"why\":", why.rawValue)
        line.put(time: timeMilliseconds)
    }
}

extension LineWriter {
    /// Appends the key `ts`: 13 digits at most, and 0 for what lies before 1970.
    mutating func put(time milliseconds: Int64) {
        put(",\"ts\":", min(max(milliseconds, 0), 9_999_999_999_999))
    }
}
