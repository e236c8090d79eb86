package import Imaging
import Inference

extension PatchTeaching {
    /// How good parts score before a bank that does not know them, from the parts added so far: each view of each of
    /// `parts` before the bank of the other parts; of the only part, before the bank of its other views, which is weaker
    /// (METHODS.md 1.2, provisional).
    ///
    /// Banks are judged with `additions`. With a `head`, which has seen these parts, a score is the higher one of those
    /// without and with it.
    ///
    /// Blocks: one bank and some runs for each part. Throws like `bank()`.
    /// - Precondition: `parts` are the pictures that were added, in that order.
    package func leaveOneOutScores(
        _ parts: [(pixels: [UInt8], size: Size)], _ additions: ShippedAdditions = ShippedAdditions(),
        head: SegmentationHead? = nil
    ) throws(ModelError) -> [Float] {
        precondition(parts.count == references, "\(parts.count) pictures of \(references) parts")
        guard parts.count > 1 else {
            guard views.all.count > 1 else { return try selfScores(parts[0], additions, head) }
            return try views.all.indices.map { left throws(ModelError) in
                try score(
                    parts[0], views.all[left], before: additions.added(to: bank { _, view in view != left }),
                    head)
            }
        }
        var scores: [Float] = []
        for (index, part) in parts.enumerated() {
            let bank = additions.added(to: try bank(without: index))
            for view in views.all { scores.append(try score(part, view, before: bank, head)) }
        }
        return scores
    }

    /// The scores of the only part, shifted a little and in other light, before itself.
    private func selfScores(
        _ part: (pixels: [UInt8], size: Size), _ additions: ShippedAdditions, _ head: SegmentationHead?
    ) throws(ModelError) -> [Float] {
        let bank = additions.added(to: try bank())
        return try SelfView.all.map { change throws(ModelError) in
            try score((change.of(part.pixels, part.size), part.size), .plain, before: bank, head)
        }
    }

    private func score(
        _ part: (pixels: [UInt8], size: Size), _ view: ReferenceViews.View, before bank: PatchBank,
        _ head: SegmentationHead?
    ) throws(ModelError) -> Float {
        let trunk = try trunks.trunk(view.size(part.size))
        let pixels = view.of(part.pixels, part.size, channels: 3)
        func score(_ bank: PatchBank) throws(ModelError) -> Float {
            let detector = try PatchDetector(bank, on: trunk, kernels: trunks.kernels)
            // As many bytes as the detector's input, whose size is that of the view.
            unsafe detector.withInput { input in unsafe input.copyBytes(from: pixels) }
            return detector.run()
        }
        let plain = try score(bank)
        return head == nil ? plain : max(plain, try score(bank.with(head)))
    }
}
