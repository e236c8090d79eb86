package import AnomalyModels

/// A batch of pictures for `ZeroShotNetwork`.
package struct ZeroShotBatch: Sendable {
    package let count: Int
    /// Of each tap `[count, side, side, channels + 2]`: the unit vector of a patch, then the roots of its doubled
    /// rarities with fewer and with more neighbours.
    package var patches: [[Float]]
    package var sides: [Int]
    /// `[count, cells, cells]`, 0 or 1.
    package var masks: [Float]
    package var cells: Int
    /// T_N and T_A of each picture, `[count, 2, width]`.
    package var columns: [Float]

    /// 1 for each picture with a defect.
    var labels: [Float] {
        (0..<count).map { picture in
            masks[picture * cells * cells..<(picture + 1) * cells * cells].contains(1) ? 1 : 0
        }
    }
}

/// AdaCLIP-E's head as it is trained: see `ZeroShotHead` for what it computes (METHODS.md 3.4).
package struct ZeroShotNetwork {
    package let parameters = Parameters<Float>()
    package let hidden: Int
    package let channels: [Int]
    package static let temperature: Float = 0.07
    private static let taps = ["s8", "s16", "s32"]

    /// Random weights of `seed`; the adapter of the sentences begins at the identity.
    package init(hidden: Int, channels: [Int], seed: UInt64) {
        (self.hidden, self.channels) = (hidden, channels)
        let width = ZeroShotHead.width, inner = ZeroShotHead.adapterWidth
        for (tap, count) in zip(Self.taps, channels) {
            parameters.add("\(tap).weight", [hidden, count + 2], .uniform(seed: seed), decays: true)
        }
        parameters.add("bias", [hidden], .zeros, decays: false)
        parameters.add("projection.weight", [width, hidden], .uniform(seed: seed), decays: true)
        parameters.add("projection.bias", [width], .zeros, decays: false)
        parameters.add("adapter.a.weight", [inner, width], .uniform(seed: seed), decays: true)
        parameters.add("adapter.a.bias", [inner], .zeros, decays: false)
        parameters.add("adapter.b.weight", [width, inner], .zeros, decays: true)
        parameters.add("adapter.b.bias", [width], .zeros, decays: false)
        parameters.add("anchors", [2, width], .zeros, decays: false)
    }

    /// The loss of a batch: focal and dice of the map, focal and cross entropy of the image's score.
    package func loss(_ tape: Tape<Float>, _ batch: ZeroShotBatch) -> Tensor<Float> {
        let (patches, direction) = (embedded(tape, batch), direction(tape, batch))
        let (count, side, width) = (batch.count, batch.sides[0], ZeroShotHead.width)
        let margins = tape.product(
            tape.reshape(patches, [count, side * side, width]), direction, alpha: 1 / Self.temperature)
        let map = tape.resize(
            tape.reshape(margins, [count, side, side, 1]), height: batch.cells, width: batch.cells,
            alignsCorners: false)
        let cells = batch.cells * batch.cells
        let logits = tape.reshape(map, [count, cells]), mask = tape.constant(batch.masks, [count, cells])
        let p = tape.sigmoid(logits)
        let inverse = tape.scale(p, by: -1, offset: 1)
        let good = tape.constant(batch.masks.map { 1 - $0 }, [count, cells])
        let score = imageScore(tape, patches, tape.values(margins), direction, batch)
        let labels = tape.constant(batch.labels, [count])
        return [
            tape.scale(tape.focal(logits: logits, targets: mask, gamma: 2), by: 4),
            tape.dice(p, targets: mask), tape.dice(inverse, targets: good),
            tape.focal(logits: score, targets: labels, gamma: 2),
            tape.scale(tape.binaryCrossEntropy(logits: score, targets: labels), by: 0.5),
        ].reduce(tape.constant([0], [])) { tape.add($0, $1) }
    }

    /// F_P at unit length, `[count * side * side, width]`.
    private func embedded(_ tape: Tape<Float>, _ batch: ZeroShotBatch) -> Tensor<Float> {
        let side = batch.sides[0]
        var sum: Tensor<Float>?
        for (index, tap) in Self.taps.enumerated() {
            let own = batch.sides[index]
            let patches = tape.constant(
                batch.patches[index], [batch.count, own, own, channels[index] + 2])
            let bias = index == 0 ? parameter(tape, "bias") : nil
            var said = tape.linear(patches, parameter(tape, "\(tap).weight"), bias)
            if own != side { said = tape.resize(said, height: side, width: side, alignsCorners: false) }
            sum = sum.map { tape.add($0, said) } ?? said
        }
        guard let sum else { preconditionFailure("a network of no taps") }
        let flat = tape.reshape(tape.relu(sum), [batch.count * side * side, hidden])
        return tape.normalise(
            tape.linear(flat, parameter(tape, "projection.weight"), parameter(tape, "projection.bias")))
    }

    /// F_A - F_N of each picture, `[count, width, 1]`.
    private func direction(_ tape: Tape<Float>, _ batch: ZeroShotBatch) -> Tensor<Float> {
        let (count, width) = (batch.count, ZeroShotHead.width)
        let columns = tape.constant(batch.columns, [2 * count, width])
        let inner = tape.relu(
            tape.linear(columns, parameter(tape, "adapter.a.weight"), parameter(tape, "adapter.a.bias")))
        let outer = tape.linear(
            inner, parameter(tape, "adapter.b.weight"), parameter(tape, "adapter.b.bias"))
        let anchors = tape.gather(
            parameter(tape, "anchors"), rows: (0..<2 * count).map { $0 % 2 })
        let adapted = tape.normalise(tape.add(tape.add(columns, anchors), outer))
        let pairs = tape.reshape(adapted, [count, 2, width])
        let direction = tape.subtract(
            tape.slice(pairs, axis: 1, 1..<2), tape.slice(pairs, axis: 1, 0..<1))
        return tape.reshape(direction, [count, width, 1])
    }

    /// The share of the patches whose mean stands for a picture while training (METHODS.md 3.4, item 4): its gradient
    /// reaches more patches than that of the highest margins, which judge.
    private static let worstShare = 0.073

    /// The margin of the mean of the worst patches of each picture, `[count]`.
    private func imageScore(
        _ tape: Tape<Float>, _ patches: Tensor<Float>, _ margins: [Float], _ direction: Tensor<Float>,
        _ batch: ZeroShotBatch
    ) -> Tensor<Float> {
        let count = batch.count, size = batch.sides[0] * batch.sides[0]
        let most = max(2, Int((Self.worstShare * Double(size)).rounded()))
        let rows = (0..<count).flatMap { picture in
            (picture * size..<(picture + 1) * size).sorted { (-margins[$0], $0) < (-margins[$1], $1) }
                .prefix(most)
        }
        let chosen = tape.reshape(tape.gather(patches, rows: rows), [count, most, ZeroShotHead.width])
        let worst = tape.normalise(tape.mean(chosen, axis: 1))
        let score = tape.product(
            tape.reshape(worst, [count, 1, ZeroShotHead.width]), direction, alpha: 1 / Self.temperature)
        return tape.reshape(score, [count])
    }

    private func parameter(_ tape: Tape<Float>, _ name: String) -> Tensor<Float> {
        tape.parameter(name, of: parameters)
    }
}

extension ZeroShotNetwork {
    /// The head as inspection reads it.
    package func head(
        trunk: PatchBank.Trunk, mapWeight: Float, imageWeight: Float, limit: Float, median: Float
    ) -> ZeroShotHead {
        var tensors: [String: [Float]] = [:]
        for parameter in parameters.all { tensors[parameter.name] = parameter.values }
        var rarity = [Float](repeating: 0, count: hidden * ZeroShotHead.rarities)
        for (index, tap) in Self.taps.enumerated() {
            let values = tensors["\(tap).weight"] ?? [], width = channels[index] + 2
            tensors["\(tap).weight"] = (0..<hidden).flatMap { row in
                values[row * width..<(row + 1) * width - 2]
            }
            for row in 0..<hidden {
                for which in 0..<2 {
                    rarity[row * ZeroShotHead.rarities + 2 * index + which] =
                        values[(row + 1) * width - 2 + which]
                }
            }
        }
        tensors["rarity.weight"] = rarity
        return ZeroShotHead(
            trunk: trunk, hidden: hidden, channels: channels, tensors: tensors,
            temperature: Self.temperature, mapWeight: mapWeight, imageWeight: imageWeight, limit: limit,
            median: median)
    }
}
