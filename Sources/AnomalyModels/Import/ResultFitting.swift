import Inference
import Kernels
import Tensors

// Projections that make up for what int8 lost before them.
//
// Errors of a block's maps and weights end in the map that its projection computes, and the residual carries
// them on. One block after the other, the projection is fitted to the float results of its block from the
// codes that it really reads, the error of the residual included, and then rounded.
extension FloatWeights {
    /// Of `WeightRounding`: drawn pictures tell only roughly which inputs move together in photographs.
    static let roundingDamping: Float = 1
    /// How many samples for each weight of a row a fit needs; with fewer, a projection stays as it was.
    private static let samplesPerWeight = 4
    /// The fewest pictures for a fit: the pixels of one picture resemble each other, and a fit to few pictures
    /// serves those alone.
    private static let fewestPictures = 100
    /// How far the fit stays with the weights as trained.
    private static let ridge = 1.0

    /// - Parameters:
    ///   - even: the network with evened channels (`evenedOut`), not rounded: where the fit starts from.
    ///   - float: the network as trained.
    ///   - images: `[height, width, 3]`; `samples` pixels of each map are looked at.
    ///
    /// - Returns: these weights with every projection fitted; unchanged with fewer than 100 pictures.
    func fittedToResults(
        of graph: Graph, even: FloatWeights, float: FloatWeights,
        activations: [String: QuantisationParameters], images: [[UInt8]], samples: Int
    ) throws(InferenceError) -> FloatWeights {
        guard images.count >= Self.fewestPictures else { return self }
        let kernels = KernelTable(.best)
        let open = graph.nodes.indices.filter { graph.isOpenMap($0) && graph.isPointwise($0) }
        var wanted: [Int: [[Float]]] = [:]
        let reference = try ReferenceSession(
            graph, weights: FloatSource(float), kernels: kernels, keepsAll: false)
        for (number, image) in images.enumerated() {
            unsafe reference.run(image: image) { node, values in
                guard let index = open.first(where: { graph.nodes[$0].name == node.name }) else { return }
                let width = node.shape[2]
                let pixels = Self.pixels(of: node, samples, image: number)
                var rows: [Float] = []
                for pixel in pixels {
                    for channel in 0..<width { rows.append(unsafe values[pixel * width + channel]) }
                }
                wanted[index, default: []].append(rows)
            }
        }
        var result = self
        for index in open {
            let node = graph.nodes[index], input = graph.nodes[node.inputs[0]]
            guard let targets = wanted[index], let first = even.tensors["\(node.name).weight"] else {
                continue
            }
            var shown = graph
            for read in node.inputs { shown.outputNode(graph.nodes[read].name) }
            let model = try unsafe CompiledModel(
                shown, weights: FloatSource(result, activations: activations), kernels: kernels)
            let session = try Session(model, pool: TensorPool())
            var fit = LinearFit(depth: input.shape[2], columns: node.shape[2], kernels: kernels)
            for (number, image) in images.enumerated() {
                unsafe session.withInput { unsafe $0.copyBytes(from: image) }
                session.run()
                let pixels = Self.pixels(of: node, samples, image: number)
                guard let rows = session.floats(input.name, pixels: pixels) else { continue }
                var target = targets[number]
                if node.inputs.count > 1,
                    let residual = session.floats(graph.nodes[node.inputs[1]].name, pixels: pixels)
                {
                    for i in target.indices { target[i] -= residual[i] }
                }
                fit.add(rows, target)
            }
            guard fit.count >= Self.samplesPerWeight * fit.depth else { continue }
            let rounding = WeightRounding(
                secondMoment: fit.secondMoment, depth: fit.depth, damping: Self.roundingDamping)
            let weights = fit.weights(first: first.values, ridge: Self.ridge), mean = fit.rowMean
            var rounded: [Float] = [], bias = fit.resultMean
            for row in 0..<fit.columns {
                let codes = rounding.rounded(Array(weights[row * fit.depth..<(row + 1) * fit.depth]))
                for k in 0..<fit.depth { bias[row] -= codes[k] * mean[k] }
                rounded += codes
            }
            result.tensors["\(node.name).weight"]?.values = rounded
            result.tensors["\(node.name).bias"]?.values = bias
        }
        return result
    }

    /// Pixels spread evenly over the map of `node` and shifted from image to image.
    private static func pixels(of node: Graph.Node, _ samples: Int, image: Int) -> [Int] {
        let pixels = node.shape[0] * node.shape[1], count = min(samples, pixels)
        return (0..<count).map { ($0 * pixels / count + image * 7919) % pixels }
    }
}

extension Graph {
    fileprivate func isPointwise(_ index: Int) -> Bool {
        guard case .convolution(let convolution) = nodes[index].operation else { return false }
        return convolution.kernel == 1 && convolution.stride == 1
    }
}
