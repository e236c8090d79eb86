public import Events

/// What the server asks the rest of the product to do.
///
/// The synchronous members are called on the server's event loop: they read memory or hand something over, and
/// never block. The asynchronous ones may take their time: only the connection that asked waits for them, and
/// its own next request with it. Requests of several connections come at the same time.
public protocol Station: Sendable {
    /// State line and heartbeat are made of it. Never blocks.
    var status: StationStatus { get }

    /// The counters of this run. Never blocks.
    var statistics: StationStatistics { get }

    /// Whether every token of the previous heartbeat period came back: only then a beat goes out. Never blocks.
    var isMakingProgress: Bool { get }

    /// Puts `event` into the log in its own time. Never blocks.
    func raise(_ event: Event)

    /// Carries out `[plc] on_client_lost` for the consumer `name`. Never blocks.
    func clientLost(_ name: String)

    /// Counts a refusal with number 30: a bug. Never blocks.
    func countInternalError(_ message: String)

    /// Accepts one part for inspection; as a rule the acceptance is durable on return.
    func trigger(_ request: TriggerRequest) async throws(Refusal) -> AcceptedTrigger

    /// Loads and warms the recipe. A failure leaves the old one in force.
    func useRecipe(_ recipe: UInt16) async throws(Refusal)

    /// Begins continuous execution of `camera`, or of all.
    func arm(_ camera: CameraName?) async throws(Refusal)

    /// Ends continuous execution of `camera`, or of all; returns when the queue is empty.
    func disarm(_ camera: CameraName?) async throws(Refusal)

    /// Leaves the state of error where its cause is gone, and clears latched alarms.
    func reset() async throws(Refusal)

    /// Stores an operator's verdict beside the result.
    func mark(_ mark: Mark) async throws(Refusal)

    /// Carries out an operation of role admin.
    func administer(_ request: AdminRequest) async throws(Refusal) -> AdminReply
}

/// The answer to an accepted trigger.
public struct AcceptedTrigger: Equatable, Sendable {
    public var job: UInt32
    /// 1...32.
    public var camera: UInt8
    /// Milliseconds from now.
    public var deadline: UInt32
    /// UTC milliseconds.
    public var timeMilliseconds: Int64

    public init(job: UInt32, camera: UInt8, deadline: UInt32, timeMilliseconds: Int64) {
        (self.job, self.camera, self.deadline) = (job, camera, deadline)
        self.timeMilliseconds = timeMilliseconds
    }
}

/// What an operation of role admin gives back.
public enum AdminReply: Equatable, Sendable {
    /// `ok` with these keys; the whole line has at most 32,768 bytes.
    case ok([JSONMember] = [])
    /// `blob` lines and `end`, which has these keys too.
    case blob([UInt8], members: [JSONMember] = [])
}

/// Why the station refuses a request: an error of 4.4 without the request's `id`.
public struct Refusal: Error, Equatable, Sendable {
    public var number: ErrorNumber
    /// Milliseconds; 0 where repeating is pointless.
    public var retry: UInt16
    public var a: UInt64
    public var b: UInt64
    /// The key that was wrong, where one was.
    public var key: String
    /// One English sentence that names the remedy; empty: the table's own.
    public var message: String

    public init(
        _ number: ErrorNumber, retry: UInt16 = 0, a: UInt64 = 0, b: UInt64 = 0, key: String = "",
        message: String = ""
    ) {
        (self.number, self.retry, self.a, self.b) = (number, retry, a, b)
        (self.key, self.message) = (key, message)
    }

    /// That there is no record `seq` in a log that holds the numbers of `span`: not yet, or no more.
    public static func noRecord(_ seq: UInt64, in span: LogSpan) -> Refusal {
        var reason = "Number \(seq) is none of the log: ask for one from \(span.first) to \(span.last)."
        if span.first > span.last {
            reason = "There is no number \(seq): the log is empty. Wait for the first result."
        } else if seq > span.last {
            reason = "Number \(seq) was not given yet: the newest is \(span.last)."
        } else if seq < span.first {
            reason = "Number \(seq) was aged out: the oldest that is kept is \(span.first)."
        }
        return Refusal(.notFound, a: span.first, b: span.last, key: "seq", message: reason)
    }

    /// How the log's refusals look on the line.
    init(_ error: SourceError) {
        let number: ErrorNumber =
            switch error {
            case .ownedByAnother: .forbidden
            case .tooManyConsumers: .tooManyClients
            case .unknownConsumer: .unknownConsumer
            case .diskFull: .diskFull
            case .storage: .storageError
            }
        self.init(number, retry: number == .diskFull ? 1_000 : 0, message: "\(error)")
    }

    /// The line that answers the request `id`.
    func line(id: UInt32) -> ErrorLine {
        var line = ErrorLine(id: id, number)
        (line.retry, line.a, line.b, line.key, line.message) = (retry, a, b, key, message)
        return line
    }
}
