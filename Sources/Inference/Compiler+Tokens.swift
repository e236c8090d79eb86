import CKernels
import Kernels
import Tensors

// The two ends of a transformer, where pixels or token ids become rows and rows become an embedding; and
// attention.
extension Compiler {
    /// Patches times weights. Normalisation of the pixels is folded into weights and bias, so that raw bytes
    /// are read.
    ///
    /// y = sum w (v scale - mean) / dev = sum w' (v - 115) + sum w' 115 - sum w mean / dev with w' = w scale
    /// / dev: codes have the zero point 115, near the mean of photographs, which keeps the rounding error of
    /// w' small.
    mutating func compilePatches(
        _ node: Graph.Node, _ size: Int, _ normalisation: PixelNormalisation
    ) throws(InferenceError) -> Location {
        let image = graph.nodes[node.inputs[0]].shape, width = node.shape[1], zero: Int32 = 115
        let run = size * 3, padded = (run + 3) / 4 * 4, patchRow = image[1] / size, count = node.shape[0] - 1
        let weights = weights
        let values = { () throws(InferenceError) in
            try weights.floats("\(node.name).patch.weight", shape: [width, size, size, 3])
        }
        let packed = pack(channels: width, runs: (size, run, padded)) { () throws(InferenceError) in
            let scaled = normalisation.scaled(try values())
            return QuantisedWeights(quantising: scaled, channels: width, axis: .first)
        } numbers: { (scale, sums) throws(InferenceError) in
            (scale, sums.map { -zero * $0 })
        }
        let shift = program.constant(count: width) { () throws(InferenceError) in
            normalisation.bias(try values(), channels: width, zero: Double(zero))
        }
        let table = program.constant(count: (count + 1) * width) { () throws(InferenceError) in
            var positions = try weights.floats("\(node.name).positions", shape: [count + 1, width])
            let token = try weights.floats("\(node.name).class", shape: [width])
            for i in 0..<width { positions[i] += token[i] }  // row 0 is the class token with its position
            return positions
        }
        guard case .pixels(let pixels) = locations[node.inputs[0]] else {
            preconditionFailure("'\(node.name)' needs pixels")
        }
        let out = program.buffer(byteCount: (count + 1) * width * 4), kernels = kernels
        program.call("\(node.name).class", uses: [out]) { at in
            var copy = unsafe ck_pad()
            unsafe copy.in = UnsafePointer(at.raw(table).assumingMemoryBound(to: UInt8.self))
            unsafe copy.row_bytes = width * 4
            unsafe copy.rows = 1
            unsafe copy.out = at.codes(out)
            unsafe copy.out_pitch = width * 4
            unsafe copy.out_rows = 1
            return unsafe .pad(kernels, copy)
        }
        program.call("\(node.name).patch", uses: [pixels, out]) { at in
            var g = unsafe ck_gemm()
            unsafe g.a = UnsafePointer(at.codes(pixels))
            unsafe g.rows = count
            unsafe g.row_width = patchRow
            unsafe g.row_stride = run
            unsafe g.row_pitch = size * image[1] * 3
            unsafe g.segments = size
            unsafe g.segment_stride = image[1] * 3
            unsafe g.depth = padded
            unsafe g.b = UnsafeRawPointer(at.raw(packed.weights))
            unsafe g.columns = packed.columns
            unsafe g.block_rows = patchRow * max(1, 60 / patchRow)
            unsafe g.epilogue = CK_FLOAT_RESIDUAL
            unsafe g.out = UnsafeMutableRawPointer(at.floats(out, offset: width))
            unsafe g.out_stride = width
            unsafe g.column_scale = UnsafePointer(at.floats(packed.scale))
            unsafe g.offset = UnsafePointer(at.integers(packed.integers))
            unsafe g.bias = UnsafePointer(at.floats(shift))
            unsafe g.residual = UnsafeRawPointer(at.floats(table, offset: width))
            unsafe g.residual_stride = width
            return unsafe .gemm(kernels, g)
        }
        return .rows(out, offset: 0)
    }

