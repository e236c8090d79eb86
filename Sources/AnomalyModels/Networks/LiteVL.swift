package import Inference

extension Architecture {
    /// An EfficientNet-Lite trunk up to the end of its sixth stage, and a few transformer blocks on tokens of
    /// stride 16 that meet sentences in one space (METHODS.md 2.2 b). It is not CLIP: the trunk saw ImageNet,
    /// the blocks what this project's recipe says.
    package struct LiteVL: Sendable, Hashable {
        package static let normEpsilon: Float = 1e-5
        /// Tokens along a side of the native input, which is 16 times as many pixels.
        package static let grid = 16
        package static let stride = 16

        package let trunk: EfficientNetLite
        /// A multiple of 64.
        package let width: Int
        package let layers: Int
        /// That of the sentences.
        package let embeddingWidth: Int

        package init(trunk: EfficientNetLite, width: Int, layers: Int, embeddingWidth: Int = MiniLM.width) {
            (self.trunk, self.width, self.layers) = (trunk, width, layers)
            self.embeddingWidth = embeddingWidth
        }

        package var heads: Int { width / 64 }

        /// The trunk's blocks whose results have the strides 8, 16 and 32.
        package var trunkTaps: [Int] {
            let blocks = trunk.blocks
            let ends = blocks.indices.filter { $0 + 1 == blocks.count || blocks[$0 + 1].stride == 2 }
            // Stages 1, 2, 3, 5; the last stage does not change the stride, so the sixth ends before it.
            return [ends[2], ends[3], blocks.count - 2]
        }

        /// Channels of the maps of `trunkTaps`.
        package var trunkChannels: [Int] { trunkTaps.map { trunk.blocks[$0].outputChannels } }
    }
}

extension Architecture.LiteVL {
    /// The network on RGB pixels `[height, width, 3]`, sides multiples of 32.
    ///
    /// Tokens are the sum of three products: of the 2 x 2 pixels of stride 8, of the pixel of stride 16, and of the
    /// map of stride 32 doubled bilinearly, which is the product of their concatenation (a product and a bilinear
    /// resize may change places). The class token is the sum of a product of the mean of each of these maps.
    ///
    /// The embedding is what the class token says, plus `vision.names`: a product of the mean of the trunk's last map,
    /// which holds what the trunk's own classifier knows (`NamedClasses`).
    ///
    /// Outputs: the trunk's maps `block{i}` of `trunkTaps`; `vision.tap{n}`, n blocks already run, `[1 + tokens,
    /// width]`, class token first, for `taps`; `vision.embedding` `[1, embeddingWidth]`, not normalised.
    ///
    /// With `prompts` these stand among the tokens, and the outputs of `PromptGraph` are added.
    package func graph(
        height: Int, width pixels: Int, taps: [Int], trunkTaps shown: [Int]? = nil,
        prompts: PromptLayout? = nil
    ) -> Graph {
        var g = Graph()
        let (s8, s16, s32) = (trunkTaps[0], trunkTaps[1], trunkTaps[2])
        let last = trunk.blocks.count - 1
        let maps = trunk.addTrunk(to: &g, height: height, width: pixels, keeping: trunkTaps + [last])
        for tap in shown ?? trunkTaps {
            if let map = maps[tap] { g.output(map, as: "block\(tap)") }
        }
        guard let fine = maps[s8], let middle = maps[s16], let coarse = maps[s32], let end = maps[last] else {
            preconditionFailure("the trunk lacks one of the blocks \(trunkTaps)")
        }
        let head = g.convolution(
            end, "head", kernel: 1, stride: 1, channels: EfficientNetLite.headChannels, activation: .relu6)
        let names = g.linear(
            g.globalMean(head, "pooled"), "vision.names", width: embeddingWidth, hasBias: false)
        let shape = g.shape(of: middle)
        let small = g.convolution(
            coarse, "neck.s32", kernel: 1, stride: 1, channels: width, activation: .none)
        let doubled = g.resize(small, "neck.doubled", height: shape[0], width: shape[1])
        let sum = g.convolution(
            middle, "neck.s16", kernel: 1, stride: 1, channels: width, activation: .none, residual: doubled)
        let map = g.convolution(
            fine, "neck.s8", kernel: 2, stride: 2, channels: width, activation: .none, residual: sum)
        var token = g.linear(
            g.globalMean(coarse, "neck.mean32"), "neck.class32", width: width, isFloat: true)
        for (map, stride) in [(middle, 16), (fine, 8)] {
            token = g.linear(
                g.globalMean(map, "neck.mean\(stride)"), "neck.class\(stride)", width: width, residual: token,
                hasBias: false, isFloat: true)
        }
        var x = g.sequence(token, map, "vision")
        x = g.layerNorm(x, "vision.norm_pre", epsilon: Self.normEpsilon)
        x = TransformerBlocks(width: width, heads: heads, activation: .quickGELU, epsilon: Self.normEpsilon)
            .preNorm(
                &g, x, layers: layers, prefix: "vision.", isCausal: false, taps: taps,
                prompts: prompts.map { PromptGraph($0, tokens: shape[0] * shape[1]) })
        let row = g.layerNorm(
            g.firstRow(x, "vision.class_row"), "vision.norm_post", epsilon: Self.normEpsilon)
        let embedding = g.linear(
            row, "vision.projection", width: embeddingWidth, residual: names, hasBias: false, isFloat: true)
        g.output(embedding, as: "vision.embedding")
        if prompts != nil { PromptGraph.finish(embedding, &g) }
        return g
    }
}
