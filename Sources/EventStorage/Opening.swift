import Events
import GRDB
import Platform

import struct Events.Record

// HOW A LOG IS OPENED
//
//  1. The folder is locked; the mark file is read.
//  2. The database is looked at without changing it. A newer schema is refused. A damaged one, or one older
//     than the mark, is set aside under another name with its WAL, and a new log begins.
//  3. An older schema is copied beside the database and then upgraded.
//  4. One transaction begins the run: the gap that covers the numbers of an unclean stop, the results of
// triggers that have none, the events that tell of it, the new run and its block of numbers. The mark file
//     follows. Only then may anyone read or write.

/// A log on its way to being open.
struct Opening {
    let folder: String
    let settings: StoreSettings
    let surroundings: Surroundings
    let schema: Schema
    let lock: FolderLock
    let ballast: Ballast
    let startClock: StartClock
    let paths: StorePaths
    var setAside: [String] = []

    // Known once the run has begun.
    var database: DatabasePool
    var identity = ""
    /// The boot of the machine; empty where nobody said.
    let boot: String
    var run: UInt32 = 0
    var writer: Writer
    var status = LogStatus()
    var consumers: [String: Consumer] = [:]

    init(
        folder: String, settings: StoreSettings, boot: String, surroundings: Surroundings, schema: Schema
    ) throws {
        (self.folder, self.settings) = (folder, settings)
        (self.surroundings, self.schema) = (surroundings, schema)
        self.boot = Self.isBoot(boot) ? boot : ""
        try createFolder(folder)
        lock = try FolderLock(folder)
        paths = StorePaths(folder: folder)
        ballast = Ballast(path: folder + "/ballast", byteCount: settings.ballastBytes)
        startClock = StartClock(surroundings)
        writer = Writer(next: 1, mark: SequenceMark(log: "", run: 0, seq: 0, job: 0), nextJob: 1)

        let mirror = try paths.readMark()
        var cause = try paths.causeToSetAside(mirror: mirror, schema: schema, settings: settings)
        if let cause { setAside = [try paths.setDatabaseAside(cause)] }
        do {
            database = try Self.openDatabase(paths, settings, schema)
        } catch let error as DatabaseError
            where error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_NOTADB
        {
            cause = .damaged("\(error.message ?? "corrupt")")
            setAside.append(try paths.setDatabaseAside(.damaged("corrupt")))
            database = try Self.openDatabase(paths, settings, schema)
        }
        try begin(mirror: mirror, cause: cause)
    }

    private static func openDatabase(
        _ paths: StorePaths, _ settings: StoreSettings, _ schema: Schema
    ) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.busyMode = .timeout(2)
        configuration.maximumReaderCount = 8
        // SQLite's own 2 MB fill over the first ten thousand records, which looks like a leak and helps nobody: records
        // are appended, and the newest are read from `RecordTail`.
        configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA cache_size = -512") }
        let database = try DatabasePool(path: paths.database, configuration: configuration)
        try database.writeWithoutTransaction { db in
            // The pool has set NORMAL by now: only here does FULL stay.
            try db.execute(sql: "PRAGMA synchronous = \(settings.sync == .full ? "FULL" : "NORMAL")")
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 1000")
            try db.execute(sql: "PRAGMA journal_size_limit = 16777216")
            // Results are no secrets: overwriting deleted ones with zeros would double the writing.
            try db.execute(sql: "PRAGMA secure_delete = OFF")
        }
        try paths.keepCopyBeforeUpgrade(database, schema)
        try schema.migrator.migrate(database)
        return database
    }

    /// Begins the run in one transaction, then repeats its mark in the second file.
    private mutating func begin(mirror: SequenceMark?, cause: SetAsideCause?) throws {
        let past = try database.read { db in try Meta(db).past(path: paths.database) }
        let plan = past.map(StartPlan.init(after:)) ?? StartPlan(above: [mirror].compactMap(\.self))
        identity = past?.mark.log ?? Self.newIdentity()
        run = plan.run
        let block = settings.sequenceBlock
        writer.next = plan.next
        writer.nextJob = plan.nextJob
        try database.writeWithoutTransaction { db in
            try db.inTransaction(.immediate) {
                var pass = Pass(self, first: try LogSpan(db).first)
                if let gap = plan.gap { try pass.open(with: gap, why: plan.why, db) }
                let pending = try Int.fetchOne(db, sql: "SELECT count(*) FROM pending") ?? 0
                let closed = try pass.closePending(reason: .uncleanStop, db)
                var uncleanStops = try Meta(db).integer("unclean_stops") ?? 0
                if past?.isClean == false {
                    uncleanStops += 1
                    try Meta(db).set("unclean_stops", uncleanStops)
                    let skipped = plan.gap?.count ?? 0
                    try pass.append(
                        Event(
                            .uncleanStopRecovered, severity: .warning, a: Int32(clamping: closed),
                            b: Int32(clamping: skipped)), db)
                }
                if past == nil, cause != nil || plan.gap != nil {
                    try pass.append(logRecreated(cause), db)
                }
                try pass.append(Event(.runStarted, severity: .info, a: Int32(clamping: run)), db)
                pass.writer.mark = SequenceMark(
                    log: identity, run: run, seq: pass.writer.next + UInt64(block + pending),
                    job: plan.nextJob + UInt32(block))
                try Meta(db).write(pass.writer.mark)
                try Meta(db).set("clean", 0)
                try Meta(db).beginBoot(boot, of: run)
                consumers = try Pass.consumers(db)
                let span = try LogSpan(db)
                status.first = span.first
                status.last = span.last
                status.uncleanStops = Int(uncleanStops)
                status.count = try Int.fetchOne(db, sql: "SELECT count(*) FROM record") ?? 0
                writer = pass.writer
                return .commit
            }
        }
        status.setAside = setAside
        try surroundings.replace(paths.mark, writer.mark.encoded)
    }

    private func logRecreated(_ cause: SetAsideCause?) -> Event {
        var event = Event(.logRecreated, severity: .error)
        let reason = cause.map { "\($0)" } ?? "the database was missing"
        let files = setAside.map { "\"\($0)\"" }.joined(separator: ",")
        event.detail = "{\"cause\":\"\(escaped(reason))\",\"aside\":[\(files)]}"
        return event
    }

    /// 32 hexadecimal digits, with or without dashes, as systemd and the kernel write it.
    private static func isBoot(_ text: String) -> Bool {
        let digits = text.utf8.filter { $0 != UInt8(ascii: "-") }
        return text.utf8.count <= 36 && digits.count == 32
            && digits.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }
    }

    private static func newIdentity() -> String {
        let digits = String(UInt32.random(in: 1...UInt32.max), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}

extension Pass {
    /// The pass that begins a run.
    fileprivate init(_ opening: Opening, first: UInt64) {
        writer = opening.writer
        consumers = [:]
        self.first = first
        count = 0
        durable = 0
        (run, boot) = (opening.run, opening.boot)
        milliseconds = opening.surroundings.milliseconds()
        nanoseconds = opening.surroundings.nanoseconds()
    }

    fileprivate mutating func open(with gap: ClosedRange<UInt64>, why: Gap.Why, _ db: Database) throws {
        let body = Gap(from: gap.lowerBound, why: why, timeMilliseconds: milliseconds)
        _ = try RecordRow.insert(Record(seq: gap.upperBound, run: run, body: .gap(body)), into: db)
        count += 1
    }
}

/// `text` for inside the quotes of a JSON string.
func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"", "\\": result += "\\\(scalar)"
        default: result += scalar.value < 0x20 ? " " : String(scalar)
        }
    }
    return result
}
