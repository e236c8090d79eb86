/// VTFusion's learned part before it knows a product: a segmentation head that was trained over many simulated products
/// (METHODS.md 4.5), which each product starts with.
///
/// It computes what `SegmentationHead` does, but that its axes are those of all products, that adapters are the axes
/// alone, and that every scalar of the evidence is read twice: less its mean over the good parts of the product, by their
/// deviation, and less its mean over all products, by that deviation. `fitted` folds both into the first layer.
package struct SharedHead: Sendable, Hashable {
    /// The trunk whose patches it reads.
    package let trunk: PatchBank.Trunk
    /// Channels of the adapted taps.
    package let channels: [Int]
    /// By name; see `shapes`.
    package let tensors: [String: [Float]]
    /// What its logit counts beside the map of the nearest patches, both in deviations over good parts.
    package let strength: Float

    /// Numbers of a patch's evidence in the first layer.
    package static let evidence = 2 * SegmentationHead.evidence

    /// - Precondition: `tensors` are as `shapes` says.
    package init(
        trunk: PatchBank.Trunk, channels: [Int], tensors: [String: [Float]], strength: Float
    ) {
        precondition(SegmentationHead.isWidth(SegmentationHead.width(of: tensors)), "numbers of a patch")
        for (name, shape) in Self.shapes(
            channels: channels, width: SegmentationHead.width(of: tensors),
            block: FusionBlock.kind { tensors[$0] != nil },
            sentence: (tensors["text.object"]?.count ?? 0) / 2)
        {
            precondition(tensors[name]?.count == shape.reduce(1, *), "tensor '\(name)' of another shape")
        }
        (self.trunk, self.channels, self.tensors, self.strength) = (trunk, channels, tensors, strength)
    }

    package var block: FusionBlock.Kind? { FusionBlock.kind { tensors[$0] != nil } }
    /// Numbers of an adapted patch.
    package var width: Int { SegmentationHead.width(of: tensors) }

    /// What is read of a product without a class name; nil for a head that reads nothing.
    package var object: ClassColumns? {
        tensors["text.object"].map {
            ClassColumns(normal: Array($0[..<($0.count / 2)]), abnormal: Array($0[($0.count / 2)...]))
        }
    }

    /// The shapes of the tensors by name: those of a `SegmentationHead` but for the adapters' bottlenecks, wider inputs,
    /// and the mean and the deviation of the evidence over all products; with a fusion block also its text adapter,
    /// for sentences of `sentence` numbers.
    package static func shapes(
        channels: [Int], width: Int = SegmentationHead.embedding, block: FusionBlock.Kind? = nil,
        sentence: Int = Architecture.MiniLM.width
    ) -> [(name: String, shape: [Int])] {
        let kept = SegmentationHead.shapes(channels: channels, width: width).compactMap { name, shape in
            let isBottleneck = name.hasPrefix("adapter") && !name.contains(".skip")
            let widens = name.hasPrefix("input.") && name != "input.bias"
            return isBottleneck
                ? nil : (name, widens ? [shape[0], shape[1] + evidence - SegmentationHead.evidence] : shape)
        }
        let spread = [SegmentationHead.taps.count, SegmentationHead.evidence]
        return kept + [("evidence.mean", spread), ("evidence.deviation", spread)]
            + (block.map {
                FusionBlock.sharedShapes(width: SegmentationHead.blockWidth(width), $0, sentence: sentence)
            } ?? [])
    }

    /// The head for a product whose good parts lie at `level` and whose class has the sentences `columns`, by default those
    /// of an object; of weight 1 and centre 0.
    package func fitted(to level: EvidenceLevel, _ columns: ClassColumns? = nil) -> SegmentationHead {
        let width = SegmentationHead.evidence, hidden = SegmentationHead.hidden
        var fitted = tensors, bias = tensors["input.bias"] ?? []
        let mean = tensors["evidence.mean"] ?? [], deviation = tensors["evidence.deviation"] ?? []
        for (tap, name) in SegmentationHead.taps.enumerated() {
            let outer = SegmentationHead.inputWidth(name, self.width), features = outer - width
            let wide = tensors["input.\(name)"] ?? [], inner = features + Self.evidence
            var matrix: [Float] = []
            for row in 0..<hidden {
                matrix += wide[row * inner..<row * inner + features]
                for index in 0..<width {
                    let own = wide[row * inner + features + index] / level.deviation[tap][index]
                    let all = wide[row * inner + features + width + index] / deviation[tap * width + index]
                    matrix.append(own + all)
                    bias[row] -= own * level.mean[tap][index] + all * mean[tap * width + index]
                }
            }
            fitted["input.\(name)"] = matrix
        }
        fitted["input.bias"] = bias
        fitted["evidence.mean"] = nil
        fitted["evidence.deviation"] = nil
        if let read = columns ?? object, block != nil {
            fitted["block.text"] = FusionBlock.text(read, tensors)
        }
        for name in tensors.keys where name.hasPrefix("text.") { fitted[name] = nil }
        for (name, shape) in SegmentationHead.shapes(channels: channels, width: self.width)
        where fitted[name] == nil {
            fitted[name] = [Float](repeating: 0, count: shape.reduce(1, *))
        }
        return SegmentationHead(channels: channels, tensors: fitted, weight: 1, centre: 0)
    }
}
