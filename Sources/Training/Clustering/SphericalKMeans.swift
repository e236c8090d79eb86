/// Clusters of directions: k-means with cosines (Dhillon and Modha 2001), begun by k-means++, with pairs that must or
/// must not be together (after Wagstaff et al. 2001).
///
/// Draws are `RandomNumbers`': the same rows, links and seed give the same clusters.
package struct SphericalKMeans {
    /// The cluster of each row, 0 up to the count of clusters.
    package private(set) var clusters: [Int] = []
    /// A unit vector for each cluster.
    package private(set) var centres: UnitRows
    /// The mean cosine of the rows with their centres.
    package private(set) var cohesion = -Double.infinity

    private static let roundCount = 60

    /// The best of `starts` starts. There are fewer clusters than `count` if there are fewer different rows.
    ///
    /// - Precondition: `count` and `starts` are above 0.
    package init(_ rows: UnitRows, count: Int, seed: Int, starts: Int = 10, links: Links = Links()) {
        precondition(count > 0 && starts > 0, "\(count) clusters from \(starts) starts")
        centres = UnitRows(rows.row(0), width: rows.width)
        for start in 0..<starts {
            var random = RandomNumbers(
                seed: UInt64(bitPattern: Int64(seed)) &* 1_000_003 &+ UInt64(start), stream: "spherical")
            let found = Self.settled(rows, Self.begun(rows, count, &random), links)
            if found.cohesion > cohesion { (clusters, centres, cohesion) = found }
        }
    }

    /// Rows far apart: each next one is drawn in proportion to its distance 1 - cosine to those before.
    private static func begun(_ rows: UnitRows, _ count: Int, _ random: inout RandomNumbers) -> UnitRows {
        var chosen = [random.nextIndex(below: rows.count)]
        var distances = [Double](repeating: .infinity, count: rows.count)
        while chosen.count < min(count, rows.count) {
            let cosines = rows.cosines(with: rows.rows([chosen[chosen.count - 1]]))
            // What rounding leaves between equal rows is no distance.
            for row in distances.indices {
                let distance = 1 - Double(cosines[row])
                distances[row] = min(distances[row], distance > 1e-5 ? distance : 0)
            }
            let sum = distances.reduce(0, +)
            guard sum > 0 else { break }
            var place = sum * random.nextUnit(), next = 0
            while next < rows.count - 1, place >= distances[next] {
                place -= distances[next]
                next += 1
            }
            // Rounding at the end of the sum must not choose a row again.
            while next > 0, distances[next] == 0 { next -= 1 }
            chosen.append(next)
        }
        return rows.rows(chosen)
    }

    private static func settled(
        _ rows: UnitRows, _ start: UnitRows, _ links: Links
    ) -> (clusters: [Int], centres: UnitRows, cohesion: Double) {
        var centres = start, clusters = [Int](repeating: -1, count: rows.count), cohesion = 0.0
        for _ in 0..<roundCount {
            let cosines = rows.cosines(with: centres), count = centres.count
            var next = [Int](repeating: 0, count: rows.count)
            for row in 0..<rows.count {
                var best = 0
                for cluster in 1..<max(count, 1)
                where cosines[row * count + cluster] > cosines[row * count + best] {
                    best = cluster
                }
                next[row] = best
            }
            links.enforce(on: &next, cosines: cosines, clusters: count)
            cohesion = 0
            for row in 0..<rows.count { cohesion += Double(cosines[row * count + next[row]]) }
            if next == clusters { break }
            clusters = next
            var sums = rows.sums(of: clusters, count: count)
            // A centre that lost all its rows stays where it is.
            var isEmpty = [Bool](repeating: true, count: count)
            for cluster in clusters { isEmpty[cluster] = false }
            for cluster in 0..<count where isEmpty[cluster] {
                sums.replaceSubrange(
                    cluster * rows.width..<(cluster + 1) * rows.width, with: centres.row(cluster))
            }
            centres = UnitRows(sums, width: rows.width)
        }
        return (clusters, centres, cohesion / Double(rows.count))
    }
}

extension SphericalKMeans {
    /// Pairs of rows that an operator put together or apart.
    package struct Links {
        /// Rows that go together, the most constrained group first; rows of no pair are in none.
        private var groups: [[Int]] = []
        /// For each group the groups that it must not be with.
        private var rivals: [[Int]] = []

        /// None.
        package init() {}

        /// Pairs of row numbers. A pair that must and must not be together is together.
        package init(must: [(Int, Int)], cannot: [(Int, Int)]) {
            var parent: [Int: Int] = [:]
            func root(_ row: Int) -> Int {
                var row = row
                while let next = parent[row], next != row { row = next }
                return row
            }
            for (a, b) in must + cannot { for row in [a, b] where parent[row] == nil { parent[row] = row } }
            for (a, b) in must {
                let (low, high) = (min(root(a), root(b)), max(root(a), root(b)))
                parent[high] = low
            }
            var members: [Int: [Int]] = [:]
            for row in parent.keys.sorted() { members[root(row), default: []].append(row) }
            var enemies: [Int: Set<Int>] = [:]
            for (a, b) in cannot where root(a) != root(b) {
                enemies[root(a), default: []].insert(root(b))
                enemies[root(b), default: []].insert(root(a))
            }
            let order = members.keys.sorted {
                let (left, right) = (enemies[$0]?.count ?? 0, enemies[$1]?.count ?? 0)
                return left != right ? left > right : $0 < $1
            }
            let place = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
            groups = order.map { members[$0] ?? [] }
            rivals = order.map { (enemies[$0] ?? []).compactMap { place[$0] }.sorted() }
        }

        /// Moves linked rows so that groups stay whole and rivals apart, as far as there are clusters enough.
        func enforce(on clusters: inout [Int], cosines: [Float], clusters count: Int) {
            var taken = [Int](repeating: -1, count: groups.count)
            for (number, group) in groups.enumerated() {
                var sums = [Float](repeating: 0, count: count)
                for row in group {
                    for cluster in 0..<count { sums[cluster] += cosines[row * count + cluster] }
                }
                let barred = Set(rivals[number].map { taken[$0] })
                let free = (0..<count).filter { !barred.contains($0) }
                let allowed = free.isEmpty ? Array(0..<count) : free
                var best = allowed[0]
                for cluster in allowed where sums[cluster] > sums[best] { best = cluster }
                taken[number] = best
                for row in group { clusters[row] = best }
            }
        }
    }
}
