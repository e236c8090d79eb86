import AnomalyModels
import Inference
import Kernels
import Tensors
import Testing

/// Sessions in int8 against the float reference, on the inputs of the golden vectors.
struct SessionAgreementTests {
    /// Fitted on 256 drawn pictures, as the packages are: with 48 the channel ranges and the fit of the projections
    /// serve those pictures alone. METHODS.md 10.2's bound (0.998, 0.06) is held up to the twelfth block; behind it
    /// maps of such pictures have 2 x 3 pixels. `TrunkAccuracyTests` holds all blocks to it at the size of the
    /// packages.
    @Test(
        "EfficientNet-Lite in int8 stays near float32 at every block",
        .enabled(if: TestFiles.hasWeights, Comment(rawValue: TestFiles.weightsMissing)),
        arguments: [EfficientNetLite.lite0, .lite2])
    func efficientNet(network: EfficientNetLite) throws {
        let graph = network.graph(
            height: 64, width: 96, taps: Array(network.blocks.indices), hasClassifier: true)
        let weights = try Networks.efficientNet(network)
        let quantised = try weights.quantised(
            for: graph, images: PatternImages(seed: 7, width: 96, height: 64).first(256))
        let image = try WeightFile(path: TestFiles.golden("efficientnet_lite\(network.rawValue).safetensors"))
            .uint8("image")
        let reference = try ReferenceSession(
            graph, weights: FloatSource(weights), kernels: KernelTable(.best), keepsAll: false)
        reference.run(image: image)
        let found = try int8Outputs(graph, quantised.source, input: image)
        for (name, value) in graph.outputs {
            let width = graph.nodes[value].shape.last ?? 1
            let agreement = Agreement(
                try #require(found[name]), try #require(reference.output(name)), width: width)
            #expect(agreement.cosine >= 0.995 && agreement.relativeL2 <= 0.1, "\(name): \(agreement)")
            if (0..<12).contains(where: { name == "block\($0)" }) {
                #expect(agreement.meetsBar, "\(name): \(agreement)")
            }
        }
    }

    @Test(
        "both towers of a small CLIP keep METHODS.md 10.2's bound at every tap",
        arguments: Architecture.Activation.allCases)
    func clip(activation: Architecture.Activation) throws {
        let clip = try Networks.clip(activation)
        let golden = try WeightFile(path: TestFiles.golden("clip_\(activation.rawValue).safetensors"))
        let image = try golden.uint8("image"), ids = Array(try golden.int32("text.ids").prefix(9))
        let source = FloatSource(clip.weights)
        for graph in [clip.vision(taps: [1, 2]), clip.text(tokens: 9, taps: [1, 2, 3])] {
            let reference = try ReferenceSession(
                graph, weights: source, kernels: KernelTable(.best), keepsAll: false)
            let isImage = graph.nodes[0].shape.count == 3
            if isImage { reference.run(image: image) } else { reference.run(tokens: ids) }
            let found =
                try isImage
                ? int8Outputs(graph, source, input: image) : int8Outputs(graph, source, input: ids)
            for (name, value) in graph.outputs {
                let agreement = Agreement(
                    try #require(found[name]), try #require(reference.output(name)),
                    width: graph.nodes[value].shape[1])
                #expect(agreement.meetsBar, "\(name): \(agreement)")
            }
        }
    }

    @Test(
        "every instruction set and two threads give the same bytes as scalar",
        arguments: InstructionSet.available)
    func identical(instructions: InstructionSet) throws {
        let clip = try Networks.clip(.gelu)
        let golden = try WeightFile(path: TestFiles.golden("clip_gelu.safetensors"))
        let vision = clip.vision(taps: [1, 2]), text = clip.text(tokens: 9, taps: [1, 2, 3])
        let trunk = EfficientNetLite.lite0.graph(
            height: 64, width: 96, taps: [0, 4, 10, 15], hasClassifier: true)
        let image = PatternImages(seed: 3, width: 96, height: 64).image(0)
        for threads in 1...2 {
            try expectScalarBytes(
                vision, FloatSource(clip.weights), golden.uint8("image"), instructions, threads)
            try expectScalarBytes(
                text, FloatSource(clip.weights), Array(golden.int32("text.ids").prefix(9)), instructions,
                threads)
            try expectScalarBytes(trunk, RandomWeights(seed: 5), image, instructions, threads)
        }
    }

    private func expectScalarBytes<Element: BitwiseCopyable>(
        _ graph: Graph, _ source: any WeightSource, _ input: [Element], _ instructions: InstructionSet,
        _ threads: Int
    ) throws {
        let scalar = InstructionSet.available[InstructionSet.available.count - 1]
        let expected = try int8Outputs(graph, source, input: input, scalar)
        let found = try int8Outputs(graph, source, input: input, instructions, threads: threads)
        for (name, values) in expected {
            let same =
                found[name].map { zip($0, values).allSatisfy { $0.bitPattern == $1.bitPattern } } ?? false
            #expect(
                same && found[name]?.count == values.count, "\(name) on \(instructions), \(threads) threads")
        }
    }
}

/// All outputs of one run in int8.
func int8Outputs<Element: BitwiseCopyable>(
    _ graph: Graph, _ source: any WeightSource, input: [Element], _ instructions: InstructionSet = .best,
    threads: Int = 1
) throws -> [String: [Float]] {
    let model = try unsafe CompiledModel(
        graph, weights: source, kernels: KernelTable(instructions), threads: threads)
    let session = try Session(model, pool: TensorPool())
    unsafe session.withInput { target in unsafe input.withUnsafeBytes { unsafe target.copyMemory(from: $0) } }
    session.run()
    return Dictionary(
        uniqueKeysWithValues: graph.outputs.compactMap { output in
            session.floats(output.name).map { (output.name, $0) }
        })
}
