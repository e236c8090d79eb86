import Training

/// A head of the shape and cost of VTFusion's small one (METHODS.md 4.3), on cached tokens that are random here:
/// adapters, text, a bank of prototypes, the fusion block and the segmentation network, with all five losses.
struct BenchFusionHead: BenchedNetwork {
    static let label = "VTFusion head, 8 x 256 tokens"

    let parameters = Parameters<Float>()
    private let inputs: [(width: Int, tokens: [Float])]
    private let text: [Float]
    private let bank: [Float]
    private let mask: [Float]
    private let batch = 8
    private let side = 16
    private let width = 128

    init() {
        var random = RandomNumbers(seed: 1, stream: "fusion head")
        func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.nextNormal()) } }
        inputs = [160, 112, 192, 192].map { ($0, numbers(8 * 256 * $0)) }
        text = numbers(2 * 384)
        bank = numbers(512 * 128)
        mask = (0..<8 * 64 * 64).map { $0 / 4096 % 2 == 0 && $0 % 64 < 8 ? 1 : 0 }
        for (index, input) in inputs.enumerated() {
            addNorm("adapter\(index).norm", input.width)
            addLinear("adapter\(index).skip", width, input.width)
            addLinear("adapter\(index).down", 64, input.width)
            addLinear("adapter\(index).up", width, 64)
        }
        for (name, outputs, inputs) in [
            ("text.down", 96, 384), ("text.up", 384, 96), ("text.out", width, 384),
            ("gate", width, 2 * width),
            ("map.in", 64, 2 * width + 4), ("map.mix0", 64, 64), ("map.mix1", 64, 64), ("map.out", 1, 32),
        ] { addLinear(name, outputs, inputs) }
        for name in ["toText", "toImage"] {
            addNorm("\(name).norm", width)
            for part in ["q", "k", "v", "out"] { addLinear("\(name).\(part)", width, width) }
        }
        for index in 0..<2 {
            parameters.add(
                "map.depth\(index).weight", [3, 3, 64], .normal(deviation: 0.2, seed: 1), decays: true)
            parameters.add("map.depth\(index).bias", [64], .zeros, decays: false)
        }
        parameters.add("map.smooth.weight", [32, 3, 3, 64], .uniform(seed: 1), decays: true)
        parameters.add("map.smooth.bias", [32], .zeros, decays: false)
        parameters.add("radius", [], .constant(0.05), decays: false)
    }

    func loss(_ tape: Tape<Float>) -> Tensor<Float> {
        let tokens = batch * side * side
        let v = adapted(tape)
        let t0 = tape.constant(text, [2, 384])
        let learned = layer(tape, "text.up", tape.quickGELU(layer(tape, "text.down", t0)))
        let t = tape.normalise(
            layer(tape, "text.out", tape.add(tape.scale(t0, by: 0.9), tape.scale(learned, by: 0.1))))
        let prototypes = tape.normalise(tape.constant(bank, [512, width]))
        let similarity = tape.product(v, prototypes, isRightTransposed: true)
        let visual = tape.scale(tape.topMean(similarity, count: 3), by: -1, offset: 1)
        let (near, _) = tape.nearest(v, among: prototypes)

        let words = tape.repeated(t, batch)
        let centres = tape.repeated(tape.slice(prototypes, axis: 0, 0..<4), batch)
        let grid = tape.reshape(v, [batch, side * side, width])
        let x = tape.add(grid, attend(tape, "toText", grid, tape.concatenate([words, centres], axis: 1)))
        let spoken = tape.add(words, attend(tape, "toImage", words, grid))
        let residual = tape.abs(tape.subtract(v, near))
        let flat = tape.reshape(x, [tokens, width])
        let gate = tape.sigmoid(layer(tape, "gate", tape.concatenate([flat, residual], axis: 1)))
        let y = tape.add(tape.multiply(gate, tape.subtract(flat, residual)), residual)

        let margin = tape.product(v, t, isRightTransposed: true, alpha: 1 / 0.07)
        let textScore = tape.subtract(
            tape.slice(margin, axis: 1, 1..<2), tape.slice(margin, axis: 1, 0..<1))
        let said = tape.product(grid, spoken, isRightTransposed: true)
        let z = tape.concatenate(
            [
                y, residual, tape.reshape(visual, [tokens, 1]), textScore, tape.reshape(said, [tokens, 2]),
            ], axis: 1)
        let map = segmented(tape, tape.reshape(z, [batch, side, side, 2 * width + 4]))
        return total(tape, map: map, visual: visual, textScore: textScore)
    }

    private func adapted(_ tape: Tape<Float>) -> Tensor<Float> {
        let parts = inputs.enumerated().map { index, input in
            let x = layer(
                tape, "adapter\(index).norm", tape.constant(input.tokens, [batch * side * side, input.width]))
            let bent = layer(
                tape, "adapter\(index).up", tape.quickGELU(layer(tape, "adapter\(index).down", x)))
            return tape.add(layer(tape, "adapter\(index).skip", x), tape.scale(bent, by: 0.4))
        }
        let sum = parts.dropFirst().reduce(parts[0]) { tape.add($0, $1) }
        return tape.normalise(tape.scale(sum, by: 0.25))
    }

    private func attend(
        _ tape: Tape<Float>, _ name: String, _ queries: Tensor<Float>, _ keys: Tensor<Float>
    ) -> Tensor<Float> {
        let x = layer(tape, "\(name).norm", queries)
        return layer(
            tape, "\(name).out",
            tape.attention(
                queries: layer(tape, "\(name).q", x), keys: layer(tape, "\(name).k", keys),
                values: layer(tape, "\(name).v", keys), heads: 4))
    }

    private func segmented(_ tape: Tape<Float>, _ z: Tensor<Float>) -> Tensor<Float> {
        var x = layer(tape, "map.in", z)
        for index in 0..<2 {
            x = tape.convolveDepthwise(
                x, value(tape, "map.depth\(index).weight"), value(tape, "map.depth\(index).bias"), stride: 1,
                padding: .same)
            x = tape.relu6(layer(tape, "map.mix\(index)", x))
        }
        x = tape.resize(x, height: 2 * side, width: 2 * side, alignsCorners: false)
        x = tape.relu6(
            tape.convolve(
                x, value(tape, "map.smooth.weight"), value(tape, "map.smooth.bias"), stride: 1, padding: .same
            ))
        x = tape.resize(x, height: 4 * side, width: 4 * side, alignsCorners: false)
        return layer(tape, "map.out", x)
    }

    private func total(
        _ tape: Tape<Float>, map: Tensor<Float>, visual: Tensor<Float>, textScore: Tensor<Float>
    ) -> Tensor<Float> {
        let pixels = 16 * side * side
        let truth = tape.constant(mask, [batch, pixels])
        let logits = tape.reshape(map, [batch, pixels])
        let tokenTruth = tape.constant((0..<batch * side * side).map { $0 % 16 < 2 ? 1 : 0 }, visual.shape)
        let tokenRest = tape.constant((0..<batch * side * side).map { $0 % 16 < 2 ? 0 : 1 }, visual.shape)
        let radius = tape.clamp(value(tape, "radius"), to: 0...1)
        let said = tape.reshape(textScore, visual.shape)
        let top = tape.topMean(tape.sigmoid(logits), share: 0.01)
        let image = tape.constant((0..<batch).map { $0 % 2 == 0 ? 1 : 0 }, [batch])
        let losses = [
            tape.hinge(visual, radius: radius, margin: 0.2, isInside: true, weights: tokenRest),
            tape.hinge(visual, radius: radius, margin: 0.2, isInside: false, weights: tokenTruth),
            tape.focal(logits: said, targets: tokenTruth, gamma: 2),
            tape.focal(logits: logits, targets: truth, gamma: 2),
            tape.dice(tape.sigmoid(logits), targets: truth),
            tape.binaryCrossEntropy(logits: tape.scale(top, by: 4, offset: -2), targets: image),
        ]
        return losses.dropFirst().reduce(losses[0]) { tape.add($0, $1) }
    }
}
