/// What is wrong with a vocabulary or with a text to encode, and what to do about it.
package enum TokenizerError: Error, Hashable, CustomStringConvertible {
    // The vocabulary
    case vocabularyCompressed
    case vocabularyTooLarge(byteCount: Int, limit: Int)
    /// `line` counts from 1.
    case notText(line: Int)
    case malformedLine(line: Int, expected: String)
    case duplicateToken(line: Int, firstLine: Int)
    case missingToken(String)
    case tooFewLines(found: Int, needed: Int)
    case impossibleSize(Int, allowed: ClosedRange<Int>)

    // The text
    case textTooLong(byteCount: Int, limit: Int)
    case tooManyTokens(count: Int, limit: Int)
    case controlCharacter(codePoint: UInt32)
    /// A name or a word of a class.
    case classWord(String, reason: String)

    package var description: String {
        switch self {
        case .vocabularyCompressed:
            "the vocabulary is compressed. Unpack it with gunzip first."
        case .vocabularyTooLarge(let byteCount, let limit):
            "the vocabulary has \(byteCount) bytes; \(limit) are allowed. Is it the right file?"
        case .notText(let line):
            "line \(line) of the vocabulary is not UTF-8 text. Copy or download it again."
        case .malformedLine(let line, let expected):
            "line \(line) of the vocabulary is not valid, expected \(expected). Copy or download it again."
        case .duplicateToken(let line, let firstLine):
            "line \(line) of the vocabulary repeats line \(firstLine). Copy or download it again."
        case .missingToken(let token):
            "the vocabulary has no token '\(token)'. Use the vocabulary published with the model."
        case .tooFewLines(let found, let needed):
            "the vocabulary has \(found) lines and needs \(needed). "
                + "Use the vocabulary published with the model."
        case .impossibleSize(let size, let allowed):
            "a vocabulary of \(size) tokens is not possible; "
                + "\(allowed.lowerBound) to \(allowed.upperBound) are. "
                + "Check the token embedding of the model."
        case .textTooLong(let byteCount, let limit):
            "the text has \(byteCount) bytes; \(limit) are allowed. Shorten it."
        case .tooManyTokens(let count, let limit):
            "the text has \(count) tokens; the model reads \(limit). Shorten it."
        case .controlCharacter(let codePoint):
            "the text contains the control character U+\(hexadecimal(codePoint)). Remove it."
        case .classWord(let word, let reason):
            "the class word '\(word.prefix(80))' cannot be used: \(reason). Give each once, in plain words."
        }
    }
}

private func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}

/// The most UTF-8 bytes of a text to encode. Bounds the time, which grows with the square of the longest
/// word.
package let encodedTextByteLimit = 4_096

func checkByteCount(of text: String) throws(TokenizerError) {
    let count = text.utf8.count
    guard count <= encodedTextByteLimit else {
        throw .textTooLong(byteCount: count, limit: encodedTextByteLimit)
    }
}
