/// Numbers as TOML writes them.
enum NumberText {
    /// Decimal with an optional sign, or `0x`, `0o`, `0b` without; underscores between digits.
    static func integer(_ text: String) -> Int? {
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where text.hasPrefix(prefix) {
            guard let digits = plain(text.dropFirst(2), radix: radix) else { return nil }
            return Int(digits, radix: radix)
        }
        let unsigned = text.first == "+" || text.first == "-" ? text.dropFirst() : text[...]
        guard let digits = plain(unsigned, radix: 10), digits.count == 1 || digits.first != "0" else {
            return nil
        }
        return Int((text.first == "-" ? "-" : "") + digits)
    }

    /// Decimal with a fraction, an exponent or both.
    static func number(_ text: String) -> Double? {
        var rest = text.first == "+" || text.first == "-" ? text.dropFirst() : text[...]
        var exponent = ""
        if let mark = rest.firstIndex(where: { $0 == "e" || $0 == "E" }) {
            let power = rest[rest.index(after: mark)...]
            let digits = power.first == "+" || power.first == "-" ? power.dropFirst() : power
            guard let plainDigits = plain(digits, radix: 10) else { return nil }
            exponent = "e" + (power.first == "-" ? "-" : "") + plainDigits
            rest = rest[..<mark]
        }
        let parts = rest.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2 || (parts.count == 1 && !exponent.isEmpty) else { return nil }
        guard let whole = plain(parts[0], radix: 10), whole.count == 1 || whole.first != "0" else {
            return nil
        }
        var fraction = ""
        if parts.count == 2 {
            guard let digits = plain(parts[1], radix: 10) else { return nil }
            fraction = "." + digits
        }
        return Double((text.first == "-" ? "-" : "") + whole + fraction + exponent)
    }

    /// The digits without underscores; nil unless each underscore stands between two digits.
    private static func plain(_ text: Substring, radix: Int) -> String? {
        let groups = text.utf8.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
        var digits: [UInt8] = []
        for group in groups {
            guard !group.isEmpty, group.allSatisfy({ isDigit($0, radix: radix) }) else { return nil }
            digits += group
        }
        return String(decoding: digits, as: UTF8.self)
    }

    private static func isDigit(_ byte: UInt8, radix: Int) -> Bool {
        switch radix {
        case 16: DocumentReader.isHexadecimal(byte)
        default: byte >= UInt8(ascii: "0") && byte < UInt8(ascii: "0") + UInt8(radix)
        }
    }
}

/// Dates and times as TOML writes them (RFC 3339). No setting takes one: they are only told from mistakes.
enum DateText {
    /// `1979-05-27`, `07:32:00.999`, or both joined by T or a blank, then also with `Z` or `+01:00`.
    static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count > 10 else {
            return bytes.count == 10 && isDate(bytes[...]) || isTime(bytes[...])
        }
        guard isDate(bytes[..<10]) else { return isTime(bytes[...]) }
        guard [UInt8(ascii: "T"), UInt8(ascii: "t"), 0x20].contains(bytes[10]) else { return false }
        let time = bytes[11...]
        if let last = time.last, last | 0x20 == UInt8(ascii: "z") { return isTime(time.dropLast()) }
        if time.count > 6, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(time[time.endIndex - 6]) {
            let zone = time.suffix(5)
            return isTime(time.dropLast(6)) && zone[zone.startIndex + 2] == UInt8(ascii: ":")
                && within(zone.prefix(2), 0...23) && within(zone.suffix(2), 0...59)
        }
        return isTime(time)
    }

    private static func isDate(_ text: ArraySlice<UInt8>) -> Bool {
        let parts = text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, let year = number(parts[0]),
            parts[1].count == 2, within(parts[1], 1...12), parts[2].count == 2, let month = number(parts[1])
        else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        return within(parts[2], 1...days)
    }

    private static func isTime(_ text: ArraySlice<UInt8>) -> Bool {
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 2, parts[1].count == 2, within(parts[0], 0...23),
            within(parts[1], 0...59)
        else { return false }
        let seconds = parts[2].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard seconds.count <= 2, seconds[0].count == 2, within(seconds[0], 0...59) else { return false }
        return seconds.count == 1
            || (!seconds[1].isEmpty && seconds[1].allSatisfy(DocumentReader.isDigit))
    }

    private static func within(_ digits: ArraySlice<UInt8>, _ range: ClosedRange<Int>) -> Bool {
        number(digits).map(range.contains) ?? false
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        digits.allSatisfy(DocumentReader.isDigit) ? Int(String(decoding: digits, as: UTF8.self)) : nil
    }
}
