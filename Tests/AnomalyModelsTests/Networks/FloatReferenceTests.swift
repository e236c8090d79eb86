import AnomalyModels
import Inference
import Kernels
import Tensors
import Testing

/// The float reference against PyTorch: Golden/efficientnet_lite.py, minilm.py, clip.py.
///
/// Tolerances are relative to the largest magnitude of a tensor. Both sides sum in float32, in different
/// orders.
struct FloatReferenceTests {
    @Test(
        "EfficientNet-Lite equals PyTorch at every layer",
        .enabled(if: TestFiles.hasWeights, Comment(rawValue: TestFiles.weightsMissing)),
        arguments: [EfficientNetLite.lite0, .lite2])
    func efficientNet(network: EfficientNetLite) throws {
        let weights = try Networks.efficientNet(network)
        let golden = try WeightFile(
            path: TestFiles.golden("efficientnet_lite\(network.rawValue).safetensors"))
        let graph = network.graph(
            height: 64, width: 96, taps: Array(network.blocks.indices), hasClassifier: true)
        let session = try ReferenceSession(
            graph, weights: FloatSource(weights), kernels: KernelTable(.best), keepsAll: true)
        session.run(image: try golden.uint8("image"))
        for name in golden.names where name != "image" {
            let found = try #require(session.output(name) ?? session.value(of: name), "\(name)")
            expectClose(found, try golden.floats(name), 5e-5, name)
        }
    }

    @Test(
        "MiniLM equals PyTorch at every layer",
        .enabled(if: TestFiles.hasWeights, Comment(rawValue: TestFiles.weightsMissing)))
    func miniLM() throws {
        let (network, weights) = try Networks.miniLM()
        let golden = try WeightFile(path: TestFiles.golden("minilm.safetensors"))
        for sentence in 0..<3 {
            let ids = try golden.int32("s\(sentence).ids")
            let session = try ReferenceSession(
                network.graph(tokens: ids.count), weights: FloatSource(weights), kernels: KernelTable(.best),
                keepsAll: true)
            session.run(tokens: ids)
            let names = ["embeddings": "embeddings.norm"].merging(
                (0..<6).map { ("layer\($0)", "layer\($0).norm2") }
            ) { $1 }
            for (name, node) in names {
                let found = try #require(session.value(of: node))
                expectClose(found, try golden.floats("s\(sentence).\(name)"), 2e-5, "s\(sentence).\(name)")
            }
            let embedding = try #require(session.output("embedding"))
            expectClose(
                embedding, try golden.floats("s\(sentence).embedding"), 2e-5, "s\(sentence).embedding")
        }
    }

    @Test("both towers of CLIP equal PyTorch at every layer", arguments: Architecture.Activation.allCases)
    func clip(activation: Architecture.Activation) throws {
        let clip = try Networks.clip(activation)
        let golden = try WeightFile(path: TestFiles.golden("clip_\(activation.rawValue).safetensors"))
        let vision = try ReferenceSession(
            clip.vision(taps: [1, 2]), weights: FloatSource(clip.weights), kernels: KernelTable(.best),
            keepsAll: true)
        vision.run(image: try golden.uint8("image"))
        let text = try ReferenceSession(
            clip.text(tokens: 9, taps: [1, 2, 3]), weights: FloatSource(clip.weights),
            kernels: KernelTable(.best),
            keepsAll: true)
        text.run(tokens: Array(try golden.int32("text.ids").prefix(9)))
        let nodes = ["vision.tokens": "vision.norm_pre", "text.tokens": "text.embeddings"]
        for name in golden.names where name != "image" && name != "text.ids" {
            let session = name.hasPrefix("vision") ? vision : text
            var found = nodes[name].flatMap { session.value(of: $0) }
            if let block = name.firstRange(of: ".block"), let index = Int(name[block.upperBound...]) {
                found = session.output("\(name[..<block.lowerBound]).tap\(index + 1)")
            }
            expectClose(try #require(found ?? session.output(name)), try golden.floats(name), 2e-5, name)
        }
    }
}
