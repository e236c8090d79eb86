import Training

/// A network whose step is measured.
protocol BenchedNetwork {
    var parameters: Parameters<Float> { get }
    func loss(_ tape: Tape<Float>) -> Tensor<Float>
}

extension BenchedNetwork {
    func addLinear(_ name: String, _ outputs: Int, _ inputs: Int) {
        parameters.add("\(name).weight", [outputs, inputs], .uniform(seed: 1), decays: true)
        parameters.add("\(name).bias", [outputs], .zeros, decays: false)
    }

    func addNorm(_ name: String, _ width: Int) {
        parameters.add("\(name).weight", [width], .constant(1), decays: false)
        parameters.add("\(name).bias", [width], .zeros, decays: false)
    }

    /// The values of a parameter.
    ///
    /// - Precondition: there is one of this name.
    func value(_ tape: Tape<Float>, _ name: String) -> Tensor<Float> {
        tape.parameter(name, of: parameters)
    }

    /// A layer norm if the name ends so, else a linear layer.
    func layer(_ tape: Tape<Float>, _ name: String, _ x: Tensor<Float>) -> Tensor<Float> {
        let (weight, bias) = (value(tape, "\(name).weight"), value(tape, "\(name).bias"))
        return name.hasSuffix("norm")
            ? tape.layerNorm(x, gain: weight, bias: bias, epsilon: 1e-5) : tape.linear(x, weight, bias)
    }

    /// AdamW over its parameters.
    func trainer(_ workers: Workers) -> Trainer<Float> {
        var settings = Adam<Float>.Settings()
        settings.decay = .decoupled(0.05)
        return Trainer(
            tape: Tape(workers: workers), optimiser: Adam(parameters, settings),
            schedule: Schedule(peak: 1e-4, warmUpSteps: 10, totalSteps: 100_000))
    }
}
