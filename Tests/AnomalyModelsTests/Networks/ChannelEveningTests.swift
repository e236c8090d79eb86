import AnomalyModels
import Inference
import Kernels
import Tensors
import Testing

struct ChannelEveningTests {
    @Test("evening channels out leaves the float results of a network as they were")
    func sameResults() throws {
        let network = EfficientNetLite.lite0
        let graph = network.graph(height: 32, width: 32, taps: [0, 4, 10], hasClassifier: true)
        let weights = randomWeights(of: graph, network)
        let images = Array(PatternImages(seed: 31, width: 32, height: 32).first(8))
        var calibration = try Calibration(graph, weights: FloatSource(weights), kernels: KernelTable(.best))
        for image in images { calibration.add(image: image) }
        let (even, activations) = weights.evenedOut(for: graph, calibration)

        let before = try ReferenceSession(
            graph, weights: FloatSource(weights), kernels: KernelTable(.best), keepsAll: false)
        let after = try ReferenceSession(
            graph, weights: FloatSource(even, activations: activations), kernels: KernelTable(.best),
            keepsAll: false)
        before.run(image: images[3])
        after.run(image: images[3])
        for (name, value) in graph.outputs {
            let agreement = Agreement(
                try #require(after.output(name)), try #require(before.output(name)),
                width: graph.nodes[value].shape.last ?? 1)
            #expect(agreement.relativeL2 < 1e-4, "\(name): \(agreement)")
        }
        #expect(activations["block3.expand"]?.scale == Float(6) / 255)
        #expect(even.tensors["block2.project.factors"]?.values.count == 24)
        #expect(even.tensors["block2.project.zeros"]?.values.count == 24)
        #expect(even.tensors["head.factors"] == nil)
    }

    private func randomWeights(of graph: Graph, _ network: EfficientNetLite) -> FloatWeights {
        let random = RandomWeights(seed: 3)
        var weights = FloatWeights()
        for node in graph.nodes {
            let channels = node.shape.last ?? 1, from = node.inputs.first.map { graph.nodes[$0].shape } ?? []
            let shape: [Int]
            switch node.operation {
            case .convolution(let convolution):
                shape = [channels, convolution.kernel, convolution.kernel, from[2]]
            case .depthwise(let convolution): shape = [convolution.kernel, convolution.kernel, channels]
            case .linear: shape = [channels, from[1]]
            default: continue
            }
            weights.tensors["\(node.name).weight"] = (
                shape, random.floats("\(node.name).weight", shape: shape)
            )
            weights.tensors["\(node.name).bias"] = (
                [channels], random.floats("\(node.name).bias", shape: [channels])
            )
        }
        return weights
    }
}
