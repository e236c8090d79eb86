/// Turns a sentence into the token ids of a CLIP text tower.
///
/// Byte-pair encoding as in CLIP (Radford et al. 2021; Sennrich et al. 2016 for the merges). The text is
/// cleaned (see `PromptText`), split into pieces, every piece becomes bytes, and the neighbours of lowest
/// rank are merged until no pair is in the vocabulary.
package struct BytePairTokenizer: Sendable {
    /// The tokens of every published CLIP: 512 byte symbols, 48,894 merges, start and end of text.
    package static let publishedSize = 49_408

    /// The most ids of a text, start and end included; also the length of `encodePadded`.
    package let contextLength: Int
    private let vocabulary: BytePairVocabulary

    /// Reads the unpacked text of a merges file: a line that is skipped, then one merge a line.
    ///
    /// Throws if the file is compressed, over 64 MiB, no UTF-8, has fewer than `size` - 513 lines, or if a
    /// line does not name two earlier tokens or makes one that exists. Lines after the last one needed are
    /// ignored.
    ///
    /// - Parameter size: rows of the model's token embedding, for published models `publishedSize`.
    /// - Parameter contextLength: rows of its positional embedding, for published models 77.
    /// - Precondition: `contextLength` >= 2.
    package init(vocabulary file: [UInt8], size: Int, contextLength: Int) throws(TokenizerError) {
        precondition(contextLength >= 2, "a context of \(contextLength) tokens")
        vocabulary = try BytePairVocabulary(file: file, size: size)
        self.contextLength = contextLength
    }

    /// Start, the ids of the pieces, end. Not padded: rows after the end cannot influence the text feature.
    ///
    /// Throws `textTooLong` over 4,096 bytes, `controlCharacter`, and `tooManyTokens` over `contextLength`
    /// ids.
    package func encode(_ text: String) throws(TokenizerError) -> [Int32] {
        try checkByteCount(of: text)
        var ids = [vocabulary.startID]
        for piece in PromptText.pieces(of: try PromptText.cleaned(text)) {
            switch piece {
            case .startOfText: ids.append(vocabulary.startID)
            case .endOfText: ids.append(vocabulary.endID)
            case .word(let bytes): ids += merged(bytes)
            }
        }
        ids.append(vocabulary.endID)
        guard ids.count <= contextLength else { throw .tooManyTokens(count: ids.count, limit: contextLength) }
        return ids
    }

    /// As `encode`, followed by zeros up to `contextLength` ids.
    package func encodePadded(_ text: String) throws(TokenizerError) -> [Int32] {
        let ids = try encode(text)
        return ids + [Int32](repeating: 0, count: contextLength - ids.count)
    }

    /// The ids of one word.
    ///
    /// - Precondition: it is not empty.
    /// - Complexity: O(n²) in its bytes.
    private func merged(_ word: [UInt8]) -> [Int32] {
        var ids = word.map { vocabulary.idOfByte[Int($0)] }
        ids[ids.count - 1] += 256
        while let (pair, id) = lowestPair(in: ids) {
            var merged: [Int32] = []
            var index = 0
            while index < ids.count {
                if index + 1 < ids.count, ids[index] == pair.left, ids[index + 1] == pair.right {
                    merged.append(id)
                    index += 2
                } else {
                    merged.append(ids[index])
                    index += 1
                }
            }
            ids = merged
        }
        return ids
    }

    private func lowestPair(in ids: [Int32]) -> (BytePairVocabulary.Pair, Int32)? {
        var lowest: (BytePairVocabulary.Pair, Int32)?
        for (left, right) in zip(ids, ids.dropFirst()) {
            let pair = BytePairVocabulary.Pair(left: left, right: right)
            guard let id = vocabulary.merges[pair] else { continue }
            if lowest == nil || id < lowest!.1 { lowest = (pair, id) }
        }
        return lowest
    }
}
