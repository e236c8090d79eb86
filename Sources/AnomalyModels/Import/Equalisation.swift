import Glibc
package import Inference

/// How far the channels of a transformer are evened out.
package enum Equalisation {
    /// Half of the difference goes to the weights.
    package static let usualExponent: Float = 0.5
}

extension FloatWeights {
    /// The same transformer with its channels evened out for int8 products: SmoothQuant (Xiao et al. 2022)
    /// with an exponent a, usually 0.5.
    ///
    /// Channel j of the rows x that a product reads is multiplied by f_j = max |w_j|^(1 - a) / max |x_j|^a,
    /// column j of its weights divided by it, so that neither side has outliers. Where the factors go:
    ///
    ///  - a layer norm that feeds only products: into its gain and shift;
    ///  - attention: into the rows of qkv that make v, which pass through it unmixed by channel;
    ///  - anything else (a norm whose rows are also a residual, the hidden rows of an MLP): a tensor
    ///    `NODE.factors` that is multiplied in while the rows are quantised.
    /// - Parameter maxima: of the float reference on calibration inputs; nodes it does not know stay as they
    /// are.
    package func equalised(
        for graph: Graph, _ maxima: ChannelMaxima, exponent: Float = Equalisation.usualExponent
    ) -> FloatWeights {
        var result = self
        let outputs = Set(graph.outputs.map(\.value))
        for (index, node) in graph.nodes.enumerated() {
            let consumers = graph.consumers(of: index).map { graph.nodes[$0] }
            let readers = consumers.filter { $0.isQuantisedProduct && $0.inputs[0] == index }
            guard let greatest = maxima.greatest[node.name], !readers.isEmpty else { continue }
            let factors = factors(greatest, readers.map(\.name), exponent)
            switch node.operation {
            case .layerNorm
            where readers.count == consumers.count && !outputs.contains(index)
                && readers.allSatisfy { $0.inputs.dropFirst().allSatisfy { $0 != index } }:
                result.scale("\(node.name).weight") { factors[$0] }
                result.scale("\(node.name).bias") { factors[$0] }
            case .attention where readers.count == consumers.count:
                let width = node.shape[1], qkv = graph.nodes[node.inputs[0]].name
                let factor = { (row: Int) in row < 2 * width ? 1 : factors[row - 2 * width] }
                result.scale("\(qkv).weight") { factor($0 / width) }
                result.scale("\(qkv).bias") { factor($0) }
            case .layerNorm, .linear:
                result.tensors["\(node.name).factors"] = ([factors.count], factors)
            default: continue
            }
            for reader in readers {
                result.scale("\(reader.name).weight") { 1 / factors[$0 % factors.count] }
            }
        }
        return result
    }

    private func factors(_ greatest: [Float], _ readers: [String], _ exponent: Float) -> [Float] {
        var columns = [Float](repeating: 0, count: greatest.count)
        for reader in readers {
            for (i, value) in (tensors["\(reader).weight"]?.values ?? []).enumerated() {
                columns[i % columns.count] = max(columns[i % columns.count], abs(value))
            }
        }
        return zip(columns, greatest).map { weight, value in
            guard weight > 0, value > 0 else { return 1 }
            return exponent == Equalisation.usualExponent
                ? (weight / value).squareRoot() : powf(weight, 1 - exponent) / powf(value, exponent)
        }
    }

    /// Multiplies element i of `name` by `factor(i)`.
    private mutating func scale(_ name: String, by factor: (Int) -> Float) {
        guard let values = tensors[name]?.values else { return }
        tensors[name]?.values = values.indices.map { values[$0] * factor($0) }
    }
}

extension Graph.Node {
    /// Whether its rows are quantised before they are multiplied.
    fileprivate var isQuantisedProduct: Bool {
        if case .linear(let linear) = operation { !linear.isFloat } else { false }
    }
}
