package import AnomalyModels
import Imaging

extension SegmentationNetwork {
    /// What a fusion block makes of a batch, at the finest grid.
    struct Fused {
        /// Y and r, `[count, patches, width]`.
        let patches: Tensor<Float>
        let gaps: Tensor<Float>
        /// What is said of each patch, `[count, patches, said]`.
        let said: Tensor<Float>
    }

    /// What the margin of the text counts in the loss.
    private static let textShare: Float = 0.5

    /// Numbers of a patch in the block.
    private var blockWidth: Int { SegmentationHead.blockWidth(width) }

    /// Adds the weights of the block: attentions begin as if there were none, a gate half open.
    func addBlock(_ kind: FusionBlock.Kind, seed: UInt64) {
        let looks = has(.attention) ? 1.0 : 0
        for (name, shape) in FusionBlock.shapes(width: blockWidth, kind) where name != "block.text" {
            let isAttention = name.contains("patches") || name.contains("words")
            let initial: Initial
            if name.hasSuffix("gain") {
                initial = .constant(1)
            } else if shape.count > 1, !name.hasSuffix("out.weight") {
                initial = .uniform(seed: seed)
            } else {
                initial = .zeros
            }
            parameters.add(
                name, shape, initial, decays: shape.count > 1,
                rate: isAttention ? looks : 1)
        }
        for (name, shape) in FusionBlock.textShapes(width: blockWidth, sentence: columns?.normal.count ?? 0) {
            let begins = shape.count > 1 && name != "text.b.weight"
            parameters.add(name, shape, begins ? .uniform(seed: seed) : .zeros, decays: shape.count > 1)
        }
    }

    /// The batch behind the block; nil without one.
    func fused(_ tape: Tape<Float>, _ batch: [Input]) -> Fused? {
        guard let block else { return nil }
        let (count, grid, half) = (batch.count, batch[0].grid, width)
        let patches = grid.pixelCount
        let fine = adapted(tape, 0, batch, patches), second = batch[0].grids[1]
        let coarse = tape.reshape(
            tape.concatenate(adapted(tape, 1, batch, second.pixelCount), axis: 1),
            [count, second.height, second.width, 2 * half])
        let raised = tape.reshape(
            tape.resize(coarse, height: grid.height, width: grid.width, alignsCorners: false),
            [count * patches, 2 * half])
        func joined(_ index: Int) -> Tensor<Float> {
            let part = tape.slice(raised, axis: 1, index * half..<(index + 1) * half)
            return tape.reshape(
                tape.concatenate([fine[index], part], axis: 1), [count, patches, blockWidth])
        }
        let sentences = tape.constant(
            Self.joined(batch) { $0.columns }, [2 * count, columns?.normal.count ?? 0])
        let text = tape.fusionText(sentences) { parameter(tape, $0) }
        let gaps = joined(1)
        let (fused, said) = tape.fusionBlock(
            block, patches: joined(0), gaps: gaps, text: tape.reshape(text, [count, 2, blockWidth]),
            centres: centres(tape, batch)
        ) { parameter(tape, $0) }
        return Fused(patches: fused, gaps: gaps, said: said)
    }

    /// C of each picture: the centres of a tap in its numbers, 0 in those of the others.
    private func centres(_ tape: Tape<Float>, _ batch: [Input]) -> Tensor<Float> {
        let (count, half) = (batch.count, width), rows = count * FusionBlock.centres
        let nothing = tape.constant([Float](repeating: 0, count: rows * half), [rows, half])
        let tokens = channels.indices.map { tap in
            let own =
                readsFeatures ? adapter(tape, tap, Self.joined(batch) { $0.centres[tap] }, rows) : nothing
            let parts = channels.indices.map { $0 == tap ? own : nothing }
            return tape.reshape(
                tape.concatenate(parts, axis: 1), [count, FusionBlock.centres, blockWidth])
        }
        return tape.concatenate(tokens, axis: 1)
    }

    /// What the first layer says behind the block, `[count, height, width, hidden]`.
    func said(_ tape: Tape<Float>, _ fused: Fused, _ batch: [Input]) -> Tensor<Float> {
        let (count, grid, hidden) = (batch.count, batch[0].grid, SegmentationHead.hidden)
        let half = width
        var sum = tape.linear(fused.said, parameter(tape, "block.said"), nil)
        for (tap, name) in SegmentationHead.taps.enumerated() {
            let size = batch[0].grids[tap], own = evidence(tape, tap, batch)
            let evidence =
                size == grid
                ? own
                : tape.resize(
                    tape.reshape(own, [count, size.height, size.width, own.width]),
                    height: grid.height, width: grid.width, alignsCorners: false)
            var parts = [tape.reshape(evidence, [count, grid.pixelCount, own.width])]
            if tap < channels.count {
                let part = tap * half..<(tap + 1) * half
                parts =
                    [tape.slice(fused.patches, axis: 2, part), tape.slice(fused.gaps, axis: 2, part)] + parts
            }
            let rows = parts.count > 1 ? tape.concatenate(parts, axis: 2) : parts[0]
            sum = tape.add(
                sum,
                tape.linear(
                    rows, parameter(tape, "input.\(name)"), tap == 0 ? parameter(tape, "input.bias") : nil))
        }
        return tape.reshape(sum, [count, grid.height, grid.width, hidden])
    }

    /// L_txt of METHODS.md 4.4: focal and dice loss of the margin of the text; nil without a block.
    func blockLoss(
        _ tape: Tape<Float>, _ fused: Fused?, _ batch: [Input], _ mask: Tensor<Float>
    ) -> Tensor<Float>? {
        guard let fused else { return nil }
        let (count, grid) = (batch.count, batch[0].grid)
        let margins = tape.reshape(
            tape.slice(fused.said, axis: 2, 0..<1), [count, grid.height, grid.width, 1])
        let map = tape.resize(
            margins, height: 2 * grid.height, width: 2 * grid.width, alignsCorners: false)
        let flat = tape.reshape(map, mask.shape)
        return tape.scale(
            tape.add(
                tape.scale(tape.focal(logits: flat, targets: mask, gamma: 2), by: 4),
                tape.dice(tape.sigmoid(flat), targets: mask)), by: Self.textShare)
    }

    /// Takes the text adapter of `shared` over, for a head that goes on from that.
    package func startText(from shared: SharedHead) {
        for (name, _) in FusionBlock.textShapes(width: blockWidth, sentence: columns?.normal.count ?? 0) {
            if let values = shared.tensors[name] { parameters[name]?.values = values }
        }
    }
}
