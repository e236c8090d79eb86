import Evaluation
import FoundationEssentials
import ModelPackages

extension Eval {
    /// Sorts the defective images of each set, once for each seed. Blocks, for minutes where the sets are large.
    package func sorted() throws -> ClusteringReport {
        let collection = try ImageCollection(folder: data)
        let names = sets.map { $0.split(separator: ",").map(String.init) } ?? collection.manifest.dataSets
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        let trunk = try ModelPackage(opening: locator.find(model), verifyingHashes: false)
        let kernels = try ModelChoice.kernels(isa)
        var settings = DetectionRun.Settings(folder: collection.folder)
        (settings.step, settings.isStrict) = (every, strict)
        var bar = ProgressBar()
        var results: [ClusteringReport.Set] = []
        for name in names {
            var method = PooledFeatures(
                trunk: trunk, kernels: kernels, input: MethodInput(size: input[name], keepsAspect: keepAspect)
            )
            let run = try ClusteringRun(collection.manifest, dataSet: name, &method, settings) {
                bar.show(name, $0, of: $1)
            }
            let agreements = try (0..<seeds).compactMap { try run.agreement(method, seed: $0) }
            results.append(.init(run, agreements))
        }
        bar.finish()
        return ClusteringReport(self, results, trunk: trunk, manifest: collection)
    }
}
