import Events
import Glibc
import NIOCore
import NIOPosix

/// What the connections share. Everything here happens on one event loop.
final class Hub: @unchecked Sendable {
    // Every `var` is touched on `loop` only; the constants are Sendable by themselves.
    let settings: ServerSettings
    let source: any RecordSource
    let station: any Station
    let loop: any EventLoop
    let pool: NIOThreadPool

    let tally = ServerTally()

    private(set) var isStopping = false
    private(set) var connections: [ObjectIdentifier: Connection] = [:]
    private var listeners: [(channel: any Channel, ownPath: String?)] = []
    private var wakeChannel: (any Channel)?
    private var deniedAt: [UInt32: NIODeadline] = [:]
    private var watches: [String: Watch] = [:]
    /// Station operations that have not answered yet.
    var operationsInProgress = 0
    /// One line at a time is made here.
    var line = LineWriter(capacity: LineLimit.full)
    /// The newest records that were shown before their commit, ascending: what clients in fast mode read.
    private(set) var announced: [Record] = []

    init(
        _ settings: ServerSettings, source: any RecordSource, station: any Station, loop: any EventLoop,
        pool: NIOThreadPool
    ) {
        (self.settings, self.source, self.station) = (settings, source, station)
        (self.loop, self.pool) = (loop, pool)
    }

    func openedWake(_ channel: any Channel) { wakeChannel = channel }

    func opened(_ listener: any Channel, ownPath: String?) {
        listeners.append((listener, ownPath))
    }

    // MARK: Connections

    /// Whether one more connection of `kind` has its place.
    func hasPlace(on kind: SocketKind) -> Bool {
        let others = connections.values.filter { ($0.kind == .admin) == (kind == .admin) }
        return others.count < (kind == .admin ? settings.adminLimit : settings.clientLimit)
    }

    func add(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = connection
        tally.opened(connection.kind)
    }

    func remove(_ connection: Connection) {
        // A connection that was turned away never had a place.
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        tally.closed(connection.kind)
    }

    /// Gives `name` to `connection`: another one that has it is told so and closed.
    func claim(_ name: String, for connection: Connection) {
        watches[name]?.timer?.cancel()
        watches[name] = nil
        for other in connections.values where other !== connection && other.consumer == name {
            other.bidFarewell(.replaced)
            station.raise(event(.clientReplaced, .notice, name: name))
        }
    }

    /// Tells every connection that the log may have grown.
    func wake() {
        for connection in connections.values { connection.logGrew() }
    }

    /// Keeps `record` for the clients in fast mode until the log has it.
    func announce(_ record: Record) {
        let last = source.span.last
        if announced.first.map({ $0.seq <= last }) ?? false { announced.removeAll { $0.seq <= last } }
        if announced.count < 1_024 { announced.append(record) }
    }

    /// Counts and reports that `uid` was refused, at most once a minute.
    func deny(uid: UInt32) {
        tally.deniedRole()
        let now = NIODeadline.now()
        if let before = deniedAt[uid], now < before + TimeAmount(settings.deniedInterval) { return }
        if deniedAt.count >= 1_024 { deniedAt.removeAll() }
        deniedAt[uid] = now
        station.raise(Event(.roleDenied, severity: .warning, a: Int32(truncatingIfNeeded: uid)))
    }

    func event(_ code: EventCode, _ severity: Event.Severity, name: String) -> Event {
        var event = Event(code, severity: severity)
        event.detail = "{\"name\":\"\(name)\"}"
        return event
    }

    /// Ends every connection and listener; the future is done when they are closed.
    func stop() -> EventLoopFuture<Void> {
        isStopping = true
        for watch in watches.values { watch.timer?.cancel() }
        watches = [:]
        for listener in listeners {
            if let path = listener.ownPath { _ = unsafe unlink(path) }
        }
        let channels =
            listeners.map(\.channel) + [wakeChannel].compactMap { $0 }
        let ends = channels.map { $0.close() } + connections.values.map { $0.channel.closeFuture }
        for connection in connections.values { connection.leaveForStop() }
        return EventLoopFuture.andAllComplete(ends, on: loop)
    }
}

// What a client promised: to say something at least every so often (LWP/1, 4.1, `watch`).
extension Hub {
    /// One promise. It outlives its connection: a client that went away says nothing either.
    private final class Watch {
        let patience: TimeAmount
        var lastLine = NIODeadline.now()
        var timer: Scheduled<Void>?

        init(patience: TimeAmount) { self.patience = patience }
    }

    /// From now on `name` speaks at least every `milliseconds`; 0 ends the promise.
    func watch(_ name: String, milliseconds: UInt32) {
        watches[name]?.timer?.cancel()
        watches[name] = nil
        guard milliseconds > 0 else { return }
        let watch = Watch(patience: .milliseconds(Int64(milliseconds)))
        watches[name] = watch
        schedule(name, at: watch.lastLine + watch.patience)
    }

    /// `name` has said something.
    func heard(_ name: String) {
        guard let watch = watches[name] else { return }
        watch.lastLine = .now()
        // After an alarm the watch rests until the client speaks again.
        if watch.timer == nil { schedule(name, at: watch.lastLine + watch.patience) }
    }

    private func schedule(_ name: String, at deadline: NIODeadline) {
        watches[name]?.timer = loop.scheduleTask(deadline: deadline) { self.looked(at: name) }
    }

    private func looked(at name: String) {
        guard let watch = watches[name] else { return }
        let due = watch.lastLine + watch.patience
        guard NIODeadline.now() >= due else { return schedule(name, at: due) }
        watch.timer = nil
        station.raise(event(.clientLost, .warning, name: name))
        station.clientLost(name)
        if !connections.values.contains(where: { $0.consumer == name }) { watches[name] = nil }
    }
}
