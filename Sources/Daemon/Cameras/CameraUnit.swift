package import Capture
package import Configuration
import Imaging
package import Platform
import SimulatedLine
package import Synchronization

/// One camera of the settings: its thread, its gate, its lane, and what is known of its state.
package final class CameraUnit: Sendable {
    package let id: UInt8
    package let source: CameraSettings.Source
    /// The number of the inspection worker that judges its frames: always the same one.
    package let worker: Int
    package let gate: Gate
    package let lane: Lane
    package let notices = Ring<CaptureNotice>(capacity: 64)
    package let counters = CaptureCounters()
    /// The trigger button of a camera that waits for commands; nil for all others.
    package let triggerLine: TriggerLine?
    /// What its frames look like, if camera and settings agree.
    package let expected: StreamFormat
    /// Nanoseconds that its inspection takes at least: what a deadline must allow.
    package let floor = Atomic<Int>(0)
    /// It is on its way out: nobody opens it again.
    package let isLeaving = Atomic<Bool>(false)
    private let current: Mutex<CameraSettings>
    private let life: Mutex<Life>
    private let thread = Mutex<Running?>(nil)

    /// A thread that ends with the last reference.
    private final class Running: Sendable {
        let thread: HotThread
        init(_ thread: consuming HotThread) { self.thread = thread }
    }

    /// Where the camera is in its life, for people and for the state line.
    package struct Life: Sendable {
        package var state = CameraState.absent
        package var reason = CameraTransition.Reason.closed
        /// UTC milliseconds.
        package var since: Int64 = WallClock.now
        /// Whether an event has said that it is away.
        package var isLossSaid = false
        package var isStalled = false
        /// A recording is played to its end: its thread is over, and nobody waits for it.
        package var hasEnded = false
        /// Why the camera cannot be made at all, in words; nil if it can.
        package var failure: String?

        /// Frames arrive, or rightly do not.
        package var isPresent: Bool { state == .streaming || state == .idle }
    }

    package init(_ settings: CameraSettings, worker: Int, expected: StreamFormat, gate: Gate, lane: Lane) {
        current = Mutex(settings)
        self.worker = worker
        (id, source) = (UInt8(clamping: settings.id), settings.source)
        (self.expected, self.gate, self.lane) = (expected, gate, lane)
        triggerLine = settings.source == .v4l2 && settings.trigger == .software ? TriggerLine() : nil
        var life = Life()
        if settings.source == .none { life.state = .disabled }
        self.life = Mutex(life)
    }

    /// As the file has them now. Those that the camera itself depends on stay the same as long as it lives.
    package var settings: CameraSettings {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }

    /// What an operator calls it.
    package var title: String {
        let name = settings.name
        return name.isEmpty ? "\(id)" : name
    }

    package var state: Life { life.withLock { $0 } }

    package func update(_ body: (inout Life) -> Void) { life.withLock { body(&$0) } }

    /// Whether its thread is running, and how many turns it made.
    package var isRunning: Bool { thread.withLock { $0 != nil } }

    /// Opens the camera on a thread of its own: it goes on trying for as long as it takes.
    ///
    /// Throws what makes the camera impossible, such as a folder without images: that is `failure` then.
    package func start(worker: EventCounter, alarm: Alarm, queue: Int, cpus: [Int32]) throws {
        guard source != .none, !isLeaving.load(ordering: .acquiring) else { return }
        // Before the thread is there: a short recording is over at once.
        update { $0.hasEnded = false }
        do {
            let started = try CameraOpening(
                unit: self, worker: worker, alarm: alarm, queue: queue, cpus: cpus
            )
            .start()
            let running = Running(started)
            thread.withLock { $0 = running }
            update { $0.failure = nil }
        } catch {
            update { life in
                (life.state, life.since) = (.absent, WallClock.now)
                life.failure = "\(error)"
            }
            throw error
        }
    }

    /// Ends the thread and closes the camera. Blocks for at most a tenth of a second, and what the driver takes.
    package func stop() {
        guard let running = thread.withLock({ $0.take() }) else { return }
        running.thread.stop.raise()
        // The last reference: letting it go waits for the thread.
        _ = consume running
        update { life in
            guard life.state != .disabled else { return }
            (life.state, life.reason, life.since) = (.absent, .closed, WallClock.now)
        }
    }

    /// Whether nothing of it is under way: every frame has its result, every notice was read, every picture that is
    /// wanted was taken over.
    package var isDrained: Bool {
        gate.docket.count == 0 && notices.count == 0 && gate.losses.count == 0
            && lane.archive.count == 0
    }
}
