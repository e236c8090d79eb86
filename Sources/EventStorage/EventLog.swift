import Events
package import GRDB
import Platform
import Synchronization

/// The durable records of one station: results, events and gaps under one sequence of numbers (LWP/1, 5 to
/// 7).
///
/// One thread, the publisher, calls `commit` and between commits `maintain`; both block on the medium. Every
/// other method may be called from any thread: readers have connections of their own, and what others want
/// written (`acknowledge`, `register`, `accept` and their like) waits for the publisher's next commit, which
/// answers it when it is durable. Calling `commit` from two threads is safe and merely makes one wait.
public final class EventLog: @unchecked Sendable {
    // @unchecked: `writer` is touched only inside the pool's writer queue, which runs one block at a time;
    // everything else is immutable or locks itself.
    public let folder: String
    /// Eight hexadecimal digits; another one only if the log had to begin anew.
    public let identity: String
    /// The number of this start, never reused.
    public let run: UInt32
    /// Reads this log. May be used from any thread.
    public let reader: RecordReader

    let settings: StoreSettings
    let surroundings: Surroundings
    let schema: Schema
    let database: DatabasePool
    let lock: FolderLock
    let boot: String
    let tail: RecordTail
    let ballast: Ballast
    let startClock: StartClock
    let jobs: Atomic<UInt32>
    let shared: Mutex<Shared>
    var writer: Writer

    /// What other threads see and leave here.
    struct Shared: Sendable {
        var status: LogStatus
        var consumers: [String: Consumer] = [:]
        var requests: [Request] = []
        var whenRequested: @Sendable (_ mayWait: Bool) -> Void = { _ in }
        var isStopped = false
        var typeSource: TypeSource?
    }

    init(_ opening: Opening) {
        folder = opening.folder
        identity = opening.identity
        run = opening.run
        reader = RecordReader(opening.database, path: opening.paths.database)
        settings = opening.settings
        surroundings = opening.surroundings
        schema = opening.schema
        database = opening.database
        lock = opening.lock
        boot = opening.boot
        tail = RecordTail(last: opening.status.last)
        ballast = opening.ballast
        startClock = opening.startClock
        jobs = Atomic(opening.writer.nextJob)
        writer = opening.writer
        shared = Mutex(Shared(status: opening.status, consumers: opening.consumers))
    }

    /// Where the log stands, as of the last commit. Never blocks for long.
    public var status: LogStatus { shared.withLock { $0.status } }

    /// The next job number, never given twice in the life of the log. Lock-free and allocation-free: capture
    /// threads call it for frames that no request announced.
    public func takeJob() -> UInt32 {
        jobs.wrappingAdd(1, ordering: .relaxed).oldValue
    }

    var path: String { folder + "/events.db" }
}

/// Where the log stands.
public struct LogStatus: Hashable, Sendable {
    public enum Condition: Hashable, Sendable {
        case writable
        /// Nothing is written until there is room again; `maintain` looks for it.
        case full
        /// The last commit failed; the next one tries again.
        case failing
    }

    public var condition = Condition.writable
    /// The oldest and the newest durable number. An empty log has `first` = `last` + 1.
    public var first: UInt64 = 1
    public var last: UInt64 = 0
    /// Records held.
    public var count = 0
    /// Accepted triggers without a result.
    public var pending = 0
    /// Second results that were refused since the start: each is a bug of the caller's.
    public var refused = 0
    /// Records since the start that could not be stored; a gap covers or will cover each of them.
    public var lost = 0
    /// Starts of this log after a stop that was not in order, this one included.
    public var uncleanStops = 0
    /// Files of earlier databases that were set aside at the start.
    public var setAside: [String] = []
}

/// The state of numbering. Lives on the writer queue only.
struct Writer: Sendable {
    /// The number of the next record. Numbers from `lostFrom` up to it went to records that were lost.
    var next: UInt64
    var lostFrom: UInt64?
    /// The highest numbers that may be used: durable in the database and in the mark file.
    var mark: SequenceMark
    var nextJob: UInt32
    /// Accepted triggers without a result, and those of them whose result was lost.
    var pending: Set<UInt32> = []
    var lostPending: Set<UInt32> = []
    /// Consumers that have been told of an overrun.
    var overrun: Set<String> = []
}

/// The wall clock of the start of the run, carried on by the clock that never jumps: a stepped clock expires
/// nothing.
struct StartClock: Sendable {
    let milliseconds: Int64
    let nanoseconds: Int64

    init(_ surroundings: Surroundings) {
        milliseconds = surroundings.milliseconds()
        nanoseconds = surroundings.nanoseconds()
    }

    func now(_ surroundings: Surroundings) -> Int64 {
        milliseconds + (surroundings.nanoseconds() - nanoseconds) / 1_000_000
    }
}

extension EventLog {
    /// The writing connection, for tests. Blocks like a commit.
    package func withWriter<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try database.writeWithoutTransaction(body)
    }
}
