/// Values.
extension DocumentReader {
    /// A value of any type, at level `depth`. Its origin is where it begins.
    mutating func readValue(depth: Int) throws(SyntaxError) -> Node {
        guard depth <= Self.maximumDepth else { throw error("values are nested too deep") }
        markColumn()
        let origin = Origin.file(location)
        switch peek {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return Node(.text(try readText()), origin: origin)
        case UInt8(ascii: "["): return Node(.list(try readList(depth: depth)), origin: origin)
        case UInt8(ascii: "{"): return try readInlineTable(depth: depth)
        case nil, UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "#"):
            throw error("a value is missing after \"=\"")
        default: return Node(try readWord(), origin: origin)
        }
    }

    private mutating func readList(depth: Int) throws(SyntaxError) -> [Node] {
        let start = location
        advance()
        var elements: [Node] = []
        while true {
            try skipSpace()
            if peek == UInt8(ascii: "]") { break }
            guard peek != nil else { throw unclosed("list", "]", from: start) }
            elements.append(try readValue(depth: depth + 1))
            try skipSpace()
            if peek == UInt8(ascii: "]") { break }
            guard peek == UInt8(ascii: ",") else {
                if peek == nil { throw unclosed("list", "]", from: start) }
                throw error("expected \",\" or \"]\" in the list, found \(character)")
            }
            advance()
        }
        advance()
        return elements
    }

    private mutating func readInlineTable(depth: Int) throws(SyntaxError) -> Node {
        let start = location
        let table = DocumentTable(.inline, origin: .file(start), depth: depth)
        advance()
        skipBlanks()
        if peek != UInt8(ascii: "}") {
            while true {
                skipBlanks()
                try readAssignment(into: table)
                skipBlanks()
                if peek == UInt8(ascii: "}") { break }
                guard peek == UInt8(ascii: ",") else {
                    throw error("expected \",\" or \"}\" in the table, found \(character)")
                }
                advance()
            }
        }
        advance()
        return table.node
    }

    private func unclosed(_ what: String, _ end: String, from start: SourceLocation) -> SyntaxError {
        SyntaxError(
            location: start, message: "the \(what) that begins here lacks its closing \(quoted(end))")
    }

    /// A number, `true`, `false`, or a date.
    private mutating func readWord() throws(SyntaxError) -> Node.Value {
        var word = bytes[index...].prefix(while: Self.isWord)
        // A date and a time may be joined by one blank.
        if word.count == 10, word.dropFirst(4).first == UInt8(ascii: "-"), peek(10) == 0x20,
            let next = peek(11), Self.isDigit(next)
        {
            let time = bytes[(index + 11)...].prefix(while: Self.isWord)
            word = bytes[index..<time.endIndex]
        }
        let text = String(decoding: word, as: UTF8.self)
        guard !text.isEmpty else { throw error("expected a value, found \(character)") }
        guard let value = Self.value(of: text) else {
            let isName = text.utf8.first.map { !Self.isDigit($0) } ?? false
            throw error(
                "\(quoted(text)) is not a value" + (isName ? ". Texts stand between double quotes" : ""))
        }
        advance(word.count)
        return value
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        isBareKey(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":")
    }

    /// `true`, a number or a date; nil if it is none of them, or an integer beyond 64 bits.
    static func value(of text: String) -> Node.Value? {
        switch text {
        case "true": return .flag(true)
        case "false": return .flag(false)
        case "inf", "+inf": return .number(.infinity)
        case "-inf": return .number(-.infinity)
        case "nan", "+nan", "-nan": return .number(.nan)
        default: break
        }
        if let integer = NumberText.integer(text) { return .integer(integer) }
        if let number = NumberText.number(text) { return .number(number) }
        if DateText.isValid(text) { return .date(text) }
        return nil
    }
}
