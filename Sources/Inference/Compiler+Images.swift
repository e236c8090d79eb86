import CKernels
import Kernels
import Tensors

// Images of u8 codes: convolutions with static quantisation.
extension Compiler {
    /// How codes become codes: multipliers and integer offsets of a layer (METHODS.md 10.1).
    private struct Requantisation {
        var scale: [Float]
        var offset: [Int32]

        /// - Parameter sums: the sum of each channel's weight codes.
        init(
            _ node: Graph.Node, input: QuantisationParameters, output: QuantisationParameters,
            weightScale: [Float],
            sums: [Int32], bias: [Float], depth: Int
        ) throws(InferenceError) {
            scale = [Float](repeating: 0, count: weightScale.count)
            offset = [Int32](repeating: 0, count: weightScale.count)
            for channel in bias.indices {
                let unit = input.scale * weightScale[channel]
                scale[channel] = unit / output.scale
                let exact =
                    (bias[channel] / unit).rounded(.toNearestOrEven) - Float(input.zeroPoint)
                    * Float(sums[channel])
                let greatest = abs(exact) + Float(depth * 255 * 127)
                // Nothing may leave int32, neither the accumulator nor its product with the scale.
                guard greatest < 0x1p30, greatest * scale[channel] < 0x1p30 else {
                    throw .scaleOutOfRange(node: node.name, channel: channel)
                }
                offset[channel] =
                    Int32((bias[channel] / unit).rounded(.toNearestOrEven)) - input.zeroPoint * sums[channel]
            }
        }
    }

    mutating func compile(
        _ convolution: Graph.Convolution, _ node: Graph.Node, _ index: Int
    ) throws(InferenceError) -> Location {
        let input = node.inputs[0], from = graph.nodes[input].shape, k = convolution.kernel
        let channels = node.shape[2], isRaw = from[2] == 3
        let stride = isRaw ? 3 : KernelTable.padded(from[2])  // bytes of a pixel
        let runDepth = k * (k == 1 ? from[2] : stride)
        let padded = (runDepth + 3) / 4 * 4
        let inside = try quantisation(of: input), outside = try quantisation(of: index)
        let weights = weights
        let packed = pack(channels: channels, runs: (k, runDepth, padded)) { () throws(InferenceError) in
            let bias = try weights.floats("\(node.name).bias", shape: [channels])
            let codes = try weights.codes(
                "\(node.name).weight", shape: [channels, k, k, from[2]], axis: .first
            )
            .coarsened(toHold: bias, inputScale: inside.scale, axis: .first)
            guard k > 1 && stride != from[2] else { return codes }
            return codes.padded(pixels: channels * k * k, from: from[2], to: stride)
        } numbers: { scale, sums throws(InferenceError) in
            let bias = try weights.floats("\(node.name).bias", shape: [channels])
            let requantisation = try Requantisation(
                node, input: inside, output: outside, weightScale: scale, sums: sums, bias: bias,
                depth: k * padded)
            return (requantisation.scale, requantisation.offset)
        }
        let limits = outside.limits(convolution.activation)

        let source = try paddedSource(of: input, convolution, pixelBytes: stride, zero: inside.zeroPoint)
        let out = program.buffer(byteCount: node.shape[0] * node.shape[1] * packed.columns)
        var uses = [source.buffer, out]
        var residual: (buffer: Program.BufferID, quantisation: QuantisationParameters)?
        if convolution.isResidual, case .codes(let buffer, let quantisation) = locations[node.inputs[1]] {
            residual = (buffer, quantisation)
            uses.append(buffer)
        }
        let isPointwise = k == 1 && convolution.stride == 1
        let rowWidth = isPointwise ? node.shape[0] * node.shape[1] : node.shape[1]
        // About 24 KB of activations per block stay in L1 while the panels of weights run by.
        let block = isPointwise ? min(rowWidth, max(24_576 / stride / 12 * 12, 48)) : rowWidth
        let kernels = kernels, shape = node.shape
        program.call(node.name, uses: uses) { at in
            var g = unsafe ck_gemm()
            unsafe g.a = UnsafePointer(at.codes(source.buffer))
            unsafe g.rows = shape[0] * shape[1]
            unsafe g.row_width = isPointwise ? unsafe g.rows : rowWidth
            unsafe g.row_stride = convolution.stride * stride
            unsafe g.row_pitch = convolution.stride * source.pitch
            unsafe g.segments = k
            unsafe g.segment_stride = source.pitch
            unsafe g.depth = padded
            unsafe g.b = UnsafeRawPointer(at.raw(packed.weights))
            unsafe g.columns = packed.columns
            unsafe g.block_rows = block
            unsafe g.epilogue = residual == nil ? CK_CODES : CK_CODES_RESIDUAL
            unsafe g.out = at.raw(out)
            unsafe g.out_stride = packed.columns
            unsafe g.column_scale = UnsafePointer(at.floats(packed.scale))
            unsafe g.offset = UnsafePointer(at.integers(packed.integers))
            if let residual {
                unsafe g.residual = UnsafeRawPointer(at.raw(residual.buffer))
                unsafe g.residual_stride = packed.columns
                unsafe g.residual_scale = residual.quantisation.scale / outside.scale
                unsafe g.residual_zero = residual.quantisation.zeroPoint
            }
            unsafe g.zero = outside.zeroPoint
            unsafe g.low = limits.low
            unsafe g.high = limits.high
            return unsafe .gemm(kernels, g)
        }
        return .codes(out, outside)
    }

