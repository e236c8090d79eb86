import AnomalyModels
package import ArgumentParser
import Evaluation
import FoundationEssentials
import Imaging
import Inference
import Kernels
import ModelPackages
import Platform

/// `linewatch eval`: how well a method finds the defects of labelled data sets.
package struct Eval: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Measures how well defects are found in labelled images.",
        discussion: """
            Reads MANIFEST.csv in the folder DIR or in its parent, or else the folders of MVTec AD: train/good, \
            test/good, test/TYPE, and masks in ground_truth/TYPE/NAME_mask.png or masks/TYPE/NAME.png.
            For each data set and each run a few good images are drawn, the method is taught with them and scores the \
            others: rows 'test' where the set has rows 'reference', else all other rows of 'train' and 'val' that share \
            no group with a reference. Run s is draw s of the images and seed s of training; with --draws all pairs are run.
            Printed, in percent, are the means over the runs with their standard deviations, each run, and 95 % \
            intervals by drawing the images anew: AUROC, average precision and highest F1 of images, AUROC of pixels, the \
            area under the per-region overlap up to 30 % false pixels (AUPRO), and F1, false alarms and misses at the limit \
            that the method fixed on the references.
            """
    )

    @Option(
        help: """
            patch: the nearest patch of a few good parts. kmeans: sorts the defective images by kind, by the mean of \
            frozen features, principal components and k-means; printed are NMI, ARI and accuracy.
            """)
    var method: Method = .patch

    @Option(help: "The folder with the data sets.")
    var data: String

    @Option(name: .customLong("set"), help: "Names of data sets, with commas between. Default: all in DIR.")
    var sets: String?

    @Option(name: [.customLong("shots"), .customLong("references")], help: "Good images to learn from.")
    var shots = 2

    @Option(help: "Runs with seeds 0, 1, ..., each with the draw of that number.")
    var seeds = 3

    @Option(help: "Draws of the references, each run with every seed. Default: one for each seed.")
    var draws: Int?

    @Option(help: "What the parts are called, for methods that read: as in 'screw'. Default: the set's name.")
    var className: String?

    @Option(
        name: [.customLong("input"), .customLong("size")],
        help: """
            Width and height of the network's input, as in 320x256, or one number for both; for one set another, \
            as in 256,kolektorsdd=160x416.
            """)
    var input = InputSizes(standard: Size(width: 256, height: 256))

    @Flag(help: "Keep the proportions of each image and take --input as its area.")
    var keepAspect = false

    @Option(
        help: "Views of the references: fixed, mirrored or turned. Default: turned if the input is square.")
    var views: ReferenceViews?

    @Option(
        help: """
            Maps and masks are compared at the input's shape with the area of a square of this side, or at the size of \
            each image: native.
            """)
    var evalSize = EvaluationSide(square: 256)

    @Option(help: "Standard deviation in pixels of a Gaussian over the maps at that size.")
    var smooth = 0.0

    @Option(help: "Thresholds of the AUPRO. Default: every distinct score.")
    var proSteps: Int?

    @Option(help: "Draws of images for the 95 % intervals; 0 for none.")
    var bootstrap = 1000

    @Option(help: "The name or the path of the trunk's package.")
    var model = "efficientnet-lite0"

    @Option(help: "Instruction set. Default: LINEWATCH_ISA, or the best.")
    var isa: String?

    @Option(help: "Score every Nth image only, for a quick look.")
    var every = 1

    @Flag(help: "End at the first image or mask that cannot be used, instead of naming and counting it.")
    var strict = false

    @Option(help: "Write one page with curves and the worst misses to this .html file.")
    var report: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    /// Methods by the names that they are asked for with.
    enum Method: String, ExpressibleByArgument, CaseIterable {
        case patch, adaclip, vtfusion, fine, kmeans

        /// Those that can be run.
        static let built: [Method] = [.patch, .kmeans]

        /// Whether it sorts defective images by kind, instead of finding them.
        var sorts: Bool { self == .fine || self == .kmeans }
    }

    package init() {}

    package func validate() throws {
        guard Method.built.contains(method) else {
            let names = Method.built.map(\.rawValue).joined(separator: ", ")
            throw ValidationError(
                "The method '\(method.rawValue)' is not built yet. Set --method to one of: \(names).")
        }
        guard 1...64 ~= shots else {
            throw ValidationError("--shots is 1 to 64 for '\(method.rawValue)', not \(shots).")
        }
        for (name, count) in [("seeds", seeds), ("draws", draws ?? 1)] where !(1...100 ~= count) {
            throw ValidationError("--\(name) is 1 to 100, not \(count).")
        }
        guard 0...64 ~= smooth else { throw ValidationError("--smooth is 0 to 64, not \(smooth).") }
        guard 2...1_000_000 ~= proSteps ?? 2 else {
            throw ValidationError("--pro-steps is 2 to 1000000, not \(proSteps ?? 0).")
        }
        guard bootstrap == 0 || 40...100_000 ~= bootstrap else {
            throw ValidationError("--bootstrap is 0, or 40 to 100000, not \(bootstrap).")
        }
        guard every >= 1 else { throw ValidationError("--every is at least 1, not \(every).") }
        if report != nil, method.sorts {
            throw ValidationError("--report has nothing to show of '\(method.rawValue)'. Leave it out.")
        }
        if let report, !report.hasSuffix(".html") {
            throw ValidationError("'\(report)' is no name of a page. Let it end in .html.")
        }
    }

    package func run() throws {
        if method.sorts {
            let report = try sorted()
            print(json ? try jsonReport(report) : report.text)
            return
        }
        let evaluation = try evaluated()
        if let report { try writeAtomically(report, Array(evaluation.page.utf8)) }
        print(json ? try jsonText(evaluation.report) : evaluation.report.text)
    }

    /// Teaches and scores. Blocks, for minutes where the sets are large.
    package func measured() throws -> EvaluationReport { try evaluated().report }
}

