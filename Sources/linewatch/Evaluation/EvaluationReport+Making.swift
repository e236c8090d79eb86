import Evaluation

extension EvaluationReport.Figures {
    init(_ summary: DetectionSummary) {
        func all<Value>(_ value: (DetectionFigure) -> Value?) -> [DetectionFigure: Value] {
            Dictionary(
                uniqueKeysWithValues: DetectionFigure.allCases.compactMap { figure in
                    value(figure).map { (figure, $0) }
                })
        }
        mean = all(summary.mean)
        deviation = all(summary.deviation)
        runs = all(summary.values)
        intervals = all(summary.interval)
        reasons = all(summary.reason)
    }

    /// The means over `sets`, run by run, each over those that have the figure.
    init(macro sets: [Self]) {
        var mean: [DetectionFigure: Double] = [:], deviation = mean
        var runs: [DetectionFigure: [Double]] = [:]
        var reasons: [DetectionFigure: String] = [:]
        for figure in DetectionFigure.allCases {
            let known = sets.compactMap { $0.runs[figure] }
            guard let first = known.first else {
                reasons[figure] =
                    sets.compactMap { $0.reasons[figure] }.first
                    ?? "no set was evaluated that the weights have not seen"
                continue
            }
            let means = first.indices.map { run in known.reduce(0) { $0 + $1[run] } / Double(known.count) }
            let middle = means.reduce(0, +) / Double(means.count)
            let squares = means.reduce(0) { $0 + ($1 - middle) * ($1 - middle) }
            runs[figure] = means
            mean[figure] = middle
            deviation[figure] = means.count > 1 ? (squares / Double(means.count - 1)).squareRoot() : 0
        }
        (self.mean, self.deviation, self.runs, self.reasons) = (mean, deviation, runs, reasons)
        intervals = sets.count == 1 ? sets[0].intervals : [:]
    }
}

extension EvaluationReport.Set {
    init(_ split: FewShotSplit, _ summary: DetectionSummary, isSeen: Bool) {
        (name, self.isSeen) = (split.dataSet, isSeen)
        figures = .init(summary)
        splits = split.hasTest ? ["reference", "test"] : ["train", "val"]
        perSeed = summary.runs.map { .init($0) }
        frameMilliseconds = Double(summary.runs.compactMap(\.fastestFrame).min() ?? 0) / 1e6
    }
}

extension EvaluationReport.Run {
    init(_ result: DetectionResult) {
        (seed, draw) = (result.seed, result.draw)
        (figures, reasons) = (result.percent, result.reasons)
        threshold = result.threshold.map(Double.init)
        references = result.references
        (good, defective, masked) = (result.goodCount, result.defectiveCount, result.maskedCount)
        (sameGroup, identical, leftOut) = (result.sameGroup, result.identical, result.leftOut)
    }
}

extension EvaluationReport {
    private static let columns: [(title: String, figure: DetectionFigure)] = [
        ("image AUROC", .imageAUROC), ("AP", .imageAP), ("max F1", .imageMaximumF1),
        ("pixel AUROC", .pixelAUROC),
        ("AUPRO", .aupro), ("F1", .f1), ("false alarms", .falseAlarmRate), ("misses", .missRate),
    ]

    var text: String {
        var rows = [["\(shots) references"] + Self.columns.map(\.title) + ["min ms"]]
        for set in sets {
            rows.append(
                [set.isSeen ? "\(set.name) (seen)" : set.name] + Self.cells(set.figures) + [
                    decimals(set.frameMilliseconds, 2)
                ])
            if set.perSeed.count > 1 {
                for run in set.perSeed {
                    let cells = Self.columns.map { run.figures[$0.figure].map { decimals($0, 1) } ?? "-" }
                    rows.append(["  draw \(run.draw), seed \(run.seed)"] + cells + [""])
                }
            }
        }
        let fresh = sets.count { !$0.isSeen }
        if sets.count > 1, fresh > 0 { rows.append(["mean of \(fresh)"] + Self.cells(macro) + [""]) }
        var lines = [table(rows)]
        lines.append(
            "\(head.model) in int8, input \(head.input)\(head.keepsAspect ? " (area)" : ""), evaluated at \(evaluationSize), \(head.isa)."
        )
        for set in sets {
            let intervals = Self.columns.compactMap { title, figure in
                set.figures.intervals[figure].map {
                    "\(title) \(decimals($0.lowerBound, 1))...\(decimals($0.upperBound, 1))"
                }
            }
            if !intervals.isEmpty {
                lines.append("\(set.name), 95 % intervals: \(intervals.joined(separator: ", ")).")
            }
        }
        lines += notes
        if !compared.isEmpty { lines.append(FloatFigures.text(compared)) }
        if head.every > 1 { lines.append("Every \(head.every)th image only: no result.") }
        return lines.joined(separator: "\n")
    }

    /// What could not be measured or used, one line each.
    var notes: [String] {
        skipped.map { "\($0): passed over, it has no good images to learn from." }
            + emptyClasses.map { "'\($0)' has no images: the class counts nowhere." }
            + sets.filter(\.isSeen).map {
                "\($0.name): seen: the weights were trained on its images, or on some that belong to them. It stays out of the means."
            }
            + sets.flatMap { set in
                // One line for each reason, with all the figures that it takes away.
                let reasons = Self.columns.compactMap { set.figures.reasons[$0.figure] }
                let missing = reasons.indices.filter { !reasons[..<$0].contains(reasons[$0]) }.map { index in
                    let titles = Self.columns.filter { set.figures.reasons[$0.figure] == reasons[index] }.map(
                        \.title)
                    return "\(set.name): no \(titles.joined(separator: ", ")): \(reasons[index])."
                }
                let left = set.perSeed.first?.leftOut ?? []
                let named = left.prefix(5).map {
                    "\(set.name): \($0.isMaskOnly ? "counted as an image only" : "left out"): '\($0.path)': \($0.reason)"
                }
                return missing + named
                    + (left.count > 5 ? ["\(set.name): \(left.count - 5) more; --json names all."] : [])
            }
    }

    private static func cells(_ figures: Figures) -> [String] {
        columns.map { column in
            guard let mean = figures.mean[column.figure] else { return "-" }
            return decimals(mean, 1) + (figures.deviation[column.figure].map { " ±" + decimals($0, 1) } ?? "")
        }
    }
}

extension EvaluationReport {
    init(
        _ command: Eval, _ head: ReportHead, _ sets: [Set], skipped: [String], emptyClasses: [String],
        _ compared: [FloatFigures] = []
    ) {
        self.compared = compared
        self.head = head
        (self.skipped, self.emptyClasses) = (skipped, emptyClasses)
        (shots, draws) = (command.shotCount, command.draws)
        className = command.className?.description
        (evaluationSize, smoothing, proSteps) = (
            command.evalSize.description, command.smooth, command.proSteps
        )
        bootstrapDraws = command.bootstrap
        self.sets = sets
        macro = Figures(macro: sets.filter { !$0.isSeen }.map(\.figures))
    }
}
