public import Events
public import Platform
import Synchronization

public import struct Events.Record

/// The one thread that makes results durable and only then lets them be seen.
///
///     worker ring ─┐
///     worker ring ─┼─> everything that waits, one transaction ─> `committed(last)` wakes the sockets
///     events      ─┘
///
/// It commits what is there as soon as it is there. While one transaction waits for the medium, the next
/// gathers, so under load many share one sync and an idle line pays no delay for it. Acknowledgements alone wait
/// up to `StoreSettings.groupCommit` for something to ride with. Nothing that a reader or client does can delay
/// it: `committed` must not block.
public final class Publisher: Sendable {
    /// How the publisher stands, for the state of the station.
    public struct Health: Hashable, Sendable {
        /// Turns of its loop: it stands still only if the medium does.
        public var turns = 0
        /// Results and events that could not be written; a gap covers their numbers.
        public var lostCount = 0
        /// The last failure, in words, until a commit succeeds again.
        public var failure: String?
    }

    private let core: Core
    private let thread: Mutex<HotThread?>

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - rings: one per worker; this thread is the consumer of all of them.
    ///   - completing: called with what is about to be committed, in order, to complete it: kinds of defects are named
    ///     here, and events added. Must not block.
    ///   - announced: called with each record right before its commit, in order, for readers in fast mode (LWP/1,
    ///     P15); must not block. Nil where nobody may see a record so early.
    ///   - counted: called with what a commit stored, or what could not be stored; must not block.
    ///   - committed: called after each commit with the newest durable number; must not block.
    ///
    /// Throws if the process has no thread or descriptor left.
    public init(
        log: EventLog, rings: [Ring<Outcome>], cpus: [Int32] = [],
        completing: (@Sendable (inout [Record.Body]) -> Void)? = nil,
        announced: (@Sendable (Record) -> Void)? = nil,
        counted: @escaping @Sendable ([Record.Body]) -> Void = { _ in },
        committed: @escaping @Sendable (UInt64) -> Void
    ) throws(PlatformError) {
        let core = try Core(
            log: log, rings: rings, completing: completing, announced: announced, counted: counted,
            committed: committed)
        self.core = core
        // Something to write is found under the lock of the log's own list of requests.
        log.whenRequested { [core] mayWait in core.requestArrived(mayWait: mayWait) }
        thread = Mutex(
            try HotThread(name: "publisher", cpus: cpus, state: core) { core, stop in core.run(until: stop) })
    }

    /// Tells the thread that a ring has something. Allocation-free, never blocks: for hot threads, after a push.
    public func wake() { core.wake.signal() }

    /// Hands over what no worker made: events, and results of parts that never reached one. Any thread but hot
    /// ones.
    public func publish(_ body: Record.Body) {
        core.waiting.withLock { $0.append(body) }
        core.wake.signal()
    }

    public var health: Health { core.health.withLock { $0 } }

    /// How long commits take, the medium's part included.
    package var commits: LatencyHistogram { core.commits }

    /// Commits everything that is in the rings and lists, then ends the thread. Blocks. Push nothing afterwards.
    public func finish() {
        guard let thread = thread.withLock({ $0.take() }) else { return }
        thread.stop.raise()
        core.wake.signal()
        thread.join()
    }
}

extension Record.Body {
    /// What could not be stored was never said to anybody: a part without a result is INVALID.
    fileprivate var asLost: Record.Body {
        guard case .result(var result) = self else { return self }
        (result.verdict, result.reason) = (.invalid, .internal)
        return .result(result)
    }
}

/// What the thread and its owner share.
private final class Core: Sendable {
    let log: EventLog
    let rings: [Ring<Outcome>]
    let wake: EventCounter
    let waiting = Mutex<[Record.Body]>([])
    let health = Mutex(Publisher.Health())
    let commits = LatencyHistogram()
    let hasRequest = Atomic<Bool>(false)
    /// When the first of the requests that may wait came, monotonic nanoseconds; 0: none waits.
    let patientSince = Atomic<Int>(0)
    let patience: Int
    let completing: (@Sendable (inout [Record.Body]) -> Void)?
    let announced: (@Sendable (Record) -> Void)?
    let counted: @Sendable ([Record.Body]) -> Void
    let committed: @Sendable (UInt64) -> Void

