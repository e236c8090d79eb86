public import EventStorage
internal import Events
public import Platform
internal import Synchronization

/// Copies the log into rotated JSON Lines files behind the publisher: `[store] jsonl_mirror`.
///
/// A reader like every other, by cursor: a slow disk or a full one delays nobody. It goes on where its files end,
/// so it misses nothing that the log still has.
public final class JSONLinesMirror: Sendable {
    private let news: News
    private let thread: Mutex<HotThread?>

    /// What the publisher's thread, the mirror's and its owner share.
    private final class News: Sendable {
        let wake: EventCounter
        let newest = Atomic<UInt64>(0)
        /// Everything up to this number is in the files.
        let mirrored = Atomic<UInt64>(0)
        let failure = Mutex<String?>(nil)

        init() throws(PlatformError) { wake = try EventCounter() }
    }

    /// Starts the thread. Throws if the process has no thread or descriptor left.
    ///
    /// - Parameters:
    ///   - folder: where the files lie, `export` in the log's folder as a rule; made if it is missing.
    ///   - limit: bytes of one file, of which there are four.
    public init(log: EventLog, folder: String, limit: Int) throws(PlatformError) {
        let news = try News()
        self.news = news
        thread = Mutex(
            try HotThread(name: "mirror", state: Run(log: log, folder: folder, limit: limit)) { run, stop in
                while true {
                    // Asked first: what was committed before the stop is then in the files.
                    let isLast = stop.isUp
                    let outcome = run.copy()
                    news.failure.withLock { $0 = outcome.failure }
                    news.mirrored.store(outcome.cursor, ordering: .releasing)
                    if outcome.failure == nil, outcome.hasMore { continue }
                    if isLast { break }
                    let seen = outcome.failure == nil ? outcome.cursor : .max
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

    /// Everything up to this number is in the files; 0 before it has looked.
    public var cursor: UInt64 { news.mirrored.load(ordering: .acquiring) }

    /// Why it stands still, in words, until it goes on; it tries again every second.
    public var failure: String? { news.failure.withLock { $0 } }

    /// Copies what is there, then ends the thread. Blocks.
    public func finish() {
        guard let thread = thread.withLock({ $0.take() }) else { return }
        thread.stop.raise()
        news.wake.signal()
        thread.join()
    }
}

/// The work of the thread.
private final class Run: @unchecked Sendable {
    // @unchecked: made by the owner, then touched by the mirror's thread alone.
    let log: EventLog
    let folder: String
    let limit: Int
    /// nil until the folder could be used.
    var files: JSONLinesFiles?

    init(log: EventLog, folder: String, limit: Int) {
        (self.log, self.folder, self.limit) = (log, folder, limit)
    }

    struct Outcome {
        var cursor: UInt64 = 0
        var hasMore = false
        var failure: String?
    }

    /// Copies the next records, 256 at most.
    func copy() -> Outcome {
        var outcome = Outcome()
        do {
            let status = log.status
            let files =
                try self.files
                ?? JSONLinesFiles(
                    folder: folder, log: log.identity, after: max(status.first, 1) - 1, limit: limit)
            self.files = files
            outcome.cursor = files.cursor
            // Without sync = "full" a power cut may take records that were copied: their numbers come again as a gap.
            guard files.cursor < status.last else { return outcome }
            let records = try log.records(after: files.cursor, limit: 256)
            try files.append(records[...])
            outcome.cursor = files.cursor
            outcome.hasMore = !records.isEmpty
        } catch {
            outcome.failure = "\(error)"
        }
        return outcome
    }
}
