import AnomalyModels
import Tensors
import Testing

@Suite(.enabled(if: TestFiles.hasWeights, Comment(rawValue: TestFiles.weightsMissing)))
struct MiniLMCheckpointTests {
    @Test("the published checkpoint gives the golden embeddings of its own token ids")
    func embeddings() throws {
        let folder = try #require(TestFiles.weights)
        let checkpoint = try CheckpointReader.read(
            path: folder + "/all_minilm_l6_v2_fp16.safetensors", activation: nil)
        guard case .miniLM(let network) = checkpoint.architecture else {
            Issue.record("not a MiniLM: \(checkpoint.architecture)")
            return
        }
        #expect([network.layers, network.vocabularySize, network.positions] == [6, 30_522, 512])
        #expect(checkpoint.weights.tensors.count == 5 + 6 * 12)

        let layers = ReferenceLayers(checkpoint.weights)
        let golden = try WeightFile(path: TestFiles.golden("minilm.safetensors"))
        let (words, positions) = (layers.values("embeddings.word"), layers.values("embeddings.position"))
        for sentence in 0..<3 {
            let tokens = try golden.int32("s\(sentence).ids").enumerated().flatMap { position, id in
                zip(
                    zip(
                        words[Int(id) * 384..<Int(id + 1) * 384],
                        positions[position * 384..<(position + 1) * 384]),
                    layers.values("embeddings.type0")
                ).map { $0.0 + $0.1 + $1 }
            }
            let normed = layers.norm(tokens, "embeddings.norm", epsilon: Architecture.MiniLM.normEpsilon)
            expectClose(normed, try golden.floats("s\(sentence).embeddings"), 1e-5)
        }
    }

    @Test("query, key and value stand under each other in this order")
    func fused() throws {
        let folder = try #require(TestFiles.weights)
        let path = folder + "/all_minilm_l6_v2_fp16.safetensors"
        let file = try WeightFile(path: path)
        let weights = try CheckpointReader.read(path: path, activation: nil).weights
        for leaf in ["weight", "bias"] {
            let parts = try ["query", "key", "value"].map {
                try file.floats("encoder.layer.3.attention.self.\($0).\(leaf)")
            }
            #expect(weights.tensors["layer3.qkv.\(leaf)"]?.values == Array(parts.joined()))
        }
        #expect(weights.tensors["layer5.fc1.weight"]?.shape == [1536, 384])
        #expect(weights.tensors["layer5.fc2.weight"]?.shape == [384, 1536])
    }
}
