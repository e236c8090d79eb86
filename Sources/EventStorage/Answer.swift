import Dispatch
import Synchronization

/// The answer to one request, for a thread that has nothing else to do than wait for it.
final class Answer<Value: Sendable>: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let given = Mutex<Result<Value, EventLogError>?>(nil)

    var give: @Sendable (Result<Value, EventLogError>) -> Void {
        { [self] result in
            given.withLock { $0 = result }
            semaphore.signal()
        }
    }

    /// Blocks until the answer is given, once.
    func wait() throws(EventLogError) -> Value {
        semaphore.wait()
        return try (given.withLock { $0 } ?? .failure(.stopped)).get()
    }
}