    mutating func compileEmbeddings(
        _ node: Graph.Node, _ vocabulary: Int, _ hasTypes: Bool
    ) throws(InferenceError) -> Location {
        let count = node.shape[0], width = node.shape[1]
        var positions = try weights.table("\(node.name).position", width: width)
        guard positions.count >= count * width else {
            throw .wrongShape(
                name: "\(node.name).position", expected: [count, width],
                found: [positions.count / width, width])
        }
        if hasTypes {
            let type = try weights.floats("\(node.name).type0", shape: [width])
            for index in positions.indices { positions[index] += type[index % width] }
        }
        let weights = weights
        let words = unsafe program.constants(byteCounts: [vocabulary * width, vocabulary * 4]) {
            targets throws(InferenceError) in
            let words = try weights.codes("\(node.name).word", shape: [vocabulary, width], axis: .first)
            unsafe targets[0].store(words.codes)
            unsafe targets[1].store(words.scale)
        }
        let table = program.constant(positions)
        guard case .ids(let ids) = locations[node.inputs[0]] else {
            preconditionFailure("'\(node.name)' needs token ids")
        }
        let out = program.buffer(byteCount: count * width * 4), kernels = kernels
        program.call(node.name, uses: [ids, out]) { at in
            var e = unsafe ck_embed()
            unsafe e.ids = UnsafePointer(at.integers(ids))
            unsafe e.codes = UnsafePointer(at.raw(words[0]).assumingMemoryBound(to: Int8.self))
            unsafe e.scale = UnsafePointer(at.floats(words[1]))
            unsafe e.positions = UnsafePointer(at.floats(table))
            unsafe e.width = width
            unsafe e.out = at.floats(out)
            return unsafe .embed(kernels, e, tokens: count)
        }
        return .rows(out, offset: 0)
    }

    /// A row and the pixels of a map, plus positions.
    mutating func compileSequence(_ node: Graph.Node) -> Location {
        let row = rows(node.inputs[0]), map = map(node.inputs[1]), count = node.shape[0],
            width = node.shape[1]
        let weights = weights, kernels = kernels
        let positions = program.constant(count: count * width) { () throws(InferenceError) in
            try weights.floats("\(node.name).positions", shape: [count, width])
        }
        let out = program.buffer(byteCount: count * width * 4)
        program.call("\(node.name).first", uses: [row.buffer, out]) { at in
            let first = unsafe ck_sum(
                a: at.floats(row.buffer, offset: row.offset), b: at.floats(positions), width: width,
                out: at.floats(out))
            return unsafe .sum(kernels, first, rows: 1)
        }
        program.call(node.name, uses: [map, out]) { at in
            let others = unsafe ck_sum(
                a: at.floats(map), b: at.floats(positions, offset: width), width: width,
                out: at.floats(out, offset: width))
            return unsafe .sum(kernels, others, rows: count - 1)
        }
        return .rows(out, offset: 0)
    }

