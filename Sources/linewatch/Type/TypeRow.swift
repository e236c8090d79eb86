import Sockets

/// One kind of defect as `type.list` and `type.show` tell of it.
package struct TypeRow: Hashable, Encodable, Sendable {
    package var type = 0
    package var name = ""
    package var inspect = ""
    package var count = 0
    /// UTC milliseconds.
    package var first: Int64 = 0
    package var last: Int64 = 0
    /// In the last hour and the last day; nil where that is not said.
    package var hour: Int?
    package var day: Int?

    package init() {}

    init(_ value: Sockets.JSONValue) {
        (type, name, inspect) = (value.int("type"), value.string("name"), value.string("inspect"))
        (count, first, last) = (
            value.int("count"), value["first_ms"]?.integer ?? 0, value["last_ms"]?.integer ?? 0
        )
        (hour, day) = (value["hour"]?.integer.map(Int.init), value["day"]?.integer.map(Int.init))
    }
}

/// The answer of `type.list`.
package struct TypeListing: Hashable, Encodable, Sendable {
    package var schema = "linewatch.type.list/1"
    package var types: [TypeRow] = []
    /// Types that did not fit into the answer.
    package var more = 0
    /// Defects of no type yet.
    package var unassigned = 0
    /// The re-clustering that waits for a person's word.
    package var proposal: Int?

    package init() {}

    init(_ line: ServerLine) {
        types = line.rows("types").map(TypeRow.init)
        (more, unassigned) = (line.integer("more"), line.integer("unassigned"))
        proposal = line.number("proposal").map(Int.init)
    }

    /// The list for people; `now` in UTC milliseconds.
    package func lines(now: Int64, secondsFromUTC zone: Int) -> [String] {
        var lines: [String] = []
        if types.isEmpty {
            lines.append("No kind of defect is known yet: it takes eight alike, from two different hours.")
        } else {
            let rows = types.map { row in
                [
                    "\(row.type)", row.name, row.inspect, "\(row.count)",
                    moment(row.first, now: now, secondsFromUTC: zone),
                    moment(row.last, now: now, secondsFromUTC: zone), "\(row.hour ?? 0)", "\(row.day ?? 0)",
                ]
            }
            let head = ["type", "name", "inspection", "defects", "since", "last", "last hour", "last day"]
            lines += columns([head] + rows, right: [0, 3, 6, 7])
        }
        if more > 0 { lines.append("and \(more) more") }
        if unassigned > 0 {
            lines.append("\(unassigned) defect\(unassigned == 1 ? " is" : "s are") of no kind yet.")
        }
        if let proposal {
            lines.append("A re-clustering waits: 'linewatch type apply \(proposal)' puts it in force.")
        }
        return lines
    }
}

/// UTC milliseconds as "14:02:11" where that is on the day of `now`, else as "28 Nov 14:02".
package func moment(_ milliseconds: Int64, now: Int64, secondsFromUTC zone: Int) -> String {
    let time = clockTime(milliseconds, secondsFromUTC: zone)
    func day(_ milliseconds: Int64) -> Int64 {
        let seconds = milliseconds / 1_000 + Int64(zone)
        return (seconds - (seconds % 86_400 + 86_400) % 86_400) / 86_400
    }
    guard day(milliseconds) != day(now) else { return time }
    // Days of the civil calendar from those since 1970 (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    let shifted = day(milliseconds) + 719_468, era = shifted / 146_097, ofEra = shifted % 146_097
    let year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
    let ofYear = ofEra - (365 * year + year / 4 - year / 100), month = (5 * ofYear + 2) / 153
    let names = ["Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb"]
    let date = "\(ofYear - (153 * month + 2) / 5 + 1) \(names[Int(month)])"
    let isRecent = now - milliseconds < 300 * 86_400_000
    return isRecent ? "\(date) \(time.prefix(5))" : "\(date) \(year + era * 400 + (month > 9 ? 1 : 0))"
}
