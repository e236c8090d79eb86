import CKernels
import Kernels
import Tensors

// Rows of float32: transformer blocks. Activations are quantised per row when a product needs them.
extension Compiler {
    /// The rows of value `index` as codes; quantised once, with the layer norm that made them where nothing
    /// else reads it.
    mutating func quantised(_ index: Int) throws(InferenceError) -> QuantisedRows {
        if let known = quantisedRows[index] { return known }
        let result = try quantise(index, rest: nil)
        quantisedRows[index] = result
        return result
    }

    /// Codes of the rows of value `index`; what they leave goes to `rest`.
    mutating func quantise(_ index: Int, rest: Program.BufferID?) throws(InferenceError) -> QuantisedRows {
        let node = graph.nodes[index], rows = node.shape[0], width = node.shape[1]
        let result = quantisedBuffers(rows: rows, width: width)
        var norm: Norm?
        var source = index
        if case .fused = locations[index], case .layerNorm(let epsilon) = node.operation {
            norm = normConstants[index].map { Norm(gain: $0.gain, shift: $0.shift, epsilon: epsilon) }
            source = node.inputs[0]
        }
        let from = self.rows(source), kernels = kernels
        let factors = try weights.factors(node.name, width: width).map { program.constant($0) }
        let uses = [from.buffer, result.codes, result.scale, result.zero] + (rest.map { [$0] } ?? [])
        program.call("\(node.name).quantise", uses: uses) { at in
            var r = unsafe ck_rows()
            unsafe r.in = UnsafePointer(at.floats(from.buffer, offset: from.offset))
            unsafe r.width = width
            unsafe r.in_stride = width
            if let norm {
                unsafe r.gain = UnsafePointer(at.floats(norm.gain))
                unsafe r.shift = UnsafePointer(at.floats(norm.shift))
                unsafe r.epsilon = norm.epsilon
            }
            if let factors { unsafe r.factors = UnsafePointer(at.floats(factors)) }
            unsafe r.codes = at.codes(result.codes)
            unsafe r.scale = at.floats(result.scale)
            unsafe r.zero = at.integers(result.zero)
            if let rest { unsafe r.rest = at.floats(rest) }
            return unsafe .quantiseRows(kernels, r, rows: rows)
        }
        return result
    }

    struct Norm {
        let gain: Program.ConstantID
        let shift: Program.ConstantID
        let epsilon: Float
    }

    mutating func compileLayerNorm(_ node: Graph.Node, _ index: Int, _ epsilon: Float) throws(InferenceError)
        -> Location
    {
        let width = node.shape[1]
        let gain = vector("\(node.name).weight", width), shift = vector("\(node.name).bias", width)
        normConstants[index] = (gain, shift)
        // Read by int8 products alone: it happens while their rows are quantised.
        let isFused =
            !outputs.contains(index)
            && consumers[index].allSatisfy { consumer in
                guard case .linear(let linear) = graph.nodes[consumer].operation else { return false }
                return !linear.isFloat && graph.nodes[consumer].inputs[0] == index
                    && graph.nodes[consumer].inputs.dropFirst().allSatisfy { $0 != index }
            }
        if isFused { return .fused }
        let from = rows(node.inputs[0]), count = node.shape[0], kernels = kernels
        let isInPlace = isLastUse(of: node.inputs[0], at: index) && from.offset == 0
        let out = isInPlace ? from.buffer : program.buffer(byteCount: count * width * 4)
        program.call(node.name, uses: [from.buffer, out]) { at in
            var r = unsafe ck_rows()
            unsafe r.in = UnsafePointer(at.floats(from.buffer, offset: from.offset))
            unsafe r.width = width
            unsafe r.in_stride = width
            unsafe r.gain = UnsafePointer(at.floats(gain))
            unsafe r.shift = UnsafePointer(at.floats(shift))
            unsafe r.epsilon = epsilon
            unsafe r.normalised = at.floats(out)
            unsafe r.normalised_stride = width
            return unsafe .layerNorm(kernels, r, rows: count)
        }
        return .rows(out, offset: 0)
    }

    mutating func compile(
        _ linear: Graph.Linear, _ node: Graph.Node, _ index: Int
    ) throws(InferenceError) -> Location {
        if linear.isFloat { return try compileFloat(linear, node, index) }
        if let second = feedForwardPartner(of: index) {
            fusedFirst[second] = index
            return .fused
        }
        if let first = fusedFirst[index] { return try compileFeedForward(first, node, index) }
        let product = product(node, linear)
        if linear.isFine { return try compileFine(product, node) }
        let input = try quantised(node.inputs[0])
        let target = residualTarget(node, index, columns: product.columns)
        multiply(node.name, node, product, input, to: target.out, residual: target.residual)
        return .rows(target.out, offset: 0)
    }

