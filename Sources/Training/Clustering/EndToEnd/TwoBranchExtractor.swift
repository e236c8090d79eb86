// MCLFE, AS READ FROM THE ABSTRACT
//
//   picture ── ResNet ── channel and spatial attention ── x (1 + spatial attention of the other) ── mean ── h_I ─┐
//                                                                                                                g ── h ── z
//   picture x (0.2 + 0.8 marks) ── ResNet ── channel and spatial attention ───────────────────────── mean ── h_A ─┘

/// FINE's extractor of two branches, attention and fusion (METHODS.md 5.2 steps 2 and 3), trained end to end. For gradient
/// tests and machines that can afford it: the frozen trunk is what the product uses.
package struct TwoBranchExtractor<Scalar: TrainingScalar> {
    package let parameters = Parameters<Scalar>()
    private let picture: ResidualNetwork<Scalar>
    private let marks: ResidualNetwork<Scalar>
    private let hasAttention: Bool

    /// Of the bottleneck of channel attention.
    private static var squeeze: Int { 16 }
    /// How much of a picture the branch of marks sees where there is none.
    private static var background: Scalar { 0.2 }

    /// Random weights by `seed`. `widths` are those of the four stages, `embedding` that of z. Without attention maps are
    /// taken as they are, to see what it is worth.
    package init(
        widths: [Int] = [64, 128, 256, 512], embedding: Int = 128, hasAttention: Bool = true, seed: UInt64
    ) {
        self.hasAttention = hasAttention
        picture = ResidualNetwork("picture", channels: 3, widths: widths, seed: seed, in: parameters)
        marks = ResidualNetwork("marks", channels: 3, widths: widths, seed: seed, in: parameters)
        let width = widths[widths.count - 1]
        for branch in hasAttention ? ["picture", "marks"] : [] {
            let narrow = max(1, width / Self.squeeze)
            add("\(branch).channels.in", [narrow, width], seed)
            add("\(branch).channels.out", [width, narrow], seed)
            add("\(branch).places.in", [2, width], seed)
            add("\(branch).places.out", [1, 7, 7, 2], seed)
        }
        add("gate", [width, 2 * width], seed)
        add("project.in", [width, width], seed)
        add("project.out", [embedding, width], seed)
    }

    private func add(_ name: String, _ shape: [Int], _ seed: UInt64) {
        parameters.add("\(name).weight", shape, .uniform(seed: seed), decays: true)
        parameters.add("\(name).bias", [shape[0]], .zeros, decays: false)
    }

    private func linear(_ tape: Tape<Scalar>, _ x: Tensor<Scalar>, _ name: String) -> Tensor<Scalar> {
        tape.linear(
            x, tape.parameter("\(name).weight", of: parameters),
            tape.parameter("\(name).bias", of: parameters))
    }

    /// Unit vectors z, `[N, embedding]`.
    ///
    /// - Parameters:
    ///   - pictures: `[N, height, width, 3]`, sides multiples of 32.
    ///   - weights: `[N, height, width, 1]`, 0...1, 1 where the mark is; nil for no auxiliary image: then the branch of marks
    ///     is left out.
    package func embeddings(
        _ tape: Tape<Scalar>, _ pictures: Tensor<Scalar>, weights: Tensor<Scalar>?
    ) -> Tensor<Scalar> {
        let own = attended(tape, picture.map(tape, pictures), "picture")
        var fused = means(tape, own.map)
        if let weights {
            let factors = tape.scale(weights, by: 1 - Self.background, offset: Self.background)
            let shown = tape.scaleRows(pictures, by: tape.reshape(factors, [factors.count]))
            let other = attended(tape, marks.map(tape, shown), "marks")
            let drawn =
                other.places.map { tape.scaleRows(own.map, by: tape.scale($0, by: 1, offset: 1)) } ?? own.map
            let (i, a) = (means(tape, drawn), means(tape, other.map))
            let gate = tape.sigmoid(linear(tape, tape.concatenate([i, a], axis: 1), "gate"))
            // g h_I + (1 - g) h_A
            fused = tape.add(a, tape.multiply(gate, tape.subtract(i, a)))
        }
        return tape.normalise(linear(tape, tape.relu(linear(tape, fused, "project.in")), "project.out"))
    }

    /// The mean over the places of a map: `[N, channels]`.
    private func means(_ tape: Tape<Scalar>, _ map: Tensor<Scalar>) -> Tensor<Scalar> {
        tape.mean(
            tape.reshape(map, [map.shape[0], map.shape[1] * map.shape[2], map.width]), axis: 1)
    }

    /// A map after attention to channels and then to places (after Woo et al., 2018), and the attention to each place,
    /// `[N · height · width]`; without attention the map itself.
    private func attended(
        _ tape: Tape<Scalar>, _ map: Tensor<Scalar>, _ branch: String
    ) -> (map: Tensor<Scalar>, places: Tensor<Scalar>?) {
        guard hasAttention else { return (map, nil) }
        let (count, places) = (map.shape[0], map.shape[1] * map.shape[2])
        let narrow = tape.relu(linear(tape, means(tape, map), "\(branch).channels.in"))
        let channels = tape.sigmoid(linear(tape, narrow, "\(branch).channels.out"))
        let each = tape.gather(channels, rows: (0..<count * places).map { $0 / places })
        let chosen = tape.multiply(map, tape.reshape(each, map.shape))
        let summary = tape.reshape(
            linear(tape, chosen, "\(branch).places.in"), [count, map.shape[1], map.shape[2], 2])
        let attention = tape.sigmoid(
            tape.convolve(
                summary, tape.parameter("\(branch).places.out.weight", of: parameters),
                tape.parameter("\(branch).places.out.bias", of: parameters), stride: 1, padding: .same))
        let factors = tape.reshape(attention, [count * places])
        return (tape.scaleRows(chosen, by: factors), factors)
    }
}
