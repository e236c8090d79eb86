import Events
import GRDB

extension EventLog {
    /// Does one small piece of what is due between commits: reserves numbers ahead, deletes at most 500
    /// records that are over a limit, looks for room after a full disk. Returns whether more is due at once.
    ///
    /// The publisher calls it after a commit, and once a second without one. Blocks as a commit does.
    @discardableResult
    public func maintain() throws(EventLogError) -> Bool {
        try translating(path) {
            try database.writeWithoutTransaction { db in
                switch status.condition {
                case .full:
                    try recover(db)
                    return false
                case .failing:
                    try store(Batch([]), db)
                    return false
                case .writable:
                    try reserveAhead(db)
                    return try retire(db)
                }
            }
        }
    }

    /// After a full disk, when there is twice the room that the ballast takes: the ballast first, then the gap
    /// and the event; stays full if either finds no room.
    private func recover(_ db: Database) throws {
        // The ballast's own room does not count: else the log would be full again at once.
        guard surroundings.freeBytes(folder) >= 2 * settings.ballastBytes,
            (try? ballast.create(surroundings)) != nil
        else { return }
        do {
            try store(Batch([.event(stamped(Event(.diskOK, severity: .notice)))]), db)
        } catch {
            _ = ballast.giveUp()
        }
    }
}
