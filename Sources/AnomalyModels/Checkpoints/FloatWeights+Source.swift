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
        // A 1x1 convolution and a matrix are the same numbers: sizes of 1 do not count.
        guard tensor.shape.filter({ $0 != 1 }) == shape.filter({ $0 != 1 }) else {
            throw .wrongShape(name: name, expected: shape, found: tensor.shape)
        }
        return tensor.values
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
