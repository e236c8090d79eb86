public import Events
import Synchronization

public import struct Events.Record

// Whoever follows the log asks for what the last commit added: a page from here costs a microsecond, one from the
// database a hundred and more. A record comes here only when its COMMIT has returned, in the form in which the
// database would give it, so nobody can tell which of the two a page came from.

/// The newest committed records of a log, in memory: bounded by their number and by their bytes.
///
/// The publisher appends behind each commit, any thread reads. The lock is held for copying references, never
/// while anything waits for the medium.
final class RecordTail: Sendable {
    /// At most so many records, and so many bytes of texts, findings and regions in them.
    static let recordLimit = 1_024
    static let byteLimit = 2 << 20

    private let held: Mutex<Held>

    /// Nothing yet, of a log whose newest number is `last`.
    init(last: UInt64) { held = Mutex(Held(last: last)) }

    /// Adds what a commit has made durable, in order, and forgets what retention has deleted: all before `first`.
    func append(_ records: [Record], first: UInt64) {
        held.withLock { held in
            for record in records { held.append(record) }
            while let oldest = held.oldest, oldest.seq < first { held.dropOldest() }
        }
    }

    /// The records behind `after`, at most `limit`; empty where the log ends. Nil where that page does not lie
    /// within what is held: then the database has it, or knows why not.
    func records(after: UInt64, limit: Int) -> [Record]? {
        held.withLock { $0.records(after: after, limit: limit) }
    }

    /// Answers nothing any more.
    func close() { held.withLock { $0 = Held(last: nil) } }
}

/// A ring of records without a hole between their numbers.
///
/// - Invariant: the places `start..<end`, taken modulo the limit, hold records; each begins with the number behind
///   the one before, and the newest ends with `last`.
private struct Held: Sendable {
    private var places: [Record?]
    private var start = 0
    private var end = 0
    private var byteCount = 0
    /// The newest number of the log; nil where the log is closed.
    private var last: UInt64?

    init(last: UInt64?) {
        self.last = last
        places = last == nil ? [] : Array(repeating: nil, count: RecordTail.recordLimit)
    }

    var oldest: Record? { start < end ? places[start % places.count] : nil }

    mutating func append(_ record: Record) {
        guard let last else { return }
        // No writer leaves a hole. If one did, what lies before it would be no page.
        if record.firstNumber != last + 1 { while start < end { dropOldest() } }
        if end - start == places.count { dropOldest() }
        places[end % places.count] = record
        end += 1
        byteCount += record.variableByteCount
        self.last = record.seq
        while byteCount > RecordTail.byteLimit { dropOldest() }
    }

    mutating func dropOldest() {
        byteCount -= oldest?.variableByteCount ?? 0
        places[start % places.count] = nil
        start += 1
    }

    func records(after: UInt64, limit: Int) -> [Record]? {
        guard let last, after <= last else { return nil }
        let first = oldest?.firstNumber ?? last + 1
        guard after + 1 >= first else { return nil }
        // The first place whose record ends behind `after`.
        var (low, high) = (start, end)
        while low < high {
            let middle = low + (high - low) / 2
            if places[middle % places.count]!.seq > after { high = middle } else { low = middle + 1 }
        }
        return (low..<min(end, low + min(limit, end - low))).map { places[$0 % places.count]! }
    }
}

extension Record {
    /// The first number that the record covers.
    var firstNumber: UInt64 {
        if case .gap(let gap) = body { gap.from } else { seq }
    }

    /// Bytes of what has no fixed size.
    fileprivate var variableByteCount: Int {
        switch body {
        case .result(let result):
            result.part.utf8.count + result.findings.count * MemoryLayout<Finding>.stride
                + result.regions.count * MemoryLayout<RegionVerdict>.stride
                + result.stageMicroseconds.count * MemoryLayout<UInt32>.stride
        case .event(let event): event.detail.utf8.count
        case .gap: 0
        }
    }
}

extension EventLog {
    /// The committed records behind `after`, at most `limit`, from memory; empty where there is none yet. Nil where
    /// they have to be read from the medium. Never blocks.
    public func recent(after: UInt64, limit: Int) -> [Record]? { tail.records(after: after, limit: limit) }

    /// The committed records behind `after`, at most `limit`: from memory if they are there, else read as
    /// `reader` reads them, with its errors. Blocks on the medium in the second case.
    public func records(after: UInt64, limit: Int) throws(EventLogError) -> [Record] {
        if let records = recent(after: after, limit: limit) { return records }
        return try reader.records(after: after, limit: limit)
    }
}
