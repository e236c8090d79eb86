import Imaging
import Platform

/// How a recording is played.
public struct ReplayPace: Hashable, Sendable {
    /// Times the recorded speed; 0: as fast as frames are given back.
    public var speed: Double
    /// Frames that may be on loan at once, 1...64; when all are, the next one waits.
    public var lentFrames: Int
    /// Whether the times of the headers are moved to the present; otherwise they are those recorded, and two
    /// plays are the same byte for byte.
    public var isRestamped: Bool
    /// How often the frames are played one after the other; 0: without end. The numbers of the driver go on from
    /// round to round.
    public var rounds: Int

    public init(speed: Double, lentFrames: Int, isRestamped: Bool, rounds: Int = 1) {
        self.rounds = max(0, rounds)
        self.speed = max(0, speed)
        self.lentFrames = min(max(1, lentFrames), 64)
        self.isRestamped = isRestamped
    }
}

/// A camera that plays a recording or a folder of images.
///
/// No frame is ever dropped: one whose time has come waits until there is a free place. At the end, or at the
/// first damage, comes `.ended`; `damage` then says what was wrong. `close` winds back to the start.
public struct ReplayCamera: Camera, ~Copyable, Sendable {
    public let recording: Recording
    public let pace: ReplayPace
    public private(set) var format: StreamFormat?

    private var loader: FrameLoader
    private let returns: FrameReturns
    /// Places on loan: one bit each.
    private var lent: UInt64 = 0
    private var number = 0
    private var round = 0
    private var hasStarted = false
    private var isLostSaid = false
    /// When the next frame is due on this machine's clock, in nanoseconds; nil before the first.
    private var due: Int?

    /// Throws if there is no memory for a decoder.
    public init(_ recording: Recording, pace: ReplayPace) throws(RecordingError) {
        self.recording = recording
        self.pace = pace
        loader = try FrameLoader(recording, slotCount: pace.lentFrames)
        returns = FrameReturns(keeping: loader.owner)
    }

    /// Why it ended before its time; nil if it did not, or not yet.
    public var damage: RecordingDamage? {
        loader.damage ?? (number == recording.frames.count ? recording.damage : nil)
    }

    public mutating func close() {
        (number, round, hasStarted, isLostSaid) = (0, 0, false, false)
        (due, format) = (nil, nil)
    }

    public mutating func next(timeoutMilliseconds: Int32) -> CameraSignal {
        guard hasStarted else {
            hasStarted = true
            return .transition(transition(from: .opening, to: .streaming, .started))
        }
        guard number < recording.frames.count, loader.damage == nil else { return end() }
        let deadline = MonotonicClock.now + Int(timeoutMilliseconds) * 1_000_000
        guard waitForTime(until: deadline), let slot = waitForPlace(until: deadline) else { return .nothing }
        guard let loaded = loader.load(number, into: slot) else { return end() }

        var header = loaded.header
        header.sequence &+= UInt32(truncatingIfNeeded: round) &* sequenceCount
        if pace.isRestamped {
            let now = Int64(MonotonicClock.now)
            header.driverNanoseconds += now - header.arrivalNanoseconds
            header.arrivalNanoseconds = now
        }
        lent |= 1 << UInt64(slot)
        format = loaded.format
        advance()
        // `returns` keeps the memory of all frames; a slot is not written while its bit is set.
        return unsafe .frame(
            Frame(
                header: header, format: loaded.format, unsafeBytes: loaded.bytes, returns: returns,
                index: slot))
    }

    /// Numbers that one round of the recording takes.
    private var sequenceCount: UInt32 {
        let frames = recording.frames
        guard let first = frames.first, let last = frames.last else { return 0 }
        return last.header.sequence &- first.header.sequence &+ 1
    }

    private mutating func advance() {
        let times = recording.frames
        // From the last frame to the first of the next round it is as long as to the last.
        let from = number + 1 < times.count ? number : max(0, number - 1)
        if let due, pace.speed > 0, from + 1 < times.count {
            // Where the recorded clock jumps back, because the camera was away, no time passes.
            let step = times[from + 1].header.driverNanoseconds &- times[from].header.driverNanoseconds
            self.due = due + Int(min(Double(max(0, step)) / pace.speed, 1e18))
        }
        number += 1
        if number == times.count, pace.rounds == 0 || round + 1 < pace.rounds {
            number = 0
            round &+= 1
        }
    }

    /// False if the next frame is not due by `deadline`.
    private mutating func waitForTime(until deadline: Int) -> Bool {
        guard pace.speed > 0 else { return true }
        guard let due else {
            self.due = MonotonicClock.now
            return true
        }
        MonotonicClock.sleep(nanoseconds: min(due, deadline) - MonotonicClock.now)
        return due <= MonotonicClock.now
    }

    /// A place that is not on loan; nil if none is until `deadline`.
    private mutating func waitForPlace(until deadline: Int) -> Int? {
        while true {
            lent &= ~returns.collect()
            let free = (~lent).trailingZeroBitCount
            if free < pace.lentFrames { return free }
            guard MonotonicClock.now < deadline else { return nil }
            // Giving back is one atomic operation that wakes nobody. Where several frames are on loan, the others wait
            // to be inspected meanwhile: looking rarely costs no frame, and looking often costs processor time.
            MonotonicClock.sleep(nanoseconds: pace.lentFrames > 2 ? 1_000_000 : 200_000)
        }
    }

    /// A damaged recording is a lost camera first.
    private mutating func end() -> CameraSignal {
        guard let damage, damage.reason != .noEnd, !isLostSaid else { return .ended }
        isLostSaid = true
        return .transition(transition(from: .streaming, to: .lost, .ioError))
    }

    private func transition(
        from: CameraState, to: CameraState, _ reason: CameraTransition.Reason
    ) -> CameraTransition {
        CameraTransition(
            from: from, to: to, reason: reason,
            timeNanoseconds: pace.isRestamped ? Int64(MonotonicClock.now) : 0)
    }
}
