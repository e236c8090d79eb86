/// What a setting accepts.
package indirect enum SettingKind: Sendable {
    case text(TextRule)
    case choice([String])
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case flag
    /// `elements` of one kind, `count` of them.
    case list(SettingKind, count: ClosedRange<Int>)
    /// One text, or a list of them.
    case textOrTexts(TextRule)
    case table(TableDescription)
    /// An array of tables, `count` of them.
    case tables(TableDescription, count: ClosedRange<Int>)
}

/// Which texts a setting accepts.
package struct TextRule: Sendable {
    /// How many characters.
    package let count: ClosedRange<Int>
    /// What is allowed, for messages: `1..16 of A-Z a-z 0-9 _ -`.
    package let allowed: String
    private let isAllowed: @Sendable (String) -> Bool

    package init(
        _ count: ClosedRange<Int>, _ allowed: String? = nil,
        isAllowed: @escaping @Sendable (String) -> Bool = { _ in true }
    ) {
        self.count = count
        self.allowed = allowed ?? "\(count.lowerBound)..\(count.upperBound) characters"
        self.isAllowed = isAllowed
    }

    /// Whether `text` fits; control characters never do.
    package func accepts(_ text: String) -> Bool {
        count.contains(text.count) && isAllowed(text)
            && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }

    /// Any text on one line.
    package static let line = TextRule(0...256)
    /// A path; empty is none.
    package static let path = TextRule(0...4096, "a path from /, or \"\"") {
        $0.isEmpty || $0.hasPrefix("/")
    }
    /// A path that must be there.
    package static let filledPath = TextRule(1...4096, "a path from /") { $0.hasPrefix("/") }
    /// A path that fits into the address of a Unix socket.
    package static let socket = TextRule(1...107, "a path from /") {
        $0.hasPrefix("/") && $0.utf8.count <= 107
    }
    /// A name that an operator types.
    package static let name = TextRule(1...24)
    /// The identity of a station: `A-Z a-z 0-9 _ -`.
    package static let identifier = TextRule(1...16, "1..16 of A-Z a-z 0-9 _ -") {
        $0.utf8.allSatisfy(DocumentReader.isBareKey)
    }
}

extension SettingKind {
    /// What is allowed, for messages and comments: `16..16384`, `free | external | software`.
    package var allowed: String {
        switch self {
        case .text(let rule): rule.allowed
        case .choice(let words): words.joined(separator: " | ")
        case .integer(let range): "\(range.lowerBound)..\(range.upperBound)"
        case .number(let range): "\(plain(range.lowerBound))..\(plain(range.upperBound))"
        case .flag: "true | false"
        case .list(let element, let count):
            "\(count.lowerBound == count.upperBound ? "" : "\(count.lowerBound)..")"
                + "\(count.upperBound) elements, each \(element.allowed)"
        case .textOrTexts(let rule): "\(rule.allowed), or a list of them"
        case .table: "a table"
        case .tables(_, let count): "\(count.lowerBound)..\(count.upperBound) tables"
        }
    }

    /// The type, for messages.
    package var typeName: String {
        switch self {
        case .text, .choice: "a text"
        case .integer: "a whole number"
        case .number: "a number"
        case .flag: "true or false"
        case .list: "a list"
        case .textOrTexts: "a text or a list of texts"
        case .table: "a table"
        case .tables: "an array of tables"
        }
    }
}

/// `number` as short as it can be written: `0.95`, `1e-12`, `1000`.
func plain(_ number: Double) -> String {
    guard number == number.rounded(), abs(number) < 1e15 else { return "\(number)" }
    return "\(Int(number))"
}
