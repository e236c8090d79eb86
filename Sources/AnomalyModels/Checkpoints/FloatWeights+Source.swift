package import Inference
package import Tensors

/// Float weights as a compiler reads them: quantised on the way, with the activations that a calibration
/// found.
package struct FloatSource: WeightSource {
    package let weights: FloatWeights
    package let activations: [String: QuantisationParameters]

    package init(_ weights: FloatWeights, activations: [String: QuantisationParameters] = [:]) {
        self.weights = weights
        self.activations = activations
    }

    package func floats(_ name: String, shape: [Int]) throws(InferenceError) -> [Float] {
        guard let tensor = weights.tensors[name] else { throw .missingWeights(name: name, shape: shape) }
        if name == "vision.positions", tensor.shape != shape {
            return try positions(tensor, shape)
        }
        // A 1x1 convolution and a matrix are the same numbers: sizes of 1 do not count.
        guard tensor.shape.filter({ $0 != 1 }) == shape.filter({ $0 != 1 }) else {
            throw .wrongShape(name: name, expected: shape, found: tensor.shape)
        }
        return tensor.values
    }

    /// The positions of a tower for another square of patches than it was trained with.
    private func positions(
        _ tensor: (shape: [Int], values: [Float]), _ shape: [Int]
    ) throws(InferenceError) -> [Float] {
        func side(_ rows: Int) -> Int { Int(Double(rows - 1).squareRoot().rounded()) }
        let (source, target) = (side(tensor.shape[0]), side(shape[0]))
        guard tensor.shape[1] == shape[1], source * source + 1 == tensor.shape[0],
            target * target + 1 == shape[0]
        else { throw .wrongShape(name: "vision.positions", expected: shape, found: tensor.shape) }
        return PositionalEmbedding.resized(
            tensor.values, width: shape[1], from: (rows: source, columns: source),
            to: (rows: target, columns: target))
    }

    package func codes(_ name: String, shape: [Int], axis: ChannelAxis) throws(InferenceError)
        -> QuantisedWeights
    {
        let channels = axis == .first ? shape[0] : shape[shape.count - 1]
        return QuantisedWeights(quantising: try floats(name, shape: shape), channels: channels, axis: axis)
    }

    package func table(_ name: String, width: Int) throws(InferenceError) -> [Float] {
        guard let tensor = weights.tensors[name] else {
            throw .missingWeights(name: name, shape: [0, width])
        }
        return try floats(name, shape: [tensor.shape[0], width])
    }

    package func factors(_ name: String, width: Int) -> [Float]? {
        weights.tensors["\(name).factors"]?.values
    }

    package func zeroOffsets(_ name: String, width: Int) -> [Float]? {
        weights.tensors["\(name).zeros"]?.values
    }

    package func activation(_ name: String) -> QuantisationParameters? { activations[name] }
}
