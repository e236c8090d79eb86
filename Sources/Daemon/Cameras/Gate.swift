package import Capture
import Events
package import Imaging
package import Platform
package import Synchronization

/// Frames in a row that the driver numbered and never handed over.
package struct Loss: Hashable, Sendable {
    package let count: Int
    /// The driver's number of the frame that came after them.
    package let before: UInt32

    package init(count: Int, before: UInt32) { (self.count, self.before) = (count, before) }
}

/// Decides on a camera's own thread which of its frames are triggers, and books them on the docket.
///
/// A frame of an armed camera is a trigger of its own (LWP/1, P1 b to d); a frame of a camera with software
/// triggers belongs to the trigger that waits for it, or to nobody. Allocation-free, wait-free.
package final class Gate: Sendable {
    package let camera: UInt8
    package let docket: Docket
    /// Whether frames wait for a command, and are triggers only then.
    package let isSoftware: Bool
    package let isArmed = Atomic<Bool>(false)
    /// Nanoseconds from trigger to verdict.
    package let deadline = Atomic<Int>(80_000_000)
    package let recipe = Atomic<UInt16>(0)
    /// Triggers so far: frames admitted, refused and lost, and commands accepted.
    package let triggerCount = Atomic<Int>(0)
    /// Lost frames that have no result yet, for the supervisor.
    package let losses = Ring<Loss>(capacity: 64)
    /// Of losses that found no room there; they go with the next one.
    private let untold = Atomic<Int>(0)
    /// What the supervisor sleeps until; it is woken for anything earlier.
    private let alarm: Alarm
    private let takeJob: @Sendable () -> UInt32

    package init(
        camera: UInt8, docket: Docket, isSoftware: Bool, alarm: Alarm,
        takeJob: @escaping @Sendable () -> UInt32
    ) {
        (self.camera, self.docket, self.isSoftware) = (camera, docket, isSoftware)
        (self.alarm, self.takeJob) = (alarm, takeJob)
    }

    /// What becomes of the frame with `header`. For the capture thread.
    package func admit(_ header: FrameHeader) -> Admission {
        let exposed = Self.exposure(of: header)
        if isSoftware {
            let ticket = docket.take(frameOf: exposed) { Self.stamp(&$0, header, exposed) }
            return ticket.map { .inspect(ticket: $0) } ?? .pass
        }
        guard isArmed.load(ordering: .acquiring) else { return .pass }
        if header.lostCount > 0 { lose(Int(header.lostCount), before: header.sequence) }
        triggerCount.add(1, ordering: .relaxed)
        let trigger = trigger(of: header, exposed: exposed)
        guard let ticket = docket.open(trigger) else { return .refuse }
        alarm.wake(before: trigger.deadline)
        return .inspect(ticket: ticket)
    }

    /// Each of `count` lost frames is a trigger that the supervisor answers.
    private func lose(_ count: Int, before sequence: UInt32) {
        triggerCount.add(count, ordering: .relaxed)
        let all = count + untold.load(ordering: .relaxed)
        let isTold = losses.push(Loss(count: all, before: sequence)) == nil
        untold.store(isTold ? 0 : all, ordering: .relaxed)
        alarm.wake()
    }

    /// A trigger that the frame itself is, under a job of its own.
    package func trigger(of header: FrameHeader, exposed: Int) -> PendingTrigger {
        var trigger = PendingTrigger()
        trigger.job = takeJob()
        trigger.camera = camera
        trigger.triggered = exposed
        trigger.deadline = exposed + deadline.load(ordering: .relaxed)
        trigger.recipe = recipe.load(ordering: .relaxed)
        Self.stamp(&trigger, header, exposed)
        return trigger
    }

    /// When the frame was exposed, in monotonic nanoseconds: the driver's time, unless it is of another clock.
    package static func exposure(of header: FrameHeader) -> Int {
        let age = header.arrivalNanoseconds - header.driverNanoseconds
        return Int(0...10_000_000_000 ~= age ? header.driverNanoseconds : header.arrivalNanoseconds)
    }

    private static func stamp(_ trigger: inout PendingTrigger, _ header: FrameHeader, _ exposed: Int) {
        trigger.exposed = Int64(exposed)
        trigger.timeMilliseconds = WallClock.now - Int64((MonotonicClock.now - exposed) / 1_000_000)
        trigger.driverSequence = header.sequence
        trigger.encoder = header.encoder
    }
}

/// Wakes the supervisor in time for deadlines that it does not know yet.
package final class Alarm: Sendable {
    private let counter: EventCounter
    /// What the supervisor means to sleep until; while it is awake beyond every time, because what it has looked at
    /// already may have changed since.
    private let until = Atomic<Int>(.max)
    /// Somebody called since it woke: it has to look again before it sleeps.
    private let isRung = Atomic<Bool>(false)

    /// Throws if the process has no descriptor left.
    package init() throws(PlatformError) { counter = try EventCounter() }

    /// Makes it look at everything once more. Allocation-free, never blocks.
    package func wake() {
        isRung.store(true, ordering: .releasing)
        counter.signal()
    }

    /// Wakes it if it means to sleep beyond `time`. Allocation-free, never blocks.
    package func wake(before time: Int) {
        // Between what the caller booked and this look: either the supervisor finds it, or this finds it awake.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        if time < until.load(ordering: .relaxed) { wake() }
    }

    /// What capture threads signal when they have something to tell.
    package var notices: EventCounter { counter }

    /// Sleeps until `time` or a call, and not at all if somebody called since the last sleep. For the supervisor's
    /// thread, which looks at everything between two sleeps.
    package func sleep(until time: Int, unless isReady: () -> Bool) {
        until.store(time, ordering: .relaxed)
        // In whole milliseconds, rounded up: woken a moment early it would only turn round.
        let left = max(0, time - MonotonicClock.now + 999_999) / 1_000_000
        counter.wait(
            timeoutMilliseconds: Int32(clamping: left),
            unless: { isRung.load(ordering: .acquiring) || isReady() })
        until.store(.max, ordering: .relaxed)
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        _ = isRung.exchange(false, ordering: .acquiring)
    }
}
