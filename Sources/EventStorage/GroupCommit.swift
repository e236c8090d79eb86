import Dispatch
public import Events
import Synchronization

/// A publisher for one log: gathers what several threads want stored and commits it together.
///
/// Records are committed at once; what arrives while the medium is busy goes with the next commit.
/// Acknowledgements and other requests wait up to `groupCommit` for records to ride with. All commits and all
/// completions run on one thread at a time. Call `drain` once a second while nothing is published, so that
/// maintenance goes on.
public final class GroupCommit: Sendable {
    private let log: EventLog
    private let queue = DispatchQueue(label: "linewatch.publisher", qos: .userInitiated)
    private let waiting = Mutex(Waiting())

    private struct Waiting: Sendable {
        var entries: [Entry] = []
        /// A flush is on its way that will take everything.
        var isScheduled = false
    }

    private struct Entry: Sendable {
        let bodies: [Record.Body]
        let completion: @Sendable (Result<CommitReceipt, EventLogError>) -> Void
    }

    /// Publishes to `log`, whose `whenRequested` it takes.
    public init(_ log: EventLog) {
        self.log = log
        log.whenRequested { [weak self] in self?.requestWaits() }
    }

    /// Hands over `bodies`, to be stored in order in one transaction, perhaps with others. Does not block.
    ///
    /// `completion` runs on the publisher's thread once they are durable or lost; `last` of its receipt is
    /// the newest record of the whole commit, and `refused` counts within `bodies`.
    public func publish(
        _ bodies: [Record.Body],
        _ completion: @escaping @Sendable (Result<CommitReceipt, EventLogError>) -> Void
    ) {
        let mustFlush = waiting.withLock { waiting in
            waiting.entries.append(Entry(bodies: bodies, completion: completion))
            defer { waiting.isScheduled = true }
            return !waiting.isScheduled
        }
        if mustFlush { queue.async { self.flush() } }
    }

    /// Returns when everything handed over before has been committed. Blocks.
    public func drain() { queue.sync { flush() } }

    private func requestWaits() {
        let (_, attoseconds) = log.settings.groupCommit.components
        queue.asyncAfter(deadline: .now() + .nanoseconds(Int(attoseconds / 1_000_000_000))) { [weak self] in
            self?.flush()
        }
    }

    private func flush() {
        let entries = waiting.withLock { waiting in
            defer { waiting = Waiting() }
            return waiting.entries
        }
        do throws(EventLogError) {
            let receipt = try log.commit(entries.flatMap(\.bodies))
            var start = 0
            for entry in entries {
                var part = receipt
                let end = start + entry.bodies.count
                part.refused = receipt.refused.filter { start..<end ~= $0 }.map { $0 - start }
                start = end
                entry.completion(.success(part))
            }
        } catch {
            for entry in entries { entry.completion(.failure(error)) }
        }
        // What it cannot do now, it will meet again after the next commit.
        _ = try? log.maintain()
    }
}
