/// An encoder-decoder that fills holes in grey pictures (Pathak et al., 2016), the U-Net of METHODS.md 5.2 step 1: blocks
/// of two 3x3 convolutions, each with a layer norm over the channels and ReLU, at 1/2, 1/4, 1/8 and 1/16 of the picture's
/// side, and skips.
struct InpaintingNetwork {
    static let widths = [32, 48, 64, 96]
    /// Sides of pictures are multiples of this.
    static let unit = 16
    /// Pixels of a block beside each other that the network reads and writes at once.
    static let block = 2

    let parameters = Parameters<Float>()

    /// Random weights by `seed`.
    init(seed: UInt64) {
        let inputs = 2 * Self.block * Self.block
        for (level, width) in Self.widths.enumerated() {
            addBlock("down.\(level)", inputs: level == 0 ? inputs : Self.widths[level - 1], width, seed)
        }
        for level in 0..<Self.widths.count - 1 {
            addBlock(
                "up.\(level)", inputs: Self.widths[level] + Self.widths[level + 1], Self.widths[level], seed)
        }
        addConvolution("out", inputs: Self.widths[0], Self.block * Self.block, kernel: 1, seed)
    }

    private func addBlock(_ name: String, inputs: Int, _ outputs: Int, _ seed: UInt64) {
        for (part, depth) in [inputs, outputs].enumerated() {
            addConvolution("\(name).\(part)", inputs: depth, outputs, kernel: 3, seed)
            parameters.add("\(name).\(part).gain", [outputs], .constant(1), decays: false)
            parameters.add("\(name).\(part).shift", [outputs], .zeros, decays: false)
        }
    }

    private func addConvolution(
        _ name: String, inputs: Int, _ outputs: Int, kernel: Int, _ seed: UInt64
    ) {
        parameters.add(
            "\(name).weight", [outputs, kernel, kernel, inputs], .uniform(seed: seed), decays: true)
        parameters.add("\(name).bias", [outputs], .zeros, decays: false)
    }

    private func parameter(_ tape: Tape<Float>, _ name: String) -> Tensor<Float> {
        tape.parameter(name, of: parameters)
    }

    private func convolution(_ tape: Tape<Float>, _ x: Tensor<Float>, _ name: String) -> Tensor<Float> {
        tape.convolve(
            x, parameter(tape, "\(name).weight"), parameter(tape, "\(name).bias"), stride: 1,
            padding: .same)
    }

    private func block(_ tape: Tape<Float>, _ x: Tensor<Float>, _ name: String) -> Tensor<Float> {
        [0, 1].reduce(x) { x, part in
            let y = convolution(tape, x, "\(name).\(part)")
            return tape.relu(
                tape.layerNorm(
                    y, gain: parameter(tape, "\(name).\(part).gain"),
                    bias: parameter(tape, "\(name).\(part).shift"), epsilon: 1e-5))
        }
    }

    /// What the network reads of a picture: for each pixel grey less a half, 0 in holes; and 1 in holes, else 0.
    static func input(_ picture: [Float], holes: [Float]) -> [Float] {
        zip(picture, holes).flatMap { [($0 - 0.5) * (1 - $1), $1] }
    }

    /// What the pictures look like, holes filled.
    ///
    /// - Parameters:
    ///   - pictures: `[N, height, width, 2]`, of `input`.
    /// - Returns: logits of grey, `[N, height / 2, width / 2, 4]`: the pixels of each block, its rows from the top.
    func filled(_ tape: Tape<Float>, _ pictures: Tensor<Float>) -> Tensor<Float> {
        var x = tape.spaceToDepth(pictures, size: Self.block), kept: [Tensor<Float>] = []
        for level in Self.widths.indices {
            if level > 0 { x = tape.maxPool(x, size: 2, stride: 2, padding: .plain(0)) }
            x = block(tape, x, "down.\(level)")
            kept.append(x)
        }
        for level in (0..<Self.widths.count - 1).reversed() {
            let skip = kept[level]
            let wide = tape.resize(
                x, height: skip.shape[1], width: skip.shape[2], alignsCorners: false)
            x = block(tape, tape.concatenate([skip, wide], axis: 3), "up.\(level)")
        }
        return convolution(tape, x, "out")
    }
}
