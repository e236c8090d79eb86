import Capture
import Configuration
package import EventStorage
package import Events
import Imaging
import Platform
import Sockets
package import Synchronization

/// What all parts of the daemon share: log and publisher, cameras and their workers, counters, and the state model.
package final class StationCore: Sendable {
    package let log: EventLog
    package let journal: DaemonLog
    package let publisher: Publisher
    package let tally: ResultTally
    package let alarm: Alarm
    package let workers: [InspectionWorker]
    package let started = MonotonicClock.now
    private let cameras: Mutex<Cameras>
    private let model = Mutex(StationModel())
    /// Software triggers that were refused.
    package let missed = Atomic<Int>(0)
    /// Every hot thread has shown since the last look that it goes on.
    package let isProgressing = Atomic<Bool>(true)
    package let internalErrors = Atomic<Int>(0)
    /// Scores that came after their verdict had been forced.
    package let lateScores = Atomic<Int>(0)
    package let watchdogPings = Atomic<Int>(0)
    package let picturesWritten = Atomic<Int>(0)
    /// What the server of the sockets has counted; nothing before there is one.
    let clients = Mutex<(@Sendable () -> ServerCounters)?>(nil)
    /// By how much the heartbeats of its connections were late.
    let heartbeatLateness = Mutex<LatencyHistogram?>(nil)
    /// Whether the clock of the machine is known to be right.
    package let isClockSynchronised = Atomic<Bool>(true)
    /// Resident bytes when the daemon was warm: what it grows by from then on should be nothing. 0 before.
    package let warmResidentBytes = Atomic<Int>(0)
    /// The cameras, and what those had counted that are gone: the sums of the station never go back.
    private struct Cameras {
        var units: [CameraUnit]
        /// Triggers by the number of the camera.
        var triggers: [UInt8: Int] = [:]
        var lost = 0
    }

    /// So long after its start a daemon has done everything once, and filled what fills up: nanoseconds.
    package static let warmUp = 600_000_000_000

    package init(
        log: EventLog, journal: DaemonLog, publisher: Publisher, tally: ResultTally, alarm: Alarm,
        workers: [InspectionWorker],
        cameras: [CameraUnit]
    ) {
        (self.log, self.publisher, self.tally, self.alarm) = (log, publisher, tally, alarm)
        self.workers = workers
        self.journal = journal
        self.cameras = Mutex(Cameras(units: cameras))
    }

    package var units: [CameraUnit] { cameras.withLock { $0.units } }

    package func unit(_ id: UInt8) -> CameraUnit? { units.first { $0.id == id } }

    /// Makes `units` the cameras of the station. What others under the same number have counted goes on with them;
    /// what those counted that are no longer there is kept.
    ///
    /// - Precondition: new ones have counted nothing yet, old ones that leave have nothing under way.
    package func exchange(_ units: [CameraUnit]) {
        cameras.withLock { cameras in
            let old = cameras.units
            for unit in old where !units.contains(where: { $0 === unit }) {
                cameras.triggers[unit.id] = unit.gate.triggerCount.load(ordering: .relaxed)
                cameras.lost += unit.counters.lostCount
            }
            for unit in units where !old.contains(where: { $0 === unit }) {
                let known = cameras.triggers.removeValue(forKey: unit.id) ?? 0
                unit.gate.triggerCount.store(known, ordering: .relaxed)
            }
            cameras.units = units
        }
    }

    package var state: StationModel { model.withLock { $0 } }

    @discardableResult
    package func update<Result: Sendable>(_ body: (inout StationModel) -> Result) -> Result {
        model.withLock { body(&$0) }
    }

    /// Triggers without a committed result.
    package var pendingCount: Int { max(0, triggerCount - tally.snapshot.all) }

    /// Triggers that were taken: those refused before they were accepted have no result and are counted apart.
    package var triggerCount: Int {
        cameras.withLock { cameras in
            cameras.units.reduce(cameras.triggers.values.reduce(0, +)) {
                $0 + $1.gate.triggerCount.load(ordering: .relaxed)
            }
        }
    }

    /// Frames that drivers have lost, of cameras that are gone too.
    package var lostCount: Int {
        cameras.withLock { cameras in cameras.units.reduce(cameras.lost) { $0 + $1.counters.lostCount } }
    }

    /// Triggers of the camera of `unit` without a committed result.
    package func pendingCount(of unit: CameraUnit) -> Int {
        let triggers = unit.gate.triggerCount.load(ordering: .relaxed)
        return max(0, triggers - (tally.snapshot.byCamera[unit.id] ?? 0))
    }

    /// Puts `event` into the log in its own time. Never blocks.
    package func raise(_ event: Event) {
        var event = event
        event.timeMilliseconds = WallClock.now
        event.monotonicNanoseconds = Int64(MonotonicClock.now)
        publisher.publish(.event(event))
    }

    /// The result of a trigger that nothing was judged for.
    package func reject(_ trigger: PendingTrigger, _ reason: Reason, flags: RecordFlags = []) {
        var outcome = trigger.outcome(reason, now: MonotonicClock.now)
        outcome.flags.formUnion(flags)
        if let unit = unit(trigger.camera) {
            outcome.flags.formUnion(RecordFlags(rawValue: unit.lane.flags.load(ordering: .relaxed)))
        }
        publisher.publish(.result(InspectionResult(outcome)))
    }

    /// Begins and ends continuous execution, as the state, the recipe and the settings of cameras have it.
    package func arm(_ unit: CameraUnit, _ isArmed: Bool) {
        guard !unit.gate.isSoftware else { return }
        unit.gate.isArmed.store(isArmed, ordering: .releasing)
    }

    package var isArmed: Bool { units.contains { $0.gate.isArmed.load(ordering: .relaxed) } }
}
