import AnomalyModels
import Tensors
import Testing

struct EfficientNetCheckpointTests {
    @Test(
        "the blocks have the published number, channels and parameters", arguments: EfficientNetLite.allCases)
    func blocks(network: EfficientNetLite) {
        let blocks = network.blocks
        #expect(blocks.count == [16, 21, 21][network.rawValue])
        #expect(blocks.reduce(1) { $0 * $1.stride } == 16, "and the stem makes it 32")
        #expect(zip(blocks, blocks.dropFirst()).allSatisfy { $0.outputChannels == $1.inputChannels })
        #expect(blocks.count { $0.hasResidual } == blocks.count - 7)

        // Weights without bias, and the gain and shift of every batch norm.
        var count = 32 * 27 + 64
        for block in blocks {
            let (input, inner, output) = (block.inputChannels, block.expandedChannels, block.outputChannels)
            if block.expands { count += (input + 2) * inner }
            count += (block.kernel * block.kernel + 2) * inner + (inner + 2) * output
        }
        count += (blocks[blocks.count - 1].outputChannels + 2) * 1280 + 1281 * 1000
        #expect((count + 500) / 1000 == [4652, 5417, 6092][network.rawValue])
    }

    @Test(
        "the published checkpoints, batch norms folded, give every golden tensor",
        .enabled(if: TestFiles.hasWeights, Comment(rawValue: TestFiles.weightsMissing)),
        arguments: [EfficientNetLite.lite0, .lite2])
    func golden(network: EfficientNetLite) throws {
        let folder = try #require(TestFiles.weights)
        let checkpoint = try CheckpointReader.read(
            path: "\(folder)/efficientnet_lite\(network.rawValue).safetensors", activation: nil)
        #expect(checkpoint.architecture == .efficientNetLite(network))
        let golden = try WeightFile(
            path: TestFiles.golden("efficientnet_lite\(network.rawValue).safetensors"))
        let layers = ReferenceLayers(checkpoint.weights)

        let image = try golden.uint8("image").map { (Float($0) - 127) / 128 }
        var map = FeatureMap(height: 64, width: 96, channels: 3, values: image)
        map = clipped(layers.convolve(map, "stem", stride: 2, isSame: true))
        expectClose(map.values, try golden.floats("stem"), 1e-5, "stem")
        var inner = map
        for (index, block) in network.blocks.enumerated() {
            let (name, entry) = ("block\(index)", map)
            if network.isMerged(index) {
                map = clipped(layers.pointwise(inner, name + ".expand"))
            } else if block.expands {
                map = clipped(layers.pointwise(map, name + ".expand"))
            }
            #expect(layers.has(name + ".expand.weight") == block.expands)
            map = clipped(layers.convolve(map, name + ".depthwise", stride: block.stride, isSame: true))
            inner = map
            map = layers.pointwise(map, name + ".project")
            if block.hasResidual { map.values = zip(map.values, entry.values).map { $0 + $1 } }
            expectClose(map.values, try golden.floats(name), 2e-5, name)
        }
        map = clipped(layers.pointwise(map, "head"))
        expectClose(map.values, try golden.floats("head"), 5e-5, "head")
        expectClose(
            layers.linear(try golden.floats("pooled"), "classifier"), try golden.floats("logits"), 1e-5)
    }

    private func clipped(_ map: FeatureMap) -> FeatureMap {
        var map = map
        map.values = map.values.map { min(max($0, 0), 6) }
        return map
    }
}
