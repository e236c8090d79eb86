import Events
import GRDB
import Synchronization

extension EventLog {
    /// Opens the log in `folder`, which is made if it is missing, and begins a run. Blocks.
    ///
    /// `boot` is the boot of the machine, 32 hexadecimal digits with or without dashes: results of profile full
    /// name it, and anything else is taken as not known.
    ///
    /// A damaged database, or one older than the mark beside it, is renamed and a new log begins; `status`
    /// says so and event 1205 does. Throws `schemaNewer`, having changed nothing, `inUse`, `diskFull` or
    /// `storage`.
    public static func open(
        folder: String, settings: StoreSettings, boot: String = ""
    ) throws(EventLogError) -> EventLog {
        try open(folder: folder, settings: settings, boot: boot, surroundings: .machine, schema: .current)
    }

    package static func open(
        folder: String, settings: StoreSettings, boot: String = "", surroundings: Surroundings, schema: Schema
    ) throws(EventLogError) -> EventLog {
        func opening() throws(EventLogError) -> Opening {
            try translating(folder + "/events.db") {
                try Opening(
                    folder: folder, settings: settings, boot: boot, surroundings: surroundings, schema: schema
                )
            }
        }
        let ballast = Ballast(path: folder + "/ballast", byteCount: settings.ballastBytes)
        do throws(EventLogError) {
            let log = EventLog(try opening())
            log.takeBallast()
            return log
        } catch {
            guard case .diskFull = error, ballast.giveUp() else { throw error }
            let log = EventLog(try opening())
            try log.openedOnBallast()
            return log
        }
    }

    /// Without room for the ballast the log is full from the start.
    private func takeBallast() {
        if (try? ballast.create(surroundings)) == nil { shared.withLock { $0.status.condition = .full } }
    }

    private func openedOnBallast() throws(EventLogError) {
        try commit([.event(stamped(Event(.diskFull, severity: .critical)))])
        shared.withLock { $0.status.condition = .full }
    }

    /// Commits what waits, ends the run and marks the log clean, so that numbering goes on without a gap.
    /// Blocks. Afterwards everything is refused with `stopped`; stopping again does nothing.
    ///
    /// If it throws, the stop is unclean, which loses nothing but numbers.
    public func stop(reason: Int32 = 0) throws(EventLogError) {
        let isFirst = shared.withLock { shared in
            defer { shared.isStopped = true }
            return !shared.isStopped
        }
        guard isFirst else { return }
        defer { close() }
        if status.condition == .full { try maintain() }
        try commit([])
        try translating(path) {
            try database.writeWithoutTransaction { db in
                let event = stamped(Event(.runStopped, severity: .info, a: reason))
                let nextJob = jobs.load(ordering: .relaxed)
                try store(
                    Batch([.event(event)]) { db, pass in
                        // A trigger still without a result cannot get one any more.
                        _ = try pass.closePending(reason: .stopped, db)
                        try Meta(db).set("clean", 1)
                        try Meta(db).set("job_next", nextJob)
                    }, db)
                // Everything into one file; a reader elsewhere may keep it from happening, which harms
                // nothing.
                _ = try? db.checkpoint(.truncate)
                StorePaths(folder: folder).dropCopies(before: schema)
            }
        }
    }

    /// Lets go of the log as if the process had been killed: what the next start finds is an unclean stop.
    package func abandon() {
        shared.withLock { $0.isStopped = true }
        close()
    }

    private func close() {
        tail.close()
        try? database.close()
        lock.release()
    }
}
