import Inference
import Kernels
import Tensors
import Testing

struct FinerPartsTests {
    /// A tower's block, and a product of what it gives.
    private static func graph(isFine: Bool) -> Graph {
        var g = Graph()
        let image = g.image(height: 40, width: 40)
        let tokens = g.patches(image, "tokens", size: 8, width: 64, normalisation: .clip)
        let qkv = g.linear(g.layerNorm(tokens, "norm1", epsilon: 1e-5), "qkv", width: 192)
        let x = g.linear(g.attention(qkv, "heads", heads: 2), "out", width: 64, residual: tokens)
        let hidden = g.linear(g.layerNorm(x, "norm2", epsilon: 1e-5), "fc1", width: 256, activation: .gelu)
        let y = g.linear(hidden, "fc2", width: 64, residual: x)
        g.output(y, as: "map")
        g.output(g.linear(y, "said", width: 32, isFine: isFine), as: "said")
        return g
    }

    /// |int8 - float32| / |float32| of output `name`.
    private static func error(_ graph: Graph, _ name: String, _ weights: some WeightSource) throws -> Double {
        let kernels = KernelTable(.best), image = SmallNetworks.transformer.image(1)
        let session = try unsafe Session(
            CompiledModel(graph, weights: weights, kernels: kernels), pool: TensorPool())
        let reference = try ReferenceSession(graph, weights: weights, kernels: kernels, keepsAll: false)
        session.write(image)
        session.run()
        reference.run(image: image)
        let found = try #require(session.floats(name)), expected = try #require(reference.output(name))
        var (errors, squares) = (0.0, 0.0)
        for (a, b) in zip(found, expected) {
            errors += Double(a - b) * Double(a - b)
            squares += Double(b) * Double(b)
        }
        return (errors / squares).squareRoot()
    }

    @Test("products in float32 and probabilities in 16 bits bring a block closer to float32")
    func finer() throws {
        let plain = Self.graph(isFine: false)
        let products: Set<String> = ["qkv", "out", "fc1", "fc2"]
        let usual = try Self.error(plain, "map", SmallWeights())
        let float = try Self.error(plain.finer(products), "map", SmallWeights())
        let whole = try Self.error(plain.finer(products.union(["heads"])), "map", SmallWeights())
        #expect(float < 0.8 * usual && whole < float, "\(usual), \(float), \(whole)")
        #expect(try Self.error(plain.finer(["nothing", "norm1"]), "map", SmallWeights()) == usual)
    }

    @Test("rows in 16 bits keep small channels beside a great one")
    func fineRows() throws {
        // What lies in front is in float32 on both sides, but for the queries, keys and values.
        let front: Set<String> = ["qkv", "heads", "out", "fc1", "fc2"]
        let weights = OutlierWeights()
        let usual = try Self.error(Self.graph(isFine: false).finer(front), "said", weights)
        let fine = try Self.error(Self.graph(isFine: true).finer(front), "said", weights)
        #expect(usual > 0.05 && fine < usual / 4, "\(usual), \(fine)")
    }

    @Test("and every instruction set gives the same bits", arguments: InstructionSet.available)
    func instructionSets(instructions: InstructionSet) throws {
        let graph = Self.graph(isFine: true).finer(["fc1", "heads", "out"])
        let image = SmallNetworks.transformer.image(2)
        func bits(_ instructions: InstructionSet) throws -> [String: [UInt32]] {
            try unsafe Session(
                CompiledModel(
                    graph, weights: SmallWeights(), kernels: KernelTable(instructions)),
                pool: TensorPool()
            ).bits(of: image)
        }
        #expect(try bits(instructions) == bits(InstructionSet.named("scalar")))
    }
}

/// `SmallWeights` with a channel of the residual a hundred times the others, which `said` does not read.
private struct OutlierWeights: WeightSource {
    private let usual = SmallWeights()

    func floats(_ name: String, shape: [Int]) -> [Float] {
        var values = usual.floats(name, shape: shape)
        if name == "fc2.bias" { values[5] = 60 }
        if name == "said.weight" { for row in 0..<shape[0] { values[row * shape[1] + 5] = 0 } }
        return values
    }

    func codes(_ name: String, shape: [Int], axis: ChannelAxis) -> QuantisedWeights {
        QuantisedWeights(
            quantising: floats(name, shape: shape),
            channels: axis == .first ? shape[0] : shape[shape.count - 1], axis: axis)
    }

    func table(_ name: String, width: Int) -> [Float] { usual.table(name, width: width) }
    func factors(_ name: String, width: Int) -> [Float]? { nil }
    func activation(_ name: String) -> QuantisationParameters? { usual.activation(name) }
}
