// How figures are said to people.

/// `1234567` as "1 234 567".
package func grouped(_ value: some BinaryInteger) -> String {
    var digits = String(value.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
        groups.insert(String(digits.suffix(3)), at: 0)
        digits.removeLast(3)
    }
    groups.insert(digits, at: 0)
    return (value < 0 ? "-" : "") + groups.joined(separator: " ")
}

/// Bytes in the unit that leaves one to three digits before the point: "12.3 MB".
package func readable(bytes: some BinaryInteger) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB"]
    var value = Double(bytes)
    var unit = 0
    while value >= 1_000, unit < units.count - 1 {
        value /= 1_000
        unit += 1
    }
    return "\(decimals(value, unit == 0 || value >= 100 ? 0 : 1)) \(units[unit])"
}

/// A time span in its two largest units: "3 d 4 h", "12 min 5 s".
package func readable(seconds: some BinaryInteger) -> String {
    let total = Int(max(seconds, 0))
    let parts = [
        (total / 86_400, "d"), (total / 3_600 % 24, "h"), (total / 60 % 60, "min"), (total % 60, "s"),
    ]
    let shown = parts.drop { $0.0 == 0 }.prefix(2).filter { $0.0 > 0 }
    return shown.isEmpty ? "0 s" : shown.map { "\($0.0) \($0.1)" }.joined(separator: " ")
}

/// Microseconds as milliseconds: "38.1 ms", or from one second on as seconds: "2 s".
package func readable(microseconds: some BinaryInteger) -> String {
    microseconds < 1_000_000
        ? "\(decimals(Double(microseconds) / 1_000, 1)) ms"
        : "\(trimmed(decimals(Double(microseconds) / 1_000_000, 2))) s"
}

/// Parts of a million as a share: "0.5 %", or "120 ppm" where that would be below 0.1 %.
package func readable(ppm: Double) -> String {
    ppm >= 1_000 ? "\(trimmed(decimals(ppm / 10_000, 2))) %" : "\(trimmed(decimals(ppm, 1))) ppm"
}

/// "1 part", "2 parts".
package func count(_ number: some BinaryInteger, _ noun: String) -> String {
    "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
}

/// `0.50` as "0.5", `2.00` as "2".
private func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var text = text
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
}

/// UTC milliseconds as "14:02:11", so many seconds east of Greenwich.
package func clockTime(_ milliseconds: Int64, secondsFromUTC: Int) -> String {
    let day: Int64 = 86_400
    let seconds = ((milliseconds / 1_000 + Int64(secondsFromUTC)) % day + day) % day
    return [seconds / 3_600, seconds / 60 % 60, seconds % 60]
        .map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
}

/// `rows` in columns two spaces apart; the columns `right` are set to the right, all others to the left, and
/// no line ends in blanks.
package func columns(_ rows: [[String]], right: Set<Int> = []) -> [String] {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
        let cells = row.enumerated().map { column, cell in
            let space = String(repeating: " ", count: widths[column] - cell.count)
            return right.contains(column) ? space + cell : cell + space
        }
        let line = cells.joined(separator: "  ")
        return String(line.reversed().drop { $0 == " " }.reversed())
    }
}
