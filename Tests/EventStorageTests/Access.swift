import EventStorage
import GRDB

// Ways into the database that only tests take.
extension EventLog {
    /// Changes the tables behind the log's back.
    func execute(_ sql: String) throws {
        try withWriter { db in try db.execute(sql: sql) }
    }

    func pragma(_ name: String) throws -> Int? {
        try withWriter { db in try Int.fetchOne(db, sql: "PRAGMA \(name)") }
    }

    func count(_ sql: String) throws -> Int {
        try withWriter { db in try Int.fetchOne(db, sql: sql) ?? 0 }
    }
}
