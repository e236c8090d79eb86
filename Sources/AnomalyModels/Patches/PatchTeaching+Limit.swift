package import Imaging
import Inference

extension PatchTeaching {
    /// How many times as high as its own views before a bank without them another good part scores before a bank of
    /// one part, or of its own shifts and lights before itself: 1.3 to 1.8 on the sets of `linewatch eval --shots 1`.
    private static let otherPart: Float = 1.5

    /// What stands for a part, of the `scores` of its views before banks that do not know it: their median; of an
    /// only part, whose other views the bank does know, what another part would score (METHODS.md 1.2).
    ///
    /// - Precondition: there is a score.
    package static func partScore(_ scores: [Float], isOnly: Bool) -> Float {
        let sorted = scores.sorted(), middle = sorted.count / 2
        let median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        return isOnly ? min(otherPart * median, 2) : median
    }

    /// How good parts score before a bank that does not know them, one score for each of `parts`, which are those
    /// added so far: `partScore` of its views before the bank of the other parts; of the only part, before the bank of its
    /// other views.
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
            let scores =
                try views.all.count > 1
                ? viewScores(parts[0], additions, head) : selfScores(parts[0], additions, head)
            return [Self.partScore(scores, isOnly: true)]
        }
        return try parts.enumerated().map { index, part throws(ModelError) in
            let bank = additions.added(to: try bank(without: index))
            let scores = try views.all.map { view throws(ModelError) in
                try score(part, view, before: bank, head)
            }
            return Self.partScore(scores, isOnly: false)
        }
    }

    /// The scores of each view of the only part before the others.
    private func viewScores(
        _ part: (pixels: [UInt8], size: Size), _ additions: ShippedAdditions, _ head: SegmentationHead?
    ) throws(ModelError) -> [Float] {
        try views.all.indices.map { left throws(ModelError) in
            try score(
                part, views.all[left], before: additions.added(to: bank { _, view in view != left }), head)
        }
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
