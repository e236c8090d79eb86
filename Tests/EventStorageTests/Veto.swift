import EventStorage
import GRDB

/// Looks on at the last moment before each COMMIT, and refuses it on demand: what was written is then rolled back.
final class Veto: TransactionObserver, Sendable {
    let isUp = Guarded(false)
    let willCommit = Guarded<@Sendable () -> Void>({})

    struct Refused: Error {}

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ db: Database) {}
    func databaseDidRollback(_ db: Database) {}

    func databaseWillCommit() throws {
        willCommit.value()
        if isUp.value { throw Refused() }
    }
}

extension EventLog {
    /// From now on `observer` sees every transaction; the caller keeps it.
    func observe(_ observer: some TransactionObserver) throws {
        try withWriter { db in db.add(transactionObserver: observer, extent: .observerLifetime) }
    }
}
