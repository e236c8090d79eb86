/// Where a camera is in its life. The raw values are the words of the settings, `--json` and metrics.
///
///     absent -> opening -> streaming <-> idle -> lost -> backoff -> opening
public enum CameraState: String, CaseIterable, Sendable {
    /// No device matches the identity.
    case absent
    /// A device was found and is being set up.
    case opening
    /// Frames arrive.
    case streaming
    /// Set up, and rightly without frames: nothing triggers it, or it is not armed.
    case idle
    /// It was there and is gone or broken; everything of it has been torn down.
    case lost
    /// Waiting before the next attempt.
    case backoff
    /// A device answers to the name and is another one.
    case wrong
    /// Switched off in the settings.
    case disabled
}

/// A change of state, and why.
public struct CameraTransition: Equatable, Sendable {
    public var from: CameraState
    public var to: CameraState
    public var reason: Reason
    /// The error number of the call that failed; 0 where none did.
    public var errno: Int32 = 0
    /// Monotonic nanoseconds.
    public var timeNanoseconds: Int64 = 0
    /// For `to == .streaming` after a loss: how long it was away, and attempts made.
    public var awayMilliseconds: Int64 = 0
    public var attemptCount: UInt32 = 0

    /// Why a state was left.
    public enum Reason: String, CaseIterable, Sendable {
        case started, found, streaming, triggered, noTrigger
        case deviceGone, ioError, pollError, pingFailed, stalled
        case openFailed, setUpFailed, formatChanged, wrongIdentity, ambiguousIdentity
        case retry, hotPlug, closed
    }

    public init(
        from: CameraState, to: CameraState, reason: Reason, errno: Int32 = 0, timeNanoseconds: Int64 = 0
    ) {
        self.from = from
        self.to = to
        self.reason = reason
        self.errno = errno
        self.timeNanoseconds = timeNanoseconds
    }
}