    /// So many records share a transaction at most: about 10 ms of writing.
    static let batchLimit = 1_024
    /// Between two looks at what is due, if nothing wakes the thread.
    static let idleMilliseconds: Int32 = 1_000

    init(
        log: EventLog, rings: [Ring<Outcome>], completing: (@Sendable (inout [Record.Body]) -> Void)?,
        announced: (@Sendable (Record) -> Void)?, counted: @escaping @Sendable ([Record.Body]) -> Void,
        committed: @escaping @Sendable (UInt64) -> Void
    ) throws(PlatformError) {
        (self.log, self.rings) = (log, rings)
        self.completing = completing
        (self.announced, self.counted, self.committed) = (announced, counted, committed)
        wake = try EventCounter()
        let (seconds, attoseconds) = log.settings.groupCommit.components
        patience = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    }

    func requestArrived(mayWait: Bool) {
        if mayWait {
            _ = patientSince.compareExchange(
                expected: 0, desired: MonotonicClock.now, ordering: .acquiringAndReleasing)
        } else {
            hasRequest.store(true, ordering: .releasing)
        }
        wake.signal()
    }

    func run(until stop: StopFlag) {
        var maintained = MonotonicClock.now
        while true {
            // Asked before the rings are emptied: what was pushed before the stop is then in this batch.
            let isLast = stop.isUp
            var bodies = take()
            if !bodies.isEmpty { completing?(&bodies) }
            if !bodies.isEmpty || takeDueRequests(isLast: isLast) { commit(bodies) }
            if isLast, bodies.isEmpty { break }
            if MonotonicClock.now - maintained > 1_000_000_000 {
                maintained = MonotonicClock.now
                while (try? log.maintain()) == true, !hasWork { committed(log.status.last) }
                committed(log.status.last)
            }
            health.withLock { $0.turns += 1 }
            if !isLast {
                wake.wait(timeoutMilliseconds: waitMilliseconds, unless: { hasWork || stop.isUp })
            }
        }
    }

    /// Whether requests have to be committed now. Every commit takes all of them with it.
    private func takeDueRequests(isLast: Bool) -> Bool {
        let isUrgent = hasRequest.exchange(false, ordering: .acquiringAndReleasing)
        let since = patientSince.load(ordering: .acquiring)
        return isUrgent || since != 0 && (isLast || MonotonicClock.now - since >= patience)
    }

    /// Until the requests that may wait may no longer, or until something else is due.
    private var waitMilliseconds: Int32 {
        let since = patientSince.load(ordering: .acquiring)
        guard since != 0 else { return Self.idleMilliseconds }
        let left = since + patience - MonotonicClock.now
        return min(Self.idleMilliseconds, Int32(clamping: max(0, (left + 999_999) / 1_000_000)))
    }

    private var hasWork: Bool {
        hasRequest.load(ordering: .acquiring) || rings.contains { $0.count > 0 }
            || waiting.withLock { !$0.isEmpty }
    }

    /// What waits, the rings in turn so that none starves.
    private func take() -> [Record.Body] {
        var bodies = waiting.withLock { waiting in
            defer { waiting.removeAll(keepingCapacity: true) }
            return waiting
        }
        var foundAny = true
        while foundAny, bodies.count < Self.batchLimit {
            foundAny = false
            for ring in rings {
                guard let outcome = ring.pop() else { continue }
                bodies.append(.result(InspectionResult(outcome)))
                foundAny = true
            }
        }
        return bodies
    }

    private func commit(_ bodies: [Record.Body]) {
        // Before the log takes its requests: one that comes in between finds this 0 and waits for the next commit.
        patientSince.store(0, ordering: .releasing)
        let started = MonotonicClock.now
        do {
            let receipt = try log.commit(bodies, announcing: announced)
            commits.add(UInt32(clamping: (MonotonicClock.now - started) / 1_000))
            counted(bodies)
            committed(receipt.last)
            health.withLock { $0.failure = nil }
        } catch {
            counted(bodies.map(\.asLost))
            health.withLock {
                $0.lostCount += bodies.count
                $0.failure = "\(error)"
            }
        }
    }
}
