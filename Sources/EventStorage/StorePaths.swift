import Dispatch
import GRDB
import Glibc
import Platform

/// Why a database does not become the log again.
enum SetAsideCause: Hashable, CustomStringConvertible {
    case damaged(String)
    /// It is from before the mark was written: put back from a copy, or the disk lied.
    case older

    var description: String {
        switch self {
        case .damaged(let message): message
        case .older: "the database is older than seq.mark"
        }
    }

    /// The word in the new name of the file.
    var word: String {
        switch self {
        case .damaged: "damaged"
        case .older: "older"
        }
    }
}

/// The files of a store, and what is done with them before the log is open.
struct StorePaths {
    let folder: String

    var database: String { folder + "/events.db" }
    var mark: String { folder + "/seq.mark" }

    /// nil if there is none, or none that makes sense.
    func readMark() throws -> SequenceMark? {
        guard exists(mark) else { return nil }
        let file = try MappedFile(mark)
        return file.withBytes { bytes in
            var copy: [UInt8] = []
            for offset in 0..<min(bytes.byteCount, 256) {
                unsafe copy.append(bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
            }
            return SequenceMark(copy)
        }
    }

    /// Looks at the database without changing it. Returns nil if it is sound, or not there.
    func causeToSetAside(
        mirror: SequenceMark?, schema: Schema, settings: StoreSettings
    ) throws -> SetAsideCause? {
        guard exists(database) else { return nil }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(2)
            let queue = try DatabaseQueue(path: database, configuration: configuration)
            defer { try? queue.close() }
            try refuseNewer(queue, schema)
            if let message = try quickCheck(queue, limit: settings.quickCheckLimit) {
                return .damaged(message)
            }
            if let table = try damagedTable(queue, schema) {
                return .damaged("the schema of '\(table)' is damaged")
            }
            let past = try queue.read { db in
                try db.tableExists("meta") ? try Meta(db).past(path: database) : nil
            }
            // A database without a run was being made when the power went: it goes on as a new one.
            guard let past, let mirror else { return nil }
            return mirror.isNewer(than: past.mark) ? .older : nil
        } catch let error as DatabaseError
            where [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT, .SQLITE_ERROR].contains(error.resultCode)
        {
            // An error of the statement itself: the tables are not those that it was written for.
            return .damaged(error.message ?? "not a database")
        } catch EventLogError.damaged(_, let message) {
            return .damaged(message)
        }
    }

    /// A table or index that is not as the migrations make it; nil if all are, or if the schema is older.
    private func damagedTable(_ queue: DatabaseQueue, _ schema: Schema) throws -> String? {
        let version = try queue.read { db in
            try db.tableExists("meta") ? try Meta(db).integer("schema") : nil
        }
        guard version == Int64(schema.version) else { return nil }
        let model = try DatabaseQueue()
        try schema.migrator.migrate(model)
        let sql = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid"
        let expected = try model.read { db in try Row.fetchAll(db, sql: sql) }
        let found = Set(try queue.read { db in try Row.fetchAll(db, sql: sql) })
        return expected.first { !found.contains($0) }.map { $0[0] as String? ?? "" }
    }

    private func refuseNewer(_ queue: DatabaseQueue, _ schema: Schema) throws {
        let found = try queue.read { db -> Int in
            guard try db.tableExists("meta") else { return 0 }
            let version = try Int(clamping: Meta(db).integer("schema") ?? 0)
            return try schema.migrator.hasBeenSuperseded(db) ? max(version, schema.version + 1) : version
        }
        guard found > schema.version else { return }
        let copy = copyPath(schema.version)
        throw EventLogError.schemaNewer(
            path: database, found: found, known: schema.version, copy: exists(copy) ? copy : nil)
    }

    /// The first finding of the check; nil if there is none within the time.
    private func quickCheck(_ queue: DatabaseQueue, limit: Duration) throws -> String? {
        let (seconds, attoseconds) = limit.components
        let end = DispatchTime.now() + .seconds(Int(seconds)) + .nanoseconds(Int(attoseconds / 1_000_000_000))
        let stop = DispatchWorkItem { queue.interrupt() }
        DispatchQueue.global().asyncAfter(deadline: end, execute: stop)
        defer { stop.cancel() }
        do {
            let answer = try queue.read { db in try String.fetchOne(db, sql: "PRAGMA quick_check(1)") }
            return answer == "ok" ? nil : answer ?? "quick_check said nothing"
        } catch let error as DatabaseError where error.resultCode == .SQLITE_INTERRUPT {
            return nil
        }
    }

    /// Renames the database and its companions out of the way; returns the name that it has now.
    func setDatabaseAside(_ cause: SetAsideCause) throws -> String {
        var number = 1
        while exists("\(database).\(cause.word)-\(number)") { number += 1 }
        let name = "events.db.\(cause.word)-\(number)"
        for suffix in ["", "-wal", "-shm"] where exists(database + suffix) {
            guard try move(database + suffix, toFree: folder + "/" + name + suffix) else {
                throw PlatformError.refused(call: "rename", path: folder + "/" + name + suffix, code: EEXIST)
            }
        }
        try flushFolder(folder)
        return name
    }

    // MARK: Upgrade

    /// Copies a database of an older schema to `events.db.schema<N>`, once, before it is upgraded.
    func keepCopyBeforeUpgrade(_ database: DatabasePool, _ schema: Schema) throws {
        let found = try database.read { db -> Int in
            guard try db.tableExists("meta") else { return 0 }
            return try Int(clamping: Meta(db).integer("schema") ?? 0)
        }
        guard found > 0, found < schema.version, !exists(copyPath(found)) else { return }
        let unfinished = copyPath(found) + ".tmp"
        _ = unsafe unlink(unfinished)
        try database.writeWithoutTransaction { db in
            try db.execute(sql: "VACUUM INTO ?", arguments: [unfinished])
        }
        guard try move(unfinished, toFree: copyPath(found)) else { return }
        try flushFolder(folder)
    }

    /// Deletes the copies of older schemas. Called after a clean stop.
    func dropCopies(before schema: Schema) {
        for version in 1..<max(schema.version, 1) { _ = unsafe unlink(copyPath(version)) }
    }

    private func copyPath(_ version: Int) -> String { "\(database).schema\(version)" }

    private func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }
}
