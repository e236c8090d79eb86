package import Kernels

/// Means and second moments of what every convolution of a network reads, over pixels sampled from many
/// pictures: which errors of its weights matter to its result, and which cancel.
///
/// The inputs of a dense convolution are its windows `[kernel, kernel, channels]`, those of a depthwise one a
/// window `[kernel, kernel]` for each channel.
package struct InputMoments {
    package struct Moments {
        /// Inputs per sample: kernel * kernel * channels, or kernel * kernel of each of `groups` channels.
        package let depth: Int
        package let groups: Int
        package fileprivate(set) var sampleCount = 0
        /// `[groups, depth]`, sums over the samples.
        fileprivate var sums: [Double]
        /// `[groups, depth, depth]`, sums over the samples.
        fileprivate var products: [Float]

        fileprivate init(depth: Int, groups: Int) {
            (self.depth, self.groups) = (depth, groups)
            sums = [Double](repeating: 0, count: groups * depth)
            products = [Float](repeating: 0, count: groups * depth * depth)
        }

        /// E[x] of `group`, `[depth]`, of inputs multiplied by `factors` `[channels]`.
        package func mean(_ group: Int, factors: [Float]?) -> [Float] {
            (0..<depth).map { k in
                let mean = Float(sums[group * depth + k] / Double(max(sampleCount, 1)))
                return mean * (factors.map { $0[k % $0.count] } ?? 1)
            }
        }

        /// E[x x^T] of `group`, `[depth, depth]`, of inputs multiplied by `factors` `[channels]`.
        package func secondMoment(_ group: Int, factors: [Float]?) -> [Float] {
            let size = depth * depth, factor = 1 / Float(max(sampleCount, 1))
            return (0..<size).map { place in
                let product = products[group * size + place] * factor
                guard let factors else { return product }
                return product * factors[place / depth % factors.count]
                    * factors[place % depth % factors.count]
            }
        }
    }

    private let session: ReferenceSession
    private let samplesPerImage: Int
    private var imageCount = 0
    /// By the name of the convolution.
    private var all: [String: Moments] = [:]

    /// - Parameter samplesPerImage: how many pixels of each map are looked at.
    package init(
        _ graph: Graph, weights: any WeightSource, kernels: KernelTable, samplesPerImage: Int
    ) throws(InferenceError) {
        session = try ReferenceSession(graph, weights: weights, kernels: kernels, keepsAll: false)
        self.samplesPerImage = samplesPerImage
    }

    /// The moments of the convolution called `name`; nil if there is none or no image was added.
    package subscript(name: String) -> Moments? { all[name] }

    package mutating func add(image: [UInt8]) {
        imageCount += 1
        let graph = session.graph
        unsafe session.run(image: image) { node, values in
            guard let index = graph.nodes.firstIndex(where: { $0.name == node.name }) else { return }
            for consumer in graph.consumers(of: index) where graph.nodes[consumer].inputs[0] == index {
                let reader = graph.nodes[consumer]
                switch reader.operation {
                case .convolution(let convolution):
                    let windows = unsafe windows(values, node.shape, convolution, reader.shape)
                    addDense(
                        reader.name, windows, depth: convolution.kernel * convolution.kernel * node.shape[2])
                case .depthwise(let convolution):
                    let windows = unsafe windows(values, node.shape, convolution, reader.shape)
                    addDepthwise(
                        reader.name, windows, taps: convolution.kernel * convolution.kernel,
                        channels: node.shape[2])
                default: continue
                }
            }
        }
    }

    /// Windows `[samples, kernel, kernel, channels]`, zeros outside the map, spread evenly and shifted from
    /// image to image.
    private func windows(
        _ map: UnsafeMutableBufferPointer<Float>, _ shape: [Int], _ convolution: Graph.Convolution,
        _ output: [Int]
    ) -> [Float] {
        let pixels = output[0] * output[1], count = min(samplesPerImage, pixels)
        let k = convolution.kernel, channels = shape[2]
        let top = convolution.padding(shape[0]).before, left = convolution.padding(shape[1]).before
        var windows = [Float](repeating: 0, count: count * k * k * channels)
        for sample in 0..<count {
            let pixel = (sample * pixels / count + imageCount * 7919) % pixels
            let y = pixel / output[1] * convolution.stride - top,
                x = pixel % output[1] * convolution.stride - left
            for ky in 0..<k where 0..<shape[0] ~= y + ky {
                for kx in 0..<k where 0..<shape[1] ~= x + kx {
                    let from = ((y + ky) * shape[1] + x + kx) * channels
                    let to = ((sample * k + ky) * k + kx) * channels
                    for c in 0..<channels { windows[to + c] = unsafe map[from + c] }
                }
            }
        }
        return windows
    }

    private mutating func addDense(_ name: String, _ windows: [Float], depth: Int) {
        var moments = all.removeValue(forKey: name) ?? Moments(depth: depth, groups: 1)
        let count = windows.count / depth
        var transposed = [Float](repeating: 0, count: windows.count)
        for sample in 0..<count {
            for k in 0..<depth {
                transposed[k * count + sample] = windows[sample * depth + k]
                moments.sums[k] += Double(windows[sample * depth + k])
            }
        }
        let rows = FloatBuffer(transposed), products = FloatBuffer(count: depth * depth)
        unsafe FloatProduct(transposed, bias: nil, columns: depth, depth: count).multiply(
            FloatProduct.Rows(matrix: rows.base, count: depth, depth: count, stride: count),
            to: products.base,
            outStride: depth, kernels: session.kernels)
        for i in moments.products.indices { unsafe moments.products[i] += products.base[i] }
        moments.sampleCount += count
        all[name] = moments
    }

    private mutating func addDepthwise(_ name: String, _ windows: [Float], taps: Int, channels: Int) {
        var moments = all.removeValue(forKey: name) ?? Moments(depth: taps, groups: channels)
        let count = windows.count / (taps * channels)
        // [taps, taps, channels] while summing, so that the inner loops run over neighbours.
        let products = FloatBuffer(count: taps * taps * channels), rows = FloatBuffer(windows)
        for sample in 0..<count {
            for i in 0..<taps {
                let a = unsafe rows.base + (sample * taps + i) * channels
                for c in 0..<channels { moments.sums[c * taps + i] += Double(unsafe a[c]) }
                for j in i..<taps {
                    let b = unsafe rows.base + (sample * taps + j) * channels
                    let sum = unsafe products.base + (i * taps + j) * channels
                    for c in 0..<channels { unsafe sum[c] += a[c] * b[c] }
                }
            }
        }
        for c in 0..<channels {
            for i in 0..<taps {
                for j in 0..<taps {
                    let place = (min(i, j) * taps + max(i, j)) * channels + c
                    moments.products[(c * taps + i) * taps + j] += unsafe products.base[place]
                }
            }
        }
        moments.sampleCount += count
        all[name] = moments
    }
}
