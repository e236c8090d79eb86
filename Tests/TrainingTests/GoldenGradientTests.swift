import Foundation
import Testing
import Training

/// What PyTorch 1.13 makes of the same operators: see Golden/make-golden.py.
struct Golden: Decodable {
    struct Case: Decodable {
        let name: String
        let shapes: [[Int]]
        let inputs: [[Double]]
        let output: [Double]
        let weights: [Double]
        let gradients: [[Double]]
    }

    struct Run: Decodable {
        let name: String
        let start: [Double]
        let rates: [Double]
        let gradients: [[Double]]
        let end: [Double]
    }

    let cases: [Case]
    let optimisers: [Run]

    static let file: Golden? = Bundle.module.url(
        forResource: "golden", withExtension: "json", subdirectory: "Golden"
    )
    .flatMap { try? JSONDecoder().decode(Golden.self, from: Data(contentsOf: $0)) }
}

struct GoldenGradientTests {
    @Test("outputs and gradients equal PyTorch's: 1e-7 in double, 1e-4 in single precision")
    func gradients() throws {
        let golden = try #require(Golden.file)
        let workers = try Workers(count: 2)
        #expect(golden.cases.count >= 50)
        for known in golden.cases {
            let function: any TestFunction = try #require(
                OperatorCase(rawValue: known.name) ?? LossCase(rawValue: known.name) as (any TestFunction)?)
            #expect(function.shapes == known.shapes, "\(known.name)")
            let double = worstError(function, known, in: Double.self, workers)
            let single = worstError(function, known, in: Float.self, workers)
            #expect(double <= 1e-7, "\(known.name): \(double)")
            #expect(single <= 1e-4, "\(known.name): \(single)")
        }
    }

    /// The largest difference in the output and each gradient, over the largest number there.
    private func worstError<Scalar: TrainingScalar>(
        _ function: any TestFunction, _ known: Golden.Case, in _: Scalar.Type, _ workers: Workers
    ) -> Double {
        let tape = Tape<Scalar>(workers: workers)
        tape.begin()
        let inputs = zip(known.inputs, known.shapes).map { tape.variable($0.map { Scalar($0) }, $1) }
        let y = function.apply(tape, inputs)
        let weights = tape.constant(known.weights.map { Scalar($0) }, y.shape)
        tape.backward(tape.sum(tape.multiply(y, weights)))
        let results = [tape.values(y)] + inputs.map { tape.gradientValues(of: $0) }
        return zip(results, [known.output] + known.gradients).map { ours, theirs in
            let largest = max(theirs.map(abs).max() ?? 0, 1e-3)
            return zip(ours, theirs).map { abs(Double($0) - $1) }.max().map { $0 / largest } ?? .infinity
        }.max() ?? .infinity
    }

    @Test("Adam with L2, AdamW and AMSGrad walk PyTorch's way", arguments: ["adam", "adamW", "amsgrad"])
    func optimisers(name: String) throws {
        let run = try #require(Golden.file?.optimisers.first { $0.name == name })
        let parameters = Parameters<Double>()
        let weight = parameters.add("x", [run.start.count], .values(run.start), decays: true)
        var settings = Adam<Double>.Settings()
        settings.decay = name == "adam" ? .l2(0.1) : .decoupled(0.1)
        settings.isAMSGrad = name == "amsgrad"
        settings.beta2 = name == "amsgrad" ? 0.98 : 0.999
        let optimiser = Adam(parameters, settings)
        let workers = try Workers(count: 1)
        for (rate, gradient) in zip(run.rates, run.gradients) {
            // The gradient of Σ g x is g.
            let tape = Tape<Double>(workers: workers)
            tape.begin()
            parameters.clearGradients()
            let factors = tape.constant(gradient, [gradient.count])
            tape.backward(tape.sum(tape.multiply(tape.parameter(weight), factors)))
            optimiser.update(rate: rate, norm: optimiser.gradientNorm(), workers: workers)
        }
        for (ours, theirs) in zip(weight.values, run.end) { #expect(abs(ours - theirs) < 1e-12) }
    }
}
