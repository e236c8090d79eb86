import Foundation

/// The words of a text as a lower-case BERT model sees them.
///
/// Control, format and private characters are dropped; letters are lower-cased, decomposed (NFD) and lose
/// their combining marks; the text is split at white space, and around every punctuation character and CJK
/// ideograph.
enum BertWords {
    /// The words in order, each in UTF-8 and not empty.
    static func split(_ text: String) -> [[UInt8]] {
        var words: [[UInt8]] = []
        var word: [UInt8] = []
        func finishWord() {
            if !word.isEmpty { words.append(word) }
            word = []
        }

        var kept = String.UnicodeScalarView()
        kept.append(contentsOf: text.unicodeScalars.lazy.filter { !isDropped($0) })
        for scalar in String(kept).lowercased().decomposedStringWithCanonicalMapping.unicodeScalars {
            if scalar.properties.isWhitespace {
                finishWord()
            } else if isPunctuation(scalar) || isIdeograph(scalar) {
                finishWord()
                words.append(Array(UTF8.encode(scalar)!))  // every scalar has a UTF-8 form
            } else if scalar.properties.generalCategory != .nonspacingMark {
                word.append(contentsOf: UTF8.encode(scalar)!)
            }
        }
        finishWord()
        return words
    }

    private static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\t", "\n", "\r": return false
        case "\u{FFFD}": return true
        default:
            switch scalar.properties.generalCategory {
            case .control, .format, .privateUse, .surrogate: return true
            default: return false
            }
        }
    }

    /// Any Unicode punctuation, and the ASCII symbols too.
    private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 33...47, 58...64, 91...96, 123...126: return true
        case ..<128: return false
        default: break
        }
        switch scalar.properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
            .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            return true
        default: return false
        }
    }

    /// The blocks of Chinese ideographs, also used by Japanese; neither kana nor hangul.
    private static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B73F,
            0x2B740...0x2B81F, 0x2B820...0x2CEAF, 0x2F800...0x2FA1F:
            return true
        default: return false
        }
    }
}
