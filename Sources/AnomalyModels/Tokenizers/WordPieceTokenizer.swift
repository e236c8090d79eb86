/// Turns a sentence into the token ids of a lower-case BERT model.
///
/// As in BERT (Devlin et al. 2018, "uncased"): clean, lower-case, strip accents, split into words (see
/// `BertWords`), then cut every word from the left into the longest tokens that the vocabulary has. Tokens
/// that continue a word carry the prefix `##` in the vocabulary. Names of special tokens in a text are
/// ordinary text.
package struct WordPieceTokenizer: Sendable {
    /// The most ids of a sentence, [CLS] and [SEP] included.
    package static let tokenLimit = 256
    /// A word of more Unicode scalars is unknown as a whole.
    private static let wordLimit = 100

    /// The number of tokens.
    package let vocabularySize: Int
    private let initial: [ArraySlice<UInt8>: Int32]
    /// Without their prefix.
    private let continuing: [ArraySlice<UInt8>: Int32]
    private let longestToken: Int
    private let unknown: Int32
    private let start: Int32
    private let end: Int32

    /// Reads a vocabulary in UTF-8: one token a line, the first has id 0.
    ///
    /// Throws if it is compressed, over 64 MiB, no UTF-8, has an empty or repeated line, or lacks [UNK],
    /// [CLS] or [SEP].
    package init(vocabulary: [UInt8]) throws(TokenizerError) {
        let prefix = Array("##".utf8)
        var initial: [ArraySlice<UInt8>: Int32] = [:]
        var continuing: [ArraySlice<UInt8>: Int32] = [:]
        let lines = try VocabularyLines(of: vocabulary).lines
        for (id, token) in lines.enumerated() {
            guard !token.isEmpty else { throw .malformedLine(line: id + 1, expected: "a token") }
            let previous =
                if token.starts(with: prefix), token.count > prefix.count {
                    continuing.updateValue(Int32(id), forKey: token.dropFirst(prefix.count))
                } else {
                    initial.updateValue(Int32(id), forKey: token)
                }
            if let previous { throw .duplicateToken(line: id + 1, firstLine: Int(previous) + 1) }
        }

        func special(_ token: String) throws(TokenizerError) -> Int32 {
            guard let id = initial[ArraySlice(token.utf8)] else { throw .missingToken(token) }
            return id
        }
        unknown = try special("[UNK]")
        start = try special("[CLS]")
        end = try special("[SEP]")
        vocabularySize = lines.count
        longestToken = lines.reduce(0) { max($0, $1.count) }
        self.initial = initial
        self.continuing = continuing
    }

    /// [CLS], the ids of the words, [SEP]. Not padded; an empty text gives the two frame tokens.
    ///
    /// Throws `textTooLong` over 4,096 bytes and `tooManyTokens` over 256 ids.
    package func encode(_ text: String) throws(TokenizerError) -> [Int32] {
        try checkByteCount(of: text)
        var ids = [start]
        for word in BertWords.split(text) {
            appendPieces(of: word, to: &ids)
        }
        ids.append(end)
        guard ids.count <= Self.tokenLimit else {
            throw .tooManyTokens(count: ids.count, limit: Self.tokenLimit)
        }
        return ids
    }

    /// Whether any part of `text` has a token of its own: a text of which none has says nothing to the network.
    ///
    /// Throws what `encode` throws.
    package func knows(_ text: String) throws(TokenizerError) -> Bool {
        try encode(text).contains { $0 != start && $0 != end && $0 != unknown }
    }

    /// Appends the longest tokens from the left, or [UNK] alone if there is a place where none fits.
    private func appendPieces(of word: [UInt8], to ids: inout [Int32]) {
        let before = ids.count
        guard word.count(where: { !isContinuation($0) }) <= Self.wordLimit else { return ids.append(unknown) }
        var begin = 0
        while begin < word.count {
            let tokens = begin == 0 ? initial : continuing
            var end = min(word.count, begin + longestToken)
            while end > begin {
                // A token ends where a scalar does, so a cut inside a scalar cannot be found.
                if let id = tokens[word[begin..<end]] {
                    ids.append(id)
                    break
                }
                end -= 1
            }
            guard end > begin else {
                ids.removeSubrange(before...)
                return ids.append(unknown)
            }
            begin = end
        }
    }
}

/// Whether `byte` is a UTF-8 byte other than the first of its scalar.
private func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
