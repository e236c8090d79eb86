import AnomalyModels
import Inference
import Kernels
import Tensors
import Testing

struct EqualisationTests {
    @Test("an equalised CLIP computes the same in float32, and its factors are folded where they can be")
    func preNorm() throws {
        let clip = try Networks.clip(.quickGELU)
        let golden = try WeightFile(path: TestFiles.golden("clip_quickgelu.safetensors"))
        let graph = clip.text(tokens: 9, taps: [1, 2, 3]), ids = Array(try golden.int32("text.ids").prefix(9))
        let plain = try session(graph, clip.weights)
        var maxima = ChannelMaxima()
        maxima.add(tokens: ids, plain)
        let equalised = clip.weights.equalised(for: graph, maxima)
        let factors = equalised.tensors.keys.filter { $0.hasSuffix(".factors") }.sorted()
        #expect(factors == (0..<3).map { "text.layer\($0).fc1.factors" })
        #expect(
            equalised.tensors["text.layer1.norm1.weight"]?.values
                != clip.weights.tensors["text.layer1.norm1.weight"]?.values)

        let found = try session(graph, equalised)
        plain.run(tokens: ids)
        found.run(tokens: ids)
        for (name, _) in graph.outputs {
            expectClose(try #require(found.output(name)), try #require(plain.output(name)), 1e-5, name)
        }
    }

    @Test(
        "an equalised MiniLM computes the same in float32, with factors for rows that are also residuals",
        .enabled(if: TestFiles.hasWeights, Comment(rawValue: TestFiles.weightsMissing)))
    func postNorm() throws {
        let (network, weights) = try Networks.miniLM()
        let tokenizer = try WordPieceTokenizer(
            vocabulary: TestFiles.bytes(#require(TestFiles.weights) + "/minilm_tokenizer/vocab.txt"))
        let equalised = try weights.equalised(network, tokenizer)
        let factors = equalised.tensors.keys.filter { $0.hasSuffix(".factors") }
        #expect(factors.count == 1 + 5 + 6 + 6, "the embeddings' norm, norm2 but the last, norm1, fc1")

        let ids = try tokenizer.encode("A factor must not change what a sentence means.")
        let graph = network.graph(tokens: ids.count, taps: [1, 3, 6])
        let plain = try session(graph, weights), found = try session(graph, equalised)
        plain.run(tokens: ids)
        found.run(tokens: ids)
        for (name, _) in graph.outputs {
            expectClose(try #require(found.output(name)), try #require(plain.output(name)), 2e-5, name)
        }
    }

    private func session(_ graph: Graph, _ weights: FloatWeights) throws -> ReferenceSession {
        try ReferenceSession(
            graph, weights: FloatSource(weights), kernels: KernelTable(.best), keepsAll: false)
    }
}
