import ArgumentParser
import Daemon
import Dispatch
import EventStorage
import Events
import Glibc
import Platform
import Sockets

/// Serves a scripted station until it is told to stop. For tests: they kill it, fill its disk, and ask again.
@main
struct Program: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "scripted-station")

    @Option(help: "Folder of the log.")
    var dir: String

    @Option(help: "Path of the PLC socket.")
    var plc: String

    @Option(help: "Path of the admin socket.")
    var admin: String?

    @Option(help: "Results per second that come without a trigger, through the ring of a worker.")
    var rate = 0

    @Option(help: "Milliseconds that a triggered part takes.")
    var partTime = 20

    @Option(help: "Records that the log keeps.")
    var records = 1_000_000

    @Option(help: "Numbers reserved ahead.")
    var block = 1_000

    @Flag(help: "Results are shown before their commit to clients that ask for it.")
    var fast = false

    func run() async throws {
        // Stopped by a signal, in order, like the daemon itself.
        let signals = Signals([SIGTERM, SIGINT])
        var store = StoreSettings()
        store.records = records
        store.sequenceBlock = block
        store.ballastBytes = 4 << 20
        let log = try EventLog.open(folder: dir, settings: store)

        let bell = CommitBell()
        let ring = Ring<Outcome>(capacity: 4_096)
        let announce: @Sendable (Record) -> Void = { bell.announce($0) }
        let publisher = try Publisher(
            log: log, rings: [ring], announced: fast ? announce : nil,
            committed: { bell.committed($0) })
        let station = ScriptedStation(log: log, publisher: publisher, partTime: .milliseconds(partTime))
        var settings = ServerSettings()
        settings.station = "ST10"
        settings.product = "linewatchd/test"
        settings.publishesFast = fast
        let server = try LineServer(settings, source: StoredRecords(log), station: station)
        bell.connect(server)
        var sockets = [try ListeningSocket(.plc, path: plc)]
        if let admin { sockets.append(try ListeningSocket(.admin, path: admin)) }
        try server.listen(on: sockets)

        let worker = try startWorker(pushing: ring, log: log, publisher: publisher)
        print("ready run \(log.run) log \(log.identity)")
        fflush(nil)
        _ = await signals.next()
        worker?.join()
        publisher.finish()
        await server.stop()
        try log.stop()
    }

    /// A thread that makes outcomes at `rate`, as an inspection worker would.
    private func startWorker(
        pushing ring: Ring<Outcome>, log: EventLog, publisher: Publisher
    ) throws -> HotThread? {
        guard rate > 0 else { return nil }
        let period = 1_000_000_000 / rate
        return try HotThread(name: "worker", state: UInt32(0)) { part, stop in
            var due = MonotonicClock.now
            while !stop.isUp {
                part &+= 1
                let outcome = Script.outcome(part: part, job: log.takeJob(), time: WallClock.now)
                if ring.push(outcome) == nil { publisher.wake() }
                due += period
                let pause = due - MonotonicClock.now
                if pause > 0 { usleep(UInt32(pause / 1_000)) }
            }
        }
    }
}
