import Evaluation
import Imaging

/// What `linewatch eval` measured, in percent. Keys are only ever added.
package struct EvaluationReport: Encodable {
    let head: ReportHead
    let shots: Int
    let draws: Int?
    let className: String?
    let evaluationSize: String
    let smoothing: Double
    /// Thresholds of the AUPRO; nil for all.
    let proSteps: Int?
    /// Draws of images for the intervals.
    let bootstrapDraws: Int
    /// Sets without good images, which no few-shot method can be taught with.
    let skipped: [String]
    /// Folders of a class that have no image.
    let emptyClasses: [String]
    /// How int8 and float32 agree, run by run; empty where it was not asked.
    package let compared: [FloatFigures]
    package let sets: [Set]
    /// Over the sets that have the figure and that the weights have not seen.
    package let macro: Figures

    /// The means over the runs; nil where nothing can be measured.
    package struct Figures: Encodable {
        let mean: [DetectionFigure: Double]
        let deviation: [DetectionFigure: Double]
        let runs: [DetectionFigure: [Double]]
        let intervals: [DetectionFigure: ClosedRange<Double>]
        let reasons: [DetectionFigure: String]

        package var imageAUROC: Double? { mean[.imageAUROC] }
        package var pixelAUROC: Double? { mean[.pixelAUROC] }
        package var aupro: Double? { mean[.aupro] }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: TextKey.self)
            for figure in DetectionFigure.allCases { try container.encode(mean[figure], forKey: figure.key) }
            try encode(deviation, "sd", &container) { $0 }
            try encode(runs, "runs", &container) { $0 }
            try encode(intervals, "interval", &container) { [$0.lowerBound, $0.upperBound] }
            try encode(reasons, "missing", &container) { $0 }
        }

        private func encode<Value>(
            _ values: [DetectionFigure: Value], _ name: String,
            _ container: inout KeyedEncodingContainer<TextKey>, _ form: (Value) -> some Encodable
        ) throws {
            guard !values.isEmpty else { return }
            var inner = container.nestedContainer(keyedBy: TextKey.self, forKey: TextKey(name))
            for (figure, value) in values { try inner.encode(form(value), forKey: figure.key) }
        }
    }

    package struct Set: Encodable {
        package let name: String
        package let figures: Figures
        /// The splits that references and scored images come from.
        let splits: [String]
        package let perSeed: [Run]
        /// Whether the weights were trained on its images, or on some that belong to them.
        package let isSeen: Bool
        /// Of the fastest frame: others may share the machine.
        let frameMilliseconds: Double

        package func encode(to encoder: any Encoder) throws {
            try figures.encode(to: encoder)
            var container = encoder.container(keyedBy: TextKey.self)
            try container.encode(name, forKey: TextKey("dataset"))
            try container.encode(splits, forKey: TextKey("splits"))
            try container.encode(isSeen, forKey: TextKey("seen"))
            try container.encode(perSeed, forKey: TextKey("per_seed"))
            try container.encode(frameMilliseconds, forKey: TextKey("min_frame_ms"))
        }
    }

    /// One choice of references and what was scored.
    package struct Run: Encodable {
        let seed: Int
        let draw: Int
        let figures: [DetectionFigure: Double]
        /// Why those are missing that are.
        let reasons: [DetectionFigure: String]
        let threshold: Double?
        let references: [String]
        package let good: Int
        package let defective: Int
        package let masked: Int
        /// Paths left out because they share a group with a reference or are the same file.
        let sameGroup: [String]
        let identical: [String]
        let leftOut: [DetectionRun.LeftOut]

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: TextKey.self)
            try container.encode(seed, forKey: TextKey("seed"))
            try container.encode(draw, forKey: TextKey("draw"))
            for figure in DetectionFigure.allCases {
                try container.encode(figures[figure], forKey: figure.key)
            }
            if !reasons.isEmpty { try container.encode(reasons, forKey: TextKey("missing")) }
            try container.encode(threshold, forKey: TextKey("threshold"))
            try container.encode(references, forKey: TextKey("references"))
            try container.encode(good, forKey: TextKey("good"))
            try container.encode(defective, forKey: TextKey("defective"))
            try container.encode(masked, forKey: TextKey("masked"))
            try container.encode(sameGroup, forKey: TextKey("same_group"))
            try container.encode(identical, forKey: TextKey("identical"))
            try container.encode(
                leftOut.map {
                    ["path": $0.path, "counts": $0.isMaskOnly ? "image" : "nowhere", "reason": $0.reason]
                },
                forKey: TextKey("left_out"))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        try head.encode(to: encoder)
        try macro.encode(to: encoder)
        var container = encoder.container(keyedBy: TextKey.self)
        for (name, value) in ["class_name": className, "eval_size": evaluationSize] {
            try container.encode(value, forKey: TextKey(name))
        }
        for (name, value) in [
            "shots": shots, "draws": draws, "pro_steps": proSteps, "bootstrap_draws": bootstrapDraws,
        ] { try container.encode(value, forKey: TextKey(name)) }
        try container.encode(smoothing, forKey: TextKey("smooth"))
        try container.encode(skipped, forKey: TextKey("skipped"))
        try container.encode(emptyClasses, forKey: TextKey("empty_classes"))
        if !compared.isEmpty { try container.encode(compared, forKey: TextKey("float")) }
        try container.encode(sets, forKey: TextKey("sets"))
        if sets.count == 1 {
            try container.encode(sets[0].perSeed, forKey: TextKey("per_seed"))
        } else {
            try container.encode(macroRuns, forKey: TextKey("per_seed"))
        }
    }

    /// The means over the sets of each run, by draw and seed.
    private var macroRuns: [[String: Double?]] {
        (sets.first?.perSeed ?? []).enumerated().map { index, run in
            var row: [String: Double?] = ["draw": Double(run.draw), "seed": Double(run.seed)]
            for figure in DetectionFigure.allCases {
                row[figure.rawValue] = .some(macro.runs[figure].map { $0[index] })
            }
            return row
        }
    }
}

/// A key of a report.
struct TextKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ text: String) { stringValue = text }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue _: Int) { nil }
}

extension DetectionFigure {
    var key: TextKey { TextKey(rawValue) }
}
