/// What a network computes: nodes in the order of execution, each a value of a fixed shape.
///
/// A graph is built by Swift code that knows the architecture. It says nothing about number formats: compiled
/// it runs in int8
/// (`CompiledModel`), interpreted in float32 (`ReferenceSession`). Weights are found by name: node
/// `block0.expand` reads
/// `block0.expand.weight` and `block0.expand.bias`.
///
/// Values are images `[height, width, channels]`, channel-last, or rows `[rows, width]`.
public struct Graph: Sendable {
    /// A value: the position of the node that computes it.
    public struct Value: Hashable, Sendable {
        package let index: Int
    }

    package struct Node: Sendable {
        package let name: String
        package let operation: Operation
        package let inputs: [Int]
        package let shape: [Int]
    }

    package private(set) var nodes: [Node] = []
    package private(set) var outputs: [(name: String, value: Int)] = []

    public init() {}

    /// The shape of a value: `[height, width, channels]` or `[rows, width]`.
    public func shape(of value: Value) -> [Int] { nodes[value.index].shape }

    /// The shape of the input: `[height, width, 3]` pixels or `[count]` token ids.
    public var inputShape: [Int] { nodes.first?.shape ?? [] }

    /// Names the value that node `name` computes as an output called like it; nothing if there is none.
    package mutating func outputNode(_ name: String) {
        guard let index = nodes.firstIndex(where: { $0.name == name }) else { return }
        outputs.append((name, index))
    }

    /// Names `value` as an output of the network. The compiler keeps it until the end of a run.
    public mutating func output(_ value: Value, as name: String) {
        outputs.append((name, value.index))
    }

    package mutating func append(_ name: String, _ operation: Operation, _ inputs: [Value], shape: [Int])
        -> Value
    {
        nodes.append(Node(name: name, operation: operation, inputs: inputs.map(\.index), shape: shape))
        return Value(index: nodes.count - 1)
    }

    /// The same graph with the nodes called `names` computed more finely than in int8: linear layers in float32,
    /// attention with probabilities of 16 bits. Names of no node, and of others, change nothing.
    package func finer(_ names: Set<String>) -> Graph {
        var graph = self
        for (index, node) in nodes.enumerated() where names.contains(node.name) {
            let operation: Operation
            switch node.operation {
            case .linear(let linear):
                operation = .linear(
                    Linear(
                        activation: linear.activation, isResidual: linear.isResidual, hasBias: linear.hasBias,
                        isFloat: true, isFine: false))
            case .attention(let heads, let isCausal, _):
                operation = .attention(heads: heads, isCausal: isCausal, isFine: true)
            default: continue
            }
            graph.nodes[index] = Node(
                name: node.name, operation: operation, inputs: node.inputs, shape: node.shape)
        }
        return graph
    }

    /// The nodes that read `index`, in order.
    package func consumers(of index: Int) -> [Int] {
        nodes.indices.filter { nodes[$0].inputs.contains(index) }
    }
}

/// What is applied to the result of a product before it is stored.
public enum Activation: String, Sendable, Codable {
    case none, relu6, gelu
    /// x * sigmoid(1.702 x), which OpenAI's CLIP was trained with.
    case quickGELU = "quickgelu"
}

extension Graph {
    package enum Operation: Sendable {
        /// u8 pixels `[height, width, 3]`, RGB.
        case image
        /// Token ids `[count]`.
        case tokens
        case convolution(Convolution)
        case depthwise(Convolution)
        /// Mean over all pixels: `[1, channels]`.
        case globalMean
        /// Bilinear, pixel centres on pixel centres, of a map without an activation.
        case resize
        /// A row, then the pixels of a map as rows, positions added: `[1 + pixels, channels]`.
        case sequence
        /// Patches of the image times weights, class token in front, positions added: `[1 + patches, width]`.
        case patches(size: Int, normalisation: PixelNormalisation)
        /// Rows of the word table plus positions (plus type 0 where `hasTypes`).
        case embeddings(vocabulary: Int, hasTypes: Bool)
        case linear(Linear)
        case layerNorm(epsilon: Float)
        /// Input `[rows, 3 * width]` = [q | k | v]; with `isFine`, probabilities have 16 bits in place of 8.
        case attention(heads: Int, isCausal: Bool, isFine: Bool)
        /// One row, or several in a row: a part of the input, which is not copied.
        case row(RowChoice)
        /// Rows and then prompts `[count, width]`: behind all of them, or in the place of the last `count`.
        case prompts(count: Int, replaces: Bool)
        case meanOfRows
        case l2Normalise
    }

    package struct Convolution: Sendable {
        package let kernel: Int
        package let stride: Int
        package let activation: Activation
        package let isResidual: Bool

        /// Padding before the first row by the SAME rule: the odd pixel goes below and right.
        package func padding(_ size: Int) -> (before: Int, output: Int) {
            let output = (size + stride - 1) / stride
            return (max((output - 1) * stride + kernel - size, 0) / 2, output)
        }
    }

    package struct Linear: Sendable {
        package let activation: Activation
        package let isResidual: Bool
        package let hasBias: Bool
        /// Kept in float32: small products at the end of a network, and exceptions (`Graph.finer`).
        package let isFloat: Bool
        /// Its rows are read in 16 bits, two codes for each value: where they have no norm that evens them out.
        package let isFine: Bool
    }

    package enum RowChoice: Sendable {
        case first, last
        /// As many as the result has, from this one on.
        case from(Int)
    }
}

/// Maps a u8 pixel to what the network was trained on: (value * scale - mean) / deviation, per RGB channel.
public struct PixelNormalisation: Hashable, Sendable, Codable {
    public let scale: Float
    public let mean: [Float]
    public let deviation: [Float]

    public init(scale: Float, mean: [Float], deviation: [Float]) {
        self.scale = scale
        self.mean = mean
        self.deviation = deviation
    }

    /// (value - 127) / 128: EfficientNet-Lite.
    public static let symmetric = PixelNormalisation(
        scale: 1, mean: [127, 127, 127], deviation: [128, 128, 128])

    /// CLIP's mean and deviation of values in 0...1.
    public static let clip = PixelNormalisation(
        scale: 1 / 255, mean: [0.48145466, 0.4578275, 0.40821073],
        deviation: [0.26862954, 0.26130258, 0.27577711])
}
