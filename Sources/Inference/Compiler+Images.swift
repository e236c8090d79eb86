import CKernels
import Kernels
import Tensors

// Images of u8 codes: convolutions with static quantisation.
extension Compiler {
    /// How codes become codes: multipliers and integer offsets of a layer (METHODS.md 10.1).
    struct Requantisation {
        var scale: [Float]
        var offset: [Int32]

        /// - Parameter zeroSums: the sum of each channel's weight codes, each times its input's zero point.
        init(
            _ node: Graph.Node, input: QuantisationParameters, output: QuantisationParameters,
            weightScale: [Float],
            zeroSums: [Int32], bias: [Float], depth: Int
        ) throws(InferenceError) {
            scale = [Float](repeating: 0, count: weightScale.count)
            offset = [Int32](repeating: 0, count: weightScale.count)
            for channel in bias.indices {
                let unit = input.scale * weightScale[channel]
                scale[channel] = unit / output.scale
                let exact = (bias[channel] / unit).rounded(.toNearestOrEven) - Float(zeroSums[channel])
                let greatest = abs(exact) + Float(depth * 255 * 127)
                // Nothing may leave int32, neither the accumulator nor its product with the scale.
                guard greatest < 0x1p30, greatest * scale[channel] < 0x1p30 else {
                    throw .scaleOutOfRange(node: node.name, channel: channel)
                }
                offset[channel] =
                    Int32((bias[channel] / unit).rounded(.toNearestOrEven)) - zeroSums[channel]
            }
        }
    }

    mutating func compile(
        _ convolution: Graph.Convolution, _ node: Graph.Node, _ index: Int
    ) throws(InferenceError) -> Location {
        if isStem(index) { return .fused }
        if let location = try compileMap(convolution, node) { return location }
        let outside = try quantisation(of: index)
        let product = try product(convolution, node, codesIn: outside)
        let out = program.buffer(byteCount: node.shape[0] * node.shape[1] * product.columns)
        var uses = [product.source, out]
        var residual: (buffer: Program.BufferID, quantisation: QuantisationParameters)?
        if convolution.isResidual {
            let codes = try self.codes(of: node.inputs[1])
            residual = (codes.buffer, codes.quantisation)
            uses.append(codes.buffer)
        }
        let limits = outside.limits(convolution.activation), kernels = kernels
        program.call(node.name, uses: uses) { at in
            var g = unsafe product.operands(at)
            unsafe g.epilogue = residual == nil ? CK_CODES : CK_CODES_RESIDUAL
            unsafe g.out = at.raw(out)
            if let residual {
                unsafe g.residual = UnsafeRawPointer(at.raw(residual.buffer))
                unsafe g.residual_stride = product.columns
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

    mutating func compileDepthwise(
        _ convolution: Graph.Convolution, _ node: Graph.Node
    ) throws(InferenceError) -> Location {
        if case .fused = locations[node.inputs[0]] { return try compileStem(node) }
        let input = node.inputs[0], from = graph.nodes[input].shape, k = convolution.kernel,
            channels = from[2]
        let padded = KernelTable.padded(channels)
        let source = try codes(of: input), inside = source.quantisation, buffer = source.buffer
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
                node, input: inside, output: outside, weightScale: codes.scale,
                zeroSums: sums.map { $0 * inside.zeroPoint }, bias: bias, depth: k * k)
            let spread = codes.padded(pixels: k * k, from: channels, to: padded)
            unsafe kernels.packDepthwise(spread.codes, kernel: k, channels: padded, to: targets[0])
            unsafe kernels.packDepthwiseChannels(
                requantisation.scale.map(\.bitPattern) + tail, to: targets[1])
            unsafe kernels.packDepthwiseChannels(
                requantisation.offset.map(UInt32.init(bitPattern:)) + tail, to: targets[2])
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
        if case .map(let buffer) = locations[node.inputs[0]] { return compileMeanOfMap(node, buffer) }
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
    func limits(_ activation: Activation) -> (low: Int32, high: Int32) {
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
