package import ModelPackages
import Platform

/// The tokenizer of a network, by its architecture.
package enum TextEncoder: Sendable {
    case wordPiece(WordPieceTokenizer)
    case bytePairs(BytePairTokenizer)

    /// What the vocabulary is called in a package.
    package var fileName: String {
        switch self {
        case .wordPiece: "vocab.txt"
        case .bytePairs: "merges.txt"
        }
    }

    /// The vocabulary in a package; nil if it has none. Throws `package` if its file cannot be read.
    package static func vocabulary(of package: ModelPackage) throws(ModelError) -> (
        path: String, bytes: [UInt8]
    )? {
        for name in ["vocab.txt", "merges.txt"]
        where package.manifest.files.contains(where: { $0.path == name }) {
            do {
                let file = try package.file(name)
                return (package.directory + "/" + name, unsafe file.withUnsafeBytes { unsafe Array($0) })
            } catch { throw .package(error) }
        }
        return nil
    }

    /// The tokenizer of `network`; nil if it reads no text.
    ///
    /// Throws `vocabularyRequired` if there is none, `vocabularyUnreadable` if it is for another network.
    package init?(
        of network: Network, vocabulary: (path: String, bytes: [UInt8])?, checkpoint: String
    ) throws(ModelError) {
        let wanted: Int
        switch network.architecture {
        case .efficientNetLite, .liteVL: return nil
        case .clip(let clip) where clip.text == nil: return nil
        case .clip(let clip): wanted = clip.text?.vocabularySize ?? 0
        case .miniLM(let text): wanted = text.vocabularySize
        }
        guard let vocabulary else { throw .vocabularyRequired(file: checkpoint) }
        do {
            if case .clip(let clip) = network.architecture, let text = clip.text {
                self = .bytePairs(
                    try BytePairTokenizer(
                        vocabulary: vocabulary.bytes, size: text.vocabularySize,
                        contextLength: text.contextLength))
                return
            }
            let tokenizer = try WordPieceTokenizer(vocabulary: vocabulary.bytes)
            self = .wordPiece(tokenizer)
        } catch { throw .vocabularyUnreadable(file: vocabulary.path, reason: "\(error)") }
        guard case .wordPiece(let tokenizer) = self, tokenizer.vocabularySize == wanted else {
            throw .vocabularyUnreadable(
                file: vocabulary.path,
                reason: "the network knows \(wanted) tokens, the file has another number.")
        }
    }

    /// Whether any part of `text` has a token of its own; byte pairs have one for everything. Throws what `encode` throws.
    package func knows(_ text: String) throws(ModelError) -> Bool {
        guard case .wordPiece(let tokenizer) = self else { return true }
        do { return try tokenizer.knows(text) } catch { throw .text(error) }
    }

    /// The ids of `text`. Throws `text` if it is too long or has characters that cannot be encoded.
    package func encode(_ text: String) throws(ModelError) -> [Int32] {
        do {
            switch self {
            case .wordPiece(let tokenizer): return try tokenizer.encode(text)
            case .bytePairs(let tokenizer): return try tokenizer.encode(text)
            }
        } catch { throw .text(error) }
    }
}
