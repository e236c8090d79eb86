import Inference
import Kernels
import Synchronization
import Tensors
import Testing

struct PackedConstantsTests {
    @Test(
        "constants of another run give the same bytes and need no weights", arguments: SmallNetworks.allCases)
    func restores(network: SmallNetworks) throws {
        let packed = try unsafe CompiledModel(
            network.graph, weights: SmallWeights(), kernels: KernelTable(.best))
        let bytes = unsafe packed.withConstants { unsafe Array($0) }
        let reads = CountingWeights()
        let restored = try unsafe CompiledModel(network.graph, weights: reads, kernels: KernelTable(.best)) {
            layout, memory in
            unsafe memory.copyBytes(from: bytes)
            return layout == packed.constantLayout && memory.count == bytes.count
        }
        #expect(reads.count == 0)
        let pool = TensorPool(), image = network.image(1)
        #expect(
            try Session(restored, pool: pool).bits(of: image) == Session(packed, pool: pool).bits(of: image))
    }

    @Test("another graph has another layout of constants")
    func layouts() throws {
        let layouts = try SmallNetworks.allCases.map {
            try unsafe CompiledModel($0.graph, weights: SmallWeights(), kernels: KernelTable(.best))
                .constantLayout
        }
        #expect(Set(layouts).count == layouts.count)
    }

    @Test("multiply-adds are counted as by hand")
    func multiplyAdds() {
        // stem, expand, depthwise, project, classifier
        #expect(
            SmallNetworks.convolutional.graph.multiplyAdds
                == 100 * 32 * 27 + 100 * 40 * 32 + 100 * 40 * 25 + 100 * 32 * 40 + 32 * 32)
    }
}

/// `SmallWeights` that count how often weights were read.
private final class CountingWeights: WeightSource {
    private let weights = SmallWeights()
    private let reads = Atomic<Int>(0)

    var count: Int { reads.load(ordering: .relaxed) }

    func floats(_ name: String, shape: [Int]) -> [Float] {
        reads.add(1, ordering: .relaxed)
        return weights.floats(name, shape: shape)
    }

    func codes(_ name: String, shape: [Int], axis: ChannelAxis) -> QuantisedWeights {
        reads.add(1, ordering: .relaxed)
        return weights.codes(name, shape: shape, axis: axis)
    }

    func table(_ name: String, width: Int) -> [Float] { weights.table(name, width: width) }
    func factors(_ name: String, width: Int) -> [Float]? { weights.factors(name, width: width) }
    func activation(_ name: String) -> QuantisationParameters? { weights.activation(name) }
}
