import Inference
import Platform
import Tensors

/// Networks that are small enough to run thousands of times and use every kind of call between them.
enum SmallNetworks: String, CaseIterable, CustomStringConvertible {
    case convolutional, transformer, hybrid

    var description: String { rawValue }

    var graph: Graph {
        var g = Graph()
        switch self {
        case .convolutional:
            let image = g.image(height: 20, width: 20)
            let stem = g.convolution(image, "stem", kernel: 3, stride: 2, channels: 32, activation: .relu6)
            let wide = g.convolution(stem, "expand", kernel: 1, stride: 1, channels: 40, activation: .relu6)
            let deep = g.depthwise(wide, "depthwise", kernel: 5, stride: 1, activation: .relu6)
            let sum = g.convolution(
                deep, "project", kernel: 1, stride: 1, channels: 32, activation: .none, residual: stem)
            g.output(sum, as: "map")
            g.output(g.linear(g.globalMean(sum, "mean"), "classifier", width: 32), as: "logits")
        case .transformer:
            let image = g.image(height: 40, width: 40)
            let tokens = g.patches(image, "tokens", size: 8, width: 64, normalisation: .clip)
            let normed = g.layerNorm(tokens, "norm1", epsilon: 1e-5)
            let mixed = g.attention(g.linear(normed, "qkv", width: 192), "heads", heads: 2)
            let x = g.linear(mixed, "out", width: 64, residual: tokens)
            let hidden = g.linear(
                g.layerNorm(x, "norm2", epsilon: 1e-5), "fc1", width: 256, activation: .gelu)
            let y = g.linear(hidden, "fc2", width: 64, residual: x)
            g.output(y, as: "map")
            g.output(g.l2Normalise(g.firstRow(y, "class"), "embedding"), as: "embedding")
        case .hybrid:
            let image = g.image(height: 24, width: 40)
            let stem = g.convolution(image, "stem", kernel: 3, stride: 2, channels: 32, activation: .relu6)
            let fine = g.convolution(
                stem, "project", kernel: 1, stride: 1, channels: 24, activation: .none)
            let coarse = g.convolution(
                stem, "coarse", kernel: 3, stride: 4, channels: 64, activation: .none)
            let large = g.resize(coarse, "large", height: 6, width: 10)
            let map = g.convolution(
                fine, "join", kernel: 2, stride: 2, channels: 64, activation: .none, residual: large)
            let token = g.linear(g.globalMean(coarse, "mean"), "class", width: 64, isFloat: true)
            let rows = g.sequence(token, map, "rows")
            g.output(rows, as: "rows")
            let mixed = g.attention(
                g.linear(g.layerNorm(rows, "norm", epsilon: 1e-5), "qkv", width: 192), "heads", heads: 2)
            g.output(g.linear(mixed, "out", width: 64, residual: rows), as: "map")
        }
        return g
    }

    /// Bytes that differ from place to place and from `frame` to frame.
    func image(_ frame: Int) -> [UInt8] {
        (0..<graph.inputShape.reduce(1, *)).map {
            UInt8(truncatingIfNeeded: ($0 + 31 * frame) &* 2_654_435_761 >> 7)
        }
    }
}

/// Weights that depend on their name and nothing else.
struct SmallWeights: WeightSource {
    func floats(_ name: String, shape: [Int]) -> [Float] {
        var random = SplitMix64(seed: name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
        let scale: Float = shape.count > 1 ? 2 / Float(shape.dropFirst().reduce(1, *)).squareRoot() : 0.2
        return (0..<shape.reduce(1, *)).map { _ in
            (random.unit() - 0.5) * scale + (name.hasPrefix("norm") && name.hasSuffix("weight") ? 1 : 0)
        }
    }

    func codes(_ name: String, shape: [Int], axis: ChannelAxis) -> QuantisedWeights {
        QuantisedWeights(
            quantising: floats(name, shape: shape),
            channels: axis == .first ? shape[0] : shape[shape.count - 1], axis: axis)
    }

    func table(_ name: String, width: Int) -> [Float] { floats(name, shape: [64, width]) }

    func factors(_ name: String, width: Int) -> [Float]? { nil }

    func activation(_ name: String) -> QuantisationParameters? {
        switch name {
        case "image": QuantisationParameters(scale: 1 / 128, zeroPoint: 127)
        case "project": QuantisationParameters(scale: 8 / 255, zeroPoint: 128)
        default: QuantisationParameters(scale: 6 / 255, zeroPoint: 0)
        }
    }
}

extension SplitMix64 {
    /// Uniform in 0..<1.
    mutating func unit() -> Float { Float(next() >> 40) / 16_777_216 }

    mutating func number(below limit: Int) -> Int { Int(next() % UInt64(limit)) }
}

extension Session {
    /// Runs `image` and returns every output, as bit patterns.
    func bits(of image: [UInt8]) -> [String: [UInt32]] {
        write(image)
        run()
        var outputs: [String: [UInt32]] = [:]
        for output in model.graph.outputs { outputs[output.name] = floats(output.name)?.map(\.bitPattern) }
        return outputs
    }

    /// Writes the input of the next run. Allocation-free.
    func write(_ image: [UInt8]) {
        unsafe withInput { target in unsafe image.withUnsafeBytes { unsafe target.copyMemory(from: $0) } }
    }
}
