import ArgumentParser
import Evaluation
import Imaging
import Platform
import Training

/// `linewatch model fidelity eval`: how well the defects of labelled pictures are found without any of them.
struct FidelityEval: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Measures how well defects are found in labelled images, zero-shot.",
        discussion: """
            Reads data sets as 'linewatch eval' does. Sets, or figures, that have only good or only bad images are \
            left out and named, never counted as 0.
            """)

    @OptionGroup var options: FidelityOptions

    @Option(help: "The folder with the data sets.")
    var data: String

    @Option(name: .customLong("set"), help: "Names of data sets, with commas between. Default: all in DIR.")
    var sets: String?

    @Option(help: "What the parts are called. Default: the set's name, with spaces.")
    var className: String?

    @Option(help: "Score every Nth image only.")
    var every = 1

    func validate() throws {
        guard every >= 1 else { throw ValidationError("--every is at least 1, not \(every).") }
    }

    func run() throws {
        OpenBLAS.relaunchWithBestKernel()
        let collection = try ImageCollection(folder: data)
        let names = sets.map { $0.split(separator: ",").map(String.init) } ?? collection.manifest.dataSets
        let (package, network, workers) = try options.opened()
        var settings = DetectionRun.Settings(folder: collection.folder)
        settings.step = every
        let figures: [DetectionFigure] = [
            .imageAUROC, .imageAP, .imageMaximumF1, .pixelAUROC, .pixelAP, .pixelMaximumF1, .aupro,
        ]
        var rows = [["set", "images"] + figures.map(\.rawValue)]
        var bar = ProgressBar()
        for name in names {
            let split = try FewShotSplit(collection.manifest, dataSet: name)
            let sentences = try ClassSentences(
                className: className ?? name.replacing("_", with: " "), package.tokenizer)
            var method = FidelityMethod(
                detector: FidelityDetector(network, sentences, workers: workers))
            var run = try DetectionRun(split.draw(0, count: 0), draw: 0, seed: 0, &method, settings)
            try run.score(with: &method, settings) { bar.show(name, $0, of: $1) }
            let result = DetectionResult(run, dataSet: name, proSteps: nil, bootstrap: nil)
            rows.append(
                [name, "\(run.images.count)"]
                    + figures.map { result.percent[$0].map { decimals($0, 2) } ?? "-" })
        }
        bar.finish()
        print(table(rows))
    }
}

/// Fidelity mode as `DetectionRun` asks it.
private struct FidelityMethod: DetectionMethod {
    static let isTrained = false
    let detector: FidelityDetector
    /// None: it learns nothing from references.
    let threshold: Float? = nil

    mutating func learn(from _: [RGBImage], seed _: Int) {}

    mutating func detect(in image: RGBImage) -> Detection {
        let start = MonotonicClock.now
        let result = detector.detect(in: image)
        let side = detector.network.tower.side
        let size = Size(width: side, height: side)
        return Detection(
            score: result.score, map: ScoreMap(size: size, scores: result.map), inputSize: size,
            nanoseconds: MonotonicClock.now - start)
    }
}