    /// The input of a convolution with its SAME border around it; 1x1 needs none.
    private mutating func paddedSource(
        of input: Int, _ convolution: Graph.Convolution, pixelBytes: Int, zero: Int32
    ) throws(InferenceError) -> (buffer: Program.BufferID, pitch: Int) {
        let shape = graph.nodes[input].shape
        let buffer: Program.BufferID
        switch locations[input] {
        case .pixels(let id), .codes(let id, _): buffer = id
        default: preconditionFailure("'\(graph.nodes[input].name)' is not an image")
        }
        guard convolution.kernel > 1 else { return (buffer, shape[1] * pixelBytes) }
        let above = convolution.padding(shape[0]), left = convolution.padding(shape[1])
        let rows = (above.output - 1) * convolution.stride + convolution.kernel
        let columns = max((left.output - 1) * convolution.stride + convolution.kernel, left.before + shape[1])
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

    mutating func compileDepthwise(
        _ convolution: Graph.Convolution, _ node: Graph.Node
    ) throws(InferenceError) -> Location {
        let input = node.inputs[0], from = graph.nodes[input].shape, k = convolution.kernel,
            channels = from[2]
        let padded = KernelTable.padded(channels)
        let inside = try quantisation(of: input)
        guard let outside = weights.activation(node.name) else { throw .notCalibrated(node: node.name) }
        let limits = outside.limits(convolution.activation)
        let weights = weights, kernels = kernels, tail = [UInt32](repeating: 0, count: padded - channels)
        let rounded = (padded + 63) / 64 * 256
        let bytes = [KernelTable.packedDepthwiseBytes(kernel: k, channels: padded), rounded, rounded]
        let packed = unsafe program.constants(byteCounts: bytes) { targets throws(InferenceError) in
            let bias = try weights.floats("\(node.name).bias", shape: [channels])
            let codes = try weights.codes("\(node.name).weight", shape: [k, k, channels], axis: .last)
                .coarsened(toHold: bias, inputScale: inside.scale, axis: .last)
            var sums = [Int32](repeating: 0, count: channels)
            for (index, code) in codes.codes.enumerated() { sums[index % channels] += Int32(code) }
            let requantisation = try Requantisation(
                node, input: inside, output: outside, weightScale: codes.scale, sums: sums, bias: bias,
                depth: k * k)
            let spread = codes.padded(pixels: k * k, from: channels, to: padded)
            unsafe kernels.packDepthwise(spread.codes, kernel: k, channels: padded, to: targets[0])
            unsafe kernels.packDepthwiseChannels(
                requantisation.scale.map(\.bitPattern) + tail, to: targets[1])
            unsafe kernels.packDepthwiseChannels(
                requantisation.offset.map(UInt32.init(bitPattern:)) + tail, to: targets[2])
        }
        guard case .codes(let buffer, _) = locations[input] else {
            preconditionFailure("'\(node.name)' needs codes")
        }
        let shape = node.shape
        let out = program.buffer(byteCount: shape[0] * shape[1] * padded)
        program.call(node.name, uses: [buffer, out]) { at in
            var d = unsafe ck_depthwise()
            unsafe d.in = UnsafePointer(at.codes(buffer))
            unsafe d.height = from[0]
            unsafe d.width = from[1]
            unsafe d.channels = padded
            unsafe d.kernel = k
            unsafe d.stride = convolution.stride
            unsafe d.pad_top = convolution.padding(from[0]).before
            unsafe d.pad_left = convolution.padding(from[1]).before
            unsafe d.out_height = shape[0]
            unsafe d.out_width = shape[1]
            unsafe d.weights = UnsafeRawPointer(at.raw(packed[0]))
            unsafe d.scale = UnsafePointer(at.floats(packed[1]))
            unsafe d.offset = UnsafePointer(at.integers(packed[2]))
            unsafe d.input_zero = inside.zeroPoint
            unsafe d.zero = outside.zeroPoint
            unsafe d.low = limits.low
            unsafe d.high = limits.high
            unsafe d.out = at.codes(out)
            return unsafe .depthwise(kernels, d)
        }
        return .codes(out, outside)
    }

    mutating func compileGlobalMean(_ node: Graph.Node) -> Location {
        guard case .codes(let buffer, let quantisation) = locations[node.inputs[0]] else {
            preconditionFailure("'\(node.name)' needs codes")
        }
        let from = graph.nodes[node.inputs[0]].shape
        let out = program.buffer(byteCount: KernelTable.padded(from[2]) * 4)
        let kernels = kernels
        program.call(node.name, uses: [buffer, out]) { at in
            var mean = unsafe ck_global_mean()
            unsafe mean.in = UnsafePointer(at.codes(buffer))
            unsafe mean.pixels = from[0] * from[1]
            unsafe mean.channels = KernelTable.padded(from[2])
            unsafe mean.in_stride = KernelTable.padded(from[2])
            unsafe mean.zero = quantisation.zeroPoint
            unsafe mean.scale = quantisation.scale / Float(from[0] * from[1])
            unsafe mean.out = at.floats(out)
            return unsafe .globalMean(kernels, mean)
        }
        return .rows(out, offset: 0)
    }
}

extension QuantisationParameters {
    /// The least and the greatest code of a layer with this output.
    fileprivate func limits(_ activation: Activation) -> (low: Int32, high: Int32) {
        guard activation == .relu6 else { return (0, 255) }
        let six = (6 / scale).rounded(.toNearestOrEven) + Float(zeroPoint)
        return (zeroPoint, Int32(min(six, 255)))
    }
}

extension QuantisedWeights {
    /// The same weights with coarser scales where a channel's bias would not fit int32 in units of
    /// `inputScale * scale`.
    ///
    /// Folding batch norm leaves channels that are almost constant: weights near 1e-10 beside a bias near 1.
    /// Their weights cannot be seen in the result, so that they may lose digits.
    func coarsened(toHold bias: [Float], inputScale: Float, axis: ChannelAxis) -> QuantisedWeights {
        var codes = codes, scale = scale
        let depth = codes.count / scale.count
        for channel in scale.indices where abs(bias[channel]) / (inputScale * scale[channel]) >= 0x1p28 {
            let needed = abs(bias[channel]) / inputScale * 0x1p-28
            let factor = needed / scale[channel]
            scale[channel] = needed
            for k in 0..<depth {
                let index = axis == .first ? channel * depth + k : k * scale.count + channel
                codes[index] = Int8((Float(codes[index]) / factor).rounded(.toNearestOrEven))
            }
        }
        return QuantisedWeights(codes: codes, scale: scale)
    }

    /// The same weights with every run of `from` codes followed by zeros up to `to`.
    func padded(pixels: Int, from: Int, to: Int) -> QuantisedWeights {
        var spread = [Int8](repeating: 0, count: pixels * to)
        for pixel in 0..<pixels {
            for c in 0..<from { spread[pixel * to + c] = codes[pixel * from + c] }
        }
        return QuantisedWeights(codes: spread, scale: scale)
    }
}
