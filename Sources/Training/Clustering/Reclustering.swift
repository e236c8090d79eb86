internal import Evaluation

/// All kept defects clustered anew, with the new clusters named after the old types (METHODS.md 5.3). Out of the
/// daemon, which goes on with the old types until it is given the result.
package struct Reclustering {
    /// A new cluster.
    package struct Cluster: Hashable {
        /// The old type whose id and name it keeps; nil: a new id.
        package let keeps: UInt16?
        /// The old types that a tenth of its defects or more were of.
        package let parents: [UInt16]
        package let count: Int
        package let centre: [Float]
    }

    /// In the order of the numbers in `clusterOf`.
    package let clusters: [Cluster]
    /// The cluster of each defect.
    package let clusterOf: [Int]
    /// The share of the defects of old types whose id would change.
    package let changedShare: Double
    /// Above this share a person decides.
    package static let proposedAbove = 0.3
    /// The result changes too much to be applied unasked.
    package var isProposed: Bool { changedShare > Self.proposedAbove }
    /// Why there are so many clusters.
    package let choice: ClusterCount

    /// Clusters `vectors`, whose types were `types`, 0 for none. Blocks, for up to a minute with 20,000.
    ///
    /// - Precondition: as many types as rows; links name rows.
    package init(
        _ vectors: UnitRows, types: [UInt16], links: SphericalKMeans.Links = .init(), seed: Int = 0
    ) {
        precondition(types.count == vectors.count, "\(types.count) types of \(vectors.count) defects")
        let old = Set(types.filter { $0 > 0 }).sorted()
        let low = min(max(2, old.count - 3), 32), high = min(max(low, old.count + 3), 32)
        choice = ClusterCount(vectors, trying: low...high, seed: seed)
        let starts = vectors.count > 5000 ? 3 : 10
        let found = SphericalKMeans(vectors, count: choice.best, seed: seed, starts: starts, links: links)
        let used = Set(found.clusters).sorted()
        let number = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) })
        let clusterOf = found.clusters.map { number[$0] ?? 0 }
        let overlaps = Self.overlaps(types, old, clusterOf, used.count)
        let keeps = Self.matches(overlaps, old)
        self.clusterOf = clusterOf
        clusters = used.indices.map { cluster in
            let size = clusterOf.count { $0 == cluster }
            return Cluster(
                keeps: keeps[cluster],
                parents: old.indices.filter { 10 * overlaps.shared[cluster][$0] >= size }.map { old[$0] },
                count: size, centre: found.centres.row(used[cluster]))
        }
        let typed = types.indices.filter { types[$0] > 0 }
        let changed = typed.count { keeps[clusterOf[$0]] != types[$0] }
        changedShare = typed.isEmpty ? 0 : Double(changed) / Double(typed.count)
    }

    /// How many defects each cluster shares with each old type, and the sizes of both.
    private static func overlaps(
        _ types: [UInt16], _ old: [UInt16], _ clusterOf: [Int], _ count: Int
    ) -> (shared: [[Int]], clusters: [Int], types: [Int]) {
        let place = Dictionary(uniqueKeysWithValues: old.enumerated().map { ($1, $0) })
        var shared = [[Int]](repeating: [Int](repeating: 0, count: old.count), count: count)
        var clusters = [Int](repeating: 0, count: count), sizes = [Int](repeating: 0, count: old.count)
        for (type, cluster) in zip(types, clusterOf) {
            clusters[cluster] += 1
            guard let type = place[type] else { continue }
            shared[cluster][type] += 1
            sizes[type] += 1
        }
        return (shared, clusters, sizes)
    }

    /// For each cluster the old type that it is matched with, where their Jaccard overlap is at least a half.
    private static func matches(
        _ overlaps: (shared: [[Int]], clusters: [Int], types: [Int]), _ old: [UInt16]
    ) -> [UInt16?] {
        let side = max(overlaps.clusters.count, old.count)
        func overlap(_ cluster: Int, _ type: Int) -> Double {
            guard cluster < overlaps.clusters.count, type < old.count else { return 0 }
            let shared = overlaps.shared[cluster][type]
            return Double(shared) / Double(max(1, overlaps.clusters[cluster] + overlaps.types[type] - shared))
        }
        let costs = (0..<side).map { row in (0..<side).map { -Int(1e6 * overlap(row, $0)) } }
        let columns = ClusterAgreement.leastCost(costs)
        return overlaps.clusters.indices.map { overlap($0, columns[$0]) >= 0.5 ? old[columns[$0]] : nil }
    }
}
