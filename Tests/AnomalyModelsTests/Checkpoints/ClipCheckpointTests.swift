import AnomalyModels
import Tensors
import Testing

struct ClipCheckpointTests {
    @Test(
        "the test fixtures have the names and shapes of the published layouts",
        arguments: ClipFixture.allCases)
    func fixtureNames(fixture: ClipFixture) throws {
        #expect(try fixture.tensors().list == TestFiles.goldenLines("clip_\(fixture.rawValue).txt").sorted())
    }

    @Test(
        "sizes are read off the tensors of every layout, and all give the same weights",
        arguments: ClipFixture.allCases)
    func layouts(fixture: ClipFixture) throws {
        let expected = try CheckpointReader.read(
            path: TestFiles.golden("clip_openai.safetensors"), activation: nil)
        let checkpoint = try CheckpointReader.read(fixture.tensors().file(), activation: .quickGELU)
        #expect(checkpoint.architecture == expected.architecture)
        expectEqual(checkpoint.weights, expected.weights)

        guard case .clip(let network) = checkpoint.architecture else {
            Issue.record("not a CLIP: \(checkpoint.architecture)")
            return
        }
        #expect(network.activation == .quickGELU && network.embeddingWidth == 96)
        #expect([network.vision.patch, network.vision.grid, network.vision.input] == [8, 4, 32])
        #expect([network.vision.width, network.vision.layers, network.vision.heads] == [128, 2, 2])
        let text = try #require(network.text)
        #expect(
            [text.width, text.layers, text.heads, text.vocabularySize, text.contextLength] == [
                64, 3, 1, 600, 77,
            ])
    }

    @Test("everything may stand under 'module.'")
    func modulePrefix() throws {
        let expected = try CheckpointReader.read(ClipFixture.openclip.tensors().file(), activation: .gelu)
        for fixture in [ClipFixture.openclip, .openclipText] {
            var tensors = try fixture.tensors()
            for name in tensors.tensors.keys { tensors.rename(name, "module." + name) }
            expectEqual(
                try CheckpointReader.read(tensors.file(), activation: .gelu).weights, expected.weights)
        }
    }

    @Test("a checkpoint without text tower is read as such")
    func visionOnly() throws {
        var tensors = try ClipFixture.openclip.tensors()
        for name in tensors.tensors.keys where !name.hasPrefix("visual.") { tensors.tensors[name] = nil }
        let checkpoint = try CheckpointReader.read(tensors.file(), activation: .gelu)
        guard case .clip(let network) = checkpoint.architecture else {
            Issue.record("not a CLIP: \(checkpoint.architecture)")
            return
        }
        #expect(network.text == nil && network.embeddingWidth == 96)
        #expect(checkpoint.weights.tensors.keys.allSatisfy { $0.hasPrefix("vision.") })
    }

    @Test("LayerScale multiplies the rows of the output projections")
    func layerScale() throws {
        var tensors = try ClipFixture.openclip.tensors()
        let plain = try CheckpointReader.read(tensors.file(), activation: .gelu).weights.tensors
        for index in 0..<2 {
            let gamma = (0..<128).map { Float($0 + index) / 64 }
            for scale in ["ls_1", "ls_2"] {
                tensors.tensors["visual.transformer.resblocks.\(index).\(scale).gamma"] = ([128], gamma)
            }
        }
        let scaled = try CheckpointReader.read(tensors.file(), activation: .gelu).weights.tensors
        for (name, tensor) in scaled {
            let isScaled =
                name.hasPrefix("vision.layer") && (name.contains("attention") || name.contains("fc2"))
            let layer: Float = name.hasPrefix("vision.layer1") ? 1 : 0
            let columns = tensor.values.count / tensor.shape[0]
            let expected = try #require(plain[name]).values.enumerated().map { index, value in
                isScaled ? value * ((Float(index / columns) + layer) / 64) : value
            }
            #expect(tensor.values == expected, "\(name)")
        }
    }

    @Test("the activation must be stated, but for exports that imply it")
    func activation() throws {
        let openCLIP = try ClipFixture.openclip.tensors().file()
        #expect(throws: CheckpointError.activationRequired(file: "checkpoint")) {
            try CheckpointReader.read(openCLIP, activation: nil)
        }
        let openAI = try ClipFixture.openai.tensors().file()
        #expect(
            throws: CheckpointError.activationContradicts(file: "checkpoint", asked: .gelu, found: .quickGELU)
        ) {
            try CheckpointReader.read(openAI, activation: .gelu)
        }
    }

    @Test("the converted weights give the golden tokens and features on both sides of the blocks")
    func goldenEnds() throws {
        let weights = try CheckpointReader.read(
            path: TestFiles.golden("clip_openai.safetensors"), activation: nil
        ).weights
        let golden = try WeightFile(path: TestFiles.golden("clip_quickgelu.safetensors"))
        let reference = ReferenceLayers(weights)

        let mean: [Float] = [0.48145466, 0.4578275, 0.40821073]
        let deviation: [Float] = [0.26862954, 0.26130258, 0.27577711]
        let image = try golden.uint8("image").enumerated().map { index, value in
            (Float(value) / 255 - mean[index % 3]) / deviation[index % 3]
        }
        let patches = reference.convolve(
            FeatureMap(height: 32, width: 32, channels: 3, values: image), "vision.patch", stride: 8,
            isSame: false)
        let positions = reference.values("vision.positions")
        let tokens = zip(reference.values("vision.class") + patches.values, positions).map { $0 + $1 }
        expectClose(
            reference.norm(tokens, "vision.norm_pre", epsilon: 1e-5), try golden.floats("vision.tokens"), 1e-5
        )

        let last = try golden.floats("vision.block1").prefix(128)
        let feature = reference.linear(
            reference.norm(Array(last), "vision.norm_post", epsilon: 1e-5), "vision.projection")
        expectClose(feature, try golden.floats("vision.embedding"), 1e-5)

        let ids = try golden.int32("text.ids").prefix(9)
        let words = reference.values("text.embeddings.word")
        let textTokens = ids.flatMap { words[Int($0) * 64..<Int($0 + 1) * 64] }
        let textPositions = reference.values("text.embeddings.position")
        expectClose(zip(textTokens, textPositions).map { $0 + $1 }, try golden.floats("text.tokens"), 1e-6)

        let end = try golden.floats("text.block2").suffix(64)
        let text = reference.linear(
            reference.norm(Array(end), "text.norm_final", epsilon: 1e-5), "text.projection")
        expectClose(text, try golden.floats("text.embedding"), 1e-5)
        #expect(reference.values("logit_scale").count == 1)
    }
}

/// Expects the same tensors, bit for bit.
func expectEqual(_ found: FloatWeights, _ expected: FloatWeights) {
    #expect(found.tensors.keys.sorted() == expected.tensors.keys.sorted())
    for (name, tensor) in expected.tensors {
        #expect(found.tensors[name]?.shape == tensor.shape, "\(name)")
        #expect(found.tensors[name]?.values == tensor.values, "\(name)")
    }
}
