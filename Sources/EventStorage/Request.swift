import GRDB
import Synchronization

/// Something that another thread wants written: it rides in the publisher's next commit.
struct Request: Sendable {
    /// Writes it, and returns how to tell the one who asked once it is durable.
    let perform: @Sendable (Database, inout Pass) throws -> @Sendable () -> Void
    /// Tells the one who asked that nothing was written.
    let fail: @Sendable (EventLogError) -> Void
    /// Whether it may wait a little for a commit that is made anyway.
    let mayWait: Bool

    /// An `EventLogError` thrown by `body`, which must not have written anything by then, refuses this
    /// request alone; any other error fails the whole transaction.
    init<Answer: Sendable>(
        mayWait: Bool = false,
        _ completion: @escaping @Sendable (Result<Answer, EventLogError>) -> Void,
        _ body: @escaping @Sendable (Database, inout Pass) throws -> Answer
    ) {
        self.mayWait = mayWait
        perform = { db, pass in
            do {
                let answer = try body(db, &pass)
                return { completion(.success(answer)) }
            } catch let error as EventLogError {
                return { completion(.failure(error)) }
            }
        }
        fail = { completion(.failure($0)) }
    }
}

extension EventLog {
    /// Calls `body`, on the thread that asks, whenever a request waits for the next commit, with whether that may
    /// be put off for `StoreSettings.groupCommit`. It must not block nor call this log.
    public func whenRequested(_ body: @escaping @Sendable (_ mayWait: Bool) -> Void) {
        shared.withLock { $0.whenRequested = body }
    }

    func submit(_ request: Request) {
        let wake = shared.withLock { shared -> (@Sendable (Bool) -> Void)? in
            if shared.isStopped { return nil }
            shared.requests.append(request)
            return shared.whenRequested
        }
        guard let wake else {
            request.fail(.stopped)
            return
        }
        wake(request.mayWait)
    }

    func takeRequests() -> [Request] {
        shared.withLock { shared in
            let requests = shared.requests
            shared.requests.removeAll(keepingCapacity: true)
            return requests
        }
    }
}
