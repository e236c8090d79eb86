import Evaluation
import Training

/// What is reported of method 'fine' beside its figures.
extension ClusteringReport.Set {
    /// Trains a head for each seed and measures what the features do without one. Blocks, for seconds.
    init(_ run: ClusteringRun, _ method: FineMethod, seeds: Int, seen: Bool) throws {
        guard let clustering = method.clustering else {
            self.init(run, [], seen: seen)
            return
        }
        let count = run.types.count
        let sorted = try (0..<seeds).map { try clustering.sorted(into: count, seed: $0) }
        self.init(run, sorted.map { run.agreement(of: $0.clusters) }, seen: seen)
        headRuns = sorted.count { $0.usesHead }
        frozen = Self.means((0..<seeds).map { run.agreement(of: clustering.frozen(into: count, seed: $0)) })
        fineE = Self.means(
            (0..<seeds).map { run.agreement(of: clustering.singlePass(into: count, seed: $0)) })
        typesFound = clustering.estimate().best
        localShare = method.auxiliary == .generated ? method.features.localShare : nil
        auxiliary = method.features.used(method.auxiliary).rawValue
        maps = method.features.taps(method.auxiliary)
        guard method.keepsAll else { return }
        ablations = try Self.ablations(run, method, seeds: seeds)
        let kinds = run.rows.map { run.types.firstIndex(of: $0.defectType) ?? 0 }
        openSet = zip(run.types, clustering.openSets(kinds: kinds, count: count, seed: 0)).map {
            .init(type: $0, novelty: $1.novelty.map { 100 * $0 }, promotedAfter: $1.promotedAfter)
        }
    }

    /// Every auxiliary image with the head as it is, always used, with the other losses of centres, by the instance loss
    /// alone, and without it.
    private static func ablations(
        _ run: ClusteringRun, _ method: FineMethod, seeds: Int
    ) throws -> [ClusteringReport.Ablation] {
        let count = run.types.count
        var rows: [ClusteringReport.Ablation] = []
        for auxiliary in DefectFeatures.Auxiliary.allCases {
            guard var clustering = method.clustering(auxiliary) else { continue }
            func add(_ head: String, _ clusters: (Int) throws -> [Int]) rethrows {
                let figures = Self.means(try (0..<seeds).map { run.agreement(of: try clusters($0)) })
                rows.append(.init(auxiliary: auxiliary.rawValue, head: head, figures: figures))
            }
            try add("gated") { try clustering.sorted(into: count, seed: $0).clusters }
            clustering.isGated = false
            for loss in CentreLoss.allCases {
                clustering.head.centreLoss = loss
                let name = loss == .sharpened ? "always" : loss.rawValue
                try add(name) { try clustering.sorted(into: count, seed: $0).clusters }
            }
            clustering.head.centreWeight = 0
            try add("instance loss") { try clustering.sorted(into: count, seed: $0).clusters }
            add("none") { clustering.frozen(into: count, seed: $0) }
        }
        return rows
    }

    private static func cell(_ value: Double?) -> String { value.map { decimals($0, 1) } ?? "-" }

    /// One sentence.
    var besides: String? {
        frozen.map { frozen in
            let share =
                localShare.map { " (\(Self.cell(100 * $0)) % of the variance of rarity is local)" } ?? ""
            return "\(dataset): ACC without head \(Self.cell(frozen.acc)), in a single pass "
                + "\(Self.cell(fineE?.acc)); head used in \(headRuns ?? 0) of \(perSeed.count) runs; "
                + "\(typesFound ?? 0) types found by itself; auxiliary image: \(auxiliary ?? "-")\(share)."
        }
    }

    /// Each type hidden at first.
    var openSetText: String? {
        openSet.map { rows in
            let cells = rows.map {
                [$0.type, Self.cell($0.novelty), $0.promotedAfter.map(String.init) ?? "never"]
            }
            return dataset + "\n" + table([["hidden type", "AUROC of novelty", "a type after"]] + cells)
        }
    }

    var ablationText: String? {
        ablations.map { rows in
            let cells = rows.map { row in
                [
                    row.auxiliary, row.head, Self.cell(row.figures.nmi), Self.cell(row.figures.ari),
                    Self.cell(row.figures.acc),
                ]
            }
            return dataset + "\n" + table([["auxiliary", "head", "NMI", "ARI", "ACC"]] + cells)
        }
    }
}
