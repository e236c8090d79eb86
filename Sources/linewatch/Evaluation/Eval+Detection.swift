import AnomalyModels
import Evaluation
import Kernels
import ModelPackages

extension Eval {
    /// The numbers of draw and seed of each run. A method that is not trained has no use for a second seed, one that
    /// needs no references none for a second draw.
    func plan(isTrained: Bool) -> [(draw: Int, seed: Int)] {
        guard shotCount > 0 else { return (0..<(isTrained ? seeds : 1)).map { (0, $0) } }
        guard let draws else { return (0..<seeds).map { ($0, $0) } }
        return (0..<draws).flatMap { draw in (0..<(isTrained ? seeds : 1)).map { (draw, $0) } }
    }

    /// Teaches and scores on every set. Blocks, for minutes where the sets are large.
    func evaluated() throws -> Evaluated {
        guard let detector = method.detector else { preconditionFailure("'\(method)' finds nothing") }
        let collection = try ImageCollection(folder: data)
        let all = try names(in: collection).map { try FewShotSplit(collection.manifest, dataSet: $0) }
        // A set that was asked for by name is refused, one that merely lies there is passed over.
        let splits = sets == nil && shotCount > 0 ? all.filter { !$0.candidates.isEmpty } : all
        let skipped = all.map(\.dataSet).filter { name in !splits.contains { $0.dataSet == name } }
        let package = try package(usual: detector.model)
        let seen = seenSets(package, companions(detector), in: collection)
        let kernels = try ModelChoice.kernels(isa)
        func head(_ names: [String]) -> ReportHead {
            ReportHead(
                self, dataSets: names, package: package, manifest: collection, isa: kernels.instructions.name)
        }
        let weights = try float.map { try FloatSource(of: package, checkpoint: $0) }
        let table = try resume.map {
            try RunTable(path: $0, .init(self, head([]), companions: companions(detector)))
        }
        var page = Evaluated.Page(kernels: kernels)
        var measured: [EvaluationReport.Set] = [], compared: [FloatFigures] = []
        var bar = ProgressBar()
        for split in splits {
            var method = try made(detector, setup(split.dataSet, package, kernels), weights)
            let results = try results(of: split, &method, in: collection, table, &bar, &page, &compared)
            measured.append(
                .init(split, DetectionSummary(results), isSeen: seen.contains(split.dataSet)))
        }
        bar.finish()
        return Evaluated(
            report: EvaluationReport(
                self, head(measured.map(\.name)), measured, skipped: skipped,
                emptyClasses: collection.emptyClasses, compared), page: page)
    }

    /// The method; with `weights` beside itself in float32.
    private func made(
        _ detector: OfferedDetector, _ setup: MethodSetup, _ weights: FloatSource?
    ) throws -> any DetectionMethod {
        let method = try detector.make(setup)
        guard let weights else { return method }
        var other = setup
        other.float = weights
        guard let int8 = method as? any TwinMethod, let float = try detector.make(other) as? any TwinMethod
        else { preconditionFailure("'\(detector.name)' in float32") }
        return ComparedMethod(int8: int8, float: float, sharesPlaces: !ownBanks)
    }

    private func results(
        of split: FewShotSplit, _ method: inout some DetectionMethod, in collection: ImageCollection,
        _ table: RunTable?, _ bar: inout ProgressBar, _ page: inout Evaluated.Page,
        _ compared: inout [FloatFigures]
    ) throws -> [DetectionResult] {
        var settings = DetectionRun.Settings(folder: collection.folder)
        settings.evaluationSize = evalSize.size
        (settings.sigma, settings.step, settings.isStrict) = (smooth, every, strict)
        let plan = plan(isTrained: type(of: method).isTrained)
        var results: [DetectionResult] = []
        for (index, (draw, seed)) in plan.enumerated() {
            // The page shows more of the first run than a table keeps.
            let isShown = report != nil && index == 0
            if !isShown, let known = table?.row(split.dataSet, draw: draw, seed: seed) {
                results.append(known)
                continue
            }
            var run = try DetectionRun(
                split.draw(draw, count: shotCount), draw: draw, seed: seed, &method, settings)
            try run.score(with: &method, settings) {
                bar.show("\(split.dataSet) \(index + 1)/\(plan.count)", $0, of: $1)
            }
            let result = DetectionResult(
                run, dataSet: split.dataSet, proSteps: proSteps,
                bootstrap: bootstrap > 0 ? Bootstrap(drawCount: bootstrap) : nil)
            if let pair = method as? ComparedMethod {
                var repeated = RepeatedMethod(pair)
                var exact = try DetectionRun(run.split, draw: draw, seed: seed, &repeated, settings)
                try exact.score(with: &repeated, settings) { _, _ in }
                compared.append(
                    FloatFigures(
                        run, pair, result,
                        exact: DetectionResult(
                            exact, dataSet: split.dataSet, proSteps: proSteps, bootstrap: nil)))
            }
            if table?.row(split.dataSet, draw: draw, seed: seed) == nil { try table?.add(result) }
            if isShown {
                try page.add(worstOf: run, &method, in: collection.folder)
                page.add(curvesOf: run, named: split.dataSet)
            }
            results.append(result)
        }
        return results
    }
}
