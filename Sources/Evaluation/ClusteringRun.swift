import Imaging

/// The defective images of one data set, sorted by a method that saw no label (METHODS.md 8.2).
public struct ClusteringRun: Sendable {
    /// The name of the set.
    public let dataSet: String
    /// The images taken in, in the order of the manifest.
    public private(set) var rows: [DataSetManifest.Row] = []
    /// Images that could not be used.
    public private(set) var leftOut: [DetectionRun.LeftOut] = []
    /// The types that occur, in byte order.
    public let types: [String]

    /// Gives all defective images of `dataSet`, of every split, to `method`. `progress` gets how many are done, and of
    /// how many.
    ///
    /// Throws `unknownSet`, what `method` throws, and where the settings are strict an `EvaluationError` for the first
    /// image that cannot be read.
    public init(
        _ manifest: DataSetManifest, dataSet: String, _ method: inout some ClusteringMethod,
        _ settings: DetectionRun.Settings, progress: (Int, Int) -> Void
    ) throws {
        let all = manifest.rows.filter { $0.dataSet == dataSet }
        guard !all.isEmpty else { throw EvaluationError.unknownSet(name: dataSet, known: manifest.dataSets) }
        self.dataSet = dataSet
        let defective = all.filter(\.isDefective)
        for index in stride(from: 0, to: defective.count, by: settings.step) {
            let row = defective[index]
            do {
                try method.add(
                    RGBImage(contentsOf: settings.folder + "/" + row.path),
                    mask: row.maskPath.map { settings.folder + "/" + $0 })
                rows.append(row)
            } catch let error as ImagingError {
                let reason = "\(error)".replacing("'\(settings.folder)/\(row.path)'", with: "it")
                if settings.isStrict { throw EvaluationError.leftOut(path: row.path, reason: reason) }
                leftOut.append(.init(path: row.path, isMaskOnly: false, reason: reason))
            }
            progress(min(index + settings.step, defective.count), defective.count)
        }
        types = Set(rows.map(\.defectType)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// How the clusters of `method` agree with the types, with as many clusters as there are types; nil without
    /// images. Blocks.
    public func agreement(_ method: some ClusteringMethod, seed: Int) throws -> ClusterAgreement? {
        guard !rows.isEmpty else { return nil }
        return agreement(of: try method.clusters(count: types.count, seed: seed))
    }

    /// How `clusters`, one for each image, agree with the types.
    public func agreement(of clusters: [Int]) -> ClusterAgreement {
        ClusterAgreement(types: rows.map { types.firstIndex(of: $0.defectType) ?? -1 }, clusters: clusters)
    }
}
