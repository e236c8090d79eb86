internal import Events
internal import Glibc
internal import Platform
internal import Sockets
internal import Synchronization

/// Clients of a server, each on a thread of its own, until they are told to stop: readers, and beside them, where
/// there are three or more, one that never reads and one that sends garbage without end.
///
/// All but the first, whose lines are timed, have the lowest priority: what is measured is the server, not who gets
/// a processor first.
struct BenchClients: ~Copyable {
    private let threads: [BenchThread]

    /// When a record came out of a socket, by its number; 0 where it did not.
    final class Arrivals: Sendable {
        private let times: [Slot]
        private let first: UInt64

        final class Slot: Sendable { let time = Atomic<Int>(0) }

        /// For `count` records from the number `first` on.
        init(first: UInt64, count: Int) {
            self.first = first
            times = (0..<count).map { _ in Slot() }
        }

        func note(_ seq: UInt64) {
            guard seq >= first, Int(seq - first) < times.count else { return }
            times[Int(seq - first)].time.store(MonotonicClock.now, ordering: .relaxed)
        }

        /// Nanoseconds of the monotonic clock; nil where the record has not come.
        func time(of seq: UInt64) -> Int? {
            guard seq >= first, Int(seq - first) < times.count else { return nil }
            let time = times[Int(seq - first)].time.load(ordering: .relaxed)
            return time == 0 ? nil : time
        }
    }

    /// Starts `count` clients of the socket at `path`. The first notes what comes in `arrivals`.
    init(count: Int, path: String, arrivals: Arrivals) throws {
        var threads: [BenchThread] = []
        for index in 0..<count {
            let kind: Kind = index == 1 && count > 2 ? .deaf : index == 2 && count > 2 ? .garbage : .reader
            threads.append(
                try BenchThread("client \(index)", isLowly: index > 0) { stop in
                    Self.run(kind, "bench\(index)", path, index == 0 ? arrivals : nil, stop)
                })
        }
        self.threads = threads
    }

    /// Ends and joins all of them.
    consuming func stop() {
        for thread in threads { thread.stop.raise() }
        for thread in threads { thread.join() }
    }

    private enum Kind { case reader, deaf, garbage }

    /// Connects again whenever the server has closed, as a program would.
    private static func run(
        _ kind: Kind, _ name: String, _ path: String, _ arrivals: Arrivals?, _ stop: StopFlag
    ) {
        while !stop.isUp {
            switch kind {
            case .reader: try? read(name, path, arrivals, stop)
            case .deaf: try? ignore(name, path, stop)
            case .garbage: try? disturb(path, stop)
            }
        }
    }

    /// Subscribes with credit and acknowledges every sixteenth record.
    private static func read(
        _ name: String, _ path: String, _ arrivals: Arrivals?, _ stop: StopFlag
    ) throws {
        let client = try subscribed(name, path)
        var unacknowledged = 0
        while !stop.isUp {
            guard let line = try? client.nextLine(within: 100) else { continue }
            guard ["r", "e", "gap"].contains(line.kind), let seq = line.number("seq") else { continue }
            arrivals?.note(UInt64(seq))
            unacknowledged += 1
            guard unacknowledged == 16 else { continue }
            unacknowledged = 0
            try client.send("ack", [JSONMember("seq", .integer(seq))])
        }
    }

    /// Subscribes without credit's limit and never reads again, until the server says farewell.
    private static func ignore(_ name: String, _ path: String, _ stop: StopFlag) throws {
        let client = try LineClient(path: path, patience: 5_000)
        _ = try client.hello(name: name, profile: .full, isAnonymous: true)
        try client.send("sub", [JSONMember("after", .integer(0))])
        for _ in 0..<150 where !stop.isUp { BenchThread.sleep(nanoseconds: 100_000_000) }
    }

    /// Sends lines that are none, as fast as the server takes them.
    private static func disturb(_ path: String, _ stop: StopFlag) throws {
        let client = try LineClient(path: path, patience: 5_000)
        let bytes = (0..<900).map { UInt8(truncatingIfNeeded: $0 &* 37 | 0x80) } + [UInt8(ascii: "\n")]
        while !stop.isUp { try client.send(bytes: bytes) }
    }

    private static func subscribed(_ name: String, _ path: String) throws -> LineClient {
        let client = try LineClient(path: path, patience: 5_000)
        _ = try client.hello(name: name, profile: .plc, isAnonymous: false)
        _ = try client.ask(
            "sub", [JSONMember("after", .integer(-2)), JSONMember("credit", .integer(1_024))])
        return client
    }
}

/// One thread of a measurement.
final class BenchThread: Sendable {
    let stop: StopFlag
    private let thread: Mutex<HotThread?>

    init(_ name: String, isLowly: Bool, _ body: @escaping @Sendable (StopFlag) -> Void) throws {
        let thread = try HotThread(name: name, state: 0) { _, stop in
            // Of this thread alone, as Linux has it; a refusal leaves it as it is.
            if isLowly { _ = setpriority(Int32(PRIO_PROCESS.rawValue), 0, 19) }
            body(stop)
        }
        stop = thread.stop
        self.thread = Mutex(thread)
    }

    func join() { thread.withLock { $0.take() }?.join() }

    static func sleep(nanoseconds: Int) { usleep(UInt32(nanoseconds / 1_000)) }
}
