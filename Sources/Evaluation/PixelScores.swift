/// The pixels of all images of a data set, pooled, with the regions of its defects.
public struct PixelScores: Sendable {
    private(set) var negatives: [Float] = []
    private(set) var positives: [(score: Float, weight: Double)] = []
    /// Defect regions added so far.
    public private(set) var regionCount = 0
    /// Where the pixels of each image end in `negatives` and `positives`, and its regions.
    private(set) var images: [(negativeEnd: Int, positiveEnd: Int, regionCount: Int)] = []

    /// No pixels.
    public init() {}

    /// Adds an image: `mask` is nil for a good one.
    ///
    /// - Precondition: map and mask have the same size.
    public mutating func add(_ map: ScoreMap, _ mask: DefectMask?) {
        defer { images.append((negatives.count, positives.count, mask?.regionSizes.count ?? 0)) }
        guard let mask else {
            negatives += map.scores
            return
        }
        precondition(mask.size == map.size, "a mask of \(mask.size) for a map of \(map.size)")
        for (score, label) in zip(map.scores, mask.labels) {
            if label == 0 {
                negatives.append(score)
            } else {
                positives.append((score, 1 / Double(mask.regionSizes[Int(label) - 1])))
            }
        }
        regionCount += mask.regionSizes.count
    }

    /// The pixels sorted; a defective one has 1 / (pixels of its region * regions) as weight.
    public func ranked() -> RankedScores {
        RankedScores(
            negatives: negatives, positives: positives.map { ($0.score, $0.weight / Double(regionCount)) })
    }
}
