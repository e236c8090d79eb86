public import Tensors

/// Where a compiler finds the weights of a graph: float values as trained, or codes as packaged.
///
/// Shapes are asked for, so that a wrong one is an error of the source, which knows the file. Weights are
/// read when they are packed, and not at all where a cache has them packed; `table`, `factors`,
/// `zeroOffsets` and `activation` are always asked for.
public protocol WeightSource {
    /// Values of `name` in float32, in row-major order.
    func floats(_ name: String, shape: [Int]) throws(InferenceError) -> [Float]

    /// Codes of `name` with one scale for each index of `axis`, the output channel.
    func codes(_ name: String, shape: [Int], axis: ChannelAxis) throws(InferenceError) -> QuantisedWeights

    /// A table `[rows, width]` of as many rows as there are.
    func table(_ name: String, width: Int) throws(InferenceError) -> [Float]

    /// Equalisation: what the rows or the map that node `name` computes are multiplied with before they are
    /// quantised (the weights that read them are divided by it); nil for none.
    func factors(_ name: String, width: Int) throws(InferenceError) -> [Float]?

    /// What is added to the zero point of each channel of the map that node `name` computes, in codes, where
    /// it is quantised to be read; nil for none.
    func zeroOffsets(_ name: String, width: Int) throws(InferenceError) -> [Float]?

    /// The calibrated quantisation of the value that node `name` computes; nil if there is none.
    func activation(_ name: String) -> QuantisationParameters?
}

extension WeightSource {
    public func zeroOffsets(_ name: String, width: Int) throws(InferenceError) -> [Float]? { nil }
}

/// Which index of a weight tensor is the output channel.
public enum ChannelAxis: Sendable {
    /// `[channels, ...]`: matrices and dense convolutions.
    case first
    /// `[..., channels]`: depthwise convolutions.
    case last
}

/// Weights as s8 codes in -127...127 with one scale per output channel: w = code * scale.
public struct QuantisedWeights: Hashable, Sendable {
    public let codes: [Int8]
    public let scale: [Float]

    public init(codes: [Int8], scale: [Float]) {
        self.codes = codes
        self.scale = scale
    }

    /// Quantises `values` symmetrically, scale = max |w| / 127 per channel (METHODS.md 10.1).
    ///
    /// A channel of zeros gets `floor`, so that a bias can still be expressed in units of it.
    public init(quantising values: [Float], channels: Int, axis: ChannelAxis, floor: Float = 0x1p-20) {
        let depth = values.count / channels
        var codes = [Int8](repeating: 0, count: values.count)
        var scale = [Float](repeating: floor, count: channels)
        for channel in 0..<channels {
            let (start, stride) = axis == .first ? (channel * depth, 1) : (channel, channels)
            var greatest: Float = 0
            for k in 0..<depth { greatest = max(greatest, abs(values[start + k * stride])) }
            guard greatest > 0 else { continue }
            scale[channel] = greatest / 127
            for k in 0..<depth {
                let code = (values[start + k * stride] / scale[channel]).rounded(.toNearestOrEven)
                codes[start + k * stride] = Int8(min(max(code, -127), 127))
            }
        }
        self.init(codes: codes, scale: scale)
    }

    /// The values that the codes stand for.
    public func dequantised(axis: ChannelAxis) -> [Float] {
        let depth = codes.count / scale.count
        return codes.indices.map { index in
            Float(codes[index]) * scale[axis == .first ? index / depth : index % scale.count]
        }
    }
}

/// Why a graph cannot be compiled or run.
public enum InferenceError: Error, Hashable, CustomStringConvertible {
    case missingWeights(name: String, shape: [Int])
    case wrongShape(name: String, expected: [Int], found: [Int])
    case unreadableWeights(name: String, reason: String)
    case notCalibrated(node: String)
    case scaleOutOfRange(node: String, channel: Int)
    case outOfMemory(bytes: Int)

    public var description: String {
        switch self {
        case .missingWeights(let name, let shape):
            "weights '\(name)' \(shape) are missing. Import the model again from its checkpoint."
        case .wrongShape(let name, let expected, let found):
            "weights '\(name)' have shape \(found), the network needs \(expected)."
        case .unreadableWeights(let name, let reason):
            "weights '\(name)' cannot be read: \(reason)"
        case .notCalibrated(let node):
            "the package has no calibration of '\(node)'. Import the model again with --calibration DIR."
        case .scaleOutOfRange(let node, let channel):
            "the scales of '\(node)' channel \(channel) exceed the range of int32. Calibrate with other images."
        case .outOfMemory(let bytes):
            "cannot reserve \(bytes) bytes. Free memory or use a smaller model."
        }
    }
}
