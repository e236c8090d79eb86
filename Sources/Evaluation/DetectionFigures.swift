/// What is measured of a method, by the names that reports give it.
public enum DetectionFigure: String, CaseIterable, Codable, CodingKeyRepresentable, Sendable {
    case imageAUROC = "image_auroc"
    case imageAP = "image_ap"
    case imageMaximumF1 = "image_f1max"
    case pixelAUROC = "pixel_auroc"
    case pixelAP = "pixel_ap"
    case pixelMaximumF1 = "pixel_f1max"
    case aupro
    /// At the limit that the method fixed on good images.
    case f1
    case falseAlarmRate = "false_alarm_rate"
    case missRate = "miss_rate"
}

/// The figures of one run, each in percent, and why those are missing that are.
public struct DetectionFigures: Sendable {
    /// Those that can be measured.
    public private(set) var percent: [DetectionFigure: Double] = [:]
    /// One sentence for each of the others.
    public private(set) var reasons: [DetectionFigure: String] = [:]

    /// Measures `run`: the AUPRO up to 30 % false pixels, exact or by `proSteps` thresholds.
    public init(_ run: DetectionRun, proSteps: Int?) {
        let (good, defective) = run.scores
        let images = RankedScores(negatives: good, positives: defective)
        let kinds = Self.missing(good: good.count, defective: defective.count, of: "images")
        set(.imageAUROC, images.auroc, kinds)
        set(.imageAP, images.averagePrecision, kinds)
        set(.imageMaximumF1, images.maximumF1?.value, kinds)

        let pixels = run.pixels.ranked()
        let pixelKinds =
            run.maskedCount == 0
            ? "no defective image has a usable mask"
            : Self.missing(good: pixels.negativeCount, defective: pixels.positiveCount, of: "pixels")
        set(.pixelAUROC, pixels.auroc, pixelKinds)
        set(.pixelAP, pixels.averagePrecision, pixelKinds)
        set(.pixelMaximumF1, pixels.maximumF1?.value, pixelKinds)
        set(.aupro, pixels.overlapArea(limit: 0.3, steps: proSteps), pixelKinds)

        let decisions = run.threshold.map { images.decisions(above: $0) }
        let noLimit = "the method fixed no limit"
        set(.f1, decisions?.f1, decisions == nil ? noLimit : kinds)
        set(
            .falseAlarmRate, decisions?.falseAlarmRate,
            decisions == nil ? noLimit : "no good images were scored")
        set(.missRate, decisions?.missRate, decisions == nil ? noLimit : "no defective images were scored")
    }

    private mutating func set(_ figure: DetectionFigure, _ value: Double?, _ reason: String) {
        if let value { percent[figure] = 100 * value } else { reasons[figure] = reason }
    }

    private static func missing(good: Int, defective: Int, of what: String) -> String {
        good == 0 ? "no good \(what) were scored" : "no defective \(what) were scored"
    }
}

/// The figures of several runs of one data set.
public struct DetectionSummary: Sendable {
    public let runs: [DetectionResult]

    public init(_ runs: [DetectionResult]) { self.runs = runs }

    /// The interval of the mean of `figure`: 95 %, by drawing images anew; nil unless every run was drawn anew.
    public func interval(_ figure: DetectionFigure) -> ClosedRange<Double>? {
        let samples = runs.compactMap { $0.redrawn[figure] }
        return samples.count == runs.count ? Bootstrap.interval(ofMeansOver: samples) : nil
    }

    /// The values of `figure`, one from each run; nil unless every run has one.
    public func values(_ figure: DetectionFigure) -> [Double]? {
        let values = runs.compactMap { $0.percent[figure] }
        return values.count == runs.count && !runs.isEmpty ? values : nil
    }

    /// The mean over the runs.
    public func mean(_ figure: DetectionFigure) -> Double? {
        values(figure).map { $0.reduce(0, +) / Double($0.count) }
    }

    /// The standard deviation over the runs (n - 1); 0 for one run.
    public func deviation(_ figure: DetectionFigure) -> Double? {
        guard let values = values(figure), let mean = mean(figure) else { return nil }
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : 0
    }

    /// Why `figure` is missing; nil if it is not.
    public func reason(_ figure: DetectionFigure) -> String? {
        values(figure) == nil ? runs.compactMap { $0.reasons[figure] }.first ?? "nothing was run" : nil
    }
}
