import Training

/// A product of a step, and how often it occurs in it.
struct BenchProduct {
    let rows: Int
    let columns: Int
    let depth: Int
    var isLeftTransposed = false
    var isRightTransposed = false

    /// Multiplications and additions.
    var operations: Double { 2 * Double(rows * columns * depth) }
}

/// A transformer block with random weights on random tokens, which are differentiated as well.
struct BenchNetwork: BenchedNetwork {
    /// What is measured: LiteVL's width, and one of CLIP's, where the products dominate.
    static var all: [BenchNetwork] {
        [
            BenchNetwork("block of 192, 32 x 257 tokens", width: 192, batch: 32, tokens: 257),
            BenchNetwork("block of 768, 8 x 197 tokens", width: 768, batch: 8, tokens: 197),
        ]
    }

    let label: String
    let parameters = Parameters<Float>()
    private let shape: [Int]
    private let input: [Float]

    private init(_ label: String, width: Int, batch: Int, tokens: Int) {
        self.label = label
        shape = [batch, tokens, width]
        var random = RandomNumbers(seed: 1, stream: "bench")
        input = (0..<batch * tokens * width).map { _ in Float(random.nextNormal()) }
        for (name, outputs, inputs) in layers { addLinear(name, outputs, inputs) }
        for name in ["first.norm", "second.norm"] { addNorm(name, width) }
    }

    private var layers: [(name: String, outputs: Int, inputs: Int)] {
        let width = shape[2]
        return [
            ("qkv", 3 * width, width), ("out", width, width), ("up", 4 * width, width),
            ("down", width, 4 * width),
        ]
    }

    /// The mean square of what the block makes of its tokens.
    func loss(_ tape: Tape<Float>) -> Tensor<Float> {
        var x = tape.variable(input, shape)
        let qkv = layer(tape, "qkv", layer(tape, "first.norm", x))
        x = tape.add(x, layer(tape, "out", tape.selfAttention(qkv: qkv, heads: shape[2] / 64)))
        let hidden = tape.quickGELU(layer(tape, "up", layer(tape, "second.norm", x)))
        x = tape.add(x, layer(tape, "down", hidden))
        return tape.mean(tape.square(x))
    }

    /// The products of the linear layers: forward, of the inputs' gradients and of the weights'.
    var products: [BenchProduct] {
        let rows = shape[0] * shape[1]
        return layers.flatMap { layer in
            [
                BenchProduct(
                    rows: rows, columns: layer.outputs, depth: layer.inputs, isRightTransposed: true),
                BenchProduct(rows: rows, columns: layer.inputs, depth: layer.outputs),
                BenchProduct(rows: layer.outputs, columns: layer.inputs, depth: rows, isLeftTransposed: true),
            ]
        }
    }

    /// The products of attention, and how often each occurs: scores and mixtures forward, and of their gradients.
    var attentionProducts: [(product: BenchProduct, count: Int)] {
        let (batch, tokens, width) = (shape[0], shape[1], shape[2])
        let wide = BenchProduct(rows: tokens, columns: tokens, depth: 64, isRightTransposed: true)
        let narrow = BenchProduct(rows: tokens, columns: 64, depth: tokens)
        let turned = BenchProduct(rows: tokens, columns: 64, depth: tokens, isLeftTransposed: true)
        let heads = batch * width / 64
        // Q Kᵀ and dY Vᵀ; P V and dS K; Pᵀ dY and dSᵀ Q.
        return [(wide, 2 * heads), (narrow, 2 * heads), (turned, 2 * heads)]
    }
}
