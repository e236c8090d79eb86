/// The first line of every connection (LWP/1, section 3).
public struct Greeting: Equatable, Sendable {
    /// Product and version, at most 24 characters.
    public var server = "linewatchd"
    /// `[station] id`, at most 16 characters.
    public var station = ""
    /// Identity of the event log: the lowest 32 bits are shown as 8 hexadecimal digits.
    public var log: UInt32 = 0
    public var run: UInt32 = 0
    /// Oldest and newest number held; `first` is `last` + 1 when the log is empty.
    public var first: UInt64 = 1
    public var last: UInt64 = 0
    /// Heartbeat period in milliseconds, 100...10,000.
    public var heartbeat: UInt16 = 1_000
    /// Checksum of the settings in force.
    public var config: UInt16 = 0
    /// The station's state, 0...6 (LWP/1, 8.1).
    public var state: UInt8 = 0

    /// Major and minor version of the protocol.
    public static let major: UInt8 = 1
    public static let minor: UInt8 = 0

    public init() {}

    /// Appends the line with its newline: always profile plc, at most 221 bytes. Allocation-free.
    public func append(to line: inout LineWriter) {
        line.put("{\"t\":\"hello\",\"proto\":", Self.major)
        line.put(",\"minor\":", Self.minor)
        line.put(",\"srv\":")
        line.put(plain: server, width: 24)
        line.put(",\"station\":")
        line.put(plain: station, width: 16)
        line.put(",\"log\":\"")
        line.put(hex: UInt64(log), digits: 8)
        line.put("\",\"run\":", run)
        line.put(",\"first\":", first)
        line.put(",\"last\":", last)
        line.put(",\"hb\":", heartbeat)
        line.put(",\"max\":", LineLimit.plc)
        line.put(",\"cfg\":", config)
        line.put(",\"st\":", state)
        line.put("}\n")
    }
}

/// The answer to a request that was carried out: `id`, and the keys that the operation gives.
public struct OKLine: Equatable, Sendable {
    public var id: UInt32
    public var keys: Keys

    public enum Keys: Equatable, Sendable {
        case none
        /// Role 1...3, cursor, span of the log, heartbeat period in milliseconds.
        case hello(role: UInt8, acked: UInt64, first: UInt64, last: UInt64, heartbeat: UInt16)
        case subscribed(acked: UInt64, credit: UInt16)
        case acked(UInt64)
        /// Deadline in milliseconds; time as UTC milliseconds.
        case job(UInt32, camera: UInt8, deadline: UInt32, timeMilliseconds: Int64)
    }

    public init(id: UInt32, _ keys: Keys) {
        (self.id, self.keys) = (id, keys)
    }

    /// Appends the line with its newline, at most 135 bytes. Allocation-free.
    public func append(to line: inout LineWriter) {
        line.put("{\"t\":\"ok\",\"id\":", id)
        switch keys {
        case .none: break
        case .hello(let role, let acked, let first, let last, let heartbeat):
            line.put(",\"role\":", role)
            line.put(",\"acked\":", acked)
            line.put(",\"first\":", first)
            line.put(",\"last\":", last)
            line.put(",\"hb\":", heartbeat)
            line.put(",\"credit\":0")
        case .subscribed(let acked, let credit):
            line.put(",\"acked\":", acked)
            line.put(",\"credit\":", credit)
        case .acked(let acked):
            line.put(",\"acked\":", acked)
        case .job(let job, let camera, let deadline, let time):
            line.put(",\"job\":", job)
            line.put(",\"cam\":", camera)
            line.put(",\"dl\":", deadline)
            line.put(time: time)
        }
        line.put("}\n")
    }
}

/// The answer to a request that was refused (LWP/1, 4.4).
public struct ErrorLine: Error, Equatable, Sendable {
    public var id: UInt32
    public var number: ErrorNumber
    /// Milliseconds after which the same request may succeed; 0: pointless.
    public var retry: UInt16 = 0
    public var a: UInt64 = 0
    public var b: UInt64 = 0
    /// The key that was wrong; only profile full shows it.
    public var key = ""
    /// One English sentence; empty: the remedy of the table. Only profile full shows it.
    public var message = ""

    public init(id: UInt32, _ number: ErrorNumber) {
        (self.id, self.number) = (id, number)
    }

    /// Appends the line with its newline; in profile plc at most 131 bytes and allocation-free.
    public func append(to line: inout LineWriter, profile: Profile) {
        line.put("{\"t\":\"err\",\"id\":", id)
        line.put(",\"num\":", number.rawValue)
        line.put(",\"code\":\"")
        line.put(number.code)
        line.put("\",\"retry\":", retry)
        line.put(",\"a\":", a)
        line.put(",\"b\":", b)
        if profile == .full {
            line.put(",\"msg\":")
            line.put(quoted: message.isEmpty ? number.remedy.description : message)
            line.put(",\"key\":")
            line.put(quoted: key)
        }
        line.put("}\n")
    }
}
