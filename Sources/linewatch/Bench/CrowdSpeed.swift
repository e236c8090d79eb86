internal import EventStorage
internal import Events
internal import Platform
internal import Sockets
internal import Synchronization

/// What clients cost the publisher: the same log and server with none, with one reader and with a crowd, in turns.
struct CrowdSpeed {
    /// One number of clients.
    struct Figure: Encodable {
        let clients: Int
        var published = 0
        /// From handing a result over to its commit, microseconds.
        var publishP50Us = 0.0
        var publishP99Us = 0.0
        /// From the end of the commit to the first client's line; 0 without clients.
        var socketP50Us = 0.0
        var socketP99Us = 0.0
        /// The process, server and clients together, after the last turn; and its growth since the second, by which
        /// everything has happened once.
        var rssBytes = 0
        var rssGrowthBytes = 0
    }

    private(set) var figures: [Figure] = []

    /// Measures in `folder`, with 0, 1 and `clients` clients in turns, `seconds` for each in all. Blocks.
    init(folder: String, seconds: Double, clients: Int, ratePerSecond: Int) throws {
        let turns = 4
        let log = try EventLog.open(folder: folder, settings: StoreSettings())
        var settings = ServerSettings()
        // One more than the crowd: a client that comes again may meet its own end.
        settings.clientLimit = clients + 2
        let server = try LineServer(settings, source: BenchRecords(log: log), station: BenchStation())
        let path = folder + "/bench.sock"
        try server.listen(on: [try ListeningSocket(.plc, path: path)])
        let commits = Commits(server: server)
        let publisher = try Publisher(log: log, rings: []) { commits.note($0) }
        var samples = [0, 1, clients].map { Samples(clients: $0) }
        for _ in 0..<turns {
            for index in samples.indices {
                let count = max(Int(seconds * Double(ratePerSecond)) / turns, 1)
                let turn = Turn(log: log, commits: commits, publisher: publisher, path: path)
                try turn.run(&samples[index], count: count, period: 1_000_000_000 / ratePerSecond)
            }
        }
        publisher.finish()
        figures = samples.map(\.figure)
        let stopped = Awaited<Bool>()
        Task {
            await server.stop()
            stopped.give(true)
        }
        _ = stopped.wait()
        try log.stop()
    }
}

/// What was measured with one number of clients.
private struct Samples {
    let clients: Int
    var publish: [Int] = []
    var socket: [Int] = []
    var rss: [Int] = []

    init(clients: Int) { self.clients = clients }

    var figure: CrowdSpeed.Figure {
        var figure = CrowdSpeed.Figure(clients: clients)
        figure.published = publish.count
        (figure.publishP50Us, figure.publishP99Us) = Self.quantiles(publish)
        (figure.socketP50Us, figure.socketP99Us) = Self.quantiles(socket)
        figure.rssBytes = rss.last ?? 0
        figure.rssGrowthBytes = (rss.last ?? 0) - (rss.dropFirst().first ?? 0)
        return figure
    }

    private static func quantiles(_ times: [Int]) -> (p50: Double, p99: Double) {
        guard !times.isEmpty else { return (0, 0) }
        let sorted = times.sorted()
        let value = { (index: Int) in (Double(sorted[index]) / 100).rounded() / 10 }
        return (value(sorted.count / 2), value(sorted.count * 99 / 100))
    }
}

/// One turn: clients come, results are published one after the other, clients go.
private struct Turn {
    let log: EventLog
    let commits: Commits
    let publisher: Publisher
    let path: String

    func run(_ samples: inout Samples, count: Int, period: Int) throws {
        let arrivals = BenchClients.Arrivals(first: log.status.last + 1, count: count + 4_096)
        let clients = try BenchClients(count: samples.clients, path: path, arrivals: arrivals)
        // Registrations are commits of their own: they shall be over.
        if samples.clients > 0 { BenchThread.sleep(nanoseconds: 500_000_000) }
        var commits: [(seq: UInt64, time: Int)] = []
        var due = MonotonicClock.now
        for _ in 0..<count {
            let start = MonotonicClock.now
            let (seq, end) = try publish()
            samples.publish.append(end - start)
            commits.append((seq, end))
            due += period
            let pause = due - MonotonicClock.now
            if pause > 0 { BenchThread.sleep(nanoseconds: pause) } else { due = MonotonicClock.now }
        }
        BenchThread.sleep(nanoseconds: 100_000_000)
        samples.rss.append(BenchReport.residentBytes)
        clients.stop()
        for commit in commits {
            guard let time = arrivals.time(of: commit.seq) else { continue }
            samples.socket.append(time - commit.time)
        }
    }

    /// Publishes one result and returns its number and when its commit was over.
    private func publish() throws -> (seq: UInt64, end: Int) {
        let answer = commits.next(after: log.status.last)
        publisher.publish(StoreSpeed.result(log.takeJob()))
        guard let commit = answer.wait(seconds: 30) else {
            throw EventLogError.storage(
                path: log.folder, message: publisher.health.failure ?? "no commit within 30 s")
        }
        return commit
    }
}

/// Wakes the server for each commit, as the daemon does, and tells the measurement when that was.
private final class Commits: Sendable {
    typealias Commit = (seq: UInt64, end: Int)
    private let server: LineServer
    private let wanted = Mutex<(after: UInt64, answer: Awaited<Commit>)?>(nil)

    init(server: LineServer) { self.server = server }

    /// The commit of the first record behind `after`.
    func next(after seq: UInt64) -> Awaited<Commit> {
        let answer = Awaited<Commit>()
        wanted.withLock { $0 = (seq, answer) }
        return answer
    }

    /// For the publisher's thread.
    func note(_ seq: UInt64) {
        let end = MonotonicClock.now
        server.committed(upTo: seq)
        let answer = wanted.withLock { wanted -> Awaited<Commit>? in
            guard let found = wanted, seq > found.after else { return nil }
            wanted = nil
            return found.answer
        }
        answer?.give((seq, end))
    }
}
