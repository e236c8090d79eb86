public import Kernels
import Tensors

/// Executes a graph in float32 as it is written, node by node: what the int8 `Session` is compared with.
///
/// Nothing is fused or quantised; functions are those of the C library (the exact error function for GELU),
/// sums of norms and means run in double. Products run on the float kernels, which give the same bits on
/// every instruction set. Made for tests, calibration and `linewatch model verify`: it allocates, and one
/// instance serves one thread.
public final class ReferenceSession {
    public let graph: Graph
    let kernels: KernelTable
    private let layers: [Layer]
    private let keepsAll: Bool
    private let lastUse: [Int]
    private let imageScale: QuantisationParameters
    var values: [FloatBuffer?]
    /// The input as it was given: raw pixels or token ids.
    var pixels: [UInt8] = []
    var ids: [Int32] = []

    /// The weights of a node in the form that its execution reads.
    enum Layer {
        case none
        case product(FloatProduct)
        case depthwise(weights: FloatBuffer, bias: FloatBuffer)
        case norm(gain: [Float], shift: [Float])
        case patches(FloatProduct, positions: [Float])
        case positions([Float])
        case embeddings(words: [Float], positions: [Float])
    }

    /// Reads all weights of `graph`; throws what `weights` throws for one that is missing or has another
    /// shape.
    ///
    /// Pixels enter a convolution as `(value - zero point) * scale` with the quantisation that `weights` has
    /// for `image`, or (v - 127) / 128 if it has none.
    /// - Parameter keepsAll: whether `value(of:)` can read every node after a run; otherwise only outputs are
    /// kept.
    public init(
        _ graph: Graph, weights: any WeightSource, kernels: KernelTable, keepsAll: Bool
    ) throws(InferenceError) {
        self.graph = graph
        self.kernels = kernels
        self.keepsAll = keepsAll
        imageScale = weights.activation("image") ?? QuantisationParameters(scale: 1 / 128, zeroPoint: 127)
        var layers: [Layer] = []
        for node in graph.nodes { layers.append(try Layer(node, of: graph, weights: weights)) }
        self.layers = layers
        let outputs = Set(graph.outputs.map(\.value))
        lastUse = graph.nodes.indices.map { index in
            outputs.contains(index) ? Int.max : graph.consumers(of: index).last ?? index
        }
        values = graph.nodes.map { _ in nil }
    }

    /// Computes all nodes from RGB pixels `[height, width, 3]`.
    ///
    /// - Precondition: `image` has as many bytes as the graph's input.
    public func run(image: [UInt8]) { unsafe run(image: image) { _, _ in } }

    /// Computes all nodes from token ids.
    ///
    /// - Precondition: as many ids as the graph's input, each below the vocabulary size.
    public func run(tokens: [Int32]) {
        precondition(
            tokens.count == graph.nodes[0].shape[0], "\(tokens.count) tokens for \(graph.nodes[0].shape)")
        ids = tokens
        unsafe run { _, _ in }
    }

    /// The value of the node called `name`, row-major in its shape; nil if there is none or it was not kept.
    public func value(of name: String) -> [Float]? {
        graph.nodes.firstIndex { $0.name == name }.flatMap { values[$0]?.array }
    }

    /// Output `name`, row-major in its shape; nil if there is none.
    public func output(_ name: String) -> [Float]? {
        graph.outputs.first { $0.name == name }.flatMap { values[$0.value]?.array }
    }

    /// Computes all nodes and shows each value to `visit` as soon as it is there: for statistics over many
    /// inputs.
    package func run(image: [UInt8], visit: (Graph.Node, UnsafeMutableBufferPointer<Float>) -> Void) {
        precondition(
            image.count == graph.nodes[0].shape.reduce(1, *),
            "\(image.count) bytes for \(graph.nodes[0].shape)")
        pixels = image
        unsafe run(visit)
    }

    package func run(tokens: [Int32], visit: (Graph.Node, UnsafeMutableBufferPointer<Float>) -> Void) {
        ids = tokens
        unsafe run(visit)
    }

    private func run(_ visit: (Graph.Node, UnsafeMutableBufferPointer<Float>) -> Void) {
        for index in graph.nodes.indices {
            let node = graph.nodes[index]
            let value = execute(node, layers[index])
            unsafe visit(node, value.values)
            values[index] = value
            if keepsAll { continue }
            for input in node.inputs where lastUse[input] == index { values[input] = nil }
        }
    }

    private func execute(_ node: Graph.Node, _ layer: Layer) -> FloatBuffer {
        switch (node.operation, layer) {
        case (.image, _):
            FloatBuffer(pixels.map { Float(Int32($0) - imageScale.zeroPoint) * imageScale.scale })
        case (.tokens, _): FloatBuffer(ids.map { Float($0) })
        case (.convolution(let convolution), .product(let product)): convolve(node, convolution, product)
        case (.depthwise(let convolution), .depthwise(let weights, let bias)):
            depthwise(node, convolution, weights, bias)
        case (.globalMean, _): meanOfRows(node)
        case (.resize, _): resize(node)
        case (.sequence, .positions(let positions)): sequence(node, positions)
        case (.patches(let size, let normalisation), .patches(let product, let positions)):
            patches(node, size, normalisation, product, positions)
        case (.embeddings, .embeddings(let words, let positions)): embed(node, words, positions)
        case (.linear(let linear), .product(let product)): self.linear(node, linear, product)
        case (.layerNorm(let epsilon), .norm(let gain, let shift)): layerNorm(node, epsilon, gain, shift)
        case (.attention(let heads, let isCausal, _), _): attention(node, heads: heads, isCausal: isCausal)
        case (.row(let choice), _): row(node, choice)
        case (.prompts(let count, _), .positions(let fixed)): prompts(node, count, fixed)
        case (.meanOfRows, _): meanOfRows(node)
        case (.l2Normalise, _): l2Normalise(node)
        default: preconditionFailure("'\(node.name)' has the weights of another operation")
        }
    }

    /// Value and shape of input `position` of `node`.
    func input(_ node: Graph.Node, _ position: Int = 0) -> (buffer: FloatBuffer, shape: [Int]) {
        let index = node.inputs[position]
        guard let buffer = values[index] else {
            preconditionFailure("'\(graph.nodes[index].name)' was not computed")
        }
        return (buffer, graph.nodes[index].shape)
    }

    func newValue(_ node: Graph.Node) -> FloatBuffer { FloatBuffer(count: node.shape.reduce(1, *)) }
}
