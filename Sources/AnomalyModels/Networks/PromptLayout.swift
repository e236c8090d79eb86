/// Where the prompts of AdaCLIP-E stand in a vision tower, and where its tokens are read (METHODS.md 3.4, item 1).
///
/// LiteVL: prompts are appended to the tokens in front of block 0 and replaced in front of blocks 1 and 2, tokens are
/// read after every block. CLIP: appended in front of block 3, replaced in front of the next three, read after each
/// quarter of the blocks. Towers of fewer blocks begin at the end of their first quarter.
package struct PromptLayout: Sendable, Hashable {
    /// What the prompts are made of.
    package enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
        /// There are none.
        case none
        /// Learned rows, the same for every image.
        case fixed = "static"
        /// The same, plus rows that follow from the class token in front of the first of them.
        case dynamic
    }

    package let kind: Kind
    /// The block in front of which they are appended, counted from 0.
    package let first: Int
    /// Blocks with prompts of their own.
    package let blocks: Int
    /// Blocks already run where tokens are read.
    package let taps: [Int]
    /// Numbers of a token, and of the space of sentences.
    package let width: Int
    package let embeddingWidth: Int
    package let heads: Int
    package let layers: Int
    package let activation: Architecture.Activation

    /// Prompts in a block.
    package static let count = 5
    /// Numbers by which the image changes the columns of the class.
    package static let conditionWidth = 16
    /// Of every norm in the towers and of the prompts' own.
    package static let epsilon: Float = 1e-5

    /// Prompts in LiteVL.
    package init(_ network: Architecture.LiteVL, kind: Kind) {
        self.kind = kind
        (first, blocks, taps) = (0, min(3, network.layers), Array(1...max(network.layers, 1)))
        (width, embeddingWidth) = (network.width, network.embeddingWidth)
        (heads, layers, activation) = (network.heads, network.layers, .quickGELU)
    }

    /// Prompts in the vision tower of a CLIP.
    package init(_ network: Architecture.Clip, kind: Kind) {
        self.kind = kind
        let vision = network.vision
        first = min(3, vision.layers / 4)
        (blocks, taps) = (min(4, vision.layers - first), vision.defaultTaps)
        (width, embeddingWidth) = (vision.width, network.embeddingWidth)
        (heads, layers, activation) = (vision.heads, vision.layers, network.activation)
    }

    /// Prompts in a tower of `network`; nil if it has no blocks that see, or too few.
    package init?(_ network: Network, kind: Kind) {
        switch network.architecture {
        case .liteVL(let liteVL) where liteVL.layers > 0: self.init(liteVL, kind: kind)
        case .clip(let clip) where clip.vision.layers >= 4 && network.hasPreNorm: self.init(clip, kind: kind)
        case .clip, .liteVL, .efficientNetLite, .miniLM: return nil
        }
    }

    /// The shapes of the tensors that the graph reads beside those of the tower.
    package var shapes: [(name: String, shape: [Int])] {
        var shapes: [(String, [Int])] = []
        if kind == .dynamic {
            shapes = [
                ("prompts.norm.weight", [width]), ("prompts.norm.bias", [width]),
                ("prompts.dynamic.weight", [Self.count * width, width]),
                ("prompts.dynamic.bias", [Self.count * width]),
            ]
        }
        if kind != .none {
            shapes += (0..<blocks).map { ("prompts.block\($0)", [Self.count, width]) }
        }
        for tap in taps {
            shapes += [
                ("prompts.tap\(tap).weight", [embeddingWidth, width]),
                ("prompts.tap\(tap).bias", [embeddingWidth]),
            ]
        }
        return shapes + [
            ("prompts.image.weight", [embeddingWidth, embeddingWidth]),
            ("prompts.image.bias", [embeddingWidth]),
            ("prompts.condition.weight", [Self.conditionWidth, embeddingWidth]),
        ]
    }
}
