import AnomalyModels
import Inference
import Kernels
import Testing

struct WeightRoundingTests {
    @Test("rounding for the results is nearer to the float results than rounding to the nearest code")
    func nearerResults() throws {
        let graph = Self.graph()
        let weights = Self.weights(for: graph)
        let images = PatternImages(seed: 21, width: 48, height: 48)
        var moments = try InputMoments(
            graph, weights: FloatSource(weights), kernels: KernelTable(.best), samplesPerImage: 64)
        for image in images.first(24) { moments.add(image: image) }
        let rounded = weights.rounded(for: graph, moments, damping: 0.01)

        var errors: (nearest: Double, rounded: Double) = (0, 0)
        for index in 100..<108 {
            let image = images.image(index)
            let expected = try Self.result(graph, weights, image)
            errors.nearest +=
                Agreement(try Self.result(graph, Self.onGrid(weights), image), expected, width: 24).relativeL2
            errors.rounded +=
                Agreement(try Self.result(graph, rounded, image), expected, width: 24).relativeL2
        }
        #expect(errors.rounded < 0.8 * errors.nearest, "\(errors)")
    }

    @Test("rounded weights lie on the grid of their scale: quantising them again changes nothing")
    func onTheGrid() throws {
        let graph = Self.graph()
        let weights = Self.weights(for: graph)
        var moments = try InputMoments(
            graph, weights: FloatSource(weights), kernels: KernelTable(.best), samplesPerImage: 16)
        for image in PatternImages(seed: 22, width: 48, height: 48).first(4) { moments.add(image: image) }
        let rounded = weights.rounded(for: graph, moments, damping: 0.01)
        for (name, tensor) in Self.onGrid(rounded).tensors where name.hasSuffix(".weight") {
            let values = try #require(rounded.tensors[name]?.values)
            #expect(zip(tensor.values, values).allSatisfy { abs($0 - $1) <= 1e-6 * abs($1) }, "\(name)")
        }
    }

    private static func graph() -> Graph {
        var g = Graph()
        let image = g.image(height: 48, width: 48)
        let stem = g.convolution(image, "stem", kernel: 3, stride: 2, channels: 16, activation: .relu6)
        let middle = g.depthwise(stem, "middle", kernel: 3, stride: 1, activation: .relu6)
        g.output(
            g.convolution(middle, "last", kernel: 1, stride: 1, channels: 24, activation: .none), as: "last")
        return g
    }

    private static func weights(for graph: Graph) -> FloatWeights {
        let random = RandomWeights(seed: 9)
        var weights = FloatWeights()
        for (name, shape) in [("stem", [16, 3, 3, 3]), ("middle", [3, 3, 16]), ("last", [24, 16])] {
            let channels = name == "middle" ? 16 : shape[0]
            weights.tensors[name + ".weight"] = (shape, random.floats(name + ".weight", shape: shape))
            weights.tensors[name + ".bias"] = ([channels], random.floats(name + ".bias", shape: [channels]))
        }
        return weights
    }

    private static func onGrid(_ weights: FloatWeights) -> FloatWeights {
        var result = weights
        for (name, tensor) in weights.tensors where name.hasSuffix(".weight") {
            let axis: ChannelAxis = name.hasPrefix("middle") ? .last : .first
            let channels = axis == .first ? tensor.shape[0] : 16
            result.tensors[name]?.values = QuantisedWeights(
                quantising: tensor.values, channels: channels, axis: axis
            )
            .dequantised(axis: axis)
        }
        return result
    }

    private static func result(_ graph: Graph, _ weights: FloatWeights, _ image: [UInt8]) throws -> [Float] {
        let session = try ReferenceSession(
            graph, weights: FloatSource(weights), kernels: KernelTable(.best), keepsAll: false)
        session.run(image: image)
        return try #require(session.output("last"))
    }
}
