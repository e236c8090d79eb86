internal import Dispatch
public import EventStorage
public import Events
public import Sockets
internal import Synchronization

/// The durable log as the sockets see it. Joins two modules that do not know each other.
public struct StoredRecords: RecordSource {
    private let log: EventLog
    private let identity: UInt32

    public init(_ log: EventLog) {
        self.log = log
        identity = UInt32(log.identity, radix: 16) ?? 0
    }

    public var span: LogSpan {
        let status = log.status
        return LogSpan(log: identity, run: log.run, first: status.first, last: status.last)
    }

    public func records(after: UInt64, limit: Int) throws(SourceError) -> [Record] {
        try translating { () throws(EventLogError) in try log.reader.records(after: after, limit: limit) }
    }

    public func recent(after: UInt64, limit: Int) -> [Record]? { log.recent(after: after, limit: limit) }

    public func record(_ seq: UInt64) throws(SourceError) -> Record? {
        do throws(EventLogError) {
            return try log.reader.record(at: seq)
        } catch .notFound {
            return nil
        } catch {
            throw SourceError(error)
        }
    }

    public func register(consumer name: String, uid: UInt32) throws(SourceError) -> UInt64 {
        try durable { log.register(name, uid: uid, $0) }.acked
    }

    public func acknowledge(
        consumer name: String, upTo seq: UInt64,
        _ completion: @escaping @Sendable (Result<UInt64, SourceError>) -> Void
    ) {
        log.acknowledge(name, seq) { completion($0.mapError { SourceError($0) }) }
    }

    public func consumers() throws(SourceError) -> [Sockets.Consumer] {
        log.consumers.map {
            Sockets.Consumer(
                name: $0.name, uid: $0.uid, acked: $0.acked, seenMilliseconds: $0.seenMilliseconds)
        }
    }

    public func drop(consumer name: String) throws(SourceError) {
        try durable { log.drop(name, $0) }
    }

    /// Waits for the commit in which the request rides. Blocks; for the server's reading threads.
    private func durable<Answer: Sendable>(
        _ request: (@escaping @Sendable (Result<Answer, EventLogError>) -> Void) -> Void
    ) throws(SourceError) -> Answer {
        let answer = Answered<Answer>()
        request { answer.set($0) }
        do throws(EventLogError) {
            return try answer.wait().get()
        } catch {
            throw SourceError(error)
        }
    }

    private func translating<Value>(_ body: () throws(EventLogError) -> Value) throws(SourceError) -> Value {
        do throws(EventLogError) {
            return try body()
        } catch {
            throw SourceError(error)
        }
    }
}

/// What another thread will say once.
private final class Answered<Answer: Sendable>: Sendable {
    private let result = Mutex<Result<Answer, EventLogError>?>(nil)
    private let semaphore = DispatchSemaphore(value: 0)

    func set(_ value: Result<Answer, EventLogError>) {
        result.withLock { $0 = value }
        semaphore.signal()
    }

    func wait() -> Result<Answer, EventLogError> {
        semaphore.wait()
        return result.withLock { $0 } ?? .failure(.stopped)
    }
}

extension SourceError {
    /// How the storage's refusals look to the sockets.
    init(_ error: EventLogError) {
        self =
            switch error {
            case .foreignConsumer: .ownedByAnother(uid: 0)
            case .tooManyConsumers(let limit): .tooManyConsumers(limit: limit)
            case .unknownConsumer(let name): .unknownConsumer(name)
            case .diskFull: .diskFull
            default: .storage(reason: "\(error)")
            }
    }
}
