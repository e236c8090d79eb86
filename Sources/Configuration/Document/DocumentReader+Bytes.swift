/// Moving through the text.
extension DocumentReader {
    var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    func peek(_ distance: Int) -> UInt8? {
        distance < bytes.count - index ? bytes[index + distance] : nil
    }

    mutating func advance(_ count: Int = 1) { index = min(index + count, bytes.count) }

    /// Where the next byte stands.
    var location: SourceLocation {
        let scalars = bytes[min(known.index, index)..<index].reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
        return SourceLocation(path: path, line: line, column: known.column + scalars)
    }

    mutating func markColumn() { known = (index, location.column) }

    func error(_ message: String) -> SyntaxError { SyntaxError(location: location, message: message) }

    /// The next character, for a message.
    var character: String {
        guard let byte = peek else { return "end of file" }
        guard byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") else { return "end of line" }
        let rest = bytes[index...].prefix(4)
        return String(decoding: rest, as: UTF8.self).first.map { quoted(String($0)) } ?? "byte \(byte)"
    }

    mutating func skipBlanks() {
        while peek == 0x20 || peek == 0x09 { index += 1 }
    }

    /// Over a line's end, if one stands here.
    mutating func skipNewline() {
        if peek == UInt8(ascii: "\r"), peek(1) == UInt8(ascii: "\n") { index += 1 }
        guard peek == UInt8(ascii: "\n") else { return }
        index += 1
        line += 1
        known = (index, 1)
    }

    /// Over `#` and what follows, up to the line's end.
    mutating func skipComment() throws(SyntaxError) {
        guard peek == UInt8(ascii: "#") else { return }
        while let byte = peek, byte != UInt8(ascii: "\n") {
            if byte == UInt8(ascii: "\r"), peek(1) == UInt8(ascii: "\n") { return }
            try refuseControl(byte, in: "a comment")
            index += 1
        }
    }

    /// Over blanks, comments and line ends, as between the elements of an array.
    mutating func skipSpace() throws(SyntaxError) {
        while true {
            skipBlanks()
            try skipComment()
            let before = index
            skipNewline()
            if index == before { return }
        }
    }

    func refuseControl(_ byte: UInt8, in place: String) throws(SyntaxError) {
        guard byte < 0x20 && byte != 0x09 || byte == 0x7F else { return }
        throw error("control character \(byte) in \(place)")
    }

    /// TOML is UTF-8: reports the first byte that is not.
    mutating func refuseBadEncoding() {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var offset = 0, line = 1, column = 1
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar):
                offset += UTF8.width(scalar)
                column = scalar == "\n" ? 1 : column + (scalar == "\u{FEFF}" && offset == 3 ? 0 : 1)
                if scalar == "\n" { line += 1 }
            case .emptyInput: return
            case .error:
                errors.append(
                    SyntaxError(
                        location: SourceLocation(path: path, line: line, column: column),
                        message: "the file is not UTF-8 from here. Save it as UTF-8"))
                // Nothing after this can be trusted.
                index = bytes.count
                return
            }
        }
    }

    static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    /// `A-Z a-z 0-9 _ -`.
    static func isBareKey(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        case UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: isDigit(byte)
        }
    }
}
