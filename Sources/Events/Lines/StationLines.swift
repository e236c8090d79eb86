/// What the station says of itself at one moment (LWP/1, 4.1 and section 8).
public struct StationStatus: BitwiseCopyable, Sendable {
    public var state = StationState.preoperational
    /// A trigger would be accepted now.
    public var isReady = false
    /// The last error number that led to state 2; 0 none.
    public var error: Int16 = 0
    public var alarms: Alarms = []
    /// Recipe; 0 none.
    public var recipe: UInt16 = 0
    /// Some camera is in continuous execution.
    public var isArmed = false
    /// Bit (camera - 1) is set where the camera is present.
    public var camerasPresent: UInt32 = 0
    /// Places of the inspection queue that are used and free.
    public var queued: UInt16 = 0
    public var free: UInt16 = 0
    /// Refused software triggers of this run.
    public var missed: UInt32 = 0
    /// Checksum of the settings in force.
    public var config: UInt16 = 0
    /// Now, UTC milliseconds.
    public var timeMilliseconds: Int64 = 0

    public init() {}
}

/// The states of the station (LWP/1, 8.1).
public enum StationState: UInt8, CaseIterable, BitwiseCopyable, Sendable {
    case preoperational, halted, error, ready, single, continuous, initialized
}

/// What needs attention without being a state, one bit each (LWP/1, 8.3).
public struct Alarms: OptionSet, Hashable, BitwiseCopyable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let cameraLost = Alarms(rawValue: 1 << 0)
    public static let cameraStalled = Alarms(rawValue: 1 << 1)
    public static let diskLow = Alarms(rawValue: 1 << 2)
    public static let diskFull = Alarms(rawValue: 1 << 3)
    public static let storeSlow = Alarms(rawValue: 1 << 4)
    public static let overload = Alarms(rawValue: 1 << 5)
    public static let uncalibrated = Alarms(rawValue: 1 << 6)
    public static let scoreDrift = Alarms(rawValue: 1 << 7)
    public static let clockNotSynchronised = Alarms(rawValue: 1 << 8)
    public static let consumerOverrun = Alarms(rawValue: 1 << 9)
    public static let clientLost = Alarms(rawValue: 1 << 10)
    public static let modelProbation = Alarms(rawValue: 1 << 11)
    public static let configRejected = Alarms(rawValue: 1 << 12)
    public static let safeMode = Alarms(rawValue: 1 << 13)
    public static let imagesOff = Alarms(rawValue: 1 << 14)
    public static let encoderLost = Alarms(rawValue: 1 << 15)

    /// The meaning of each bit, bit 0 first.
    public static let meanings: [StaticString] = [
        "camera lost", "camera stalled", "disk low", "disk full", "store slow", "overload", "uncalibrated",
        "score drift", "clock not synchronised", "consumer overrun", "client lost",
        "model in probation or rolled back", "configuration rejected", "safe mode", "images off",
        "encoder lost",
    ]
}

extension StationStatus {
    /// Appends the line `st` with its newline, at most 226 bytes. Allocation-free.
    ///
    /// `last` is the newest number of the log, `acked` the consumer's cursor.
    public func append(to line: inout LineWriter, id: UInt32, last: UInt64, acked: UInt64) {
        line.put("{\"t\":\"st\",\"id\":", id)
        line.put(",\"st\":", state.rawValue)
        line.put(",\"rdy\":", isReady ? 1 : 0)
        line.put(",\"err\":", error)
        line.put(",\"al\":", alarms.rawValue)
        line.put(",\"rcp\":", recipe)
        line.put(",\"armed\":", isArmed ? 1 : 0)
        line.put(",\"cok\":", camerasPresent)
        line.put(",\"q\":", queued)
        line.put(",\"free\":", free)
        line.put(",\"last\":", last)
        line.put(",\"acked\":", acked)
        line.put(",\"bk\":", min(last - min(acked, last), LineLimit.backlog))
        line.put(",\"cfg\":", config)
        line.put(time: timeMilliseconds)
        line.put("}\n")
    }

    /// Appends the heartbeat `count` with its newline, at most 166 bytes. Allocation-free.
    public func append(
        beat count: UInt32, to line: inout LineWriter, first: UInt64, last: UInt64, backlog: UInt64
    ) {
        line.put("{\"t\":\"hb\",\"n\":", count)
        line.put(",\"st\":", state.rawValue)
        line.put(",\"rdy\":", isReady ? 1 : 0)
        line.put(",\"al\":", alarms.rawValue)
        line.put(",\"first\":", first)
        line.put(",\"last\":", last)
        line.put(",\"bk\":", min(backlog, LineLimit.backlog))
        line.put(",\"ms\":", missed)
        line.put(",\"cfg\":", config)
        line.put(time: timeMilliseconds)
        line.put("}\n")
    }
}

/// The counters of one run; they only grow (LWP/1, 4.1).
public struct StationStatistics: BitwiseCopyable, Sendable {
    public var run: UInt32 = 0
    /// Seconds since the start.
    public var uptime: UInt32 = 0
    /// Triggers seen: software requests and external frames, lost ones included.
    public var triggers: UInt32 = 0
    public var ok: UInt32 = 0
    public var ng: UInt32 = 0
    public var unsure: UInt32 = 0
    public var invalid: UInt32 = 0
    /// Refused software triggers.
    public var missed: UInt32 = 0
    /// Frames lost.
    public var lost: UInt32 = 0
    /// Microseconds from trigger to published.
    public var p50: UInt32 = 0
    public var p99: UInt32 = 0
    /// Deadlines missed.
    public var deadlines: UInt32 = 0

    public init() {}

    /// Appends the line with its newline, at most 227 bytes. Allocation-free.
    public func append(to line: inout LineWriter, id: UInt32) {
        line.put("{\"t\":\"stats\",\"id\":", id)
        line.put(",\"run\":", run)
        line.put(",\"up\":", uptime)
        line.put(",\"tr\":", triggers)
        line.put(",\"ok\":", ok)
        line.put(",\"ng\":", ng)
        line.put(",\"un\":", unsure)
        line.put(",\"iv\":", invalid)
        line.put(",\"ms\":", missed)
        line.put(",\"lost\":", lost)
        line.put(",\"p50\":", p50)
        line.put(",\"p99\":", p99)
        line.put(",\"dl\":", deadlines)
        line.put("}\n")
    }
}
