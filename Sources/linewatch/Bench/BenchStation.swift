internal import Dispatch
internal import EventStorage
internal import Events
internal import Platform
internal import Sockets
internal import Synchronization

import struct Events.Record

/// A station without cameras: the server asks it for its state and nothing else.
struct BenchStation: Station {
    var status: StationStatus {
        var status = StationStatus()
        (status.state, status.isReady) = (.ready, true)
        return status
    }

    var statistics: StationStatistics { StationStatistics() }
    var isMakingProgress: Bool { true }

    func raise(_ event: Event) {}
    func clientLost(_ name: String) {}
    func countInternalError(_ message: String) {}

    func trigger(_ request: TriggerRequest) async throws(Refusal) -> AcceptedTrigger { throw Self.refusal }
    func useRecipe(_ recipe: UInt16) async throws(Refusal) { throw Self.refusal }
    func arm(_ camera: CameraName?) async throws(Refusal) { throw Self.refusal }
    func disarm(_ camera: CameraName?) async throws(Refusal) { throw Self.refusal }
    func reset() async throws(Refusal) { throw Self.refusal }
    func mark(_ mark: Sockets.Mark) async throws(Refusal) { throw Self.refusal }
    func administer(_ request: AdminRequest) async throws(Refusal) -> AdminReply { throw Self.refusal }

    private static let refusal = Refusal(.badState, message: "this is a measurement")
}

/// The log as the server reads it. The daemon has a translation of its own, with errors for every case; the command
/// line does not contain the daemon.
struct BenchRecords: RecordSource {
    let log: EventLog

    var span: LogSpan {
        let status = log.status
        return LogSpan(
            log: UInt32(log.identity, radix: 16) ?? 0, run: log.run, first: status.first, last: status.last)
    }

    func records(after: UInt64, limit: Int) throws(SourceError) -> [Record] {
        try translating { () throws(EventLogError) in try log.reader.records(after: after, limit: limit) }
    }

    func recent(after: UInt64, limit: Int) -> [Record]? { log.recent(after: after, limit: limit) }

    func record(_ seq: UInt64) throws(SourceError) -> Record? {
        try translating { () throws(EventLogError) in try log.reader.record(at: seq) }
    }

    func register(consumer name: String, uid: UInt32) throws(SourceError) -> UInt64 {
        try durable { log.register(name, uid: uid, $0) }.acked
    }

    func acknowledge(
        consumer name: String, upTo seq: UInt64,
        _ completion: @escaping @Sendable (Result<UInt64, SourceError>) -> Void
    ) {
        log.acknowledge(name, seq) { completion($0.mapError { .storage(reason: "\($0)") }) }
    }

    func consumers() throws(SourceError) -> [Sockets.Consumer] { [] }

    func drop(consumer name: String) throws(SourceError) { try durable { log.drop(name, $0) } }

    private func translating<Value>(_ body: () throws(EventLogError) -> Value) throws(SourceError) -> Value {
        do throws(EventLogError) { return try body() } catch { throw .storage(reason: "\(error)") }
    }

    /// Waits for the commit in which the request rides.
    private func durable<Value: Sendable>(
        _ request: (@escaping @Sendable (Result<Value, EventLogError>) -> Void) -> Void
    ) throws(SourceError) -> Value {
        let answer = Awaited<Result<Value, EventLogError>>()
        request { answer.give($0) }
        return try translating { () throws(EventLogError) in try answer.wait().get() }
    }
}

/// What one thread waits for and another will say, once.
final class Awaited<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let semaphore = DispatchSemaphore(value: 0)

    func give(_ value: Value) {
        self.value.withLock { $0 = value }
        semaphore.signal()
    }

    /// Blocks until it is said, `seconds` at most; nil if it was not.
    func wait(seconds: Int) -> Value? {
        _ = semaphore.wait(timeout: .now() + .seconds(seconds))
        return value.withLock { $0 }
    }

    /// Blocks until it is said.
    func wait() -> Value {
        while true {
            semaphore.wait()
            if let value = value.withLock({ $0 }) { return value }
        }
    }
}
