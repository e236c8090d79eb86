internal import Evaluation

/// How many clusters there are: the count with the highest mean of silhouette and stability (METHODS.md 5.3), or the largest
/// that nearly has it: two kinds in one cluster are lost, one kind in two is a merge away.
package struct ClusterCount {
    /// What one count came to.
    package struct Candidate {
        package let count: Int
        /// The mean over the rows of (b - a) / max(a, b): a, b the mean distance 1 - cosine to the row's own cluster and
        /// to the nearest other one.
        package let silhouette: Double
        /// The mean adjusted Rand index between the clusters and those found on rows drawn anew.
        package let stability: Double

        var merit: Double { (silhouette + stability) / 2 }
    }

    package let candidates: [Candidate]
    /// The largest count that is good enough; 1 if there were none to try.
    package let best: Int

    /// More rows than these are thinned out evenly.
    private static let rowLimit = 4000
    private static let redrawCount = 5
    /// So far below the highest a mean is nearly as good. Of 10,000 simulated defects the true count leads by 0.05.
    static let margin = 0.03

    /// Tries every count in `range`, as far as there are that many different rows.
    package init(_ rows: UnitRows, trying range: ClosedRange<Int>, seed: Int) {
        let step = max(1, (rows.count + Self.rowLimit - 1) / Self.rowLimit)
        let sample = step == 1 ? rows : rows.rows(Array(stride(from: 0, to: rows.count, by: step)))
        var found: [Candidate] = []
        for count in range where count >= 2 && count < sample.count {
            let whole = SphericalKMeans(sample, count: count, seed: seed)
            guard whole.centres.count == count else { break }
            found.append(
                Candidate(
                    count: count, silhouette: Self.silhouette(sample, whole.clusters, count),
                    stability: Self.stability(sample, whole, count, seed)))
        }
        candidates = found
        best = Self.best(of: found.map { ($0.count, $0.merit) })
    }

    /// The largest of rising counts whose merit is nearly the highest; 1 if there is none.
    package static func best(of merits: [(count: Int, merit: Double)]) -> Int {
        let highest = merits.map(\.merit).max() ?? 0
        return merits.last { $0.merit >= highest - margin }?.count ?? 1
    }

    /// Exact: a cosine is linear, so the mean distance to a cluster follows from the sum of its rows.
    package static func silhouette(_ rows: UnitRows, _ clusters: [Int], _ count: Int) -> Double {
        let sums = rows.sums(of: clusters, count: count), width = rows.width
        var sizes = [Int](repeating: 0, count: count)
        for cluster in clusters { sizes[cluster] += 1 }
        var total = 0.0
        for (row, own) in clusters.enumerated() where sizes[own] > 1 {
            let vector = rows.row(row)
            var inside = 0.0, outside = Double.infinity
            let square = vector.reduce(0.0) { $0 + Double($1) * Double($1) }
            for cluster in 0..<count where sizes[cluster] > 0 {
                var product = 0.0
                for index in 0..<width {
                    product += Double(vector[index]) * Double(sums[cluster * width + index])
                }
                if cluster == own {
                    inside = 1 - (product - square) / Double(sizes[own] - 1)
                } else {
                    outside = min(outside, 1 - product / Double(sizes[cluster]))
                }
            }
            let larger = max(inside, outside)
            if outside.isFinite, larger > 1e-9 { total += (outside - inside) / larger }
        }
        return total / Double(clusters.count)
    }

    private static func stability(
        _ rows: UnitRows, _ whole: SphericalKMeans, _ count: Int, _ seed: Int
    ) -> Double {
        var sum = 0.0
        for draw in 0..<redrawCount {
            var random = RandomNumbers(
                seed: UInt64(bitPattern: Int64(seed)) &+ UInt64(draw), stream: "redraw")
            let drawn = Set((0..<rows.count).map { _ in random.nextIndex(below: rows.count) }).sorted()
            let again = SphericalKMeans(rows.rows(drawn), count: count, seed: seed &+ draw &+ 1, starts: 3)
            sum +=
                ClusterAgreement(types: drawn.map { whole.clusters[$0] }, clusters: again.clusters).ari ?? 0
        }
        return sum / Double(redrawCount)
    }
}
