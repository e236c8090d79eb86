package import Inference
package import Tensors

// Channels of feature maps that use all of their codes.
//
// A map has one scale, but its channels have ranges of their own. Multiplying channel c of a ReLU6 map by
// 6 / range and dividing the weights that read it changes nothing but where the channel is cut off: at its
// range instead of 6 (cross-layer equalisation, Nagel et al. 2019, with the cut kept at the greatest code).
// Maps without an activation stay in float32; where they are read, they are quantised with a factor and a
// zero point for each channel, tensors `NODE.factors` and `NODE.zeros`.

/// How ranges are chosen from those of the calibration images, which no camera's pictures stay inside of.
private enum RangeMargin {
    /// ReLU6 maps: the greatest value of a channel times this, ...
    static let clipped: Float = 1.5
    /// ... but no less than this share of the range of the whole map, ...
    static let clippedShare: Float = 0.5
    /// ... and the whole in the second half of the network, where rare things light up single channels.
    static let deepShare: Float = 1
    /// Other maps: the range of a channel times this, in the second half of the network times that, and no
    /// less than this share of the range of the map.
    static let open: Float = 1.15
    static let openDeep: Float = 1.3
    static let openShare: Float = 0.5
}

extension FloatWeights {
    /// The same network with its channels evened out, and how its maps are quantised then.
    ///
    /// - Parameter calibration: of `graph` with these weights.
    package func evenedOut(
        for graph: Graph, _ calibration: Calibration
    ) -> (weights: FloatWeights, activations: [String: QuantisationParameters]) {
        var result = self
        var activations = calibration.parameters(.quantile(0.9999))
        for (index, node) in graph.nodes.enumerated() {
            guard let ranges = calibration.channels[node.name], let whole = activations[node.name],
                let readers = graph.productReaders(of: index)
            else { continue }
            let isDeep = 2 * index >= graph.nodes.count
            if graph.isOpenMap(index) {
                let (factors, quantisation) = result.openMap(
                    node, ranges, whole.scale * 255, margin: isDeep ? RangeMargin.openDeep : RangeMargin.open)
                for reader in readers { result.divide(reader, by: factors) }
                activations[node.name] = quantisation
            } else if graph.isClippedMap(index) {
                let least = whole.scale * 255 * (isDeep ? RangeMargin.deepShare : RangeMargin.clippedShare)
                let factors = ranges.greatest.map { greatest in
                    6 / min(max(greatest * RangeMargin.clipped, least, 0.1), 6)
                }
                result.multiply(node, by: factors, isDepthwise: graph.isDepthwise(index))
                for reader in readers { result.divide(reader, by: factors) }
                activations[node.name] = QuantisationParameters(scale: 6 / 255, zeroPoint: 0)
            }
        }
        return (result, activations)
    }

    /// Sets the factors and zero points of a map without an activation.
    private mutating func openMap(
        _ node: Graph.Node, _ ranges: ChannelRanges, _ whole: Float, margin: Float
    ) -> (factors: [Float], QuantisationParameters) {
        var scales: [Float] = [], zeros: [Float] = []
        for (least, greatest) in zip(ranges.least, ranges.greatest) {
            let centre = (least + greatest) / 2
            let half = max(
                (greatest - least) / 2 * margin, whole / 2 * RangeMargin.openShare, 1e-6)
            let low = min(centre - half, 0), high = max(centre + half, 0)
            scales.append((high - low) / 255)
            zeros.append((-low * 255 / (high - low)).rounded(.toNearestOrEven))
        }
        let scale = scales.reduce(0, +) / Float(scales.count)
        let factors = scales.map { scale / $0 }
        tensors["\(node.name).factors"] = ([factors.count], factors)
        tensors["\(node.name).zeros"] = ([zeros.count], zeros.map { $0 - 128 })
        return (factors, QuantisationParameters(scale: scale, zeroPoint: 128))
    }

    /// Multiplies what convolution `node` computes by `factors`, channel by channel.
    private mutating func multiply(_ node: Graph.Node, by factors: [Float], isDepthwise: Bool) {
        let depth = (tensors["\(node.name).weight"]?.values.count ?? 0) / factors.count
        multiply("\(node.name).weight") { factors[isDepthwise ? $0 % factors.count : $0 / depth] }
        multiply("\(node.name).bias") { factors[$0] }
    }

    /// Divides the weights of convolution `node` by `factors` of its input channels.
    private mutating func divide(_ node: Graph.Node, by factors: [Float]) {
        multiply("\(node.name).weight") { 1 / factors[$0 % factors.count] }
    }

    private mutating func multiply(_ name: String, by factor: (Int) -> Float) {
        guard let values = tensors[name]?.values else { return }
        tensors[name]?.values = values.indices.map { values[$0] * factor($0) }
    }
}

extension Graph {
    /// The convolutions that read map `index` as codes; nil if something else does, or none. Means of maps
    /// without an activation read floats.
    fileprivate func productReaders(of index: Int) -> [Node]? {
        let readers = consumers(of: index).map { nodes[$0] }.filter { reader in
            if case .globalMean = reader.operation, isOpenMap(index) { return false }
            return reader.inputs[0] == index
        }
        let fits = readers.allSatisfy { reader in
            switch reader.operation {
            case .convolution, .depthwise: true
            default: false
            }
        }
        return fits && !readers.isEmpty ? readers : nil
    }

    /// Whether map `index` has no activation, and neither has what is added to it.
    func isOpenMap(_ index: Int) -> Bool {
        if case .resize = nodes[index].operation { return isOpenMap(nodes[index].inputs[0]) }
        guard case .convolution(let convolution) = nodes[index].operation,
            convolution.activation == .none
        else { return false }
        return !convolution.isResidual || isOpenMap(nodes[index].inputs[1])
    }

    /// Whether map `index` ends in ReLU6, is no output and added to nothing. The first map of the network,
    /// which is never quantised, is none of them.
    fileprivate func isClippedMap(_ index: Int) -> Bool {
        let isRead = consumers(of: index).allSatisfy { nodes[$0].inputs[0] == index }
        guard isRead, !outputs.contains(where: { $0.value == index }) else { return false }
        switch nodes[index].operation {
        case .convolution(let convolution):
            guard case .image = nodes[nodes[index].inputs[0]].operation else {
                return convolution.activation == .relu6 && !convolution.isResidual
            }
            return false
        case .depthwise(let convolution): return convolution.activation == .relu6
        default: return false
        }
    }

    fileprivate func isDepthwise(_ index: Int) -> Bool {
        if case .depthwise = nodes[index].operation { true } else { false }
    }
}
