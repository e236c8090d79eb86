import FoundationEssentials
import GRDB
import Platform

/// Brings the folder `images` and the table `image` to agree after a crash.
struct ImageSweep {
    private let log: EventLog
    private let folder: String

    init(_ log: EventLog) {
        self.log = log
        folder = log.folder + "/images"
    }

    /// Returns the bytes of the pictures that are left.
    func run() throws -> Int {
        try createFolder(folder)
        let rows = try log.database.read { db in
            try Row.fetchAll(db, sql: "SELECT id, path, bytes FROM image").map { row in
                (id: row[0] as Int64? ?? 0, path: row[1] as String? ?? "", bytes: row[2] as Int? ?? 0)
            }
        }
        let known = Set(rows.map(\.path))
        var present: Set<String> = []
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            let path = "images/" + name
            guard !isFolder(log.folder + "/" + path) else { continue }
            if known.contains(path) {
                present.insert(path)
            } else {
                try FileManager.default.removeItem(atPath: log.folder + "/" + path)
            }
        }
        let gone = rows.filter { !present.contains($0.path) }.map(\.id)
        try log.database.writeWithoutTransaction { db in
            try db.inTransaction {
                for id in gone { try db.execute(sql: "DELETE FROM image WHERE id = ?", arguments: [id]) }
                return .commit
            }
        }
        return rows.filter { present.contains($0.path) }.reduce(0) { $0 + $1.bytes }
    }
}

/// A day of the calendar in UTC, written `2026/11/21`. Days of four-digit years sort as text.
struct CalendarDay: CustomStringConvertible {
    let description: String

    /// The day in which `milliseconds` since 1970 lie; days before 1970 read as the first of it.
    init(milliseconds: Int64) {
        // Days to civil date: Howard Hinnant, "chrono-compatible low-level date algorithms".
        let days = max(milliseconds, 0) / 86_400_000 + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        description = "\(Self.digits(year, 4))/\(Self.digits(month, 2))/\(Self.digits(day, 2))"
    }

    private static func digits(_ value: Int64, _ count: Int) -> String {
        let text = "\(value)"
        return String(repeating: "0", count: max(count - text.count, 0)) + text
    }
}
