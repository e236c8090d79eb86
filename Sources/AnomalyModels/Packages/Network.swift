package import Inference

/// A network whose graphs can be built: an architecture and what its weights do not show.
package struct Network: Sendable, Hashable {
    package let architecture: Architecture
    /// False for vision towers of DINO's shape, which have no norm in front of their blocks.
    package var hasPreNorm = true
    /// Nodes of the blocks that are computed more finely than in int8, by name; see `Graph.finer`.
    package var finer: Set<String> = []

    package init(_ architecture: Architecture, hasPreNorm: Bool = true, finer: Set<String> = []) {
        self.architecture = architecture
        self.hasPreNorm = hasPreNorm
        self.finer = finer
    }

    /// What a graph is built for.
    package enum Input: Sendable, Hashable, CustomStringConvertible {
        /// A square image with this side, in pixels.
        case image(side: Int)
        /// A text of this many tokens, those for begin and end included.
        case tokens(count: Int)

        package var description: String {
            switch self {
            case .image(let side): "\(side)x\(side) pixels"
            case .tokens(let count): "\(count) tokens"
            }
        }
    }

    /// Which values a graph hands out.
    package enum Outputs: Sendable {
        /// The classifier or the embedding alone.
        case last
        /// The methods' taps and the last.
        case taps
        /// Every block and the last, to compare two ways of computing.
        case blocks
    }

    /// What the network was trained on: the native image, or a text of 32 tokens.
    package var nativeInput: Input {
        switch architecture {
        case .efficientNetLite(let network): .image(side: network.nativeInput)
        case .liteVL: .image(side: Architecture.LiteVL.grid * Architecture.LiteVL.stride)
        case .miniLM: .tokens(count: 32)
        case .clip(let network): .image(side: network.vision.input)
        }
    }

    /// The input that `size` means: the side of an image, or a number of tokens where the network reads text
    /// only.
    package func input(size: Int) -> Input {
        if case .miniLM = architecture { .tokens(count: size) } else { .image(side: size) }
    }

    /// The graph for `input`. Throws `inputSize` if the network cannot read that.
    package func graph(_ input: Input, outputs: Outputs) throws(ModelError) -> Graph {
        try wholeInt8(input, outputs: outputs).finer(finer)
    }

    private func wholeInt8(_ input: Input, outputs: Outputs) throws(ModelError) -> Graph {
        switch (architecture, input) {
        case (.efficientNetLite(let network), .image(let side)):
            try require(32...4096 ~= side, input, "32 to 4096 pixels")
            let taps = outputs.indices(of: network.blocks.count, chosen: [])
            return network.graph(height: side, width: side, taps: taps.map { $0 - 1 }, hasClassifier: true)
        case (.miniLM(let network), .tokens(let count)):
            try require(2...network.positions ~= count, input, "2 to \(network.positions) tokens")
            return network.graph(tokens: count, taps: outputs.indices(of: network.layers, chosen: []))
        case (.clip(let network), .image(let side)):
            let patch = network.vision.patch
            let most = Self.mostPatches * patch
            try require(
                side.isMultiple(of: patch) && patch...most ~= side, input,
                "multiples of \(patch) up to \(most) pixels")
            return network.vision.graph(
                height: side, width: side, embeddingWidth: network.embeddingWidth,
                activation: network.activation,
                taps: outputs.indices(of: network.vision.layers, chosen: network.vision.defaultTaps),
                hasPreNorm: hasPreNorm)
        case (.clip(let network), .tokens(let count)):
            guard let text = network.text else { throw .inputSize(found: "\(input)", allowed: "images only") }
            try require(2...text.contextLength ~= count, input, "2 to \(text.contextLength) tokens")
            return text.graph(
                tokens: count, embeddingWidth: network.embeddingWidth, activation: network.activation,
                taps: outputs.indices(of: text.layers, chosen: []))
        case (.liteVL(let network), .image(let side)):
            try require(
                side.isMultiple(of: 32) && 64...Self.mostPatches / 2 * 32 ~= side, input,
                "multiples of 32 from 64 to \(Self.mostPatches / 2 * 32) pixels")
            return network.graph(
                height: side, width: side,
                taps: outputs.indices(of: network.layers, chosen: Array(1...max(network.layers, 1))))
        case (.efficientNetLite, .tokens), (.liteVL, .tokens):
            throw .inputSize(found: "\(input)", allowed: "images only")
        case (.miniLM, .image):
            throw .inputSize(found: "\(input)", allowed: "texts only")
        }
    }

    /// The graphs that together read every tensor of the network.
    package func allGraphs() throws(ModelError) -> [Graph] {
        var graphs = [try graph(nativeInput, outputs: .blocks)]
        if case .clip(let network) = architecture, let text = network.text {
            graphs.append(try graph(.tokens(count: text.contextLength), outputs: .last))
        }
        return graphs
    }

    /// Patches along a side; attention is built for 4096 tokens.
    private static let mostPatches = 63

    private func require(_ fits: Bool, _ input: Input, _ allowed: String) throws(ModelError) {
        guard fits else { throw .inputSize(found: "\(input)", allowed: allowed) }
    }
}

extension Network.Outputs {
    /// The blocks that are taps, counted from 1.
    fileprivate func indices(of count: Int, chosen: [Int]) -> [Int] {
        switch self {
        case .last: []
        case .taps: chosen
        case .blocks: Array(1...max(count, 1))
        }
    }
}
