import AnomalyModels
import Capture
package import Configuration
import EventStorage
import Events
import FoundationEssentials
import Glibc
import Imaging
import Inference
import Kernels
import Logging
import ModelPackages
import Platform
import Sockets
import Synchronization
import Systemd

// THE ORDER OF THINGS
//
// Start: log, sockets, READY; then models and cameras, so that a missing camera or a damaged model delays nobody.
// Stop: refuse triggers; close cameras; judge or reject what is under way; commit; mark clean; say bye; end.

/// The daemon: builds its parts from the settings, runs them until it is told to stop, and takes them down in order.
package struct InspectionService {
    private let loaded: LoadedSettings
    private let journal: DaemonLog
    private var settings: Settings { loaded.settings }

    /// - Precondition: `loaded` has no errors.
    package init(_ loaded: LoadedSettings, journal: DaemonLog) {
        (self.loaded, self.journal) = (loaded, journal)
    }

    /// Runs until SIGTERM or SIGINT. Throws what makes it impossible to run, in words for an operator.
    package func run() async throws {
        let signals = Signals([SIGTERM, SIGINT, SIGHUP])
        let log = try openLog()
        let parts = try makeParts(log)
        try parts.server.listen(on: try sockets())
        Readiness.notify(.ready, .status("starting"))
        await parts.begin(journal, loaded)
        let rounds = Task { await parts.rounds(settings) }
        while true {
            let signal = await signals.next()
            guard signal == SIGHUP else { break }
            Readiness.notify(.reloading(monotonicMicroseconds: Int64(MonotonicClock.now / 1_000)))
            do { _ = try await parts.control.reload() } catch {
                journal.say(.error, "config", "The settings stay as they were: \(error.message)")
            }
            Readiness.notify(.ready)
        }
        rounds.cancel()
        Readiness.notify(.stopping, .status("stopping"))
        try await parts.stop()
    }

    private func openLog() throws -> EventLog {
        var store = EventStorage.StoreSettings()
        let own = settings.store
        (store.records, store.bytes, store.days) = (own.records, own.mib << 20, own.days)
        (store.holdFactor, store.groupCommit) = (own.holdFactor, own.groupCommit)
        store.sync = own.sync == .full ? .full : .normal
        (store.sequenceBlock, store.ballastBytes) = (own.seqBlock, own.ballastMiB << 20)
        store.consumerExpiryDays = settings.access.consumerExpireDays
        if own.sync == .normal {
            journal.say(.warning, "store", "sync = \"normal\": results may be lost at a power cut.")
        }
        if !settings.plc.triggerDurable {
            journal.say(
                .warning, "store",
                "trigger_durable = false: triggers that were accepted may have no result after a crash.")
        }
        let log = try EventLog.open(
            folder: own.dir, settings: store,
            boot: ProcessInfo.processInfo.environment["LINEWATCH_BOOT_ID"] ?? "")
        for path in log.status.setAside {
            journal.say(.error, "store", "A damaged log was set aside as '\(path)', and a new one begun.")
        }
        return log
    }

    private func sockets() throws -> [ListeningSocket] {
        let passed = PassedSocket.takeAll()
        let known = passed.compactMap { socket in
            SocketKind(rawValue: socket.name).map { ListeningSocket($0, passed: socket.descriptor) }
        }
        guard known.isEmpty else { return known }
        return [
            try ListeningSocket(.plc, path: settings.plc.socket),
            try ListeningSocket(.admin, path: settings.admin.socket),
        ]
    }

    private func makeParts(_ log: EventLog) throws -> ServiceParts {
        let kernels = KernelTable(try InstructionSet.named(settings.infer.isa.rawValue))
        let alarm = try Alarm()
        let count = workerCount
        let wakeUps = try (0..<count).map { _ in try EventCounter() }
        let cameras = CameraLine(log: log, alarm: alarm, infer: settings.infer, wakeUps: wakeUps)
        let units = try cameras.units(settings.camera, images: settings.images)
        let rings = (0..<count).map { _ in Ring<Outcome>(capacity: 256) }
        let tally = ResultTally(window: settings.drift.window)
        let bell = CommitBell(), cpus = settings.infer.cpus.map(Int32.init)
        let announce: @Sendable (Record) -> Void = { bell.announce($0) }
        let shelf = ProductShelf(folder: settings.store.dir)
        let locator = ModelLocator(searchPath: nil, defaults: [shelf.models] + settings.model.path)
        let kinds = DefectKindHead(in: locator, journal)
        let types = try TypeLedger(log, kinds, settings, journal)
        let publisher = try Publisher(
            log: log, rings: rings, cpus: cpus, completing: { types.complete(&$0) },
            announced: settings.plc.publish == .fast ? announce : nil,
            counted: { tally.add($0) }, committed: { bell.committed($0) })
        let archiveWake = try EventCounter()
        let workers = (0..<count).map { number in
            InspectionWorker(
                lanes: units.filter { $0.worker == number }.map(\.lane),
                outcomes: rings[number], wakeUp: wakeUps[number],
                warmPause: settings.infer.keepWarm.nanoseconds,
                links: InspectionWorker.Links(
                    published: { publisher.wake() }, late: { alarm.wake() },
                    archived: { archiveWake.signal() }))
        }
        let core = StationCore(
            log: log, journal: journal, publisher: publisher, tally: tally, alarm: alarm, workers: workers,
            cameras: units)
        var images = ImageStore.Settings()
        (images.bytes, images.days) = (settings.images.mib << 20, settings.images.days)
        images.minimumFreeBytes = settings.store.minFreeMiB << 20
        let store = try ImageStore(log, settings: images)
        let control = InspectionControl(
            core: core,
            building: InspectorBuilding(
                shelf: shelf, locator: locator, kernels: kernels, pool: TensorPool(), kinds: kinds),
            loaded: loaded, images: store, cameras: cameras, types: types)
        let desk = AdminDesk(core: core, kernels: kernels) { try cameras.start($0) }
        let station = InspectionStation(core: core, control: control, admin: desk, settings: settings)
        let server = try LineServer(serverSettings, source: StoredRecords(log), station: station)
        bell.connect(server)
        core.clients.withLock { $0 = { server.counters } }
        core.heartbeatLateness.withLock { $0 = server.beatLateness }
        let archivist = try Archivist(
            core: core, store: store, settings: settings.images, kernels: kernels, wakeUp: archiveWake)
        let follower = try JournalFollower(
            log: log,
            journal: RecordJournal(run: log.run, logsNG: settings.log.ngLines) { [journal] in journal.pass($0)
            },
            after: log.status.last)
        bell.tell { follower.committed(upTo: $0) }
        var mirror: JSONLinesMirror?
        if settings.store.jsonlMirror {
            let made = try JSONLinesMirror(
                log: log, folder: settings.store.dir + "/export", limit: settings.store.jsonlMiB << 20)
            bell.tell { made.committed(upTo: $0) }
            mirror = made
        }
        return ServiceParts(
            core: core, control: control, desk: desk, server: server, archivist: archivist,
            follower: follower, mirror: mirror,
            threads: try workers.enumerated().map { number, worker in
                WorkerThread(
                    try HotThread(name: "inspect \(number)", cpus: cpus, state: worker) { worker, stop in
                        worker.run(until: stop)
                    })
            },
            supervisor: try Supervisor(core, heartbeat: settings.plc.heartbeat))
    }

    /// One worker per physical core minus one, at least one, unless the settings say. More than there are cameras
    /// only as far as cameras are likely to join: a worker without one wakes ten times a second for nothing.
    private var workerCount: Int {
        guard settings.infer.threads == 0 else { return min(settings.infer.threads, 32) }
        let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        return max(1, min(max(settings.camera.count, 4), cores - 1))
    }

    private var serverSettings: ServerSettings {
        var server = ServerSettings()
        server.product = "linewatchd/\(ProductVersion.text)"
        server.station = settings.station.id
        server.heartbeat = UInt16(clamping: settings.plc.heartbeat.milliseconds)
        server.ackTimeout = settings.plc.acknowledgeTimeout
        server.slowTimeout = settings.plc.slowClient
        server.publishesFast = settings.plc.publish == .fast
        let accounts = Accounts()
        server.access.operators = accounts.users(settings.access.operators)
        server.access.operatorGroups = accounts.groups(settings.access.operators)
        server.access.admins = accounts.users(settings.access.admins)
        server.access.adminGroups = accounts.groups(settings.access.admins)
        return server
    }
}
