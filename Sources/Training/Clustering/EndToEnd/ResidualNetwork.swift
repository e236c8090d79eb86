/// ResNet-18 (He et al., 2016) without its classifier, trained from random weights: a 7x7 stem of stride 2, max pooling, and
/// four stages of two blocks of two 3x3 convolutions, each stage after the first halving the map.
struct ResidualNetwork<Scalar: TrainingScalar> {
    private let name: String
    private let widths: [Int]
    private let parameters: Parameters<Scalar>

    /// Adds its parameters, named `name.…`; `widths` are those of the stages, 64 128 256 512 in the paper.
    init(_ name: String, channels: Int, widths: [Int], seed: UInt64, in parameters: Parameters<Scalar>) {
        (self.name, self.widths, self.parameters) = (name, widths, parameters)
        add("stem", channels, widths[0], kernel: 7, seed)
        for (stage, width) in widths.enumerated() {
            let inputs = stage == 0 ? widths[0] : widths[stage - 1]
            for block in 0..<2 {
                let part = "\(stage).\(block)", entering = block == 0 ? inputs : width
                add("\(part).first", entering, width, kernel: 3, seed)
                add("\(part).second", width, width, kernel: 3, seed)
                if block == 0, stage > 0 { add("\(part).skip", entering, width, kernel: 1, seed) }
            }
        }
    }

    private func add(_ part: String, _ inputs: Int, _ outputs: Int, kernel: Int, _ seed: UInt64) {
        parameters.add(
            "\(name).\(part).weight", [outputs, kernel, kernel, inputs], .uniform(seed: seed), decays: true)
        parameters.add("\(name).\(part).gain", [outputs], .constant(1), decays: false)
        parameters.add("\(name).\(part).shift", [outputs], .zeros, decays: false)
        parameters.addStatistics("\(name).\(part)", channels: outputs)
    }

    /// The map before the pooling, `[N, height / 32, width / 32, last width]`, of pictures `[N, height, width, channels]`.
    func map(_ tape: Tape<Scalar>, _ pictures: Tensor<Scalar>) -> Tensor<Scalar> {
        var x = tape.relu(layer(tape, pictures, "stem", stride: 2))
        x = tape.maxPool(x, size: 3, stride: 2, padding: .same)
        for stage in widths.indices {
            for block in 0..<2 {
                let part = "\(stage).\(block)", stride = block == 0 && stage > 0 ? 2 : 1
                let inner = tape.relu(layer(tape, x, "\(part).first", stride: stride))
                let outer = layer(tape, inner, "\(part).second", stride: 1)
                let skip = stride == 1 ? x : layer(tape, x, "\(part).skip", stride: stride)
                x = tape.relu(tape.add(outer, skip))
            }
        }
        return x
    }

    /// A convolution without bias and a batch norm.
    private func layer(
        _ tape: Tape<Scalar>, _ x: Tensor<Scalar>, _ part: String, stride: Int
    ) -> Tensor<Scalar> {
        let path = "\(name).\(part)"
        guard let statistics = parameters.statistics.first(where: { $0.name == path })?.value else {
            preconditionFailure("no batch norm '\(path)'")
        }
        let y = tape.convolve(
            x, tape.parameter("\(path).weight", of: parameters), nil, stride: stride, padding: .same)
        return tape.batchNorm(
            y, gain: tape.parameter("\(path).gain", of: parameters),
            bias: tape.parameter("\(path).shift", of: parameters), statistics: statistics, epsilon: 1e-5)
    }
}
