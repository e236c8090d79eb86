import CKernels
import Kernels
import Tensors

/// Turns a graph into a program of kernel calls for one instruction set.
///
/// Fused on the way: bias, activation, residual and requantisation into the product; layer norm into the
/// quantisation of its consumer's rows; the two products of a feed-forward block; attention as one operator.
/// Batch norm was folded on import.
struct Compiler {
    /// Where a value lies once its node has run.
    enum Location {
        /// Raw pixels `[height, width, 3]`.
        case pixels(Program.BufferID)
        /// u8 codes `[height * width, padded channels]`.
        case codes(Program.BufferID, QuantisationParameters)
        /// float32 `[height * width, padded channels]`.
        case map(Program.BufferID)
        /// float32 rows; the value begins `offset` floats into the buffer.
        case rows(Program.BufferID, offset: Int)
        /// Not computed by itself: part of its consumer.
        case fused
        case ids(Program.BufferID)
    }

    /// Rows quantised one by one: codes, scale and zero point.
    struct QuantisedRows {
        let codes: Program.BufferID
        let scale: Program.BufferID
        let zero: Program.BufferID
    }

    let graph: Graph
    let weights: any WeightSource
    let kernels: KernelTable
    let threads: Int
    var program = Program()
    var locations: [Location] = []
    var quantisedRows: [Int: QuantisedRows] = [:]
    /// The codes of the float map at a node.
    var quantisedMaps: [Int: MapCodes] = [:]
    /// Gain and shift of the layer norm at a node.
    var normConstants: [Int: (gain: Program.ConstantID, shift: Program.ConstantID)] = [:]
    /// The first product of the feed-forward block whose second is the key.
    var fusedFirst: [Int: Int] = [:]
    /// Zeros for up to `mostTokens` keys, then a mask: where attention finds the bias of its padded keys.
    var keyBias: Program.ConstantID?
    static let mostTokens = 4096
    let consumers: [[Int]]
    let outputs: Set<Int>

    init(_ graph: Graph, weights: any WeightSource, kernels: KernelTable, threads: Int) {
        self.graph = graph
        self.weights = weights
        self.kernels = kernels
        self.threads = threads
        consumers = graph.nodes.indices.map { graph.consumers(of: $0) }
        outputs = Set(graph.outputs.map(\.value))
    }

    mutating func compile() throws(InferenceError) {
        for index in graph.nodes.indices {
            let node = graph.nodes[index]
            let location: Location =
                switch node.operation {
                case .image: .pixels(program.input(byteCount: node.shape.reduce(1, *)))
                case .tokens: .ids(program.input(byteCount: node.shape[0] * 4))
                case .convolution(let convolution): try compile(convolution, node, index)
                case .depthwise(let convolution): try compileDepthwise(convolution, node)
                case .globalMean: compileGlobalMean(node)
                case .resize: compileResize(node)
                case .sequence: compileSequence(node)
                case .patches(let size, let normalisation): try compilePatches(node, size, normalisation)
                case .embeddings(let vocabulary, let hasTypes):
                    try compileEmbeddings(node, vocabulary, hasTypes)
                case .linear(let linear): try compile(linear, node, index)
                case .layerNorm(let epsilon): try compileLayerNorm(node, index, epsilon)
                case .attention(let heads, let isCausal, let isFine):
                    compileAttention(node, heads: heads, isCausal: isCausal, isFine: isFine)
                case .row(let choice): locateRow(node, choice)
                case .prompts(let count, let replaces):
                    compilePrompts(node, index, count: count, replaces: replaces)
                case .meanOfRows: compileMeanOfRows(node)
                case .l2Normalise: compileL2Normalise(node)
                }
            locations.append(location)
            if outputs.contains(index) { keep(location) }
        }
    }

