/// One line of the server in profile plc, read as the simplest client would: by looking for keys.
struct WireLine: CustomStringConvertible {
    /// Without its newline.
    let text: String

    /// The value of "t": hello, ok, err, r, e, gap, skip, hb, end, ...
    var kind: String { word("t") ?? "" }

    /// The integer behind `key`, or nil.
    func number(_ key: String) -> Int? {
        guard let rest = value(of: key) else { return nil }
        let digits = rest.prefix { $0 == "-" || $0.isNumber }
        return Int(digits)
    }

    /// The text behind `key`, or nil.
    func word(_ key: String) -> String? {
        guard let rest = value(of: key), rest.first == "\"" else { return nil }
        return String(rest.dropFirst().prefix { $0 != "\"" })
    }

    /// The keys in the order of the line.
    var keys: [String] { text.matches(of: /[{,]"([A-Za-z0-9_]+)":/).map { String($0.1) } }

    /// Whether it is what profile plc permits: at most 240 bytes with the newline, printable ASCII without blanks
    /// or escapes, flat, integers and texts only.
    var isPlain: Bool {
        text.utf8.count < 240 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }
            && text.wholeMatch(of: /\{"t":"[a-z]+"(,"[A-Za-z0-9_]+":(-?[0-9]+|"[^"]*"))*\}/) != nil
    }

    /// The line without what may differ between two deliveries of a record: `bk`, and bits 2 and 5 of `fl`.
    var asDelivered: String {
        guard let flags = number("fl") else { return text }
        return text.replacing("\"fl\":\(flags)", with: "\"fl\":\(flags & ~0b100100)")
            .replacing(/"bk":[0-9]+/, with: "\"bk\":0")
    }

    var description: String { text }

    private func value(of key: String) -> Substring? {
        text.firstRange(of: "\"\(key)\":").map { text[$0.upperBound...] }
    }
}
