// Feature maps `[height, width, channels]`.
extension ReferenceSession {
    func convolve(_ node: Graph.Node, _ convolution: Graph.Convolution, _ product: FloatProduct)
        -> FloatBuffer
    {
        let (source, shape) = input(node), channels = shape[2], k = convolution.kernel
        let map = k == 1 ? (buffer: source, width: shape[1]) : padded(source, shape, convolution)
        let out = newValue(node), pitch = map.width * channels
        unsafe product.multiply(
            FloatProduct.Rows(
                map.buffer.base, count: node.shape[0] * node.shape[1], width: node.shape[1],
                stride: convolution.stride * channels, pitch: convolution.stride * pitch, segments: k,
                segmentStride: pitch, depth: k * channels),
            to: out.base, outStride: product.columns, kernels: kernels)
        if convolution.isResidual { add(input(node, 1).buffer, to: out) }
        apply(convolution.activation, to: out)
        return out
    }

    /// The map with the zeros of its SAME border around it, and its new width.
    private func padded(
        _ source: FloatBuffer, _ shape: [Int], _ convolution: Graph.Convolution
    ) -> (buffer: FloatBuffer, width: Int) {
        let vertical = convolution.padding(shape[0]), horizontal = convolution.padding(shape[1])
        let side = { (output: Int, before: Int, size: Int) in
            max((output - 1) * convolution.stride + convolution.kernel, before + size)
        }
        let height = side(vertical.output, vertical.before, shape[0])
        let width = side(horizontal.output, horizontal.before, shape[1]), channels = shape[2]
        let map = FloatBuffer(count: height * width * channels)
        for y in 0..<shape[0] {
            let start = ((vertical.before + y) * width + horizontal.before) * channels
            unsafe (map.base + start).update(
                from: source.base + y * shape[1] * channels, count: shape[1] * channels)
        }
        return (map, width)
    }

    func depthwise(
        _ node: Graph.Node, _ convolution: Graph.Convolution, _ weights: FloatBuffer, _ bias: FloatBuffer
    ) -> FloatBuffer {
        let (source, shape) = input(node), channels = shape[2], k = convolution.kernel
        let top = convolution.padding(shape[0]).before, left = convolution.padding(shape[1]).before
        let out = newValue(node)
        for y in 0..<node.shape[0] {
            for x in 0..<node.shape[1] {
                let pixel = unsafe out.base + (y * node.shape[1] + x) * channels
                unsafe pixel.update(from: bias.base, count: channels)
                for ky in 0..<k {
                    let row = y * convolution.stride + ky - top
                    guard 0..<shape[0] ~= row else { continue }
                    for kx in 0..<k {
                        let column = x * convolution.stride + kx - left
                        guard 0..<shape[1] ~= column else { continue }
                        let from = unsafe source.base + (row * shape[1] + column) * channels
                        let tap = unsafe weights.base + (ky * k + kx) * channels
                        for c in 0..<channels { unsafe pixel[c] += from[c] * tap[c] }
                    }
                }
            }
        }
        apply(convolution.activation, to: out)
        return out
    }

    /// The mean over all but the last index: over the pixels of a map or over rows.
    func meanOfRows(_ node: Graph.Node) -> FloatBuffer {
        let (source, shape) = input(node), width = shape[shape.count - 1], rows = source.count / width
        var sums = [Double](repeating: 0, count: width)
        for row in 0..<rows {
            for i in 0..<width { sums[i] += Double(unsafe source.base[row * width + i]) }
        }
        return FloatBuffer(sums.map { Float($0 / Double(rows)) })
    }

    /// Patches times weights, class token in front, positions added (which hold the class token in row 0).
    func patches(
        _ node: Graph.Node, _ size: Int, _ normalisation: PixelNormalisation, _ product: FloatProduct,
        _ positions: [Float]
    ) -> FloatBuffer {
        let shape = graph.nodes[node.inputs[0]].shape, pitch = shape[1] * 3, width = node.shape[1]
        let image = FloatBuffer(
            pixels.indices.map { index in
                let channel = index % 3
                return (Float(pixels[index]) * normalisation.scale - normalisation.mean[channel])
                    / normalisation.deviation[channel]
            })
        let out = newValue(node)
        unsafe product.multiply(
            FloatProduct.Rows(
                image.base, count: node.shape[0] - 1, width: shape[1] / size, stride: size * 3,
                pitch: size * pitch,
                segments: size, segmentStride: pitch, depth: size * 3),
            to: out.base + width, outStride: width, kernels: kernels)
        for i in positions.indices { unsafe out.base[i] += positions[i] }
        return out
    }

    /// Bilinear with pixel centres on pixel centres: source position (i + 1/2) in / out - 1/2, inside the map.
    func resize(_ node: Graph.Node) -> FloatBuffer {
        let (source, shape) = input(node), out = newValue(node), channels = shape[2]
        for y in 0..<node.shape[0] {
            let (top, bottom, below) = Self.neighbours(y, from: shape[0], to: node.shape[0])
            for x in 0..<node.shape[1] {
                let (left, right, behind) = Self.neighbours(x, from: shape[1], to: node.shape[1])
                for c in 0..<channels {
                    let value = { (row: Int, column: Int) in
                        unsafe source.base[(row * shape[1] + column) * channels + c]
                    }
                    let upper = value(top, left) + (value(top, right) - value(top, left)) * behind
                    let lower = value(bottom, left) + (value(bottom, right) - value(bottom, left)) * behind
                    unsafe out.base[(y * node.shape[1] + x) * channels + c] = upper + (lower - upper) * below
                }
            }
        }
        return out
    }

    /// The two positions that `index` of `count` lies between in a line of `size`, and the share of the second.
    private static func neighbours(_ index: Int, from size: Int, to count: Int) -> (Int, Int, Float) {
        let place = min(max((Float(index) + 0.5) * Float(size) / Float(count) - 0.5, 0), Float(size - 1))
        let first = Int(place)
        return (first, min(first + 1, size - 1), place - Float(first))
    }

    /// A row in front of the pixels of a map, plus positions.
    func sequence(_ node: Graph.Node, _ positions: [Float]) -> FloatBuffer {
        let row = input(node).buffer, map = input(node, 1).buffer
        return FloatBuffer(
            positions.indices.map { index in
                let value = unsafe index < row.count ? row.base[index] : map.base[index - row.count]
                return value + positions[index]
            })
    }

    func add(_ residual: FloatBuffer, to out: FloatBuffer) {
        for i in 0..<out.count { unsafe out.base[i] += residual.base[i] }
    }
}
