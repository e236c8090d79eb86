import Inference
import Kernels
import Tensors

/// Passes weights through and remembers in which form each was read: what a package has to contain, and how.
final class RecordingSource: WeightSource {
    private let source: any WeightSource
    /// The tensors that were read as codes.
    private(set) var codes: [String: (shape: [Int], weights: QuantisedWeights)] = [:]
    /// The tensors that were read as floats.
    private(set) var floats: Set<String> = []
    /// The nodes whose quantisation was asked for.
    private(set) var activations: Set<String> = []

    init(_ source: any WeightSource) { self.source = source }

    func floats(_ name: String, shape: [Int]) throws(InferenceError) -> [Float] {
        floats.insert(name)
        return try source.floats(name, shape: shape)
    }

    func codes(_ name: String, shape: [Int], axis: ChannelAxis) throws(InferenceError) -> QuantisedWeights {
        let weights = try source.codes(name, shape: shape, axis: axis)
        codes[name] = (shape, weights)
        return weights
    }

    func table(_ name: String, width: Int) throws(InferenceError) -> [Float] {
        floats.insert(name)
        return try source.table(name, width: width)
    }

    func factors(_ name: String, width: Int) throws(InferenceError) -> [Float]? {
        try source.factors(name, width: width)
    }

    func zeroOffsets(_ name: String, width: Int) throws(InferenceError) -> [Float]? {
        try source.zeroOffsets(name, width: width)
    }

    func activation(_ name: String) -> QuantisationParameters? {
        activations.insert(name)
        return source.activation(name)
    }
}
