/// A V4L2 device as a camera that survives the factory: it is found by its identity, set up, watched, and
/// after every loss taken down completely and opened anew, for as long as it takes.
///
///     absent --found--> opening --first frame, or armed--> streaming <-> idle
///        ^                 |                                   |
///        |            cannot be opened              ENODEV, EIO, ERR, HUP,
///        |                 v                        ping, stall, other format
///        +---gone--- backoff / wrong <----torn down---- lost <--+
///
/// - `streaming` is entered with the first frame, not before, so that a device that opens and gives nothing
///   is never reported as back. A triggered camera is `idle` as soon as it is armed.
/// - `lost` is entered once per outage, from `streaming` or `idle`; the transition back to one of them
///   carries `awayMilliseconds`. What fails in between goes from `opening` to `backoff`.
/// - Torn down means: STREAMOFF, then every buffer unmapped once the last frame on loan is back, then closed.
///   Until that is done the state stays `lost`, because a mapping keeps a dead device open.
/// - While away the thread sleeps until the next attempt is due or a video device appears: one wake-up per
///   wait, if the caller's timeout is longer than it.
public struct V4L2Camera: ~Copyable, Camera, @unchecked Sendable {
    // @unchecked: it cannot be copied and every use is exclusive, so one thread at a time has it.
    let settings: V4L2Settings
    let folders: DeviceFolders
    let driver: VideoDriver
    let converting: VideoDriver
    /// Connected while the device is open; nil if nobody wants to trigger it.
    let triggerLine: TriggerLine?

    /// Where it is in its life.
    public internal(set) var state = CameraState.absent
    /// Why the last attempt to open it failed, or the last loss's error; nil while it streams.
    public internal(set) var lastError: VideoError?
    /// The device that it was opened as; nil while it is away.
    public internal(set) var device: VideoDevice?
    /// Frames that went straight back because too many were on loan.
    public internal(set) var refusedCount: UInt64 = 0
    /// How often the thread woke up while the camera was away.
    public internal(set) var wakeUpCount: UInt64 = 0

    var stream: VideoStream?
    /// A stream that was stopped and still has frames on loan, and what follows when they are back.
    var stopped: VideoStream?
    /// Transitions that nobody has been told of yet, the next first. A loss makes two at most.
    var transitions: [CameraTransition] = []
    var backoff: Backoff
    var outage = Outage()
    var watch: Int32 = -1
    /// Monotonic nanoseconds: the next attempt, the last frame or start, the last ping.
    var nextAttempt: Int64 = 0
    /// Whether `nextAttempt` has been set since the camera was lost.
    var isWaitPlanned = true
    var attemptReason = CameraTransition.Reason.found
    var lastFrame: Int64 = 0
    var lastPing: Int64 = 0

    /// What is known of the time without frames.
    struct Outage {
        /// When the camera was lost; nil if it never was, or is back.
        var start: Int64?
        /// Attempts to open it since it was last there.
        var attemptCount: UInt32 = 0
    }

    /// A camera that nobody has looked for yet: `next` does.
    ///
    /// - Parameter triggerLine: triggers it by command, whatever thread that comes from.
    public init(_ settings: V4L2Settings, triggerLine: TriggerLine? = nil) {
        self.init(
            settings, folders: .machine, driver: .kernel(.machine), converting: .converting(.machine),
            triggerLine: triggerLine)
    }

    package init(
        _ settings: V4L2Settings, folders: DeviceFolders, driver: VideoDriver, converting: VideoDriver,
        triggerLine: TriggerLine? = nil
    ) {
        precondition((3...32).contains(settings.bufferCount), "\(settings.bufferCount) buffers")
        self.settings = settings
        self.folders = folders
        self.driver = driver
        self.converting = converting
        self.triggerLine = triggerLine
        backoff = Backoff(settings.reconnectMilliseconds)
        transitions.reserveCapacity(4)
    }

    deinit {
        triggerLine?.disconnect()
        driver.endWatch(watch)
    }

    /// What the frames look like; nil while there are none.
    public var format: StreamFormat? { stream?.negotiation.stream }

    /// What was asked for and granted; nil while the device is not open.
    public var negotiation: FormatNegotiation? { stream?.negotiation }

    /// Everything that the open device offers; empty while it is not open. Some hundred system calls.
    public func offeredFormats() -> [OfferedFormat] { stream?.node.offeredFormats() ?? [] }

    public mutating func next(timeoutMilliseconds: Int32) -> CameraSignal {
        let deadline = driver.now() + Int64(timeoutMilliseconds) * 1_000_000
        while true {
            if !transitions.isEmpty { return .transition(transitions.removeFirst()) }
            if let stream {
                if let signal = next(of: stream, deadline) { return signal }
            } else if !waitAndAttempt(deadline) {
                return .nothing
            }
        }
    }

    /// Frames on loan stay valid: the memory is unmapped with the last of them.
    public mutating func close() {
        triggerLine?.disconnect()
        stream?.stop()
        stream = nil
        stopped = nil
        device = nil
        driver.endWatch(watch)
        watch = -1
        nextAttempt = 0
        isWaitPlanned = true
        attemptReason = .found
        outage = Outage()
        backoff.reset()
        transitions.removeAll(keepingCapacity: true)
        if state != .absent { enter(.absent, .closed) }
    }

    /// Changes the state and notes the transition. Nothing happens if it is that already.
    mutating func enter(
        _ state: CameraState, _ reason: CameraTransition.Reason, errno: Int32 = 0
    ) {
        guard state != self.state else { return }
        var transition = CameraTransition(
            from: self.state, to: state, reason: reason, errno: errno, timeNanoseconds: driver.now())
        if self.state == .opening && (state == .streaming || state == .idle) {
            transition.attemptCount = outage.attemptCount
            if let start = outage.start {
                // At least 1, since 0 says that there was no outage.
                transition.awayMilliseconds = max(1, (transition.timeNanoseconds - start) / 1_000_000)
            }
            outage = Outage()
        }
        self.state = state
        transitions.append(transition)
    }
}
