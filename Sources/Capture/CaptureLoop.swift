public import Imaging
public import Platform
import Synchronization

/// What a capture thread tells of beside its frames: a value of fixed size.
public enum CaptureNotice: Sendable {
    /// The inspection was behind, or all buffers were on loan: the frame went back to the driver at once. It
    /// counts as seen and needs an INVALID result. The ticket of its header is 0 unless it was admitted.
    case refused(FrameHeader)
    /// The state of the camera changed.
    case transition(CameraTransition)
    /// A recording is played to its end.
    case ended
}

/// What becomes of a frame, decided on the capture thread before anybody else has seen it.
public enum Admission: Hashable, Sendable {
    /// It goes to the inspection, with this number as the `ticket` of its header.
    case inspect(ticket: UInt16)
    /// There is no room for it: a notice of it takes its place.
    case refuse
    /// Nobody asked for it: it goes back to the driver, and only the counters know.
    case pass
}

/// How a capture thread is doing, for any thread to read.
public final class CaptureCounters: Sendable {
    private let taken = Atomic<Int>(0)
    private let refused = Atomic<Int>(0)
    private let lost = Atomic<Int>(0)
    private let turns = Atomic<Int>(0)

    public init() {}

    /// Frames that came, those refused among them.
    public var takenCount: Int { taken.load(ordering: .relaxed) }
    /// Frames that came and were refused.
    public var refusedCount: Int { refused.load(ordering: .relaxed) }
    /// Frames that the driver numbered and never handed over.
    public var lostCount: Int { lost.load(ordering: .relaxed) }
    /// Turns of the loop: rises as long as the thread is alive, with frames or without.
    public var turnCount: Int { turns.load(ordering: .relaxed) }

    fileprivate func addTurn() { turns.add(1, ordering: .relaxed) }

    fileprivate func add(_ header: FrameHeader, isRefused: Bool) {
        taken.add(1, ordering: .relaxed)
        lost.add(Int(header.lostCount), ordering: .relaxed)
        if isRefused { refused.add(1, ordering: .relaxed) }
    }
}

/// The work of a capture thread: takes what a camera gives and passes it on, in order and without loss.
///
/// A frame that is admitted goes into the ring of the inspection worker. If that is full, the newest frame goes
/// back to the driver and a notice of it takes the frame's place, so that every trigger has exactly one result. A
/// notice that finds its ring full is offered again before anything else is taken from the camera.
public struct CaptureLoop<Source: Camera & ~Copyable>: ~Copyable {
    private var camera: Source
    private let frames: Ring<Frame>
    private let notices: Ring<CaptureNotice>
    private let wakeUp: EventCounter
    private let noticeWakeUp: EventCounter
    private let admit: @Sendable (FrameHeader) -> Admission
    private let counters: CaptureCounters
    private var unsaid: CaptureNotice?
    /// Whether a recording was played to its end, and its notice taken.
    public private(set) var hasEnded = false

    /// - Parameters:
    ///   - frames, notices: rings of which this loop is the only producer.
    ///   - wakeUp: signalled after each frame pushed.
    ///   - noticeWakeUp: signalled after each notice pushed; may be the same.
    ///   - admit: asked once for each frame that the camera gives, on the capture thread: allocation-free.
    public init(
        _ camera: consuming Source, frames: Ring<Frame>, notices: Ring<CaptureNotice>,
        wakeUp: EventCounter, noticeWakeUp: EventCounter, counters: CaptureCounters,
        admit: @escaping @Sendable (FrameHeader) -> Admission
    ) {
        self.camera = camera
        self.frames = frames
        self.notices = notices
        self.wakeUp = wakeUp
        self.noticeWakeUp = noticeWakeUp
        self.counters = counters
        self.admit = admit
    }

    /// Runs until `stop` is raised or a recording has ended, then closes the camera. Blocks; allocation-free.
    public mutating func run(until stop: StopFlag) {
        while !stop.isUp, !hasEnded { turn(timeoutMilliseconds: 100) }
        camera.close()
    }

    /// Takes one thing from the camera and passes it on. Blocks `timeoutMilliseconds` at most; allocation-free.
    public mutating func turn(timeoutMilliseconds: Int32) {
        counters.addTurn()
        if let notice = unsaid {
            unsaid = nil
            say(notice)
            guard unsaid == nil else {
                MonotonicClock.sleep(nanoseconds: min(Int(timeoutMilliseconds), 1) * 1_000_000)
                return
            }
            if hasEnded { return }
        }
        switch camera.next(timeoutMilliseconds: timeoutMilliseconds) {
        case .frame(let frame): offer(frame)
        case .refused(let header): miss(header)
        case .transition(let transition): say(.transition(transition))
        case .nothing: break
        case .ended: say(.ended)
        }
    }

    private mutating func offer(_ frame: consuming Frame) {
        switch admit(frame.header) {
        case .pass:
            counters.add(frame.header, isRefused: false)
        case .refuse:
            let header = frame.header
            _ = consume frame  // its buffer is free again before the notice is read
            refuse(header)
        case .inspect(let ticket):
            frame.header.ticket = ticket
            let header = frame.header
            if let refused = frames.push(frame) {
                _ = consume refused
                refuse(header)
            } else {
                counters.add(header, isRefused: false)
                wakeUp.signal()
            }
        }
    }

    /// A frame that went back because all buffers were on loan: it is asked for like any other, and cannot be had.
    private mutating func miss(_ header: FrameHeader) {
        var header = header
        switch admit(header) {
        case .pass:
            counters.add(header, isRefused: false)
            return
        case .refuse: break
        case .inspect(let ticket): header.ticket = ticket
        }
        refuse(header)
    }

    private mutating func refuse(_ header: FrameHeader) {
        counters.add(header, isRefused: true)
        say(.refused(header))
    }

    private mutating func say(_ notice: CaptureNotice) {
        unsaid = notices.push(notice)
        guard unsaid == nil else { return }
        if case .ended = notice { hasEnded = true }
        noticeWakeUp.signal()
    }
}

extension CaptureLoop where Source: Sendable & ~Copyable {
    /// Starts a thread that runs this loop; letting the thread go stops and closes the camera.
    ///
    /// Throws if the kernel gives no thread.
    public consuming func start(name: String, cpus: [Int32]) throws(PlatformError) -> HotThread {
        try HotThread(name: name, cpus: cpus, state: self) { loop, stop in loop.run(until: stop) }
    }
}

extension CaptureLoop: Sendable where Source: Sendable & ~Copyable {}
