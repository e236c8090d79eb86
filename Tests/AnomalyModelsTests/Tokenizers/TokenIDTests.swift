import AnomalyModels
import Foundation
import Tensors
import Testing

/// Token ids of an independent implementation: Golden/token_ids.py.
@Suite(.enabled(if: TestFiles.hasWeights, Comment(rawValue: TestFiles.weightsMissing)))
struct TokenIDTests {
    struct Expectation: Codable {
        let text: String
        let ids: [Int32]

        static func read(_ name: String) throws -> [Expectation] {
            let data = try Data(contentsOf: URL(filePath: TestFiles.golden(name)))
            return try JSONDecoder().decode([Expectation].self, from: data)
        }
    }

    @Test("WordPiece gives the ids of the published tokenizer")
    func wordPiece() throws {
        let folder = try #require(TestFiles.weights)
        let tokenizer = try WordPieceTokenizer(
            vocabulary: TestFiles.bytes(folder + "/minilm_tokenizer/vocab.txt"))
        #expect(tokenizer.vocabularySize == 30_522)
        let expectations = try Expectation.read("wordpiece.json")
        #expect(expectations.count > 150)
        for expectation in expectations {
            #expect(
                try tokenizer.encode(expectation.text) == expectation.ids,
                "\(expectation.text.debugDescription)")
        }
    }

    @Test("byte-pair encoding gives the ids of the published tokenizer, padded with zeros to the context")
    func bytePair() throws {
        let folder = try #require(TestFiles.weights)
        let tokenizer = try BytePairTokenizer(
            vocabulary: TestFiles.unpacked(folder + "/clip_bpe_simple_vocab_16e6.txt.gz"),
            size: BytePairTokenizer.publishedSize, contextLength: 77)
        let expectations = try Expectation.read("bytepair.json")
        #expect(expectations.count > 100)
        for expectation in expectations {
            #expect(
                try tokenizer.encode(expectation.text) == expectation.ids,
                "\(expectation.text.debugDescription)")
            let padding = [Int32](repeating: 0, count: 77 - expectation.ids.count)
            #expect(try tokenizer.encodePadded(expectation.text) == expectation.ids + padding)
        }
    }

    @Test(
        "every word of the golden sentences is known, and the traced ones have the golden ids"
    )
    func goldenSentences() throws {
        let folder = try #require(TestFiles.weights)
        let tokenizer = try WordPieceTokenizer(
            vocabulary: TestFiles.bytes(folder + "/minilm_tokenizer/vocab.txt"))
        for sentence in try TestFiles.goldenLines("sentences.txt") {
            let ids = try tokenizer.encode(sentence)
            #expect(ids.first == 101 && ids.last == 102 && !ids.contains(100), "\(sentence)")
        }
        let golden = try WeightFile(path: TestFiles.golden("minilm.safetensors"))
        for (index, sentence) in try TestFiles.goldenLines("minilm.txt").enumerated() {
            #expect(try tokenizer.encode(sentence) == golden.int32("s\(index).ids"))
        }
    }
}
