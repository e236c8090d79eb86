import CKernels
import Kernels
import Tensors

// Maps in float32: the results of convolutions without an activation, which add up over blocks, and the first
// map of a network, which the depthwise convolution behind it reads out of cache. Rounding either to codes
// costs more accuracy than that of all other maps together.
extension Compiler {
    /// A map as codes, to be read by a product.
    struct MapCodes {
        let buffer: Program.BufferID
        let quantisation: QuantisationParameters
        /// What each channel's zero point is higher by; nil if nothing.
        let zeroOffsets: [Int32]?
    }

    /// The codes of the map or the pixels at node `index`; a float map is quantised once.
    mutating func codes(of index: Int) throws(InferenceError) -> MapCodes {
        if let known = quantisedMaps[index] { return known }
        let node = graph.nodes[index], quantisation = try quantisation(of: index)
        switch locations[index] {
        case .pixels(let buffer):
            return MapCodes(buffer: buffer, quantisation: quantisation, zeroOffsets: nil)
        case .codes(let buffer, let quantisation):
            return MapCodes(buffer: buffer, quantisation: quantisation, zeroOffsets: nil)
        case .map(let map):
            let codes = try quantised(map, node, quantisation)
            quantisedMaps[index] = codes
            return codes
        case .rows, .fused, .ids: preconditionFailure("'\(node.name)' is not an image")
        }
    }

    private mutating func quantised(
        _ map: Program.BufferID, _ node: Graph.Node, _ quantisation: QuantisationParameters
    ) throws(InferenceError) -> MapCodes {
        let channels = node.shape[2], columns = KernelTable.padded(channels),
            pixels = node.shape[0] * node.shape[1]
        let factors = try weights.factors(node.name, width: channels)
        let offsets = try weights.zeroOffsets(node.name, width: channels)?.map { Int32($0.rounded()) }
        let zero = Float(quantisation.zeroPoint)
        let padding = [Float](repeating: 0, count: columns - channels)
        let factor = program.constant(
            (0..<channels).map { (factors?[$0] ?? 1) / quantisation.scale } + padding)
        let zeros = program.constant((0..<channels).map { zero + Float(offsets?[$0] ?? 0) } + padding)
        let out = program.buffer(byteCount: pixels * columns), kernels = kernels
        program.call("\(node.name).quantise", uses: [map, out]) { at in
            var m = unsafe ck_map()
            unsafe m.in = UnsafePointer(at.floats(map))
            unsafe m.channels = columns
            unsafe m.factor = UnsafePointer(at.floats(factor))
            unsafe m.zero = UnsafePointer(at.floats(zeros))
            unsafe m.out = at.codes(out)
            return unsafe .quantiseMap(kernels, m, pixels: pixels)
        }
        return MapCodes(buffer: out, quantisation: quantisation, zeroOffsets: offsets)
    }

    /// A convolution whose result stays in float32; nil if it has an activation, or adds codes.
    mutating func compileMap(
        _ convolution: Graph.Convolution, _ node: Graph.Node
    ) throws(InferenceError) -> Location? {
        guard convolution.activation == .none else { return nil }
        var residual: Program.BufferID?
        if convolution.isResidual {
            guard case .map(let buffer) = locations[node.inputs[1]] else { return nil }
            residual = buffer
        }
        let product = try product(convolution, node, codesIn: nil)
        let out = program.buffer(byteCount: product.rows * product.columns * 4), kernels = kernels
        program.call(node.name, uses: [product.source, out] + (residual.map { [$0] } ?? [])) { at in
            var g = unsafe product.operands(at)
            unsafe g.epilogue = residual == nil ? CK_FLOAT : CK_FLOAT_RESIDUAL
            unsafe g.out = at.raw(out)
            if let residual {
                unsafe g.residual = UnsafeRawPointer(at.raw(residual))
                unsafe g.residual_stride = product.columns
            }
            return unsafe .gemm(kernels, g)
        }
        return .map(out)
    }

