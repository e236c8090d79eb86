import Evaluation
import Kernels
import ModelPackages

extension Eval {
    /// Sorts the defective images of each set, once for each seed. Blocks, for minutes where the sets are large.
    func sorted(by sorter: OfferedSorter) throws -> ClusteringReport {
        let collection = try ImageCollection(folder: data)
        let package = try package(usual: sorter.model)
        let seen = seenSets(package, [], in: collection)
        let kernels = try ModelChoice.kernels(isa)
        var settings = DetectionRun.Settings(folder: collection.folder)
        (settings.step, settings.isStrict) = (every, strict)
        var bar = ProgressBar()
        var results: [ClusteringReport.Set] = []
        for name in names(in: collection) {
            var method = try sorter.make(setup(name, package, kernels))
            let run = try ClusteringRun(collection.manifest, dataSet: name, &method, settings) {
                bar.show(name, $0, of: $1)
            }
            if var fine = method as? FineMethod {
                try fine.findMarks { bar.show("\(name), marks", $0, of: $1) }
                results.append(try .init(run, fine, seeds: seeds, seen: seen.contains(name)))
            } else {
                let agreements = try (0..<seeds).compactMap { try run.agreement(method, seed: $0) }
                results.append(.init(run, agreements, seen: seen.contains(name)))
            }
        }
        bar.finish()
        let head = ReportHead(
            self, dataSets: results.map(\.dataset), package: package, manifest: collection,
            isa: kernels.instructions.name)
        return ClusteringReport(head, results)
    }
}
