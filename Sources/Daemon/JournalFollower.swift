public import EventStorage
internal import Events
public import Platform
internal import Synchronization

/// Reads the log behind the publisher and writes its lines into the journal.
///
/// A reader like every other, by cursor: a slow journal delays nobody, and what a crash cut off is not
/// repeated, because it begins at the end of the log.
public final class JournalFollower: Sendable {
    private let news: News
    private let thread: Mutex<HotThread?>

    /// What the publisher's thread leaves for the follower's.
    private final class News: Sendable {
        let wake: EventCounter
        let newest: Atomic<UInt64>

        init(after: UInt64) throws(PlatformError) {
            wake = try EventCounter()
            newest = Atomic(after)
        }
    }

    /// Starts behind `after`. Throws if the process has no thread or descriptor left.
    public init(log: EventLog, journal: RecordJournal, after: UInt64) throws(PlatformError) {
        let news = try News(after: after)
        self.news = news
        thread = Mutex(
            try HotThread(name: "journal", state: after) { cursor, stop in
                while !stop.isUp {
                    let records = (try? log.records(after: cursor, limit: 256)) ?? []
                    for record in records {
                        journal.add(record, now: MonotonicClock.now)
                        cursor = record.seq
                    }
                    guard records.isEmpty else { continue }
                    let seen = cursor
                    news.wake.wait(
                        timeoutMilliseconds: 1_000,
                        unless: { stop.isUp || news.newest.load(ordering: .acquiring) > seen })
                }
            })
    }

    /// Tells it that records up to `seq` are durable. Never blocks.
    public func committed(upTo seq: UInt64) {
        news.newest.store(seq, ordering: .releasing)
        news.wake.signal()
    }

    /// Ends the thread. Blocks for the lines under way.
    public func finish() {
        guard let thread = thread.withLock({ $0.take() }) else { return }
        thread.stop.raise()
        news.wake.signal()
        thread.join()
    }
}
