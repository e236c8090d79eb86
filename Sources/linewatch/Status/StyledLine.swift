/// One line for a terminal: pieces of text, each in a style.
///
/// - Invariant: no piece holds a control character, so that no name from outside can steer the terminal.
package struct StyledLine: Hashable, Sendable {
    package enum Style: Hashable, Sendable {
        case plain, bold, dim, good, warning, bad
        /// A cell that is two pixels high.
        case cell(upper: Colour, lower: Colour)
    }

    package struct Piece: Hashable, Sendable {
        package let text: String
        package let style: Style
    }

    package private(set) var pieces: [Piece] = []

    package init() {}

    package init(_ text: String, _ style: Style = .plain) { append(text, style) }

    /// Control characters of `text` become question marks.
    package mutating func append(_ text: String, _ style: Style = .plain) {
        guard !text.isEmpty else { return }
        let scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .format: "?"
            default: scalar
            }
        }
        var clean = String.UnicodeScalarView()
        clean.append(contentsOf: scalars)
        pieces.append(Piece(text: String(clean), style: style))
    }

    package mutating func append(_ line: StyledLine) { pieces += line.pieces }

    /// How many columns of a terminal it takes.
    package var width: Int { pieces.reduce(0) { $0 + Self.width($1.text) } }

    /// The text without its styles.
    package var plain: String { pieces.map(\.text).joined() }

    /// The line with blanks after it up to `width`; a longer one stays.
    package func padded(to width: Int) -> StyledLine {
        var line = self
        line.append(String(repeating: " ", count: max(width - self.width, 0)))
        return line
    }

    /// At most the first `width` columns.
    package func clipped(to width: Int) -> StyledLine {
        var line = StyledLine()
        var left = width
        for piece in pieces {
            var text = ""
            for character in piece.text {
                let needed = Self.width(character)
                guard needed <= left else {
                    line.append(text, piece.style)
                    return line
                }
                text.append(character)
                left -= needed
            }
            line.append(text, piece.style)
        }
        return line
    }

    private static func width(_ text: String) -> Int { text.reduce(0) { $0 + width($1) } }

    /// Two columns for what terminals draw wide: East Asian scripts and pictographs.
    private static func width(_ character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}

/// A colour of a cell.
package struct Colour: Hashable, Sendable {
    package var red, green, blue: UInt8

    package init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
        (self.red, self.green, self.blue) = (red, green, blue)
    }
}

/// What a terminal can show.
package struct TerminalAbility: Hashable, Sendable {
    package enum Colours: Hashable, Sendable { case none, palette, direct }

    package var colours: Colours
    /// Whether block characters are shown.
    package var hasBlocks: Bool

    package init(colours: Colours, hasBlocks: Bool) {
        (self.colours, self.hasBlocks) = (colours, hasBlocks)
    }

    /// What the environment says of the terminal that output goes to; nothing for a pipe or with NO_COLOR.
    package init(environment: [String: String], isTerminal: Bool) {
        func value(_ name: String) -> String { environment[name] ?? "" }
        let term = value("TERM")
        let locale = [value("LC_ALL"), value("LC_CTYPE"), value("LANG")].first { !$0.isEmpty } ?? ""
        hasBlocks = locale.uppercased().contains("UTF-8") || locale.uppercased().contains("UTF8")
        if !isTerminal || !value("NO_COLOR").isEmpty || term.isEmpty || term == "dumb" {
            colours = .none
        } else {
            colours = ["truecolor", "24bit"].contains(value("COLORTERM")) ? .direct : .palette
        }
    }
}

extension StyledLine {
    /// The line for a terminal with `ability`; ends in its plain state.
    package func text(for ability: TerminalAbility) -> String {
        guard ability.colours != .none else { return plain }
        return pieces.map { piece in
            guard let code = Self.code(piece.style, ability) else { return piece.text }
            return "\u{1B}[\(code)m\(piece.text)\u{1B}[0m"
        }.joined()
    }

    /// The numbers of the "select graphic rendition" sequence (ECMA-48, 8.3.117); nil for none.
    private static func code(_ style: Style, _ ability: TerminalAbility) -> String? {
        switch style {
        case .plain: nil
        case .bold: "1"
        case .dim: "2"
        case .good: "32"
        case .warning: "33"
        case .bad: "1;31"
        case .cell(let upper, let lower):
            switch ability.colours {
            case .direct:
                "38;2;\(upper.red);\(upper.green);\(upper.blue);48;2;\(lower.red);\(lower.green);\(lower.blue)"
            default: "38;5;\(palette(upper));48;5;\(palette(lower))"
            }
        }
    }

    /// The nearest of the 6x6x6 colours and 24 greys of the palette of 256.
    private static func palette(_ colour: Colour) -> Int {
        let parts = [colour.red, colour.green, colour.blue].map(Int.init)
        if let least = parts.min(), let most = parts.max(), most - least < 12 {
            // The greys are 8, 18, ... 238.
            return least < 4 ? 16 : most > 246 ? 231 : 232 + min(max((parts[1] - 3) / 10, 0), 23)
        }
        // The steps of the cube are 0, 95, 135, 175, 215, 255.
        let steps = parts.map { $0 < 48 ? 0 : $0 < 115 ? 1 : ($0 - 35) / 40 }
        return 16 + 36 * steps[0] + 6 * steps[1] + steps[2]
    }
}
