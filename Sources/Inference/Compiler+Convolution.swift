import CKernels
import Kernels
import Tensors

// A dense convolution as a product: weights packed, its input padded.
extension Compiler {
    /// The operands of a convolution but for where its result goes.
    struct ConvolutionProduct {
        let weights: PackedMatrix
        /// Nil where the result is codes, whose integers contain it.
        let bias: Program.ConstantID?
        let source: Program.BufferID
        /// Bytes from one row of the input to the next, and of one pixel.
        let pitch: Int
        let pixelBytes: Int
        /// Codes of one row of a window, padded.
        let runDepth: Int
        let kernel: Int
        let stride: Int
        let shape: [Int]

        var columns: Int { weights.columns }
        var isPointwise: Bool { kernel == 1 && stride == 1 }
        var rows: Int { shape[0] * shape[1] }

        func operands(_ at: Program.Addresses) -> ck_gemm {
            let rowWidth = isPointwise ? rows : shape[1]
            var g = unsafe ck_gemm()
            unsafe g.a = UnsafePointer(at.codes(source))
            unsafe g.rows = rows
            unsafe g.row_width = rowWidth
            unsafe g.row_stride = stride * pixelBytes
            unsafe g.row_pitch = stride * pitch
            unsafe g.segments = kernel
            unsafe g.segment_stride = pitch
            unsafe g.depth = runDepth
            unsafe g.b = UnsafeRawPointer(at.raw(weights.weights))
            unsafe g.columns = columns
            // About 24 KB of activations per block stay in L1 while the panels of weights run by.
            unsafe g.block_rows =
                isPointwise ? min(rowWidth, max(24_576 / pixelBytes / 12 * 12, 48)) : rowWidth
            unsafe g.out_stride = columns
            unsafe g.column_scale = UnsafePointer(at.floats(weights.scale))
            unsafe g.offset = UnsafePointer(at.integers(weights.integers))
            if let bias { unsafe g.bias = UnsafePointer(at.floats(bias)) }
            return unsafe g
        }
    }

    /// - Parameter outside: the codes that it computes; nil for floats.
    mutating func product(
        _ convolution: Graph.Convolution, _ node: Graph.Node, codesIn outside: QuantisationParameters?
    ) throws(InferenceError) -> ConvolutionProduct {
        let input = node.inputs[0], from = graph.nodes[input].shape, k = convolution.kernel
        let channels = node.shape[2], stride = from[2] == 3 ? 3 : KernelTable.padded(from[2])
        let pixelDepth = k == 1 ? from[2] : stride, runDepth = k * pixelDepth
        let padded = (runDepth + 3) / 4 * 4
        let inside = try codes(of: input)
        let source = try paddedSource(
            of: input, convolution, pixelBytes: stride,
            zero: inside.zeroOffsets == nil ? inside.quantisation.zeroPoint : nil)
        let zeros = (0..<k * runDepth).map { index in
            let channel = index % pixelDepth
            return inside.quantisation.zeroPoint
                + (inside.zeroOffsets.flatMap { channel < $0.count ? $0[channel] : nil } ?? 0)
        }
        let weights = weights
        let bias = { () throws(InferenceError) in
            try weights.floats("\(node.name).bias", shape: [channels])
        }
        let packed = pack(
            channels: channels, runs: (k, runDepth, padded), zeros: zeros
        ) { () throws(InferenceError) in
            var codes = try weights.codes(
                "\(node.name).weight", shape: [channels, k, k, from[2]], axis: .first)
            if outside != nil {
                codes = try codes.coarsened(
                    toHold: bias(), inputScale: inside.quantisation.scale, axis: .first)
            }
            guard k > 1 && stride != from[2] else { return codes }
            return codes.padded(pixels: channels * k * k, from: from[2], to: stride)
        } numbers: { scale, sums throws(InferenceError) in
            guard let outside else {
                return (scale.map { $0 * inside.quantisation.scale }, sums.map { -$0 })
            }
            let requantisation = try Requantisation(
                node, input: inside.quantisation, output: outside, weightScale: scale, zeroSums: sums,
                bias: bias(), depth: k * padded)
            return (requantisation.scale, requantisation.offset)
        }
        let shift =
            outside == nil ? program.constant(count: channels, padded: packed.columns, bias) : nil
        return ConvolutionProduct(
            weights: packed, bias: shift, source: source.buffer, pitch: source.pitch, pixelBytes: stride,
            runDepth: padded, kernel: k, stride: convolution.stride, shape: node.shape)
    }

    /// The input of a convolution with its SAME border around it, if it has one.
    ///
    /// - Parameter zero: the code of the border; nil where each channel has its own, which no kernel writes.
    mutating func paddedSource(
        of input: Int, _ convolution: Graph.Convolution, pixelBytes: Int, zero: Int32?
    ) throws(InferenceError) -> (buffer: Program.BufferID, pitch: Int) {
        let shape = graph.nodes[input].shape, buffer = try codes(of: input).buffer
        guard convolution.kernel > 1 else { return (buffer, shape[1] * pixelBytes) }
        let above = convolution.padding(shape[0]), left = convolution.padding(shape[1])
        let rows = (above.output - 1) * convolution.stride + convolution.kernel
        let columns = max((left.output - 1) * convolution.stride + convolution.kernel, left.before + shape[1])
        if rows <= shape[0] && columns <= shape[1] { return (buffer, shape[1] * pixelBytes) }
        guard let zero else {
            preconditionFailure(
                "a border around '\(graph.nodes[input].name)', whose channels have zero points of their own")
        }
        let padded = program.buffer(byteCount: rows * columns * pixelBytes)
        let kernels = kernels
        program.call("\(graph.nodes[input].name).pad", uses: [buffer, padded]) { at in
            var pad = unsafe ck_pad()
            unsafe pad.in = UnsafePointer(at.codes(buffer))
            unsafe pad.row_bytes = shape[1] * pixelBytes
            unsafe pad.rows = min(shape[0], rows - above.before)
            unsafe pad.in_pitch = shape[1] * pixelBytes
            unsafe pad.above = above.before
            unsafe pad.before = left.before * pixelBytes
            unsafe pad.out = at.codes(padded)
            unsafe pad.out_pitch = columns * pixelBytes
            unsafe pad.out_rows = rows
            unsafe pad.fill = UInt8(zero)
            return unsafe .pad(kernels, pad)
        }
        return (padded, columns * pixelBytes)
    }
}
