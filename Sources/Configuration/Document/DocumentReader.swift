// TOML 1.0 IN ONE PASS, EACH KEY WITH ITS LINE AND COLUMN
//
// Why a reader of our own: TOMLKit tells positions for syntax errors only; it frees nothing that it has
// parsed (its C++ side has no delete), so a daemon that is reloaded a thousand times grows; and where
// assertions are on, a key or a value that is missing ends the process. The tests hold this reader against
// it: the same keys, the same values.
//
// After an error the reader goes on at the next line that looks like a header or a key, so that one run lists
// all errors. A document with errors is checked no further than its keys, types and ranges.

/// What a settings file says, with all syntax errors.
package struct Document: Sendable {
    /// The root table: what could be read.
    package let root: Node
    /// In the order of the file; empty if the text is TOML.
    package let errors: [SyntaxError]

    /// Reads `bytes`; never throws, never traps.
    package init(reading bytes: [UInt8], path: String) {
        var reader = DocumentReader(bytes, path: path)
        reader.readDocument()
        root = reader.root.node
        errors = reader.errors
    }
}

/// A place where the text is not TOML.
package struct SyntaxError: Error, Hashable, Sendable {
    package let location: SourceLocation
    /// Without the place: `a value is missing after "="`.
    package let message: String
}

/// The state of reading one document.
struct DocumentReader {
    /// The most levels of tables and arrays together: bounds every recursion.
    static let maximumDepth = 64
    /// Errors after which the rest of the file is not looked at.
    static let maximumErrors = 50

    let bytes: [UInt8]
    let path: String
    var index = 0
    var line = 1
    /// A byte of this line whose column is known, so that long lines are not counted again and again.
    var known = (index: 0, column: 1)
    let root: DocumentTable
    var current: DocumentTable
    var errors: [SyntaxError] = []

    init(_ bytes: [UInt8], path: String) {
        self.bytes = bytes
        self.path = path
        root = DocumentTable(
            .header, origin: .file(SourceLocation(path: path, line: 1, column: 1)), depth: 0)
        current = root
    }

    mutating func readDocument() {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            index = 3
            known.index = 3
        }
        refuseBadEncoding()
        while index < bytes.count, errors.count < Self.maximumErrors {
            do throws(SyntaxError) {
                try readLine()
            } catch {
                errors.append(error)
                skipToNextStatement()
            }
        }
    }

    private mutating func readLine() throws(SyntaxError) {
        skipBlanks()
        switch peek {
        case nil, UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "#"): break
        case UInt8(ascii: "["): try readHeader()
        default: try readAssignment(into: current)
        }
        try endLine()
    }

    /// `[a.b]` or `[[a.b]]`; makes it the current table.
    private mutating func readHeader() throws(SyntaxError) {
        let start = location
        advance()
        let isArray = peek == UInt8(ascii: "[")
        if isArray { advance() }
        // Keys after a header that fails belong nowhere: they must not land in the table before it.
        current = DocumentTable(.header, origin: .file(start), depth: 1)
        let keys = try readKeys()
        for _ in 0..<(isArray ? 2 : 1) {
            guard peek == UInt8(ascii: "]") else {
                throw error("the header lacks its closing \(quoted(isArray ? "]]" : "]"))")
            }
            advance()
        }
        current = try openTable(keys, isArray: isArray, at: start)
    }

    /// Blanks, a comment, and the end of the line or of the file.
    private mutating func endLine() throws(SyntaxError) {
        skipBlanks()
        try skipComment()
        guard let byte = peek else { return }
        guard byte == UInt8(ascii: "\n") || (byte == UInt8(ascii: "\r") && peek(1) == UInt8(ascii: "\n"))
        else {
            throw error("unexpected \(character) after the end of the statement")
        }
        skipNewline()
    }

    /// After an error: to the next line that begins like a header or a key with its "=".
    private mutating func skipToNextStatement() {
        while index < bytes.count {
            while let byte = peek, byte != UInt8(ascii: "\n") { advance() }
            skipNewline()
            var next = index
            while next < bytes.count, bytes[next] == 0x20 || bytes[next] == 0x09 { next += 1 }
            let rest = bytes[next...].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "#") }
            if looksLikeStatement(rest) { return }
        }
    }

    private func looksLikeStatement(_ text: ArraySlice<UInt8>) -> Bool {
        guard let first = text.first else { return false }
        if first == UInt8(ascii: "[") {
            let inner = text.drop { $0 == UInt8(ascii: "[") }
            return inner.first.map { Self.isBareKey($0) && !Self.isDigit($0) } ?? false
                && !inner.contains(UInt8(ascii: ","))
        }
        guard Self.isBareKey(first) else { return false }
        let rest = text.drop { Self.isBareKey($0) || $0 == UInt8(ascii: ".") || $0 == 0x20 || $0 == 0x09 }
        return rest.first == UInt8(ascii: "=")
    }
}