    /// The product of `node` from the codes `input`, plus `residual`, which may lie in `out`; `bias` is that of the
    /// product if nil.
    mutating func multiply(
        _ name: String, _ node: Graph.Node, _ product: Product, _ input: QuantisedRows,
        to out: Program.BufferID, residual: (buffer: Program.BufferID, offset: Int)?,
        bias: Program.ConstantID? = nil
    ) {
        let rows = node.shape[0], depth = graph.nodes[node.inputs[0]].shape[1], kernels = kernels
        // Blocks of at most 120 rows keep the codes of a block in L2 while the weights stream by once per
        // block.
        let blocks = (rows + 119) / 120, block = (rows + blocks - 1) / blocks
        let uses = [input.codes, input.scale, input.zero, out] + (residual.map { [$0.buffer] } ?? [])
        program.call(name, uses: uses) { at in
            var g = unsafe product.operands(at, rows: rows, depth: depth)
            unsafe g.a = UnsafePointer(at.codes(input.codes))
            unsafe g.row_scale = UnsafePointer(at.floats(input.scale))
            unsafe g.row_zero = UnsafePointer(at.integers(input.zero))
            unsafe g.block_rows = block
            unsafe g.row_width = block
            unsafe g.row_pitch = block * depth
            unsafe g.out = UnsafeMutableRawPointer(at.floats(out))
            if let bias { unsafe g.bias = UnsafePointer(at.floats(bias)) }
            if let residual {
                unsafe g.epilogue = CK_FLOAT_RESIDUAL
                unsafe g.residual = UnsafeRawPointer(at.floats(residual.buffer, offset: residual.offset))
                unsafe g.residual_stride = product.columns
            }
            return unsafe .gemm(kernels, g)
        }
    }

    /// The weights of a product as constants, and the operands that follow from them.
    struct Product {
        let packed: PackedMatrix
        let bias: Program.ConstantID
        let epilogue: ck_epilogue
        var columns: Int { packed.columns }

        func operands(_ at: Program.Addresses, rows: Int, depth: Int) -> ck_gemm {
            var g = unsafe ck_gemm()
            unsafe g.rows = rows
            unsafe g.row_width = rows
            unsafe g.row_stride = depth
            unsafe g.block_rows = rows
            unsafe g.segments = 1
            unsafe g.depth = depth
            unsafe g.b = UnsafeRawPointer(at.raw(packed.weights))
            unsafe g.columns = packed.columns
            unsafe g.epilogue = epilogue
            unsafe g.out_stride = packed.columns
            unsafe g.column_scale = UnsafePointer(at.floats(packed.scale))
            unsafe g.column_sum = UnsafePointer(at.integers(packed.integers))
            unsafe g.bias = UnsafePointer(at.floats(bias))
            return unsafe g
        }
    }

    mutating func product(_ node: Graph.Node, _ linear: Graph.Linear) -> Product {
        let width = node.shape[1], depth = graph.nodes[node.inputs[0]].shape[1]
        // A single row may have any width: what is behind it is padding.
        precondition(
            (width % KernelTable.lanes == 0 || node.shape[0] == 1) && depth % KernelTable.lanes == 0,
            "'\(node.name)' is \(node.shape[0]) x \(depth) x \(width)")
        let weights = weights
        let packed = pack(channels: width, runs: (1, depth, depth)) { () throws(InferenceError) in
            try weights.codes("\(node.name).weight", shape: [width, depth], axis: .first)
        }
        return Product(
            packed: packed, bias: bias(node, linear, padded: packed.columns), epilogue: linear.epilogue)
    }

    /// The floats `[count]` of tensor `name`.
    mutating func vector(_ name: String, _ count: Int) -> Program.ConstantID {
        let weights = weights
        return program.constant(count: count) { () throws(InferenceError) in
            try weights.floats(name, shape: [count])
        }
    }

    /// The bias of a product, zeros where it has none.
    private mutating func bias(_ node: Graph.Node, _ linear: Graph.Linear, padded: Int) -> Program.ConstantID
    {
        let weights = weights, width = node.shape[1]
        return program.constant(count: width, padded: padded) { () throws(InferenceError) in
            linear.hasBias
                ? try weights.floats("\(node.name).bias", shape: [width])
                : [Float](repeating: 0, count: width)
        }
    }

    /// Where a product goes: over its residual if nothing else reads that, else into a buffer of its own.
    mutating func residualTarget(_ node: Graph.Node, _ index: Int, columns: Int) -> (
        out: Program.BufferID, residual: (buffer: Program.BufferID, offset: Int)?,
        residualUse: [Program.BufferID]
    ) {
        guard node.inputs.count > 1 else {
            return (program.buffer(byteCount: node.shape[0] * columns * 4), nil, [])
        }
        let residual = rows(node.inputs[1])
        if isLastUse(of: node.inputs[1], at: index), residual.offset == 0 {
            return (residual.buffer, residual, [])
        }
        return (program.buffer(byteCount: node.shape[0] * columns * 4), residual, [residual.buffer])
    }

    /// The second product of a feed-forward block whose first is `index`: its only reader, with a residual.
    private func feedForwardPartner(of index: Int) -> Int? {
        guard case .linear(let first) = graph.nodes[index].operation, first.activation != .none,
            !outputs.contains(index),
            consumers[index].count == 1,
            case .linear(let second) = graph.nodes[consumers[index][0]].operation,
            second.isResidual, !second.isFloat, graph.nodes[index].shape[1] <= Int(CK_MLP_WIDTH)
        else { return nil }
        return consumers[index][0]
    }

