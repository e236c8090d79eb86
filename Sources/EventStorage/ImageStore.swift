import FoundationEssentials
import GRDB
import Glibc
import Platform
import Synchronization

// IMAGES
//
//   images/YYYY/MM/DD/<seq>.<kind>.jpg|png     beside the database, by the UTC day of writing
//
// A file is written under another name, flushed and renamed; then its row goes into the table `image`. It is
// deleted the other way round. So a crash leaves at worst a file without a row, and the sweep at the start
// deletes those, and rows whose file is gone.

/// The pictures of results, under a quota of their own: never in the way of a result.
///
/// One thread of low priority, the archivist, calls `save` and `evict`; both block. Their rows ride in the
/// publisher's next commit.
public final class ImageStore: Sendable {
    public enum Kind: Int, CaseIterable, Sendable {
        case frame = 1
        case map = 2
        case crop = 3
    }

    public enum Format: String, CaseIterable, Sendable {
        case jpeg = "jpg"
        case png
    }

    /// The table `[images]` of the settings file, as far as it is about the disk.
    public struct Settings: Hashable, Sendable {
        /// 0...10 TiB.
        public var bytes = 4096 << 20
        /// 1...3,650.
        public var days = 14
        /// Below this nothing is saved.
        public var minimumFreeBytes = 1024 << 20

        public init() {}
    }

    /// What became of a picture.
    public enum Outcome: Hashable, Sendable {
        /// Saved at this path, relative to the log's folder.
        case saved(path: String)
        /// The disk is low: event 1201 is due.
        case diskLow(freeBytes: Int)
        /// It is larger than the whole quota.
        case tooLarge
    }

    let log: EventLog
    let settings: Settings
    private let usage: Mutex<Int>

    /// Removes files without a row and rows without a file, then counts what is there. Blocks.
    public init(_ log: EventLog, settings: Settings) throws(EventLogError) {
        self.log = log
        self.settings = settings
        let bytes = try translating(log.path) { try ImageSweep(log).run() }
        usage = Mutex(bytes)
    }

    /// Bytes of all pictures.
    public var byteCount: Int { usage.withLock { $0 } }

    /// Writes `bytes` as the picture `kind` of the record `seq`, whose SHA-256 is `digest`. Blocks.
    ///
    /// Deletes older pictures first if the quota asks for it. Throws `diskFull` or `storage` if the disk
    /// refuses: then there is no picture, and nothing else has happened.
    public func save(
        _ bytes: [UInt8], digest: [UInt8], seq: UInt64, kind: Kind, format: Format
    ) throws(EventLogError) -> Outcome {
        guard bytes.count <= settings.bytes else { return .tooLarge }
        let free = log.surroundings.freeBytes(log.folder)
        guard free - bytes.count >= settings.minimumFreeBytes else { return .diskLow(freeBytes: free) }
        try evict(toFit: bytes.count)
        let day = CalendarDay(milliseconds: log.surroundings.milliseconds())
        let path = "images/\(day)/\(seq).\(kind).\(format.rawValue)"
        try translating(log.folder + "/" + path) {
            try createFolder(log.folder + "/images/\(day)")
            try log.surroundings.replace(log.folder + "/" + path, bytes)
        }
        usage.withLock { $0 += bytes.count }
        log.submit(
            Request({ (_: Result<Void, EventLogError>) in }) { db, _ in
                try db.execute(
                    sql: "INSERT INTO image(seq, kind, path, bytes, sha256) VALUES (?, ?, ?, ?, ?)",
                    arguments: [
                        Int64(seq), kind.rawValue, path, bytes.count,
                        Data(digest),
                    ])
                if kind == .frame {
                    let row = db.lastInsertedRowID
                    try db.execute(
                        sql: "UPDATE record SET image = ? WHERE seq = ? AND kind = 1",
                        arguments: [row, Int64(seq)])
                }
            })
        return .saved(path: path)
    }

