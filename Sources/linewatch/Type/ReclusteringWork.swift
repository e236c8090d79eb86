import AnomalyModels
import EventStorage
import Training

/// All kept defects of a log sorted anew.
struct ReclusteringWork {
    private(set) var revision = TypeRevision(inspections: [])
    private(set) var lines: [String] = []

    /// Fewer defects of an inspection are left as they are.
    static let least = 24

    /// Blocks for up to a minute with 20,000 defects.
    init(_ reader: RecordReader) throws {
        let types = try reader.types(binLimit: 0).types.filter { !$0.isGone }
        let constraints = try reader.typeConstraints()
        let kept = Dictionary(grouping: try reader.embeddings(), by: \.inspection)
        for (number, rows) in kept.sorted(by: { $0.key < $1.key }) {
            // Without a direction it is like nothing.
            let rows = rows.filter { $0.codes.contains { $0 != 0 } }
            let width = rows.first?.codes.count ?? 0
            guard rows.count >= Self.least, width > 0, rows.allSatisfy({ $0.codes.count == width }) else {
                continue
            }
            let place = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1.id, $0) })
            let known = constraints.filter { place[$0.a] != nil && place[$0.b] != nil }
            let pairs = { (isTogether: Bool) in
                known.filter { $0.isTogether == isTogether }.map { (place[$0.a] ?? 0, place[$0.b] ?? 0) }
            }
            let sorted = Reclustering(
                UnitRows(rows.flatMap { DefectVector(codes: $0.codes).unit }, width: width),
                types: rows.map(\.type), links: .init(must: pairs(true), cannot: pairs(false)))
            var members = [[Int64]](repeating: [], count: sorted.clusters.count)
            for (row, cluster) in sorted.clusterOf.enumerated() { members[cluster].append(rows[row].id) }
            let own = Set(rows.map(\.type))
            revision.inspections.append(
                TypeRevision.Book(
                    number: number, types: types.map(\.id).filter(own.contains),
                    clusters: zip(sorted.clusters, members).map {
                        TypeRevision.Cluster(keeps: $0.keeps, parents: $0.parents, members: $1)
                    }))
            let name = types.first { own.contains($0.id) }?.inspection ?? "an inspection without types"
            lines.append(
                "\(name): \(rows.count) defects, \(own.subtracting([0]).count) kinds before, "
                    + "\(sorted.clusters.count) now, \(sorted.clusters.count { $0.keeps != nil }) of them as before"
            )
        }
    }
}
