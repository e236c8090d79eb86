package import AnomalyModels
import Imaging

/// A segmentation head as it is trained: see `SegmentationHead` for what it computes.
package struct SegmentationNetwork {
    /// A part that can be there or not, to see what it is worth (METHODS.md 4.4, ablations).
    package enum Part: String, Sendable, CaseIterable {
        /// Adapters are trained; without, they stay at the principal components.
        case adapters
        /// Patches look at their neighbours.
        case segmentation
        /// Patches and their nearest are compared in adapted features; without, by what search and rarity say alone.
        case features
        /// A `FusionBlock` stands in front of the first layer; without, patches and distances are put side by side.
        case block
        /// In that, patches look at words and centres and words at patches; without, they stay as they are.
        case attention
        /// In that, a gate chooses between patch and distance; without, the patch is taken, which is as good.
        case gate
    }

    /// A sample as the network reads it.
    package struct Input {
        /// Of each tap, the finest first.
        let grids: [Size]
        var grid: Size { grids[0] }
        /// Of each adapted tap the unit vectors of patches and of their nearest, `[patches, channels]`.
        let own: [[Float]]
        let near: [[Float]]
        /// Of each tap the evidence as the first layer reads it: `[patches, evidenceWidth]`.
        let evidence: [[Float]]
        /// For a fusion block: of each adapted tap the centres of the good patches, and the sentences of the class.
        let centres: [[Float]]
        let columns: [Float]
        let mask: [Float]
    }

    package let parameters = Parameters<Float>()
    let channels: [Int]
    /// Numbers of an adapted patch.
    let width: Int
    /// Of each tap, what its evidence is less, and divided by, before the first layer.
    let evidence: [EvidenceSpread]
    private let parts: Set<Part>
    /// The sentences of the class, or of an object, for a fusion block.
    let columns: ClassColumns?
    /// Whether evidence is read twice, as `SharedHead` does.
    private let isShared: Bool
    private var evidenceWidth: Int { isShared ? SharedHead.evidence : SegmentationHead.evidence }

    /// Weights of `seed`, for the samples of `practice`, by default as wide as its trunk asks for: adapters begin at the
    /// principal components of the bank, scaled to a mean deviation of 1; the output begins at 0.
    ///
    /// - Precondition: with a fusion block there are `columns`.
    package init(
        _ practice: SegmentationPractice, width: Int? = nil, seed: UInt64, parts: Set<Part>,
        columns: ClassColumns? = nil
    ) {
        let good = practice.samples.filter { !$0.isDefective }
        let samples = good.isEmpty ? practice.samples : good
        self.init(
            bases: SegmentationHead.adaptedTaps.indices.map { tap in
                let bank = practice.banks[0].vectors[tap]
                return PatchBasis(bank.codes, width: bank.channels, count: width ?? practice.width)
            },
            evidence: SegmentationHead.taps.indices.map { tap in
                EvidenceSpread(of: samples.map { $0.scalars[tap] })
            }, seed: seed, parts: parts, columns: columns, isShared: false)
    }

    /// Weights of `seed` on the axes of `bases`.
    init(
        bases: [PatchBasis], evidence: [EvidenceSpread], seed: UInt64, parts: Set<Part>,
        columns: ClassColumns?, isShared: Bool
    ) {
        precondition(columns != nil || !parts.contains(.block), "a fusion block without sentences")
        (channels, width) = (bases.map(\.width), bases[0].count)
        // A block fuses features.
        self.parts = parts.contains(.features) ? parts : parts.subtracting([.block])
        (self.evidence, self.isShared) = (evidence, isShared)
        self.columns = columns
        let (embedding, hidden) = (width, SegmentationHead.hidden)
        let adapts = parts.isSuperset(of: [.adapters, .features]) ? 1.0 : 0
        for (tap, name) in SegmentationHead.adaptedTaps.enumerated() {
            let key = "adapter.\(name)", basis = bases[tap], channels = basis.width
            parameters.add(
                "\(key).skip", [embedding, channels], .values(basis.axes), decays: true, rate: adapts)
            parameters.add(
                "\(key).skip.bias", [embedding], .values(basis.bias), decays: false, rate: adapts)
            parameters.add(
                "\(key).down", [embedding, channels], .uniform(seed: seed), decays: true, rate: adapts)
            parameters.add("\(key).down.bias", [embedding], .zeros, decays: false, rate: adapts)
            parameters.add("\(key).up", [embedding, embedding], .zeros, decays: true, rate: adapts)
        }
        for name in SegmentationHead.taps {
            parameters.add(
                "input.\(name)",
                [
                    hidden,
                    SegmentationHead.inputWidth(name, width) - SegmentationHead.evidence + evidenceWidth,
                ],
                .uniform(seed: seed), decays: true)
        }
        parameters.add("input.bias", [hidden], .zeros, decays: false)
        let mixes = parts.contains(.segmentation) ? 1.0 : 0
        for index in 0..<SegmentationHead.mixers {
            let key = "mix.\(index)"
            parameters.add(
                "\(key).depth", [3, 3, hidden], .normal(deviation: 0.2, seed: seed), decays: true, rate: mixes
            )
            parameters.add("\(key).depth.bias", [hidden], .zeros, decays: false, rate: mixes)
            parameters.add(
                "\(key).point", [hidden, hidden], mixes == 0 ? .zeros : .uniform(seed: seed), decays: true,
                rate: mixes)
            parameters.add("\(key).point.bias", [hidden], .zeros, decays: false, rate: mixes)
        }
        parameters.add("output", [1, hidden], .zeros, decays: true)
        parameters.add("output.bias", [1], .zeros, decays: false)
        if let block { addBlock(block, seed: seed) }
    }

    /// The loss of a batch of one size: four times the focal loss of the map and its dice loss, at twice the finest grid.
    package func loss(_ tape: Tape<Float>, _ batch: [Input]) -> Tensor<Float> {
        let grid = batch[0].grid, cells = 4 * grid.pixelCount
        let fused = fused(tape, batch)
        let map = tape.resize(
            logits(tape, batch, fused), height: 2 * grid.height, width: 2 * grid.width, alignsCorners: false)
        let flat = tape.reshape(map, [batch.count, cells])
        let mask = tape.constant(batch.flatMap(\.mask), [batch.count, cells])
        let loss = tape.add(
            tape.scale(tape.focal(logits: flat, targets: mask, gamma: 2), by: 4),
            tape.dice(tape.sigmoid(flat), targets: mask))
        return blockLoss(tape, fused, batch, mask).map { tape.add(loss, $0) } ?? loss
    }

    /// The logits of a batch of one size, `[count, height, width, 1]` of the finest grid.
    package func logits(_ tape: Tape<Float>, _ batch: [Input]) -> Tensor<Float> {
        logits(tape, batch, fused(tape, batch))
    }

    private func logits(_ tape: Tape<Float>, _ batch: [Input], _ fused: Fused?) -> Tensor<Float> {
        let (count, grid, hidden) = (batch.count, batch[0].grid, SegmentationHead.hidden)
        let sum = fused.map { said(tape, $0, batch) } ?? said(tape, batch)
        var state = tape.relu(sum)
        for index in 0..<SegmentationHead.mixers { state = mixed(tape, index, state, count, grid.pixelCount) }
        let logits = tape.linear(
            tape.reshape(state, [count * grid.pixelCount, hidden]), parameter(tape, "output"),
            parameter(tape, "output.bias"))
        return tape.reshape(logits, [count, grid.height, grid.width, 1])
    }

    /// What the first layer says without a fusion block, `[count, height, width, hidden]`.
    private func said(_ tape: Tape<Float>, _ batch: [Input]) -> Tensor<Float> {
        let (count, grid, hidden) = (batch.count, batch[0].grid, SegmentationHead.hidden)
        var sum: Tensor<Float>?
        for (tap, name) in SegmentationHead.taps.enumerated() {
            let own = batch[0].grids[tap], patches = own.pixelCount
            var parts: [Tensor<Float>] = []
            if tap < channels.count { parts = adapted(tape, tap, batch, patches) }
            parts.append(evidence(tape, tap, batch))
            let rows = parts.count > 1 ? tape.concatenate(parts, axis: 1) : parts[0]
            let said = tape.reshape(
                tape.linear(
                    rows, parameter(tape, "input.\(name)"), tap == 0 ? parameter(tape, "input.bias") : nil),
                [count, own.height, own.width, hidden])
            let raised =
                own == grid
                ? said : tape.resize(said, height: grid.height, width: grid.width, alignsCorners: false)
            sum = sum.map { tape.add($0, raised) } ?? raised
        }
        guard let sum else { preconditionFailure("a network of no taps") }
        return sum
    }

    /// The evidence of tap `tap`, `[count * patches, evidenceWidth]`.
    func evidence(_ tape: Tape<Float>, _ tap: Int, _ batch: [Input]) -> Tensor<Float> {
        let patches = batch[0].grids[tap].pixelCount
        return tape.constant(
            Self.joined(batch) { $0.evidence[tap] }, [batch.count * patches, evidenceWidth])
    }

    private func mixed(
        _ tape: Tape<Float>, _ index: Int, _ state: Tensor<Float>, _ count: Int, _ patches: Int
    ) -> Tensor<Float> {
        let key = "mix.\(index)", hidden = SegmentationHead.hidden
        let seen = tape.relu(
            tape.convolveDepthwise(
                state, parameter(tape, "\(key).depth"), parameter(tape, "\(key).depth.bias"), stride: 1,
                padding: .same))
        let change = tape.relu(
            tape.linear(
                tape.reshape(seen, [count * patches, hidden]), parameter(tape, "\(key).point"),
                parameter(tape, "\(key).point.bias")))
        return tape.add(state, tape.reshape(change, state.shape))
    }

    /// A(q) and |A(q) - A(n)| of tap `tap`.
    func adapted(
        _ tape: Tape<Float>, _ tap: Int, _ batch: [Input], _ patches: Int
    ) -> [Tensor<Float>] {
        let rows = batch.count * patches
        guard parts.contains(.features) else {
            let nothing = [Float](repeating: 0, count: rows * width)
            return [0, 1].map { _ in tape.constant(nothing, [rows, width]) }
        }
        let own = adapter(tape, tap, Self.joined(batch) { $0.own[tap] }, rows)
        let near = adapter(tape, tap, Self.joined(batch) { $0.near[tap] }, rows)
        return [own, tape.abs(tape.subtract(own, near))]
    }

    func adapter(_ tape: Tape<Float>, _ tap: Int, _ vectors: [Float], _ rows: Int) -> Tensor<Float> {
        let key = "adapter.\(SegmentationHead.adaptedTaps[tap])"
        let x = tape.constant(vectors, [rows, channels[tap]])
        let skip = tape.linear(x, parameter(tape, "\(key).skip"), parameter(tape, "\(key).skip.bias"))
        let inner = tape.relu(
            tape.linear(x, parameter(tape, "\(key).down"), parameter(tape, "\(key).down.bias")))
        return tape.add(
            skip,
            tape.scale(tape.linear(inner, parameter(tape, "\(key).up"), nil), by: SegmentationHead.residual))
    }

    /// One list of a batch behind the other.
    static func joined(_ batch: [Input], _ list: (Input) -> [Float]) -> [Float] {
        var result: [Float] = []
        result.reserveCapacity(batch.reduce(0) { $0 + list($1).count })
        for input in batch { result += list(input) }
        return result
    }

    var readsFeatures: Bool { parts.contains(.features) }
    var block: FusionBlock.Kind? { has(.block) ? has(.gate) ? .gated : .open : nil }
    func has(_ part: Part) -> Bool { parts.contains(part) }

    func parameter(_ tape: Tape<Float>, _ name: String) -> Tensor<Float> {
        tape.parameter(name, of: parameters)
    }
}
