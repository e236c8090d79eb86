import Capture
import Configuration
import EventStorage
import Events
import FoundationEssentials
import Logging
import Platform
import Sockets
import Synchronization
import Systemd

/// A worker's thread, which ends when it is told to and everything is judged.
final class WorkerThread: Sendable {
    private let thread: HotThread

    init(_ thread: consuming HotThread) { self.thread = thread }

    func askToStop() { thread.stop.raise() }
}

/// The running parts of the daemon, and the order in which they begin and end.
struct ServiceParts: Sendable {
    let core: StationCore
    let control: InspectionControl
    let desk: AdminDesk
    let server: LineServer
    let archivist: Archivist
    let follower: JournalFollower
    let mirror: JSONLinesMirror?
    private let threads: Workers
    private let supervisor: Supervisor

    /// What is given up one after the other at the end.
    private final class Workers: Sendable {
        let list: Mutex<[WorkerThread]>
        init(_ workers: [WorkerThread]) { list = Mutex(workers) }
    }

    init(
        core: StationCore, control: InspectionControl, desk: AdminDesk, server: LineServer,
        archivist: Archivist, follower: JournalFollower, mirror: JSONLinesMirror?,
        threads: [WorkerThread], supervisor: Supervisor
    ) {
        (self.core, self.control, self.desk, self.server) = (core, control, desk, server)
        self.mirror = mirror
        (self.archivist, self.follower, self.supervisor) = (archivist, follower, supervisor)
        self.threads = Workers(threads)
    }

    /// Cameras and models, unless the daemon has fallen over too often: then it only talks (safe mode).
    func begin(_ journal: DaemonLog, _ loaded: LoadedSettings) async {
        for finding in loaded.findings { journal.say(.warning, "config", "\(finding)") }
        let (crashes, isAfterCrash) = CrashLoop(folder: core.log.folder).note(
            .now(environment: ProcessInfo.processInfo.environment))
        if crashes >= 5 {
            core.raise(Event(.safeMode, severity: .critical, a: Int32(crashes)))
            core.update { model in
                (model.phase, model.isSafeMode) = (.halted, true)
                model.recipe = 1
            }
            journal.say(
                .critical, "super",
                "\(crashes) unclean stops in 10 minutes: safe mode, nothing is inspected. 'linewatch resume' ends it, or an "
                    + "hour without a crash."
            )
            return
        }
        await control.begin(isAfterCrash: isAfterCrash)
        await desk.startCameras()
        say()
    }

    /// What is done every second until the daemon stops.
    func rounds(_ settings: Settings) async {
        var second = 0
        var health = HealthWatch(settings.store)
        var clock = ClockWatch(settings.clock, folder: settings.plc.socket)
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            second += 1
            clock.look(core)
            health.look(core)
            if core.state.isSafeModeOver(upNanoseconds: MonotonicClock.now - core.started) {
                await endSafeMode()
            }
            if second % 10 == 0 { await control.watchProbation() }
            if second % 5 == 0 { say() }
            if second % 10 == 0 { await control.testDrift() }
            let period = Int(settings.metrics.period.milliseconds / 1_000)
            if !settings.metrics.textfile.isEmpty, second % max(1, period) == 0 {
                await control.writeMetrics(to: settings.metrics.textfile)
            }
        }
    }

    /// The daemon has stayed up for long enough to be trusted again.
    private func endSafeMode() async {
        guard await desk.endSafeMode(control) else { return }
        core.journal.say(
            .notice, "super", "An hour without a crash: safe mode is over, and parts are inspected again.")
    }

    /// The line of `systemctl status`.
    private func say() {
        let model = core.state, counts = core.tally.snapshot
        let there = core.units.count { $0.state.isPresent }
        let state = "\(model.state(isArmed: core.isArmed, hasPending: core.pendingCount > 0))"
        Readiness.notify(
            .status(
                "\(state), recipe \(model.recipe), \(there)/\(core.units.count) cameras, \(counts.all) results, "
                    + "\(counts.ng) NG"))
    }

    /// Refuse triggers, close cameras, judge what is under way, commit, mark clean, say bye.
    func stop() async throws {
        core.update { $0.isStopping = true }
        for unit in core.units { core.arm(unit, false) }
        for unit in core.units { unit.stop() }
        let workers = threads.list.withLock { workers in
            defer { workers = [] }
            return workers
        }
        for worker in workers { worker.askToStop() }
        for _ in 0..<300 where core.units.contains(where: { $0.gate.docket.count > 0 }) {
            try? await Task.sleep(for: .milliseconds(10))
        }
        await control.endShadows()
        supervisor.finish()
        archivist.finish()
        core.publisher.finish()
        follower.finish()
        mirror?.finish()
        await server.stop()
        _ = consume workers
        try core.log.stop()
        CrashLoop(folder: core.log.folder).clear()
    }
}
