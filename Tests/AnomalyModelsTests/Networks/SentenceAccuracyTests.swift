import AnomalyModels
import Inference
import Kernels
import Tensors
import Testing

/// MiniLM in int8 on the 200 golden sentences, equalised on sentences of its own.
@Suite(.enabled(if: TestFiles.hasWeights, Comment(rawValue: TestFiles.weightsMissing)))
struct SentenceAccuracyTests {
    @Test("sentence embeddings in int8 point where PyTorch's do and have the same neighbours")
    func embeddings() throws {
        let (network, weights) = try Networks.miniLM()
        let tokenizer = try WordPieceTokenizer(
            vocabulary: TestFiles.bytes(#require(TestFiles.weights) + "/minilm_tokenizer/vocab.txt"))
        let equalised = try weights.equalised(network, tokenizer)
        let golden = try WeightFile(path: TestFiles.golden("sentences.safetensors")).floats("embeddings")
        let sentences = try TestFiles.goldenLines("sentences.txt").map { try tokenizer.encode($0) }

        let encoder = SentenceEncoder(network: network, weights: equalised, taps: [2, 4, 6])
        let plain = SentenceEncoder(network: network, weights: weights, taps: [2, 4, 6])
        var found: [Float] = [], taps: [[Agreement]] = [[], [], []]
        for ids in sentences {
            let codes = try encoder.int8(ids), floats = try plain.float(ids)
            found += codes[0]
            for tap in 0..<3 { taps[tap].append(Agreement(codes[1 + tap], floats[1 + tap], width: 384)) }
        }
        let agreement = Agreement(found, golden, width: 384)
        let same = zip(neighbours(found), neighbours(golden)).count { $0 == $1 }
        let l2 = taps.map { all in all.map(\.relativeL2).reduce(0, +) / Double(all.count) }
        let cosine = taps.map { all in all.map(\.cosine).reduce(0, +) / Double(all.count) }
        print(
            "MiniLM int8: \(agreement), same neighbour \(same) of 200, taps: cosine \(cosine), relative L2 \(l2)"
        )
        #expect(agreement.cosine >= 0.998 && agreement.leastCosine >= 0.99, "\(agreement)")
        #expect(same >= 190, "the same nearest neighbour for \(same) of 200")
        #expect(
            l2.allSatisfy { $0 <= 0.06 } && cosine.allSatisfy { $0 >= 0.998 },
            "taps: cosine \(cosine), relative L2 \(l2)")
    }

    /// The nearest other row of each row.
    private func neighbours(_ rows: [Float]) -> [Int] {
        let count = rows.count / 384
        return (0..<count).map { i in
            let cosines = (0..<count).map { j in
                i == j ? -1 : (0..<384).reduce(Float(0)) { $0 + rows[i * 384 + $1] * rows[j * 384 + $1] }
            }
            return cosines.indices.max { cosines[$0] < cosines[$1] } ?? i
        }
    }
}

/// Sessions by the number of tokens. Values: the embedding, then the taps.
final class SentenceEncoder {
    private let network: Architecture.MiniLM
    private let source: FloatSource
    private let taps: [Int]
    private let pool = TensorPool()
    private var sessions: [Int: Session] = [:]
    private var references: [Int: ReferenceSession] = [:]

    init(network: Architecture.MiniLM, weights: FloatWeights, taps: [Int]) {
        (self.network, self.taps, source) = (network, taps, FloatSource(weights))
    }

    private var names: [String] { ["embedding"] + taps.map { "tap\($0)" } }

    func int8(_ ids: [Int32]) throws -> [[Float]] {
        let session =
            try unsafe sessions[ids.count]
            ?? Session(
                CompiledModel(
                    network.graph(tokens: ids.count, taps: taps), weights: source, kernels: KernelTable(.best)
                ),
                pool: pool)
        sessions[ids.count] = session
        unsafe session.withInput { input in unsafe ids.withUnsafeBytes { unsafe input.copyMemory(from: $0) } }
        session.run()
        return names.compactMap { session.floats($0) }
    }

    func float(_ ids: [Int32]) throws -> [[Float]] {
        let session =
            try references[ids.count]
            ?? ReferenceSession(
                network.graph(tokens: ids.count, taps: taps), weights: source, kernels: KernelTable(.best),
                keepsAll: false)
        references[ids.count] = session
        session.run(tokens: ids)
        return names.compactMap { session.output($0) }
    }
}
