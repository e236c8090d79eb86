import GRDB
import Synchronization

// A number is used only when the mark that permits it is durable twice: in the database, then in seq.mark.

extension EventLog {
    /// Makes the numbers up to `seq` and the jobs up to `job` usable. Blocks only if they are not yet.
    func reserve(through seq: UInt64, job: UInt32, _ db: Database) throws {
        guard seq > writer.mark.seq || job > writer.mark.job else { return }
        let block = settings.sequenceBlock
        var mark = writer.mark
        mark.seq = max(mark.seq, seq + UInt64(block))
        mark.job = max(mark.job, max(job, jobs.load(ordering: .relaxed)) &+ UInt32(block))
        try raise(to: mark, db)
        writer.mark = mark
    }

    private func raise(to mark: SequenceMark, _ db: Database) throws {
        // Durable whatever [store] sync says: a number that is used twice is worse than a lost result.
        if settings.sync == .normal { try db.execute(sql: "PRAGMA synchronous = FULL") }
        defer {
            if settings.sync == .normal { try? db.execute(sql: "PRAGMA synchronous = NORMAL") }
        }
        try db.inTransaction(.immediate) {
            try Meta(db).write(mark)
            return .commit
        }
        try surroundings.replace(folder + "/seq.mark", mark.encoded)
    }

    /// Reserves the next block while there is still half of this one.
    func reserveAhead(_ db: Database) throws {
        let half = UInt64(settings.sequenceBlock / 2)
        let job = jobs.load(ordering: .relaxed)
        if writer.next + half > writer.mark.seq || UInt64(job) + half > UInt64(writer.mark.job) {
            try reserve(through: max(writer.mark.seq, writer.next) + 1, job: max(job, writer.mark.job), db)
        }
    }
}

/// The table `meta`.
struct Meta {
    private let db: Database

    init(_ db: Database) { self.db = db }

    func integer(_ key: String) throws -> Int64? {
        try Int64.fetchOne(
            db, sql: "SELECT v FROM meta WHERE k = ? AND typeof(v) = 'integer'", arguments: [key])
    }

    func set(_ key: String, _ value: some DatabaseValueConvertible) throws {
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO meta(k, v) VALUES (?, ?)")
            .execute(arguments: [key, value])
    }

    func write(_ mark: SequenceMark) throws {
        try set("log", mark.log)
        try set("run", mark.run)
        try set("seq_mark", Int64(mark.seq))
        try set("job_mark", mark.job)
    }

    /// Keeps the boot of `run`, and forgets those of runs of which no record is left.
    func beginBoot(_ boot: String, of run: UInt32) throws {
        let oldest = try Int64.fetchOne(db, sql: "SELECT run FROM record ORDER BY seq LIMIT 1") ?? Int64(run)
        try db.execute(
            sql: "DELETE FROM meta WHERE k LIKE 'boot %' AND CAST(substr(k, 6) AS INTEGER) < ?",
            arguments: [oldest])
        if !boot.isEmpty { try set("boot \(run)", boot) }
    }

    /// Empty where nobody said.
    func boot(of run: UInt32) throws -> String {
        try String.fetchOne(
            db.cachedStatement(sql: "SELECT v FROM meta WHERE k = ? AND typeof(v) = 'text'"),
            arguments: ["boot \(run)"]) ?? ""
    }

    /// What the last run left, nil if no run ever began. Throws `damaged` if it makes no sense.
    func past(path: String) throws -> StartPlan.Past? {
        guard let log = try String.fetchOne(db, sql: "SELECT v FROM meta WHERE k = 'log'") else { return nil }
        let values = try ["run", "seq_mark", "job_mark"].map { try integer($0) }
        guard SequenceMark.isIdentity(log), let run = values[0].flatMap(UInt32.init(exactly:)),
            let seq = values[1].flatMap(UInt64.init(exactly:)),
            let job = values[2].flatMap(UInt32.init(exactly:)),
            SequenceMark.isPlausible(run: run, seq: seq, job: job)
        else { throw EventLogError.damaged(path: path, message: "table 'meta' makes no sense") }
        let last = try LogSpan(db).last
        guard last < 1 << 53 else {
            throw EventLogError.damaged(path: path, message: "record \(last) is beyond every number")
        }
        let nextJob = try integer("job_next").flatMap(UInt32.init(exactly:)) ?? 0
        return StartPlan.Past(
            mark: SequenceMark(log: log, run: run, seq: seq, job: job), last: last, nextJob: nextJob,
            isClean: try integer("clean") == 1 && nextJob > 0)
    }
}
