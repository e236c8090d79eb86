package import Inference
import Platform
package import Tensors

/// Weights of the usual scale drawn from a seed, for networks whose checkpoint is not at hand: speed does not
/// depend on values.
package struct RandomWeights: WeightSource, Sendable {
    private let seed: UInt64

    package init(seed: UInt64) { self.seed = seed }

    package func floats(_ name: String, shape: [Int]) -> [Float] {
        var random = SplitMix64(
            seed: seed
                ^ name.utf8.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 })
        let count = shape.reduce(1, *)
        if name.contains("norm") && name.hasSuffix(".weight") {
            return (0..<count).map { _ in 1 + 0.1 * random.normal() }
        }
        let fanIn = shape.count > 1 ? Float(shape.dropFirst().reduce(1, *)) : 2500
        return (0..<count).map { _ in random.normal() / fanIn.squareRoot() }
    }

    package func codes(_ name: String, shape: [Int], axis: ChannelAxis) -> QuantisedWeights {
        let channels = axis == .first ? shape[0] : shape[shape.count - 1]
        return QuantisedWeights(quantising: floats(name, shape: shape), channels: channels, axis: axis)
    }

    package func table(_ name: String, width: Int) -> [Float] { floats(name, shape: [512, width]) }

    package func factors(_ name: String, width: Int) -> [Float]? { nil }

    package func activation(_ name: String) -> QuantisationParameters? {
        if name == "image" { return QuantisationParameters(scale: 1 / 128, zeroPoint: 127) }
        return name.hasSuffix("project")
            ? QuantisationParameters(scale: 8 / 255, zeroPoint: 128)
            : QuantisationParameters(scale: 6 / 255, zeroPoint: 0)
    }
}
