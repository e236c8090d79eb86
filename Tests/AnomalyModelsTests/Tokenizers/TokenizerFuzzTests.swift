import AnomalyModels
import Platform
import Testing

struct TokenizerFuzzTests {
    @Test("any text gives ids of the vocabulary or an error")
    func anyText() throws {
        let wordPiece = try WordPieceTokenizer(vocabulary: VocabularyTests.wordPiece)
        let bytePair = try BytePairTokenizer(vocabulary: VocabularyTests.merges, size: 519, contextLength: 77)
        var random = SplitMix64(seed: 0x70CE)
        for round in 0..<4_000 {
            let text = round.isMultiple(of: 2) ? Self.unicode(&random) : Self.decodedBytes(&random)
            if let ids = try? wordPiece.encode(text) {
                #expect(ids.first == 2 && ids.last == 3 && ids.count <= 256)
                #expect(ids.allSatisfy { (0..<12).contains($0) })
            }
            if let ids = try? bytePair.encode(text) {
                #expect(ids.first == 517 && ids.last == 518 && ids.count <= 77)
                #expect(ids.allSatisfy { (0..<519).contains($0) })
            }
        }
    }

    @Test("any vocabulary gives a tokenizer or an error")
    func anyVocabulary() {
        var random = SplitMix64(seed: 0xB0CA)
        for _ in 0..<2_000 {
            for file in [VocabularyTests.wordPiece, VocabularyTests.merges] {
                let changed = Self.mutated(file, &random)
                if let tokenizer = try? WordPieceTokenizer(vocabulary: changed) {
                    _ = try? tokenizer.encode("unhappy! 日é")
                }
                let size = Int.random(in: 510...524, using: &random)
                if let tokenizer = try? BytePairTokenizer(vocabulary: changed, size: size, contextLength: 77)
                {
                    _ = try? tokenizer.encode("happy!! 日é")
                }
            }
        }
    }

    /// Scalars of every range, many of them with a meaning to the tokenizers.
    private static func unicode(_ random: inout SplitMix64) -> String {
        let special = Array("&#x;'<|>\u{301}\u{200D}\t\u{0}日1é ".unicodeScalars)
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...80, using: &random) {
            let limit: UInt32 = [0x80, 0x3000, 0x11_0000].randomElement(using: &random)!
            let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &random))
            scalars.append(
                Bool.random(using: &random) ? special.randomElement(using: &random)! : scalar ?? " ")
        }
        return String(scalars)
    }

    private static func decodedBytes(_ random: inout SplitMix64) -> String {
        let bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
            UInt8.random(in: 0...255, using: &random)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func mutated(_ file: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var file = file
        for _ in 0..<Int.random(in: 1...4, using: &random) where !file.isEmpty {
            let index = Int.random(in: file.indices, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: file[index] = UInt8.random(in: 0...255, using: &random)
            case 1: file.remove(at: index)
            case 2: file.insert(contentsOf: [10, 32, 0xC3].shuffled(using: &random), at: index)
            default: file.removeSubrange(index...)
            }
        }
        return file
    }
}