    mutating func compileAttention(
        _ node: Graph.Node, heads: Int, isCausal: Bool, isFine: Bool
    ) -> Location {
        let tokens = node.shape[0], width = node.shape[1], headWidth = width / heads
        let padded = (tokens + 31) / 32 * 32, kernels = kernels
        let qkv = rows(node.inputs[0])
        let packedBytes = kernels.packedBytes(columns: padded, depth: headWidth)
        let keys = program.buffer(byteCount: heads * packedBytes),
            values = program.buffer(byteCount: heads * packedBytes)
        let keySum = program.buffer(byteCount: heads * padded * 4),
            keyScale = program.buffer(byteCount: heads * padded * 4)
        let valueScale = program.buffer(byteCount: width * 4)
        precondition(tokens <= Self.mostTokens, "attention over \(tokens) tokens")
        let zeros = [Float](repeating: 0, count: Self.mostTokens), mask = [Float](repeating: -1e30, count: 32)
        let bias = keyBias ?? program.constant(zeros + mask)
        keyBias = bias
        let operands = { (at: Program.Addresses, out: Program.BufferID?) -> ck_attention in
            var a = unsafe ck_attention()
            unsafe a.qkv = UnsafePointer(at.floats(qkv.buffer, offset: qkv.offset))
            unsafe a.qkv_stride = 3 * width
            unsafe a.tokens = tokens
            unsafe a.padded = padded
            unsafe a.heads = heads
            unsafe a.head_width = headWidth
            unsafe a.causal = isCausal ? 1 : 0
            unsafe a.fine = isFine ? 1 : 0
            unsafe a.keys = at.raw(keys)
            unsafe a.values = at.raw(values)
            unsafe a.key_sum = at.integers(keySum)
            unsafe a.key_scale = at.floats(keyScale)
            unsafe a.key_bias = at.floats(bias, offset: Self.mostTokens - tokens)
            unsafe a.value_scale = at.floats(valueScale)
            if let out { unsafe a.out = at.floats(out) }
            unsafe a.out_stride = width
            return unsafe a
        }
        let temporaries = [keys, values, keySum, keyScale, valueScale]
        program.call("\(node.name).pack", uses: [qkv.buffer] + temporaries) {
            unsafe .packAttention(kernels, operands($0, nil))
        }
        let out = program.buffer(byteCount: tokens * width * 4)
        program.call(node.name, uses: [qkv.buffer, out] + temporaries) {
            unsafe .attention(kernels, operands($0, out))
        }
        return .rows(out, offset: 0)
    }

    func locateRow(_ node: Graph.Node, _ choice: Graph.RowChoice) -> Location {
        let from = rows(node.inputs[0]), shape = graph.nodes[node.inputs[0]].shape
        let row = choice.first(of: shape[0])
        return .rows(from.buffer, offset: from.offset + row * shape[1])
    }

    mutating func compileMeanOfRows(_ node: Graph.Node) -> Location {
        let from = rows(node.inputs[0]), shape = graph.nodes[node.inputs[0]].shape, kernels = kernels
        let out = program.buffer(byteCount: shape[1] * 4)
        program.call(node.name, uses: [from.buffer, out]) { at in
            var mean = unsafe ck_mean_of_rows()
            unsafe mean.in = UnsafePointer(at.floats(from.buffer, offset: from.offset))
            unsafe mean.rows = shape[0]
            unsafe mean.width = shape[1]
            unsafe mean.in_stride = shape[1]
            unsafe mean.out = at.floats(out)
            return unsafe .meanOfRows(kernels, mean)
        }
        return .rows(out, offset: 0)
    }

    mutating func compileL2Normalise(_ node: Graph.Node) -> Location {
        let from = rows(node.inputs[0]), shape = node.shape, kernels = kernels
        let out = program.buffer(byteCount: shape[0] * shape[1] * 4)
        program.call(node.name, uses: [from.buffer, out]) { at in
            var n = unsafe ck_float_rows()
            unsafe n.in = UnsafePointer(at.floats(from.buffer, offset: from.offset))
            unsafe n.width = shape[1]
            unsafe n.in_stride = shape[1]
            unsafe n.out = at.floats(out)
            unsafe n.out_stride = shape[1]
            return unsafe .l2Normalise(kernels, n, rows: shape[0])
        }
        return .rows(out, offset: 0)
    }
}

// Patch weights w [channels, size, size, 3] that read codes instead of normalised pixels.
extension PixelNormalisation {
    /// w' = w scale / dev.
    fileprivate func scaled(_ values: [Float]) -> [Float] {
        values.indices.map { values[$0] * scale / deviation[$0 % 3] }
    }

    /// sum w' zero - sum w mean / dev for each channel, in double.
    fileprivate func bias(_ values: [Float], channels: Int, zero: Double) -> [Float] {
        let depth = values.count / channels, scaled = scaled(values)
        return (0..<channels).map { channel in
            var sum = 0.0
            for k in 0..<depth {
                let index = channel * depth + k
                sum += Double(scaled[index]) * zero
                sum -= Double(values[index]) * Double(mean[k % 3]) / Double(deviation[k % 3])
            }
            return Float(sum)
        }
    }
}
