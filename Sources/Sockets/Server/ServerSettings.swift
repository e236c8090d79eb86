/// Every duration and limit of the server; the standard values are those of the protocol (LWP/1, section 1).
public struct ServerSettings: Sendable {
    /// Product and version, at most 24 characters, and `[station] id`, at most 16.
    public var product = "linewatchd"
    public var station = ""
    public var access = AccessRules()

    /// Between heartbeats where the client does not ask for its own period; milliseconds, 100...10,000.
    public var heartbeat: UInt16 = 1_000
    /// `[plc] publish = "fast"`: records may be sent before their commit to whom asks for it.
    public var publishesFast = false

    /// Connections on `plc` and `operator` together, and on `admin`.
    public var clientLimit = 16
    public var adminLimit = 4
    /// Bytes of a request line with its newline.
    public var lineLimit = 1_024
    public var adminLineLimit = 32_768
    /// Objects and arrays in each other; 1 is flat.
    public var depthLimit = 1
    public var adminDepthLimit = 8
    /// Requests per second in the long run, and at once.
    public var requestRate = 200
    public var requestBurst = 50
    /// So many lines in a row that are no JSON object end the connection.
    public var badLineLimit = 10

    /// From connecting to the client's `hello`.
    public var helloTimeout = Duration.seconds(5)
    /// From the first byte of a request line to its newline.
    public var halfLineTimeout = Duration.seconds(10)
    /// How long a client may leave the socket undrained.
    public var slowTimeout = Duration.seconds(10)
    /// From the use of the last credit to event 1502.
    public var ackTimeout = Duration.seconds(10)
    /// How long a last line may take to leave before the connection is closed all the same.
    public var farewellTimeout = Duration.seconds(1)
    /// Between two events about refusals of the same peer.
    public var deniedInterval = Duration.seconds(60)
    /// What `bye` says of coming back, in milliseconds. Who broke the protocol keeps its place so long, unheard.
    public var comeBackAfter: UInt16 = 1_000

    /// Threads that read the log and wait for its medium.
    public var readingThreads = 2

    public init() {}
}