extension Eval {
    /// The numbers of draw and seed of each run. A method that is not trained has no use for a second seed.
    func plan(isTrained: Bool) -> [(draw: Int, seed: Int)] {
        guard let draws else { return (0..<seeds).map { ($0, $0) } }
        return (0..<draws).flatMap { draw in (0..<(isTrained ? seeds : 1)).map { (draw, $0) } }
    }

    private func evaluated() throws -> Evaluated {
        let collection = try ImageCollection(folder: data)
        let names = sets.map { $0.split(separator: ",").map(String.init) } ?? collection.manifest.dataSets
        let all = try names.map { try FewShotSplit(collection.manifest, dataSet: $0) }
        // A set that was asked for by name is refused, one that merely lies there is passed over.
        let splits = sets == nil ? all.filter { !$0.candidates.isEmpty } : all
        let skipped = all.map(\.dataSet).filter { name in !splits.contains { $0.dataSet == name } }
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        let trunk = try ModelPackage(opening: locator.find(model), verifyingHashes: false)
        let kernels = try ModelChoice.kernels(isa)
        var result = Evaluated(
            report: EvaluationReport(
                self, [], skipped: skipped, trunk: trunk, manifest: collection, isa: kernels.instructions.name
            ),
            kernels: kernels)
        var measured: [EvaluationReport.Set] = []
        var bar = ProgressBar()
        for split in splits {
            var method = PatchMethod(
                trunk: trunk, kernels: kernels,
                input: MethodInput(size: input[split.dataSet], keepsAspect: keepAspect), views: views)
            let runs = try runs(of: split, &method, in: collection, &bar, &result)
            let summary = DetectionSummary(
                runs, proSteps: proSteps, bootstrap: bootstrap > 0 ? Bootstrap(drawCount: bootstrap) : nil)
            measured.append(.init(split, runs, summary))
            if report != nil, let first = runs.first { result.add(curvesOf: first, named: split.dataSet) }
        }
        bar.finish()
        result.report = EvaluationReport(
            self, measured, skipped: skipped, trunk: trunk, manifest: collection,
            isa: kernels.instructions.name)
        return result
    }

    private func runs(
        of split: FewShotSplit, _ method: inout some DetectionMethod, in collection: ImageCollection,
        _ bar: inout ProgressBar, _ result: inout Evaluated
    ) throws -> [DetectionRun] {
        var settings = DetectionRun.Settings(folder: collection.folder)
        settings.evaluationSize = evalSize.size
        (settings.sigma, settings.step, settings.isStrict) = (smooth, every, strict)
        let plan = plan(isTrained: type(of: method).isTrained)
        var runs: [DetectionRun] = []
        for (index, (draw, seed)) in plan.enumerated() {
            var run = try DetectionRun(
                split.draw(draw, count: shots), draw: draw, seed: seed, &method, settings)
            try run.score(with: &method, settings) {
                bar.show("\(split.dataSet) \(index + 1)/\(plan.count)", $0, of: $1)
            }
            if report != nil, index == 0 { try result.add(worstOf: run, &method, in: collection.folder) }
            runs.append(run)
        }
        return runs
    }
}
