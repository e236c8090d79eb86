/// The four forms of a text.
extension DocumentReader {
    /// From its opening quote to behind its closing one.
    mutating func readText() throws(SyntaxError) -> String {
        guard let quote = peek else { throw error("expected a text") }
        let start = location
        let isLong = peek(1) == quote && peek(2) == quote
        advance(isLong ? 3 : 1)
        if isLong { skipNewline() }

        var text: [UInt8] = []
        while let byte = peek {
            if byte == quote {
                guard isLong else {
                    advance()
                    return String(decoding: text, as: UTF8.self)
                }
                let run = bytes[index...].prefix(6).prefix { $0 == quote }.count
                if run >= 3 {
                    // Up to two quotes may stand before the three that close.
                    text += Array(repeating: quote, count: min(run, 5) - 3)
                    advance(min(run, 5))
                    return String(decoding: text, as: UTF8.self)
                }
                text += Array(repeating: quote, count: run)
                advance(run)
            } else if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                try readEscape(into: &text, isLong: isLong)
            } else if isNewline {
                guard isLong else { break }
                skipNewline()
                text.append(UInt8(ascii: "\n"))
            } else {
                try refuseControl(byte, in: "a text")
                text.append(byte)
                advance()
            }
        }
        throw SyntaxError(location: start, message: "the text that begins here has no closing quote")
    }

    private var isNewline: Bool {
        peek == UInt8(ascii: "\n") || (peek == UInt8(ascii: "\r") && peek(1) == UInt8(ascii: "\n"))
    }

    private mutating func readEscape(into text: inout [UInt8], isLong: Bool) throws(SyntaxError) {
        let simple: [UInt8: UInt8] = [
            UInt8(ascii: "b"): 0x08, UInt8(ascii: "t"): 0x09, UInt8(ascii: "n"): 0x0A,
            UInt8(ascii: "f"): 0x0C, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "\""): UInt8(ascii: "\""),
            UInt8(ascii: "\\"): UInt8(ascii: "\\"),
        ]
        let letter = peek(1)
        if let letter, let byte = simple[letter] {
            text.append(byte)
            advance(2)
        } else if letter == UInt8(ascii: "u") || letter == UInt8(ascii: "U") {
            let count = letter == UInt8(ascii: "u") ? 4 : 8
            let digits = bytes[index...].dropFirst(2).prefix(count)
            guard digits.count == count, digits.allSatisfy(Self.isHexadecimal),
                let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
                let scalar = Unicode.Scalar(value)
            else { throw error("the escape does not name a character") }
            text += Array(String(scalar).utf8)
            advance(2 + count)
        } else if isLong, skipFoldedLine() {
            return
        } else {
            throw error(
                "unknown escape. A backslash itself is written \"\\\\\", or the text put between ' and '")
        }
    }

    /// A backslash at the end of a line, with all blanks and line ends after it. False if this is none.
    private mutating func skipFoldedLine() -> Bool {
        let before = self
        advance()
        skipBlanks()
        guard isNewline else {
            self = before
            return false
        }
        while isNewline || peek == 0x20 || peek == 0x09 {
            skipBlanks()
            skipNewline()
        }
        return true
    }

    static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte | 0x20 {
        case UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: isDigit(byte)
        }
    }
}
