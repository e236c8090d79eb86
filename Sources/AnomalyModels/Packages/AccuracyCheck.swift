package import Inference
import Kernels

/// Runs a network in int8 and in float32 on the same inputs and compares all outputs.
package struct AccuracyCheck {
    /// One of the inputs.
    package enum Sample: Sendable {
        /// RGB `[side, side, 3]`.
        case image([UInt8])
        case tokens([Int32])
    }

    /// Compares on `samples`. Calls `progress` after each with how many are done.
    ///
    /// - Parameters:
    ///   - quantised: what int8 is computed with.
    ///   - float: what float32 is computed with.
    ///
    /// Throws `inputSize` or `weights`. Blocks.
    package static func taps(
        of network: Network, quantised: any WeightSource, float: any WeightSource, samples: [Sample],
        progress: (Int) -> Void
    ) throws(ModelError) -> [TapAccuracy] {
        var taps: [String: TapAccuracy] = [:]
        var order: [String] = []
        var known: (input: Network.Input, pair: Pair)?
        for (index, sample) in samples.enumerated() {
            let input = sample.input
            if known?.input != input {
                known = (
                    input,
                    try Pair(try network.graph(input, outputs: .blocks), quantised: quantised, float: float)
                )
            }
            guard let pair = known?.pair else { continue }
            pair.run(sample)
            for (name, width) in pair.outputs {
                guard let found = pair.session.floats(name), let expected = pair.reference.output(name) else {
                    continue
                }
                if taps[name] == nil { order.append(name) }
                taps[name, default: TapAccuracy(name, width: width)].add(found, expected)
            }
            progress(index + 1)
        }
        return order.compactMap { taps[$0] }
    }

    /// The two ways to run one graph.
    private struct Pair {
        let session: Session
        let reference: ReferenceSession
        let outputs: [(name: String, width: Int)]

        init(_ graph: Graph, quantised: any WeightSource, float: any WeightSource) throws(ModelError) {
            do {
                let model = try unsafe CompiledModel(graph, weights: quantised, kernels: KernelTable(.best))
                session = try Session(model, pool: TensorPool())
                reference = try ReferenceSession(
                    graph, weights: float, kernels: KernelTable(.best), keepsAll: false)
                outputs = graph.outputs.map { ($0.name, graph.nodes[$0.value].shape.last ?? 1) }
            } catch { throw .weights(directory: "", error) }
        }

        func run(_ sample: Sample) {
            switch sample {
            case .image(let pixels):
                unsafe session.withInput { unsafe $0.copyBytes(from: pixels) }
                session.run()
                reference.run(image: pixels)
            case .tokens(let ids):
                unsafe session.withInput { input in
                    unsafe ids.withUnsafeBytes { unsafe input.copyMemory(from: $0) }
                }
                session.run()
                reference.run(tokens: ids)
            }
        }
    }
}

extension AccuracyCheck.Sample {
    /// What the sample is an input of.
    package var input: Network.Input {
        switch self {
        case .image(let pixels): .image(side: Int(Double(pixels.count / 3).squareRoot().rounded()))
        case .tokens(let ids): .tokens(count: ids.count)
        }
    }
}
