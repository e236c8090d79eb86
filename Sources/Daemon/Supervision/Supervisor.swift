import Capture
import Configuration
import EventStorage
import Events
internal import Imaging
package import Platform
import Sockets
import Synchronization
import Systemd

/// The thread that keeps promises when others are late: deadlines, frames that never came, cameras that come and
/// go, and the proof that everything moves (LWP/1, P1, P9, P12).
///
/// It sleeps until the earliest deadline, or until somebody has something to tell.
package final class Supervisor: Sendable {
    private let thread: Mutex<HotThread?>
    private let alarm: Alarm

    /// Starts the thread. Throws if the process has none left.
    package init(
        _ core: StationCore, heartbeat: Duration
    ) throws(PlatformError) {
        alarm = core.alarm
        let rounds = SupervisorRounds(core, heartbeat: heartbeat)
        thread = Mutex(
            try HotThread(name: "supervisor", state: rounds) { rounds, stop in
                while !stop.isUp { rounds.turn(until: stop) }
                // What came between the last look and the stop has to have its result as well.
                rounds.turn(until: stop)
            })
    }

    /// Ends the thread. Blocks for one turn.
    package func finish() {
        guard let thread = thread.withLock({ $0.take() }) else { return }
        thread.stop.raise()
        alarm.wake()
        thread.join()
    }
}

/// What the supervisor does in one turn, and what it remembers from one to the next.
struct SupervisorRounds: Sendable {
    private let core: StationCore
    private let heartbeat: Int
    private var progress: [Int] = []
    private var progressDue = 0
    private var moved: [Int] = []
    private var fedAt = 0
    private let watchdog: Int?
    private var refused: (count: Int, since: Int)?
    private var lastRefusal = 0

    init(_ core: StationCore, heartbeat: Duration) {
        self.core = core
        self.heartbeat = heartbeat.nanoseconds
        watchdog = Readiness.watchdogPeriod.map(\.nanoseconds)
    }

    /// Looks at everything once, then sleeps until the next thing is due.
    mutating func turn(until stop: StopFlag) {
        let units = core.units
        var next = MonotonicClock.now + min(heartbeat / 2, 100_000_000)
        for unit in units {
            read(unit)
            while let loss = unit.gate.losses.pop() { publish(loss, of: unit) }
            next = min(next, closeOverdue(of: unit))
        }
        watchLoad()
        checkProgress(units)
        core.alarm.sleep(until: next) {
            stop.isUp || units.contains { $0.notices.count > 0 || $0.gate.losses.count > 0 }
        }
    }

    // MARK: Deadlines

    private func closeOverdue(of unit: CameraUnit) -> Int {
        let now = MonotonicClock.now
        let isStopping = core.state.isStopping
        let isGone = !unit.state.isPresent && unit.source == .v4l2
        return unit.gate.docket.collect(now: now, closing: isGone || isStopping) { overdue in
            switch overdue {
            case .verdict(let trigger): core.reject(trigger, .deadline, flags: .deadlineMissed)
            case .frame(let trigger):
                core.reject(trigger, isStopping ? .stopped : isGone ? .cameraLost : .noImage)
            case .late(let trigger, let score, let microseconds):
                guard microseconds > 0 else { return }
                core.lateScores.add(1, ordering: .relaxed)
                core.log.add(
                    InspectionResult.Late(score: score, latencyMicroseconds: microseconds), toJob: trigger.job
                ) { _ in }
            }
        }
    }

    /// A result for each frame that the driver numbered and never handed over; too many at once are an error.
    private func publish(_ loss: Loss, of unit: CameraUnit) {
        let count = loss.count
        if count > 256 {
            core.raise(
                Event(
                    .framesLost, severity: .error, camera: unit.id, a: Int32(clamping: count),
                    b: Int32(truncatingIfNeeded: loss.before)))
            // They were counted as triggers; with the run broken off they have no results of their own.
            unit.gate.triggerCount.subtract(count, ordering: .relaxed)
            return core.fail(.noCamera)
        }
        for index in 0..<count {
            var header = FrameHeader()
            header.sequence = loss.before &- UInt32(count - index)
            header.arrivalNanoseconds = Int64(MonotonicClock.now)
            header.driverNanoseconds = header.arrivalNanoseconds
            let trigger = unit.gate.trigger(of: header, exposed: Int(header.driverNanoseconds))
            core.reject(trigger, .frameLost)
        }
    }

    // MARK: Cameras

    private mutating func read(_ unit: CameraUnit) {
        while let notice = unit.notices.pop() {
            switch notice {
            case .refused(let header): refuse(header, unit)
            case .transition(let transition): CameraJournal(core, unit).note(transition)
            case .ended:
                unit.update { life in
                    life.hasEnded = true
                    // A recording that ended before its time, by damage, is a camera that is away.
                    guard !life.isLossSaid else { return }
                    (life.state, life.since) = (.idle, WallClock.now)
                }
            }
        }
    }

    /// The inspection was behind: the frame has its INVALID at once.
    private mutating func refuse(_ header: FrameHeader, _ unit: CameraUnit) {
        let now = MonotonicClock.now
        let trigger: PendingTrigger?
        if header.ticket > 0 {
            trigger = unit.gate.docket.withdraw(header.ticket)
        } else {
            trigger = unit.gate.trigger(of: header, exposed: Gate.exposure(of: header))
        }
        if let trigger { core.reject(trigger, .queueFull) }
        if refused == nil {
            core.raise(Event(.overloadBegin, severity: .warning, a: Int32(unit.gate.docket.capacity)))
            core.update { $0.present.insert(.overload) }
            refused = (0, now)
        }
        refused?.count += 1
        lastRefusal = now
    }

    /// An episode of overload ends with a second without a refusal.
    private mutating func watchLoad() {
        guard let episode = refused, MonotonicClock.now - lastRefusal > 1_000_000_000 else { return }
        let milliseconds = (lastRefusal - episode.since) / 1_000_000
        core.raise(
            Event(
                .overloadEnd, severity: .notice, a: Int32(clamping: episode.count),
                b: Int32(clamping: milliseconds)))
        core.update { $0.present.remove(.overload) }
        refused = nil
    }

    // MARK: Progress

    /// Tokens through capture, inference and store: each period all of them have to have moved.
    private mutating func checkProgress(_ units: [CameraUnit]) {
        let now = MonotonicClock.now
        guard now >= progressDue else { return }
        progressDue = now + heartbeat / 2
        let turns =
            units.filter { $0.isRunning && !$0.state.hasEnded }.map {
                $0.counters.turnCount + $0.counters.takenCount
            }
            + core.workers.map(\.turnCount) + [core.publisher.health.turns]
        if turns.count != progress.count { moved = Array(repeating: now, count: turns.count) }
        for index in turns.indices where progress.count != turns.count || turns[index] != progress[index] {
            moved[index] = now
        }
        progress = turns
        core.publisher.wake()
        for worker in core.workers { worker.wakeUp.signal() }
        let isProgressing = moved.allSatisfy { now - $0 <= max(heartbeat, 300_000_000) + heartbeat / 2 }
        core.isProgressing.store(isProgressing, ordering: .releasing)
        if isProgressing, let watchdog, now - fedAt >= watchdog / 4 {
            Readiness.notify(.watchdog)
            core.watchdogPings.add(1, ordering: .relaxed)
            fedAt = now
        }
    }
}