    private mutating func compileFeedForward(
        _ firstIndex: Int, _ node: Graph.Node, _ index: Int
    ) throws(InferenceError) -> Location {
        let firstNode = graph.nodes[firstIndex]
        guard case .linear(let firstLinear) = firstNode.operation,
            case .linear(let secondLinear) = node.operation
        else {
            preconditionFailure("'\(node.name)' is no feed-forward block")
        }
        let first = product(firstNode, firstLinear), second = product(node, secondLinear)
        let input = try quantised(firstNode.inputs[0])
        let target = residualTarget(node, index, columns: second.columns)
        let rows = node.shape[0], depth = graph.nodes[firstNode.inputs[0]].shape[1],
            hidden = firstNode.shape[1]
        // Wide blocks stream the weights less often; a block's hidden rows must fit L2 with the panels.
        let most = depth >= 768 ? 60 : 64
        var blocks = (rows + most - 1) / most
        if threads > 1 { blocks = min((blocks + threads - 1) / threads * threads, rows) }
        let block = (rows + blocks - 1) / blocks
        let factors = try weights.factors(firstNode.name, width: hidden).map { program.constant($0) }
        let kernels = kernels
        program.call(
            node.name, uses: [input.codes, input.scale, input.zero, target.out] + target.residualUse
        ) { at in
            var mlp = unsafe ck_mlp()
            unsafe mlp.first = first.operands(at, rows: rows, depth: depth)
            unsafe mlp.first.a = UnsafePointer(at.codes(input.codes))
            unsafe mlp.first.row_scale = UnsafePointer(at.floats(input.scale))
            unsafe mlp.first.row_zero = UnsafePointer(at.integers(input.zero))
            unsafe mlp.second = second.operands(at, rows: rows, depth: hidden)
            unsafe mlp.second.out = UnsafeMutableRawPointer(at.floats(target.out))
            if let residual = target.residual {
                unsafe mlp.second.residual = UnsafeRawPointer(
                    at.floats(residual.buffer, offset: residual.offset))
                unsafe mlp.second.residual_stride = second.columns
            }
            unsafe mlp.rows = rows
            unsafe mlp.block_rows = block
            if let factors { unsafe mlp.factors = UnsafePointer(at.floats(factors)) }
            return unsafe .mlp(kernels, mlp)
        }
        return .rows(target.out, offset: 0)
    }

    private mutating func compileFloat(
        _ linear: Graph.Linear, _ node: Graph.Node, _ index: Int
    ) throws(InferenceError) -> Location {
        let width = node.shape[1], depth = graph.nodes[node.inputs[0]].shape[1], rows = node.shape[0]
        let columns = KernelTable.padded(width)
        let weights = weights
        let transposed = program.constant(count: depth * columns) { () throws(InferenceError) in
            let values = try weights.floats("\(node.name).weight", shape: [width, depth])
            var transposed = [Float](repeating: 0, count: depth * columns)
            for k in 0..<depth {
                for c in 0..<width { transposed[k * columns + c] = values[c * depth + k] }
            }
            return transposed
        }
        let shift = bias(node, linear, padded: columns)
        let from = self.rows(node.inputs[0]), kernels = kernels
        // The residual is read in whole vectors.
        precondition(!linear.isResidual || width % 16 == 0, "'\(node.name)' adds to rows of \(width)")
        let target = residualTarget(node, index, columns: width), out = target.out
        program.call(node.name, uses: [from.buffer, out] + target.residualUse) { at in
            var g = unsafe ck_f32_gemm()
            unsafe g.a = UnsafePointer(at.floats(from.buffer, offset: from.offset))
            unsafe g.rows = rows
            unsafe g.row_width = rows
            unsafe g.row_stride = depth
            unsafe g.segments = 1
            unsafe g.depth = depth
            unsafe g.b = UnsafePointer(at.floats(transposed))
            unsafe g.columns = width
            unsafe g.b_stride = columns
            unsafe g.block_rows = rows
            unsafe g.epilogue = linear.epilogue
            unsafe g.bias = UnsafePointer(at.floats(shift))
            unsafe g.out = at.floats(out)
            unsafe g.out_stride = width
            if let residual = target.residual {
                unsafe g.residual = UnsafePointer(at.floats(residual.buffer, offset: residual.offset))
                unsafe g.residual_stride = width
            }
            return unsafe .floatGemm(kernels, g)
        }
        return .rows(out, offset: 0)
    }
}

extension Graph.Linear {
    var epilogue: ck_epilogue {
        if isResidual { return CK_FLOAT_RESIDUAL }
        return switch activation {
        case .none: CK_FLOAT
        case .relu6: CK_FLOAT_RELU6
        case .gelu: CK_FLOAT_GELU
        case .quickGELU: CK_FLOAT_QUICK_GELU
        }
    }
}
