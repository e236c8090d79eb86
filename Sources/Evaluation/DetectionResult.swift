/// What is kept of a run whose images are scored: a thousandth of its pixels' size, and enough for every table.
public struct DetectionResult: Codable, Hashable, Sendable {
    public let dataSet: String
    public let draw: Int
    public let seed: Int
    /// The figures that can be measured, in percent.
    public let percent: [DetectionFigure: Double]
    /// One sentence for each of the others.
    public let reasons: [DetectionFigure: String]
    /// The figures on images drawn anew, in percent: one value for each draw. Empty without a bootstrap.
    public let redrawn: [DetectionFigure: [Double]]
    /// The limit that the method fixed on the references.
    public let threshold: Float?
    /// Paths of the references.
    public let references: [String]
    public let goodCount: Int
    public let defectiveCount: Int
    /// Defective images with a mask.
    public let maskedCount: Int
    /// Paths left out because they share a group with a reference or are the same file.
    public let sameGroup: [String]
    public let identical: [String]
    public let leftOut: [DetectionRun.LeftOut]
    /// Nanoseconds of the fastest frame: others may share the machine. nil without images.
    public let fastestFrame: Int?

    /// Measures `run`: the AUPRO up to 30 % false pixels, exact or by `proSteps` thresholds; images drawn anew by
    /// `bootstrap`, nil for none.
    public init(_ run: DetectionRun, dataSet: String, proSteps: Int?, bootstrap: Bootstrap?) {
        let figures = DetectionFigures(run, proSteps: proSteps)
        self.dataSet = dataSet
        (draw, seed) = (run.draw, run.seed)
        (percent, reasons, threshold) = (figures.percent, figures.reasons, run.threshold)
        redrawn = bootstrap.map { Self.redrawn(run, $0) } ?? [:]
        references = run.split.references.map(\.path)
        (goodCount, defectiveCount, maskedCount) = (run.goodCount, run.defectiveCount, run.maskedCount)
        (sameGroup, identical, leftOut) = (run.split.sameGroup, run.split.identical, run.leftOut)
        fastestFrame = run.frameTimes.min()
    }

    private static func redrawn(_ run: DetectionRun, _ bootstrap: Bootstrap) -> [DetectionFigure: [Double]] {
        let (good, defective) = run.scores
        let images = bootstrap.samples(good: good, defective: defective, count: 3) {
            [$0.auroc, $0.averagePrecision, $0.maximumF1?.value]
        }
        let names: [DetectionFigure] = [
            .imageAUROC, .imageAP, .imageMaximumF1, .pixelAUROC, .pixelAP, .pixelMaximumF1, .aupro,
        ]
        var result: [DetectionFigure: [Double]] = [:]
        for case (let name, let values?) in zip(names, images + bootstrap.samples(run.pixels, limit: 0.3)) {
            // Four digits: a tenth of a hundredth of a point does not matter, and a row stays short.
            result[name] = values.map { (1e6 * $0).rounded() / 1e4 }
        }
        return result
    }
}
