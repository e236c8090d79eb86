package import Imaging
package import Inference
import Kernels
package import ModelPackages
package import Tensors

/// A tower with the prompts of a head among its tokens, for images of one size.
package struct PromptedTower {
    package let layout: PromptLayout
    package let graph: Graph
    /// Tokens across and down.
    package let grid: Size
    /// What describes the patches of the image, for their rarity.
    package let taps: [PatchTap]
    private let network: Network

    /// Throws `inputSize` if the tower cannot read images of `size`, `unknownArchitecture` if `package` is no tower.
    ///
    /// - Parameter showsTokens: whether the tokens behind every tap are outputs, `vision.tap{n}`, prompts behind them.
    package init(
        _ package: ModelPackage, kind: PromptLayout.Kind, size: Size, showsTokens: Bool = false
    ) throws(ModelError) {
        network = try Network(of: package)
        guard let layout = PromptLayout(network, kind: kind) else {
            throw .unknownArchitecture(
                directory: package.directory, found: package.manifest.architecture,
                known: ["clip-vit", "litevl"])
        }
        self.layout = layout
        let stride = try Self.stride(of: network, size)
        grid = Size(width: size.width / stride, height: size.height / stride)
        (graph, taps) = Self.made(network, layout, size, showsTokens)
    }

    /// Pixels from one token to the next.
    private static func stride(of network: Network, _ size: Size) throws(ModelError) -> Int {
        var step = 32, stride = Architecture.LiteVL.stride, least = 64
        if case .clip(let clip) = network.architecture {
            (step, stride, least) = (clip.vision.patch, clip.vision.patch, 2 * clip.vision.patch)
        }
        let most = 63 * stride / step * step
        guard [size.width, size.height].allSatisfy({ least...most ~= $0 && $0 % step == 0 && $0 % 2 == 0 })
        else {
            throw .inputSize(
                found: "\(size) pixels", allowed: "even multiples of \(step) from \(least) to \(most) pixels")
        }
        return stride
    }

    private static func made(
        _ network: Network, _ layout: PromptLayout, _ size: Size, _ showsTokens: Bool
    ) -> (Graph, [PatchTap]) {
        let shown = showsTokens ? layout.taps : []
        switch network.architecture {
        case .liteVL(let liteVL):
            let graph = liteVL.graph(height: size.height, width: size.width, taps: shown, prompts: layout)
            return (graph.finer(network.finer), liteVL.trunk.patchTaps)
        case .clip(let clip):
            let graph = clip.vision.graph(
                height: size.height, width: size.width, embeddingWidth: clip.embeddingWidth,
                activation: clip.activation, taps: showsTokens ? shown : [layout.taps[1]],
                hasPreNorm: network.hasPreNorm,
                prompts: layout)
            let tap = PatchTap(
                name: "tap\(layout.taps[1])", output: "vision.tap\(layout.taps[1])", tokens: 1,
                stride: clip.vision.patch, channels: layout.width, capacity: 4000, weight: 1)
            return (graph.finer(network.finer), [tap])
        case .efficientNetLite, .miniLM: preconditionFailure("no tower")
        }
    }

    /// The trunk that runs this graph with the weights of `package` and of `head`. Blocks. Throws `weights` if these do
    /// not fit.
    func trunk(
        _ package: ModelPackage, _ head: PromptedHead, size: Size, kernels: KernelTable, pool: TensorPool
    ) throws(ModelError) -> PatchTrunk {
        try PatchTrunk(
            package, graph, PromptedSource(PackageSource(package), head.weights, grid: grid), taps: taps,
            size: size, kernels: kernels, pool: pool)
    }
}

/// The weights of a tower and, under names that begin with `prompts.`, of a head.
package struct PromptedSource: WeightSource {
    private let tower: any WeightSource
    private let head: FloatSource
    private let grid: Size

    /// - Parameter grid: tokens across and down, which the tower's positions are resized to.
    package init(_ tower: any WeightSource, _ head: FloatWeights, grid: Size) {
        (self.tower, self.head, self.grid) = (tower, FloatSource(head), grid)
    }

    private static func isHead(_ name: String) -> Bool { name.hasPrefix("prompts.") }

    package func floats(_ name: String, shape: [Int]) throws(InferenceError) -> [Float] {
        if Self.isHead(name) { return try head.floats(name, shape: shape) }
        guard name == "vision.positions" else { return try tower.floats(name, shape: shape) }
        let width = shape[1], stored = try tower.table(name, width: width)
        let side = Int(Double(stored.count / width - 1).squareRoot().rounded())
        guard (side * side + 1) * width == stored.count else {
            throw .wrongShape(name: name, expected: shape, found: [stored.count / width, width])
        }
        guard grid.width != side || grid.height != side else { return stored }
        return PositionalEmbedding.resized(
            stored, width: width, from: (rows: side, columns: side),
            to: (rows: grid.height, columns: grid.width))
    }

    package func codes(_ name: String, shape: [Int], axis: ChannelAxis) throws(InferenceError)
        -> QuantisedWeights
    {
        try Self.isHead(name)
            ? head.codes(name, shape: shape, axis: axis) : tower.codes(name, shape: shape, axis: axis)
    }

    package func table(_ name: String, width: Int) throws(InferenceError) -> [Float] {
        try tower.table(name, width: width)
    }

    package func factors(_ name: String, width: Int) throws(InferenceError) -> [Float]? {
        try Self.isHead(name) ? nil : tower.factors(name, width: width)
    }

    package func zeroOffsets(_ name: String, width: Int) throws(InferenceError) -> [Float]? {
        try Self.isHead(name) ? nil : tower.zeroOffsets(name, width: width)
    }

    package func activation(_ name: String) -> QuantisationParameters? {
        Self.isHead(name) ? nil : tower.activation(name)
    }
}
