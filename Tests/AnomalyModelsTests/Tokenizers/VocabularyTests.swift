import AnomalyModels
import Testing

struct VocabularyTests {
    static let wordPiece = Array("[PAD]\n[UNK]\n[CLS]\n[SEP]\nun\n##happ\n##y\nhappy\n!\n日\n##é\ne\n".utf8)
    static let merges = Array(
        "#version: 1\nh a\nha p\np y</w>\nhap py</w>\n! !</w>\nnever read this line\n".utf8)

    @Test("a word is cut from the left into its longest tokens, or unknown as a whole")
    func longestMatch() throws {
        let tokenizer = try WordPieceTokenizer(vocabulary: Self.wordPiece)
        #expect(try tokenizer.encode("Unhappy! happy 日e") == [2, 4, 5, 6, 8, 7, 9, 11, 3])
        #expect(try tokenizer.encode("unhapp! unhappier") == [2, 4, 5, 8, 1, 3])
        #expect(
            try tokenizer.encode("[SEP]") == [2, 1, 1, 1, 3], "special tokens cannot be written in a text")
    }

    @Test("line ends may be those of Windows")
    func carriageReturn() throws {
        let file = Self.wordPiece.flatMap { $0 == 10 ? [13, 10] : [$0] }
        #expect(try WordPieceTokenizer(vocabulary: file).encode("happy") == [2, 7, 3])
    }

    @Test("pairs are merged by rank, and only at the end of a word with the end-of-word symbol")
    func mergeOrder() throws {
        let tokenizer = try BytePairTokenizer(vocabulary: Self.merges, size: 512 + 5 + 2, contextLength: 16)
        #expect(try tokenizer.encode("Happy!!") == [517, 515, 516, 518])
        #expect(try tokenizer.encode("ha hap!") == [517, 71, 64 + 256, 512, 79 + 256, 256, 518])
    }

    @Test("a text over the limit is an error and never cut")
    func limits() throws {
        let bytePair = try BytePairTokenizer(vocabulary: Self.merges, size: 519, contextLength: 6)
        #expect(try bytePair.encode("1234").count == 6)
        #expect(throws: TokenizerError.tooManyTokens(count: 7, limit: 6)) { try bytePair.encode("12345") }
        #expect(throws: TokenizerError.textTooLong(byteCount: 4_097, limit: 4_096)) {
            try bytePair.encode(String(repeating: " ", count: 4_097))
        }
        let wordPiece = try WordPieceTokenizer(vocabulary: Self.wordPiece)
        #expect(try wordPiece.encode(String(repeating: "!", count: 254)).count == 256)
        #expect(throws: TokenizerError.tooManyTokens(count: 257, limit: 256)) {
            try wordPiece.encode(String(repeating: "!", count: 255))
        }
    }

    @Test("byte-pair encoding refuses control characters, and names them")
    func controlCharacters() throws {
        let tokenizer = try BytePairTokenizer(vocabulary: Self.merges, size: 519, contextLength: 16)
        #expect(try tokenizer.encode("a\t\r\n b") == tokenizer.encode("a b"))
        for text in ["a\u{7}b", "&#7;"] {
            #expect(throws: TokenizerError.controlCharacter(codePoint: 7)) { try tokenizer.encode(text) }
        }
        #expect("\(TokenizerError.controlCharacter(codePoint: 7))".contains("U+0007"))
    }

    @Test("a wrong WordPiece vocabulary is refused with the line and the reason")
    func wrongWordPiece() {
        func refuse(_ file: [UInt8], _ error: TokenizerError) {
            #expect(throws: error) { try WordPieceTokenizer(vocabulary: file) }
        }
        refuse([], .missingToken("[UNK]"))
        refuse([0x1F, 0x8B, 8, 0], .vocabularyCompressed)
        refuse(Array("[UNK]\n[CLS]\n".utf8), .missingToken("[SEP]"))
        refuse(Array("[UNK]\n\nx\n".utf8), .malformedLine(line: 2, expected: "a token"))
        refuse(Array("a\nb\na\n".utf8), .duplicateToken(line: 3, firstLine: 1))
        refuse(Array("##a\nb\n##a\n".utf8), .duplicateToken(line: 3, firstLine: 1))
        refuse([0x61, 10, 0xFF, 10], .notText(line: 2))
    }

    @Test("a wrong byte-pair vocabulary is refused with the line and the reason")
    func wrongBytePair() {
        func refuse(_ text: String, _ mergeCount: Int, _ error: TokenizerError) {
            #expect(throws: error) {
                try BytePairTokenizer(vocabulary: Array(text.utf8), size: 514 + mergeCount, contextLength: 77)
            }
        }
        let expected = "two tokens of earlier lines"
        refuse("#\na b\n", 2, .tooFewLines(found: 2, needed: 3))
        refuse("#\na b c\n", 1, .malformedLine(line: 2, expected: expected))
        refuse("#\nab c\n", 1, .malformedLine(line: 2, expected: expected))
        refuse("#\na b\n\n", 2, .malformedLine(line: 3, expected: expected))
        refuse("#\na b\nb c\na bc\nab c\n", 4, .duplicateToken(line: 5, firstLine: 4))
        refuse("#\n", -1, .impossibleSize(513, allowed: 514...1_000_000))
    }

    @Test("canonically equivalent tokens are different tokens")
    func canonicalEquivalence() throws {
        let file = "[UNK]\n[CLS]\n[SEP]\n\u{212B}\n\u{C5}\nA\u{30A}\n"
        #expect(try WordPieceTokenizer(vocabulary: Array(file.utf8)).vocabularySize == 6)
    }
}
