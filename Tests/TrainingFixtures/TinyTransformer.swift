public import Training

/// A transformer block with a batch norm and a classifier, small enough to be trained in a test.
public struct TinyTransformer {
    public let parameters = Parameters<Float>()
    private let statistics: RunningStatistics<Float>
    let tokens = 9
    let width = 24
    let classes = 5

    /// With the same weights each time.
    public init() {
        statistics = parameters.addStatistics("middle", channels: 4 * 24)
        add("norm1", [width], .constant(1), decays: false)
        add("qkv", [3 * width, width], .uniform(seed: 1), decays: true)
        add("out", [width, width], .uniform(seed: 1), decays: true)
        add("norm2", [width], .constant(1), decays: false)
        add("up", [4 * width, width], .uniform(seed: 1), decays: true)
        add("middle", [4 * width], .constant(1), decays: false)
        add("down", [width, 4 * width], .uniform(seed: 1), decays: true)
        add("head", [classes, width], .uniform(seed: 1), decays: true)
    }

    private func add(_ name: String, _ shape: [Int], _ initial: Initial, decays: Bool) {
        parameters.add("\(name).weight", shape, initial, decays: decays)
        parameters.add("\(name).bias", [shape[0]], .zeros, decays: false)
    }

    private func layer(_ tape: Tape<Float>, _ name: String, _ x: Tensor<Float>) -> Tensor<Float> {
        guard let weight = parameters["\(name).weight"], let bias = parameters["\(name).bias"] else {
            return x
        }
        if name == "middle" {
            return tape.batchNorm(
                x, gain: tape.parameter(weight), bias: tape.parameter(bias), statistics: statistics,
                epsilon: 1e-3)
        }
        return name.hasPrefix("norm")
            ? tape.layerNorm(x, gain: tape.parameter(weight), bias: tape.parameter(bias), epsilon: 1e-5)
            : tape.linear(x, tape.parameter(weight), tape.parameter(bias))
    }

    /// The loss on a batch drawn from `random`: tokens with the class written into their mean.
    public func loss(_ tape: Tape<Float>, _ random: inout RandomNumbers) -> Tensor<Float> {
        let batch = 4
        let targets = (0..<batch).map { _ in random.nextIndex(below: classes) }
        var values: [Float] = []
        for target in targets {
            for _ in 0..<tokens {
                for column in 0..<width {
                    values.append(Float(random.nextNormal() * 0.5 + (column % classes == target ? 1 : 0)))
                }
            }
        }
        var x = tape.constant(values, [batch, tokens, width])
        let qkv = layer(tape, "qkv", layer(tape, "norm1", x))
        x = tape.add(x, layer(tape, "out", tape.selfAttention(qkv: qkv, heads: 3)))
        let middle = layer(tape, "middle", layer(tape, "up", layer(tape, "norm2", x)))
        x = tape.add(x, layer(tape, "down", tape.quickGELU(middle)))
        return tape.crossEntropy(layer(tape, "head", tape.mean(x, axis: 1)), targets: targets)
    }

    /// A trainer of it with its generator.
    public func trainer() throws -> Trainer<Float> {
        var settings = Adam<Float>.Settings()
        settings.decay = .decoupled(0.05)
        settings.clip = 1
        return Trainer(
            tape: Tape(workers: try Workers(count: 2)), optimiser: Adam(parameters, settings),
            schedule: Schedule(peak: 3e-3, warmUpSteps: 5, totalSteps: 200))
    }

    /// All parameters and running statistics, one after the other.
    public var weights: [Float] {
        parameters.all.flatMap(\.values) + statistics.mean + statistics.variance
    }
}