    /// The mean over the pixels of a float map.
    mutating func compileMeanOfMap(_ node: Graph.Node, _ map: Program.BufferID) -> Location {
        let from = graph.nodes[node.inputs[0]].shape, columns = KernelTable.padded(from[2])
        let out = program.buffer(byteCount: columns * 4), kernels = kernels
        program.call(node.name, uses: [map, out]) { at in
            var mean = unsafe ck_mean_of_rows()
            unsafe mean.in = UnsafePointer(at.floats(map))
            unsafe mean.rows = from[0] * from[1]
            unsafe mean.width = columns
            unsafe mean.in_stride = columns
            unsafe mean.out = at.floats(out)
            return unsafe .meanOfRows(kernels, mean)
        }
        return .rows(out, offset: 0)
    }

    /// A float map, scaled.
    mutating func compileResize(_ node: Graph.Node) -> Location {
        let from = graph.nodes[node.inputs[0]].shape, map = map(node.inputs[0]), shape = node.shape
        let channels = KernelTable.padded(shape[2])
        let out = program.buffer(byteCount: shape[0] * shape[1] * channels * 4), kernels = kernels
        program.call(node.name, uses: [map, out]) { at in
            unsafe .resize(
                kernels, UnsafePointer(at.floats(map)), height: from[0], width: from[1], channels: channels,
                to: at.floats(out), height: shape[0], width: shape[1])
        }
        return .map(out)
    }

    /// The buffer of the float map at node `index`.
    func map(_ index: Int) -> Program.BufferID {
        guard case .map(let buffer) = locations[index] else {
            preconditionFailure("'\(graph.nodes[index].name)' is no map of floats")
        }
        return buffer
    }

    /// Whether node `index` is the first convolution of a network, read by a depthwise one that it can be
    /// computed together with.
    func isStem(_ index: Int) -> Bool {
        let node = graph.nodes[index]
        guard case .convolution(let first) = node.operation, case .pixels = locations[node.inputs[0]],
            first.activation == .relu6, !first.isResidual, node.shape[2] % KernelTable.lanes == 0,
            node.shape[2] <= Int(CK_STEM_CHANNELS), !outputs.contains(index), consumers[index].count == 1,
            case .depthwise(let second) = graph.nodes[consumers[index][0]].operation
        else { return false }
        return second.kernel == 3 && second.stride == 1 && second.activation == .relu6
    }

    /// The first convolution of a network and the depthwise one, `node`, behind it.
    mutating func compileStem(_ node: Graph.Node) throws(InferenceError) -> Location {
        let stem = graph.nodes[node.inputs[0]], channels = node.shape[2]
        guard case .convolution(let convolution) = stem.operation else {
            preconditionFailure("'\(stem.name)' is no convolution")
        }
        guard let outside = weights.activation(node.name) else { throw .notCalibrated(node: node.name) }
        let product = try product(convolution, stem, codesIn: nil), weights = weights
        let taps = program.constant(count: 9 * channels) { () throws(InferenceError) in
            try weights.floats("\(node.name).weight", shape: [3, 3, channels])
        }
        let bias = vector("\(node.name).bias", channels)
        let out = program.buffer(byteCount: node.shape[0] * node.shape[1] * channels), kernels = kernels
        program.call(node.name, uses: [product.source, out]) { at in
            var s = unsafe ck_stem()
            unsafe s.first = product.operands(at)
            unsafe s.first.rows = node.shape[1]
            unsafe s.first.epilogue = CK_FLOAT_RELU6
            unsafe s.height = node.shape[0]
            unsafe s.weights = UnsafePointer(at.floats(taps))
            unsafe s.bias = UnsafePointer(at.floats(bias))
            unsafe s.scale = 1 / outside.scale
            unsafe s.high = outside.limits(.relu6).high
            unsafe s.out = at.codes(out)
            return unsafe .stem(kernels, s)
        }
        return .codes(out, outside)
    }
}
