import EventStorage
import Events
import FoundationEssentials
import Glibc
import Platform
import Synchronization

/// A folder for one test's log, with the clock and the disk that the test wants; removed at the end.
final class Storehouse: Sendable {
    let folder: String
    let clock = TestClock()
    private let owned: Bool

    /// In the folder for temporary files, or at `folder`, which somebody else removes.
    init(at folder: String? = nil) {
        owned = folder == nil
        self.folder = folder ?? "/tmp/linewatch-store-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
    }

    deinit { if owned { try? FileManager.default.removeItem(atPath: folder) } }

    /// Small blocks and a small ballast, so that tests reach their ends.
    static var settings: StoreSettings {
        var settings = StoreSettings()
        settings.sequenceBlock = 100
        settings.ballastBytes = 1 << 16
        settings.groupCommit = .zero
        return settings
    }

    func open(
        _ settings: StoreSettings = Storehouse.settings, boot: String = "", schema: Schema = .current,
        changing change: (inout Surroundings) -> Void = { _ in }
    ) throws -> EventLog {
        var surroundings = Surroundings.machine
        surroundings.milliseconds = { [clock] in clock.milliseconds }
        surroundings.nanoseconds = { [clock] in clock.nanoseconds }
        change(&surroundings)
        return try EventLog.open(
            folder: folder, settings: settings, boot: boot, surroundings: surroundings, schema: schema)
    }

    /// The names of the files in the folder, sorted.
    var files: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()) ?? [] }

    func copy(_ name: String, to other: String) throws {
        try? FileManager.default.removeItem(atPath: folder + "/" + other)
        try FileManager.default.copyItem(atPath: folder + "/" + name, toPath: folder + "/" + other)
    }

    func remove(_ name: String) { try? FileManager.default.removeItem(atPath: folder + "/" + name) }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: folder + "/" + name)))
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(filePath: folder + "/" + name))
    }
}

/// A clock that stands until it is told otherwise.
final class TestClock: Sendable {
    private let wall = Atomic<Int64>(1_795_230_000_000)
    private let monotonic = Atomic<Int64>(5_000_000_000)

    var milliseconds: Int64 { wall.load(ordering: .relaxed) }
    var nanoseconds: Int64 { monotonic.load(ordering: .relaxed) }

    /// Lets time pass.
    func pass(days: Int64 = 0, milliseconds: Int64 = 0) {
        let passed = days * 86_400_000 + milliseconds
        wall.wrappingAdd(passed, ordering: .relaxed)
        monotonic.wrappingAdd(passed * 1_000_000, ordering: .relaxed)
    }

    /// Somebody sets the wall clock.
    func step(milliseconds: Int64) { wall.wrappingAdd(milliseconds, ordering: .relaxed) }
}

/// A value that several threads change.
final class Guarded<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) { mutex = Mutex(value) }

    var value: Value { mutex.withLock { $0 } }

    func change(_ body: @Sendable (inout Value) -> Void) { mutex.withLock { body(&$0) } }
}

/// Whether the release forms of the long tests were asked for.
let isLong = ProcessInfo.processInfo.environment["LINEWATCH_LONG"] == "1"

/// A result of `job`, whose fields follow from the job.
func result(_ job: UInt32, verdict: Verdict = .ng) -> Record.Body {
    var result = InspectionResult(
        job: job, camera: 1, verdict: verdict, reason: Reason.allCases.last { $0.verdict == verdict }!)
    result.score = score(of: job)
    result.partNumber = job
    result.timeMilliseconds = 1_795_230_000_000
    return .result(result)
}

func score(of job: UInt32) -> UInt32 { job &* 7919 % 10_000_000 }

extension EventLog {
    /// Commits the results of `count` new jobs one after the other; returns the last number.
    @discardableResult
    func fill(_ count: Int, each: Int = 1) throws -> UInt64 {
        var last = status.last
        for _ in 0..<count / each {
            last = try commit((0..<each).map { _ in result(takeJob()) }).last
        }
        return last
    }

    /// What `ask` is answered when the next commit is done.
    func answer<Answer: Sendable>(
        _ ask: (@escaping @Sendable (Result<Answer, EventLogError>) -> Void) -> Void
    ) throws -> Answer {
        let answer = Guarded<Result<Answer, EventLogError>?>(nil)
        ask { given in answer.change { $0 = given } }
        _ = try? commit([])
        guard let given = answer.value else { throw EventLogError.stopped }
        return try given.get()
    }

    /// Everything held, from before the first number.
    func everything() throws -> [Record] { try reader.records(after: 0, limit: .max / 2) }
}

extension Record {
    var event: Event? { if case .event(let event) = body { event } else { nil } }
    var gap: Gap? { if case .gap(let gap) = body { gap } else { nil } }
    var result: InspectionResult? { if case .result(let result) = body { result } else { nil } }
}

/// The numbers that `records` cover, if they cover each exactly once and in order; nil if not.
func coverage(_ records: [Record]) -> ClosedRange<UInt64>? {
    guard let first = records.first else { return nil }
    var next = first.gap?.from ?? first.seq
    let start = next
    for record in records {
        guard (record.gap?.from ?? record.seq) == next else { return nil }
        next = record.seq + 1
    }
    return start...next - 1
}
