import AnomalyModels
import Testing

/// Height x width x channels, channels last.
struct FeatureMap {
    var height: Int
    var width: Int
    var channels: Int
    var values: [Float]
}

/// Plain float32 layers over converted weights, to hold them against golden vectors.
struct ReferenceLayers {
    private let weights: FloatWeights

    init(_ weights: FloatWeights) { self.weights = weights }

    func values(_ name: String) -> [Float] { weights.tensors[name]!.values }

    func has(_ name: String) -> Bool { weights.tensors[name] != nil }

    /// Rows of [in] to rows of [out], with the bias if there is one.
    func linear(_ input: [Float], _ name: String) -> [Float] {
        let (shape, matrix) = weights.tensors[name + ".weight"]!
        let (outputs, inputs) = (shape[0], shape[1])
        let bias = weights.tensors[name + ".bias"]?.values ?? [Float](repeating: 0, count: outputs)
        var out: [Float] = []
        for start in stride(from: 0, to: input.count, by: inputs) {
            for row in 0..<outputs {
                var sum = bias[row]
                for column in 0..<inputs { sum += input[start + column] * matrix[row * inputs + column] }
                out.append(sum)
            }
        }
        return out
    }

    func norm(_ input: [Float], _ name: String, epsilon: Float) -> [Float] {
        let (gain, bias) = (values(name + ".weight"), values(name + ".bias"))
        let width = gain.count
        return stride(from: 0, to: input.count, by: width).flatMap { start in
            let row = input[start..<start + width]
            let mean = row.reduce(0, +) / Float(width)
            let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(width)
            let scale = 1 / (variance + epsilon).squareRoot()
            return row.enumerated().map { ($1 - mean) * scale * gain[$0] + bias[$0] }
        }
    }

    /// A dense [out, ky, kx, in] or depthwise [ky, kx, channels] convolution; SAME pads as TensorFlow does.
    func convolve(_ map: FeatureMap, _ name: String, stride: Int, isSame: Bool) -> FeatureMap {
        let (shape, filter) = weights.tensors[name + ".weight"]!
        let isDepthwise = shape.count == 3
        let kernel = shape[shape.count - 2]
        let outputs = isDepthwise ? shape[2] : shape[0]
        let bias = weights.tensors[name + ".bias"]?.values ?? [Float](repeating: 0, count: outputs)
        func extent(_ size: Int) -> (count: Int, before: Int) {
            guard isSame else { return ((size - kernel) / stride + 1, 0) }
            let count = (size + stride - 1) / stride
            return (count, max((count - 1) * stride + kernel - size, 0) / 2)
        }
        let (rows, columns) = (extent(map.height), extent(map.width))
        var out = FeatureMap(height: rows.count, width: columns.count, channels: outputs, values: [])
        for row in 0..<rows.count {
            for column in 0..<columns.count {
                var sums = bias
                for ky in 0..<kernel {
                    let y = row * stride + ky - rows.before
                    guard (0..<map.height).contains(y) else { continue }
                    for kx in 0..<kernel {
                        let x = column * stride + kx - columns.before
                        guard (0..<map.width).contains(x) else { continue }
                        let pixel = (y * map.width + x) * map.channels
                        if isDepthwise {
                            let tap = (ky * kernel + kx) * outputs
                            for channel in 0..<outputs {
                                sums[channel] += map.values[pixel + channel] * filter[tap + channel]
                            }
                            continue
                        }
                        for output in 0..<outputs {
                            let tap = ((output * kernel + ky) * kernel + kx) * map.channels
                            for channel in 0..<map.channels {
                                sums[output] += map.values[pixel + channel] * filter[tap + channel]
                            }
                        }
                    }
                }
                out.values += sums
            }
        }
        return out
    }

    func pointwise(_ map: FeatureMap, _ name: String) -> FeatureMap {
        let outputs = weights.tensors[name + ".weight"]!.shape[0]
        return FeatureMap(
            height: map.height, width: map.width, channels: outputs, values: linear(map.values, name))
    }
}

/// Expects `found` within `tolerance` times the largest magnitude of `expected`, and reports the worst
/// element.
func expectClose(
    _ found: [Float], _ expected: [Float], _ tolerance: Float, _ name: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(found.count == expected.count, "\(name)", sourceLocation: sourceLocation)
    let scale = expected.reduce(0) { max($0, abs($1)) }
    let worst = zip(found, expected).enumerated().max { abs($0.1.0 - $0.1.1) < abs($1.1.0 - $1.1.1) }
    guard let (index, (a, b)) = worst else { return }
    #expect(
        abs(a - b) <= tolerance * scale, "\(name)[\(index)] is \(a), not \(b)", sourceLocation: sourceLocation
    )
}