    private mutating func keep(_ location: Location) {
        switch location {
        case .codes(let buffer, _), .rows(let buffer, _), .map(let buffer), .pixels(let buffer),
            .ids(let buffer):
            program.keep(buffer)
        case .fused: break
        }
    }

    /// Whether nothing reads the buffer of value `index` after node `node`, so that it may be written over:
    /// neither that value nor one that is a row of it or that it is a row of.
    func isLastUse(of index: Int, at node: Int) -> Bool {
        let source = rowSource(index)
        return graph.nodes.indices.allSatisfy { value in
            rowSource(value) != source
                || !outputs.contains(value) && consumers[value].allSatisfy { $0 <= node }
        }
    }

    /// The value in whose buffer value `index` lies: a row is not copied.
    private func rowSource(_ index: Int) -> Int {
        guard case .row = graph.nodes[index].operation else { return index }
        return rowSource(graph.nodes[index].inputs[0])
    }

    func rows(_ index: Int) -> (buffer: Program.BufferID, offset: Int) {
        guard case .rows(let buffer, let offset) = locations[index] else {
            preconditionFailure("'\(graph.nodes[index].name)' is not rows of floats")
        }
        return (buffer, offset)
    }

    /// The quantisation of the codes of value `index`; raw pixels are their own codes.
    func quantisation(of index: Int) throws(InferenceError) -> QuantisationParameters {
        let name = graph.nodes[index].name
        guard let parameters = weights.activation(name) else { throw .notCalibrated(node: name) }
        return parameters
    }
}

extension Compiler {
    /// Weights `[channels, depth]` padded to whole lanes of channels and whole runs, packed, with two
    /// numbers per padded column.
    struct PackedMatrix {
        let weights: Program.ConstantID
        let columns: Int
        let scale: Program.ConstantID
        /// Sums of the codes or what follows from them.
        let integers: Program.ConstantID
    }

    /// - Parameters:
    ///   - zeros: what each code of a row is multiplied with in the sums; ones for nil.
    ///   - runs: how each row of weights is cut: `count` runs of `depth` codes, each padded to `padded`.
    ///   - codes: reads the weights, when they are packed.
    ///   - numbers: the two numbers per padded column, made of its scale (0 for padding) and sum of codes.
    mutating func pack(
        channels: Int, runs: (count: Int, depth: Int, padded: Int), zeros: [Int32]? = nil,
        codes: @escaping () throws(InferenceError) -> QuantisedWeights,
        numbers: @escaping (_ scale: [Float], _ sums: [Int32]) throws(InferenceError) -> ([Float], [Int32]) =
            { ($0, $1) }
    ) -> PackedMatrix {
        let columns = KernelTable.padded(channels), depth = runs.count * runs.padded, kernels = kernels
        let bytes = [kernels.packedBytes(columns: columns, depth: depth), columns * 4, columns * 4]
        let made = unsafe program.constants(byteCounts: bytes) { targets throws(InferenceError) in
            let quantised = try codes(), rowDepth = runs.count * runs.depth
            var sums = [Int32](repeating: 0, count: columns)
            var spread = [Int8](repeating: 0, count: columns * depth)
            for channel in 0..<channels {
                for k in 0..<rowDepth {
                    sums[channel] += Int32(quantised.codes[channel * rowDepth + k]) * (zeros?[k] ?? 1)
                }
                for run in 0..<runs.count {
                    let from = channel * rowDepth + run * runs.depth, to = channel * depth + run * runs.padded
                    for k in 0..<runs.depth { spread[to + k] = quantised.codes[from + k] }
                }
            }
            unsafe kernels.pack(spread, columns: columns, depth: depth, to: targets[0])
            let padding = [Float](repeating: 0, count: columns - channels)
            let (scale, integers) = try numbers(quantised.scale + padding, sums)
            unsafe targets[1].store(scale)
            unsafe targets[2].store(integers)
        }
        return PackedMatrix(weights: made[0], columns: columns, scale: made[1], integers: made[2])
    }
}
