import Foundation

/// Cleans and splits a text as CLIP does before byte-pair encoding.
///
/// Of the published cleaning we leave out the repair of wrongly decoded text: we normalise (NFC) and refuse
/// control characters instead, which is the same for ordinary class names. Greek capitals are lower-cased one
/// by one, without the final sigma.
enum PromptText {
    /// A part of a text that is encoded on its own.
    enum Piece: Hashable {
        case startOfText
        case endOfText
        /// In UTF-8, never empty.
        case word([UInt8])
    }

    /// In this order: the first that fits is taken.
    private static let endings = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"]

    /// `text` with HTML references resolved twice, in NFC, white space collapsed to single spaces and
    /// trimmed, in lower case. Throws `controlCharacter`.
    static func cleaned(_ text: String) throws(TokenizerError) -> String {
        let plain = HTMLReferences.resolved(in: HTMLReferences.resolved(in: text))
        var clean = String.UnicodeScalarView()
        for scalar in plain.precomposedStringWithCanonicalMapping.unicodeScalars {
            if scalar.properties.isWhitespace {
                if let last = clean.last, last != " " { clean.append(" ") }
            } else if scalar.properties.generalCategory == .control {
                throw .controlCharacter(codePoint: scalar.value)
            } else {
                clean.append(scalar)
            }
        }
        if clean.last == " " { clean.removeLast() }
        return String(clean).lowercased()
    }

    /// The pieces of a cleaned text in order: the two special tokens, English endings, runs of letters,
    /// single digits, runs of anything else but space.
    static func pieces(of text: String) -> [Piece] {
        var pieces: [Piece] = []
        var rest = text.unicodeScalars[...]
        func take(_ count: Int) -> [UInt8] {
            let word = Substring(rest.prefix(count))
            rest = rest.dropFirst(count)
            return Array(word.utf8)
        }

        while let first = rest.first {
            let kind = kind(of: first)
            if kind == .space {
                rest.removeFirst()
            } else if let length = length(of: "<|startoftext|>", at: rest) {
                pieces.append(.startOfText)
                rest = rest.dropFirst(length)
            } else if let length = length(of: "<|endoftext|>", at: rest) {
                pieces.append(.endOfText)
                rest = rest.dropFirst(length)
            } else if let length = endings.lazy.compactMap({ length(of: $0, at: rest) }).first {
                pieces.append(.word(take(length)))
            } else if kind == .digit {
                pieces.append(.word(take(1)))
            } else {
                pieces.append(.word(take(rest.prefix { self.kind(of: $0) == kind }.count)))
            }
        }
        return pieces
    }

    /// The scalars of `fixed` if `rest` begins with them.
    private static func length(of fixed: String, at rest: Substring.UnicodeScalarView) -> Int? {
        rest.starts(with: fixed.unicodeScalars) ? fixed.unicodeScalars.count : nil
    }

    private enum Kind {
        case letter, digit, space, other
    }

    private static func kind(of scalar: Unicode.Scalar) -> Kind {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: .letter
        case .decimalNumber, .letterNumber, .otherNumber: .digit
        default: scalar.properties.isWhitespace ? .space : .other
        }
    }
}
