public import Events

/// One checked request: every value is inside the range of 4.1 to 4.3.
public enum Request: Equatable, Sendable {
    case hello(Hello)
    case describe
    case ping
    case poll(Poll)
    case sub(Subscription)
    case unsub
    /// `log` is the client's idea of the log's identity.
    case ack(seq: UInt64, log: UInt32?)
    case trigger(TriggerRequest)
    case state
    case stats
    case get(seq: UInt64)
    /// Milliseconds, 200...60,000; 0 off.
    case watch(milliseconds: UInt32)
    case recipe(UInt16)
    /// nil is all cameras.
    case arm(CameraName?)
    case disarm(CameraName?)
    case reset
    case mark(Mark)
    case export(after: UInt64, to: UInt64)
    case consumerList
    case consumerDrop(name: String)
    case admin(AdminRequest)

    public struct Hello: Equatable, Sendable {
        public var name: String
        public var major: UInt8
        public var profile: Profile
        /// Milliseconds, 100...10,000; nil: the server's own.
        public var heartbeat: UInt16?
        public var isAnonymous: Bool
    }

    /// Where a client starts to read.
    public enum Cursor: Equatable, Sendable {
        case after(UInt64)
        /// Behind what the consumer has acknowledged.
        case acked
        /// Behind the newest record.
        case tail

        init(_ number: Int64) {
            self = number == -1 ? .acked : number == -2 ? .tail : .after(UInt64(number))
        }
    }

    public struct Poll: Equatable, Sendable {
        public var after: Cursor
        /// 1...256.
        public var max: Int
        /// Milliseconds, 0...5,000.
        public var wait: UInt32
        public var kinds: Kinds
        public var isStrict: Bool
        public var log: UInt32?
    }

    public struct Subscription: Equatable, Sendable {
        public var after: Cursor
        /// 1...1,024 records that may be unacknowledged.
        public var credit: Int
        public var kinds: Kinds
        public var isFast: Bool
        public var log: UInt32?
    }

    /// Which records a client wants; gaps are always among them.
    public struct Kinds: OptionSet, Equatable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        public static let results = Kinds(rawValue: 1)
        public static let events = Kinds(rawValue: 2)
    }
}

/// A camera as a request names it.
public enum CameraName: Hashable, Sendable {
    /// 1...32.
    case number(UInt8)
    case name(String)
}

/// A software trigger.
public struct TriggerRequest: Equatable, Sendable {
    /// nil: the only camera.
    public var camera: CameraName?
    public var partNumber: UInt32
    /// At most 48 bytes.
    public var part: String
    /// Milliseconds, 5...60,000; nil: as configured.
    public var deadline: UInt32?
}

/// An operator's own verdict on a record.
public struct Mark: Equatable, Sendable {
    public var seq: UInt64
    public var verdict: Operators

    public enum Operators: Equatable, Sendable {
        /// A false reject.
        case ok(absorb: Bool)
        /// A missed defect; all zero is the whole frame.
        case ng(Box)
    }
}

extension Request {
    /// Checks the arguments of `line` against the table of its operation.
    ///
    /// Throws `ErrorLine` 4 `bad_arg` that names the key, ready to be sent.
    public init(_ line: RequestLine, profile: Profile) throws(ErrorLine) {
        let values = try Arguments(line, profile: profile)
        switch line.operation {
        case .hello: self = .hello(Hello(values))
        case .describe: self = .describe
        case .ping: self = .ping
        case .poll: self = .poll(Poll(values))
        case .sub: self = .sub(Subscription(values))
        case .unsub: self = .unsub
        case .ack: self = .ack(seq: values.number("seq"), log: values.log)
        case .trigger: self = .trigger(TriggerRequest(values))
        case .state: self = .state
        case .stats: self = .stats
        case .get: self = .get(seq: values.number("seq"))
        case .watch:
            guard !(1..<200 ~= values.integer("ms")) else {
                throw .badArgument(id: line.id, key: "ms", "'ms' is 0 (off) or 200 to 60000")
            }
            self = .watch(milliseconds: values.number("ms"))
        case .recipe: self = .recipe(values.number("rcp"))
        case .arm: self = .arm(values.camera)
        case .disarm: self = .disarm(values.camera)
        case .reset: self = .reset
        case .mark: self = .mark(try Mark(values, id: line.id))
        case .storeExport: self = .export(after: values.number("after"), to: values.number("to"))
        case .consumerList: self = .consumerList
        case .consumerDrop: self = .consumerDrop(name: values.text("name"))
        default: self = .admin(try AdminRequest(line.operation, values, id: line.id))
        }
    }
}

extension Request.Hello {
    fileprivate init(_ values: Arguments) {
        (name, major) = (values.text("name"), values.number("proto"))
        profile = Profile(rawValue: values.text("profile")) ?? .plc
        (heartbeat, isAnonymous) = (values.optional("hb"), values.flag("anon"))
    }
}

extension Request.Poll {
    fileprivate init(_ values: Arguments) {
        (after, max, wait) = (.init(values.integer("after")), values.number("max"), values.number("wait"))
        kinds = .init(rawValue: values.number("kinds"))
        (isStrict, log) = (values.flag("strict"), values.log)
    }
}

extension Request.Subscription {
    fileprivate init(_ values: Arguments) {
        (after, credit) = (.init(values.integer("after")), values.number("credit"))
        kinds = .init(rawValue: values.number("kinds"))
        (isFast, log) = (values.flag("fast"), values.log)
    }
}

extension TriggerRequest {
    fileprivate init(_ values: Arguments) {
        (camera, partNumber) = (values.camera, values.number("pn"))
        (part, deadline) = (values.text("part"), values.optional("deadline"))
    }
}

extension Mark {
    fileprivate init(_ values: Arguments, id: UInt32) throws(ErrorLine) {
        seq = values.number("seq")
        let isOK = values.integer("as") == 1
        for key in isOK ? ["x", "y", "w", "h"] : ["absorb"] where values[key] != nil {
            throw .badArgument(id: id, key: key, "'\(key)' does not go with this 'as'")
        }
        verdict =
            isOK
            ? .ok(absorb: values.flag("absorb"))
            : .ng(
                Box(
                    x: values.number("x"), y: values.number("y"), width: values.number("w"),
                    height: values.number("h")))
    }
}

extension Arguments {
    /// The key `cam`; nil where it is absent or 0.
    var camera: CameraName? {
        if let name = self["cam"]?.text { return .name(name) }
        let number = integer("cam")
        return number == 0 ? nil : .number(UInt8(clamping: number))
    }

    /// The key `log`.
    fileprivate var log: UInt32? { self["log"]?.text.flatMap { UInt32($0, radix: 16) } }
}
