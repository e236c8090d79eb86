import Evaluation
import Training

/// What `linewatch eval` measured of a method that sorts, in percent. Keys are only ever added.
package struct ClusteringReport: Encodable {
    let head: ReportHead
    /// The means over the sets, run by run.
    package let nmi: Double?
    package let ari: Double?
    package let acc: Double?
    package let sets: [Set]
    /// The means over the sets of each run.
    let perSeed: [Figures]

    package struct Set: Encodable {
        let dataset: String
        /// The true types, as many as there are clusters.
        let types: [String]
        package let images: Int
        package let nmi: Double?
        package let ari: Double?
        package let acc: Double?
        let sd: Figures
        let perSeed: [Figures]
        /// Of method 'fine': the same features without a head, means over the seeds.
        package var frozen: Figures?
        /// Of method 'fine': one view without a head, as the inspection's own pass gives it.
        package var fineE: Figures?
        /// Of method 'fine': how many types it would have found.
        package var typesFound: Int?
        /// Of method 'fine': the share of the variance of rarity that lies within images, the auxiliary image that was
        /// used, the maps used, coarsest last, and in how many of the runs the head was.
        package var localShare: Double?
        package var auxiliary: String?
        package var maps: [Int]?
        package var headRuns: Int?
        /// Of --ablation: the means over the runs of each way of doing without a part.
        package var ablations: [Ablation]?
        /// Of --ablation: what becomes of each type when it is hidden at first, with the first seed.
        package var openSet: [Hidden]?
        let leftOut: [LeftOut]
        /// Whether the weights were trained on its images, or on some that belong to them.
        package let seen: Bool
        /// Why there are no figures; nil if there are.
        let missing: String?
    }

    package struct Figures: Encodable {
        package let nmi: Double?
        package let ari: Double?
        package let acc: Double?
    }

    package struct Ablation: Encodable {
        package let auxiliary: String
        package let head: String
        package let figures: Figures
    }

    package struct Hidden: Encodable {
        package let type: String
        /// AUROC of its images' novelty, in percent.
        package let novelty: Double?
        /// Of its images, until a type of their own came.
        package let promotedAfter: Int?
    }

    struct LeftOut: Encodable {
        let path: String
        let reason: String
    }

    init(_ head: ReportHead, _ sets: [Set]) {
        self.head = head
        func mean(_ values: [Double?]) -> Double? {
            let known = values.compactMap { $0 }
            return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
        }
        let fresh = sets.filter { !$0.seen }
        (nmi, ari, acc) = (mean(fresh.map(\.nmi)), mean(fresh.map(\.ari)), mean(fresh.map(\.acc)))
        self.sets = sets
        let complete = fresh.filter { $0.perSeed.count == head.seeds }
        perSeed = (0..<(complete.isEmpty ? 0 : head.seeds)).map { run in
            let runs = complete.map { $0.perSeed[run] }
            return Figures(
                nmi: mean(runs.map(\.nmi)), ari: mean(runs.map(\.ari)), acc: mean(runs.map(\.acc)))
        }
    }

    private enum CodingKeys: String, CodingKey {
        case nmi, ari, acc, sets, perSeed
    }

    package func encode(to encoder: any Encoder) throws {
        try head.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(nmi, forKey: .nmi)
        try container.encode(ari, forKey: .ari)
        try container.encode(acc, forKey: .acc)
        try container.encode(perSeed, forKey: .perSeed)
        try container.encode(sets, forKey: .sets)
    }

    var text: String {
        func cell(_ mean: Double?, _ deviation: Double?) -> String {
            mean.map { decimals($0, 1) + (deviation.map { " ±" + decimals($0, 1) } ?? "") } ?? "-"
        }
        var rows = [["\(head.seeds) seeds", "images", "types", "NMI", "ARI", "ACC"]]
        for set in sets {
            rows.append([
                set.dataset + (set.seen ? " (related images seen)" : ""), "\(set.images)",
                "\(set.types.count)", cell(set.nmi, set.sd.nmi),
                cell(set.ari, set.sd.ari), cell(set.acc, set.sd.acc),
            ])
        }
        let fresh = sets.count { !$0.seen }
        if sets.count > 1, fresh > 0 {
            rows.append(["mean of \(fresh)", "", "", cell(nmi, nil), cell(ari, nil), cell(acc, nil)])
        }
        let left = sets.flatMap { set in
            set.leftOut.map { "\(set.dataset): left out: '\($0.path)': \($0.reason)" }
        }
        let missing = sets.compactMap { set in
            set.missing.map { "\(set.dataset): no NMI, ARI, ACC: \($0)." }
        }
        let beside = missing + sets.compactMap(\.besides)
        return
            ([table(rows), "\(head.model) in int8, input \(head.input), as many clusters as types."] + beside
            + sets.compactMap(\.ablationText) + sets.compactMap(\.openSetText) + left)
            .joined(separator: "\n")
    }
}

extension ClusteringReport.Set {
    init(_ run: ClusteringRun, _ agreements: [ClusterAgreement], seen: Bool) {
        (dataset, self.seen) = (run.dataSet, seen)
        (types, images) = (run.types, run.rows.count)
        perSeed = agreements.map {
            .init(
                nmi: $0.nmi.map { 100 * $0 }, ari: $0.ari.map { 100 * $0 }, acc: $0.accuracy.map { 100 * $0 })
        }
        let figures = (
            Self.summary(perSeed.map(\.nmi)), Self.summary(perSeed.map(\.ari)),
            Self.summary(perSeed.map(\.acc))
        )
        (nmi, ari, acc) = (figures.0.mean, figures.1.mean, figures.2.mean)
        sd = .init(nmi: figures.0.deviation, ari: figures.1.deviation, acc: figures.2.deviation)
        leftOut = run.leftOut.map { .init(path: $0.path, reason: $0.reason) }
        missing = run.rows.isEmpty ? "no defective images were sorted" : nil
    }

    private static func summary(_ values: [Double?]) -> (mean: Double?, deviation: Double?) {
        let known = values.compactMap { $0 }
        guard !known.isEmpty else { return (nil, nil) }
        let mean = known.reduce(0, +) / Double(known.count)
        let squares = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (mean, known.count > 1 ? (squares / Double(known.count - 1)).squareRoot() : 0)
    }

    static func means(_ agreements: [ClusterAgreement]) -> ClusteringReport.Figures {
        func percent(_ values: [Double?]) -> Double? { summary(values).mean.map { 100 * $0 } }
        return .init(
            nmi: percent(agreements.map(\.nmi)), ari: percent(agreements.map(\.ari)),
            acc: percent(agreements.map(\.accuracy)))
    }
}
