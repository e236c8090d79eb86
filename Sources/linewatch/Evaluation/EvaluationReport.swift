import AnomalyModels
import Evaluation
import ModelPackages

/// What `linewatch eval` measured, in percent. Keys are only ever added.
package struct EvaluationReport: Encodable {
    let schema = "linewatch.eval/1"
    let method: String
    let model: String
    /// The digest of the package.
    let weights: String
    /// The SHA-256 of the data sets' manifest.
    let manifest: String
    let isa: String
    let references: Int
    let seeds: Int
    let input: String
    let keepsAspect: Bool
    let evaluationSize: Int
    let smoothing: Double
    /// Thresholds of the AUPRO; nil for all.
    let proSteps: Int?
    /// More than 1 if images were left out for a quick look.
    let every: Int
    package let sets: [Set]
    /// Over the sets that have the figure.
    package let macro: Figures

    /// The mean over the seeds; nil where nothing can be measured.
    package struct Figures: Encodable {
        package let imageAUROC: Figure?
        package let pixelAUROC: Figure?
        package let aupro: Figure?

        enum CodingKeys: String, CodingKey {
            case imageAUROC = "image_auroc"
            case pixelAUROC = "pixel_auroc"
            case aupro
        }
    }

    package struct Figure: Encodable {
        package let mean: Double
        /// The standard deviation over the runs (n - 1); 0 for one run.
        let sd: Double
        let runs: [Double]

        /// nil unless every run has a value.
        init?(_ values: [Double?]) {
            let runs = values.compactMap { $0 }
            guard runs.count == values.count, !runs.isEmpty else { return nil }
            let mean = runs.reduce(0, +) / Double(runs.count)
            let squares = runs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            self.runs = runs
            self.mean = mean
            sd = runs.count > 1 ? (squares / Double(runs.count - 1)).squareRoot() : 0
        }
    }

    package struct Set: Encodable {
        package let name: String
        package let figures: Figures
        /// Of one threshold-free kind more: the average precision and the highest F1 of images and of pixels.
        let imageAP: Figure?
        let imageMaximumF1: Figure?
        let pixelAP: Figure?
        let pixelMaximumF1: Figure?
        package let draws: [Draw]
        /// Of the fastest draw, and of the fastest frame: others may share the machine.
        let teachMilliseconds: Double
        let frameMilliseconds: Double

        enum CodingKeys: String, CodingKey {
            case name, figures, draws
            case imageAP = "image_ap"
            case imageMaximumF1 = "image_max_f1"
            case pixelAP = "pixel_ap"
            case pixelMaximumF1 = "pixel_max_f1"
            case teachMilliseconds = "min_teach_ms"
            case frameMilliseconds = "min_frame_ms"
        }
    }

    /// One choice of references and what was scored.
    package struct Draw: Encodable {
        let references: [String]
        package let good: Int
        package let defective: Int
        let masked: Int
        /// Paths left out because they share a group with a reference or are the same file.
        let sameGroup: [String]
        let identical: [String]

        enum CodingKeys: String, CodingKey {
            case references, good, defective, masked, identical
            case sameGroup = "same_group"
        }
    }

    enum CodingKeys: String, CodingKey {
        case schema, method, model, weights, manifest, isa, references, seeds, input, every, sets, macro
        case keepsAspect = "keep_aspect"
        case evaluationSize = "eval_size"
        case smoothing = "smooth"
        case proSteps = "pro_steps"
    }
}

extension EvaluationReport {
    init(_ command: Eval, _ sets: [Set], trunk: ModelPackage, manifest: ImageCollection, isa: String) {
        method = command.method.rawValue
        model = trunk.manifest.name
        weights = trunk.digest.description
        self.manifest = manifest.digest
        self.isa = isa
        (references, seeds) = (command.references, command.seeds)
        (input, keepsAspect) = (command.input.description, command.keepAspect)
        (evaluationSize, smoothing, proSteps) = (command.evalSize, command.smooth, command.proSteps)
        every = command.every
        self.sets = sets
        macro = Figures(
            imageAUROC: Self.mean(sets.compactMap(\.figures.imageAUROC)),
            pixelAUROC: Self.mean(sets.compactMap(\.figures.pixelAUROC)),
            aupro: Self.mean(sets.compactMap(\.figures.aupro)))
    }

    /// The mean over sets, run by run.
    private static func mean(_ figures: [Figure]) -> Figure? {
        guard let runs = figures.first?.runs.count else { return nil }
        return Figure(
            (0..<runs).map { run in figures.reduce(0) { $0 + $1.runs[run] } / Double(figures.count) })
    }

    var text: String {
        var rows = [
            ["\(references) references, \(seeds) draws", "image AUROC", "pixel AUROC", "AUPRO", "min ms"]
        ]
        rows += sets.map { [$0.name] + Self.cells($0.figures) + [decimals($0.frameMilliseconds, 2)] }
        if sets.count > 1 { rows.append(["mean of \(sets.count)"] + Self.cells(macro) + [""]) }
        let teaching = sets.map(\.teachMilliseconds).max() ?? 0
        return table(rows)
            + "\n\(model) in int8, input \(input)\(keepsAspect ? " (area)" : ""), evaluated at \(evaluationSize), "
            + "\(isa); taught in \(decimals(teaching, 0)) ms."
            + (every > 1 ? "\nEvery \(every)th image only: no result." : "")
    }

    private static func cells(_ figures: Figures) -> [String] {
        [figures.imageAUROC, figures.pixelAUROC, figures.aupro].map { figure in
            figure.map { decimals($0.mean, 1) + " ±" + decimals($0.sd, 1) } ?? "-"
        }
    }
}

extension EvaluationReport.Set {
    init(_ split: FewShotSplit, _ runs: [PatchRun], proSteps: Int?) {
        typealias Figure = EvaluationReport.Figure
        let images = runs.map(\.images)
        let pixels = runs.map { $0.pixels.ranked() }
        let percent = { (value: Double?) in value.map { 100 * $0 } }
        name = split.dataSet
        figures = .init(
            imageAUROC: Figure(images.map { percent($0.auroc) }),
            pixelAUROC: Figure(pixels.map { percent($0.auroc) }),
            aupro: Figure(pixels.map { percent($0.overlapArea(limit: 0.3, steps: proSteps)) }))
        imageAP = Figure(images.map { percent($0.averagePrecision) })
        imageMaximumF1 = Figure(images.map { percent($0.maximumF1?.value) })
        pixelAP = Figure(pixels.map { percent($0.averagePrecision) })
        pixelMaximumF1 = Figure(pixels.map { percent($0.maximumF1?.value) })
        draws = runs.map { run in
            .init(
                references: run.draw.references.map(\.path), good: run.goodCount,
                defective: run.defectiveCount, masked: run.maskedCount, sameGroup: run.draw.sameGroup,
                identical: run.draw.identical)
        }
        teachMilliseconds = Double(runs.map(\.teachTime).min() ?? 0) / 1e6
        frameMilliseconds = Double(runs.flatMap(\.frameTimes).min() ?? 0) / 1e6
    }
}
