/// One part of a dotted key.
struct KeyPart {
    let name: String
    let location: SourceLocation
    var origin: Origin { .file(location) }
}

/// Keys, and the tables that they lead to.
extension DocumentReader {
    /// `a`, `a.b`, `"a b".c`: at least one part.
    mutating func readKeys() throws(SyntaxError) -> [KeyPart] {
        var parts: [KeyPart] = []
        repeat {
            skipBlanks()
            parts.append(try readKey())
            skipBlanks()
            guard parts.count <= Self.maximumDepth else { throw error("the key has too many parts") }
            guard peek == UInt8(ascii: ".") else { return parts }
            advance()
        } while true
    }

    private mutating func readKey() throws(SyntaxError) -> KeyPart {
        markColumn()
        let start = location
        switch peek {
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            guard peek(1) != peek || peek(2) != peek else {
                throw error("a key cannot be a text over several lines")
            }
            return KeyPart(name: try readText(), location: start)
        default:
            let name = bytes[index...].prefix(while: Self.isBareKey)
            guard !name.isEmpty else { throw error("expected a key, found \(character)") }
            advance(name.count)
            return KeyPart(name: String(decoding: name, as: UTF8.self), location: start)
        }
    }

    /// `key = value` into `table`.
    mutating func readAssignment(into table: DocumentTable) throws(SyntaxError) {
        let keys = try readKeys()
        guard peek == UInt8(ascii: "=") else {
            throw error("expected \"=\" after the key \(quoted(keys.last?.name ?? "")), found \(character)")
        }
        advance()
        skipBlanks()
        var target = table
        for part in keys.dropLast() {
            switch target[part.name] {
            case nil:
                let inner = DocumentTable(.dotted, origin: part.origin, depth: try depth(below: target))
                target.set(part.name, .table(inner), origin: part.origin)
                target = inner
            case .table(let inner) where inner.form == .dotted: target = inner
            default: throw alreadyDefined(part, in: target)
            }
        }
        guard let last = keys.last else { return }
        guard target[last.name] == nil else { throw alreadyDefined(last, in: target) }
        var node = try readValue(depth: try depth(below: target))
        // A value is found by its key.
        node.origin = last.origin
        target.set(last.name, .value(node), origin: last.origin)
    }

    /// The table that a header names: made, or taken where only its inner tables had been named so far.
    func openTable(_ keys: [KeyPart], isArray: Bool, at start: SourceLocation) throws(SyntaxError)
        -> DocumentTable
    {
        var target = root
        for part in keys.dropLast() {
            switch target[part.name] {
            case nil:
                let inner = DocumentTable(.implied, origin: part.origin, depth: try depth(below: target))
                target.set(part.name, .table(inner), origin: part.origin)
                target = inner
            case .table(let inner) where inner.form != .inline: target = inner
            case .tables(let list): target = list.elements.last ?? target
            default: throw alreadyDefined(part, in: target)
            }
        }
        guard let last = keys.last else { return target }
        let opened = DocumentTable(.header, origin: .file(start), depth: try depth(below: target))
        switch (target[last.name], isArray) {
        case (nil, false): target.set(last.name, .table(opened), origin: .file(start))
        case (nil, true): target.set(last.name, .tables(.init(opened)), origin: .file(start))
        case (.tables(let list), true): list.elements.append(opened)
        case (.table(let inner), false) where inner.form == .implied:
            inner.form = .header
            inner.origin = .file(start)
            return inner
        default: throw alreadyDefined(last, in: target)
        }
        return opened
    }

    func depth(below table: DocumentTable) throws(SyntaxError) -> Int {
        guard table.depth < Self.maximumDepth else { throw error("tables are nested too deep") }
        return table.depth + 1
    }

    private func alreadyDefined(_ part: KeyPart, in table: DocumentTable) -> SyntaxError {
        var message = "\(quoted(part.name)) is already defined"
        if case .file(let first) = table.origin(of: part.name) {
            message += " at line \(first.line), column \(first.column)"
        }
        return SyntaxError(location: part.location, message: message)
    }
}
