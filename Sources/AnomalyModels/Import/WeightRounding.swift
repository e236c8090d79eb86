package import Inference

/// Rounds weights to their s8 codes so that the results of a layer keep, rather than the weights.
///
/// Rounding each weight to the nearest code leaves errors that add up where inputs move together, as pixels
/// of a window do. With the second moments H of the inputs, the error of a result is e^T H e for the errors e
/// of its weights; one code after the other is moved to where that is least, until none moves (cyclic
/// coordinate descent as in QuantEase, Behdin et al. 2023). What remains of the mean error goes into the
/// bias.
struct WeightRounding {
    private static let mostSweeps = 20

    let depth: Int
    /// `[depth, depth]`, damped.
    private let moment: [Float]

    /// - Parameter damping: share of the mean diagonal that is added to the diagonal of H: how little the
    ///   calibration images are trusted.
    init(secondMoment: [Float], depth: Int, damping: Float) {
        self.depth = depth
        var moment = secondMoment
        let trace = (0..<depth).reduce(Float(0)) { $0 + moment[$1 * depth + $1] }
        let extra = max(trace / Float(depth) * damping, 1e-12)
        for k in 0..<depth { moment[k * depth + k] += extra }
        self.moment = moment
    }

    /// The weights `row`, `[depth]`, on the grid of their scale max |w| / 127. The greatest keeps the code
    /// 127 or -127, so that quantising the result again gives the same codes.
    func rounded(_ row: [Float]) -> [Float] {
        guard let greatest = row.indices.max(by: { abs(row[$0]) < abs(row[$1]) }), row[greatest] != 0 else {
            return row
        }
        let scale = abs(row[greatest]) / 127
        var codes = row.map { min(max(($0 / scale).rounded(.toNearestOrEven), -127), 127) }
        var slope = [Float](repeating: 0, count: depth)  // H e
        for k in 0..<depth { add((codes[k] * scale - row[k]), column: k, to: &slope) }
        for _ in 0..<Self.mostSweeps {
            var hasMoved = false
            for k in 0..<depth where k != greatest {
                let wanted = codes[k] - slope[k] / (moment[k * depth + k] * scale)
                let code = min(max(wanted.rounded(.toNearestOrEven), -127), 127)
                guard code != codes[k] else { continue }
                add((code - codes[k]) * scale, column: k, to: &slope)
                codes[k] = code
                hasMoved = true
            }
            if !hasMoved { break }
        }
        return codes.map { $0 * scale }
    }

    /// H is symmetric: its columns are its rows.
    private func add(_ change: Float, column: Int, to slope: inout [Float]) {
        guard change != 0 else { return }
        let start = column * depth
        unsafe moment.withUnsafeBufferPointer { moment in
            unsafe slope.withUnsafeMutableBufferPointer { slope in
                for i in 0..<depth { unsafe slope[i] += change * moment[start + i] }
            }
        }
    }
}

extension FloatWeights {
    /// The weights of all convolutions of `graph` on their grids, with what is left of the mean error in the
    /// biases.
    ///
    /// - Parameter damping: see `WeightRounding`.
    package func rounded(for graph: Graph, _ moments: InputMoments, damping: Float) -> FloatWeights {
        var result = self
        for node in graph.nodes {
            guard let statistics = moments[node.name], let weight = tensors["\(node.name).weight"] else {
                continue
            }
            let depth = statistics.depth, channels = node.shape[2], isDepthwise = statistics.groups > 1
            var values = weight.values, bias = tensors["\(node.name).bias"]?.values ?? []
            // What is read is multiplied by these first.
            let factors =
                isDepthwise ? nil : tensors["\(graph.nodes[node.inputs[0]].name).factors"]?.values
            let dense =
                isDepthwise
                ? nil
                : WeightRounding(
                    secondMoment: statistics.secondMoment(0, factors: factors), depth: depth, damping: damping
                )
            for channel in 0..<channels {
                let places = (0..<depth).map { isDepthwise ? $0 * channels + channel : channel * depth + $0 }
                let row = places.map { weight.values[$0] }
                let rounding =
                    dense
                    ?? WeightRounding(
                        secondMoment: statistics.secondMoment(channel, factors: nil), depth: depth,
                        damping: damping)
                let rounded = rounding.rounded(row)
                let mean = statistics.mean(isDepthwise ? channel : 0, factors: factors)
                for k in 0..<depth {
                    values[places[k]] = rounded[k]
                    bias[channel] += (row[k] - rounded[k]) * mean[k]
                }
            }
            result.tensors["\(node.name).weight"]?.values = values
            result.tensors["\(node.name).bias"]?.values = bias
        }
        return result
    }
}