    /// The paths of the pictures of the record `seq`, relative to the log's folder.
    public func paths(of seq: UInt64) throws(EventLogError) -> [Kind: String] {
        try translating(log.path) {
            try log.database.read { db in
                let rows = try Row.fetchAll(
                    db, sql: "SELECT kind, path FROM image WHERE seq = ?", arguments: [Int64(clamping: seq)])
                return Dictionary(
                    rows.compactMap { row in
                        Kind(rawValue: row[0] as Int? ?? 0).map { ($0, row[1] as String? ?? "") }
                    }, uniquingKeysWith: { $1 })
            }
        }
    }

    /// The picture with the number `id`, as `img` and `map` of a result name it; nil if there is none. Blocks.
    public func file(id: Int64) throws(EventLogError) -> ImageFile? {
        try translating(log.path) {
            try log.database.read { db in try ImageRow.file(in: log.folder, db, "id = ?", [id]) }
        }
    }

    /// The newest picture `kind` of the record `seq`; nil if there is none. Blocks.
    public func file(seq: UInt64, kind: Kind) throws(EventLogError) -> ImageFile? {
        try translating(log.path) {
            try log.database.read { db in
                try ImageRow.file(
                    in: log.folder, db, "seq = ? AND kind = ? ORDER BY id DESC LIMIT 1",
                    [Int64(clamping: seq), kind.rawValue])
            }
        }
    }

    /// Deletes pictures that are over the quota or too old: of OK results first, then the oldest, and none of
    /// a marked result. Returns how many went. Blocks until their rows are gone: the publisher must be
    /// running.
    @discardableResult
    public func evict() throws(EventLogError) -> Int { try evict(toFit: 0) }

    @discardableResult
    private func evict(toFit count: Int) throws(EventLogError) -> Int {
        var deleted = 0
        while true {
            let excess = byteCount + count - settings.bytes
            let victims = try translating(log.path) {
                try log.database.read { db in try Victim.next(db, excess: excess, before: oldestDay) }
            }
            if victims.isEmpty { return deleted }
            try delete(victims)
            deleted += victims.count
        }
    }

    private var oldestDay: String {
        let now = log.startClock.now(log.surroundings)
        return "images/\(CalendarDay(milliseconds: now - Int64(settings.days) * 86_400_000))"
    }

    private func delete(_ victims: [Victim]) throws(EventLogError) {
        let answer = Answer<Void>()
        log.submit(
            Request(answer.give) { db, _ in
                for victim in victims {
                    try db.cachedStatement(sql: "DELETE FROM image WHERE id = ?")
                        .execute(arguments: [victim.id])
                }
            })
        try answer.wait()
        for victim in victims { _ = unsafe unlink(log.folder + "/" + victim.path) }
        let freed = victims.reduce(0) { $0 + $1.byteCount }
        usage.withLock { $0 -= freed }
    }
}

/// A picture that has to go.
private struct Victim: Sendable {
    let id: Int64
    let path: String
    let byteCount: Int

    /// At most 64 of them: too old ones, else as many as free `excess` bytes.
    static func next(_ db: Database, excess: Int, before day: String) throws -> [Victim] {
        let columns = "image.id, image.path, image.bytes"
        let aged = try all(
            db,
            """
            SELECT \(columns) FROM image LEFT JOIN mark ON mark.seq = image.seq
            WHERE mark.seq IS NULL AND image.path < ? ORDER BY image.id LIMIT 64
            """, [day])
        guard aged.isEmpty, excess > 0 else { return aged }
        let candidates = try all(
            db,
            """
            SELECT \(columns) FROM image LEFT JOIN mark ON mark.seq = image.seq
            LEFT JOIN record ON record.seq = image.seq
            WHERE mark.seq IS NULL ORDER BY record.verdict IS NOT 1, image.id LIMIT 64
            """, [])
        var freed = 0
        return Array(
            candidates.prefix { candidate in
                defer { freed += candidate.byteCount }
                return freed < excess
            })
    }

    private static func all(_ db: Database, _ sql: String, _ arguments: StatementArguments) throws -> [Victim]
    {
        try Row.fetchAll(db, sql: sql, arguments: arguments).map { row in
            Victim(id: row[0] as Int64? ?? 0, path: row[1] as String? ?? "", byteCount: row[2] as Int? ?? 0)
        }
    }
}
