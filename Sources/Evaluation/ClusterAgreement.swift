import Glibc

/// How well clusters agree with the true types of the same items (METHODS.md 8.2): from the counts of each pair of
/// a type and a cluster.
public struct ClusterAgreement: Sendable {
    /// Items of each type in each cluster, `[types, clusters]`.
    private let counts: [[Int]]
    private let itemCount: Int

    /// Types and clusters are any numbers; equal ones belong together.
    ///
    /// - Precondition: both have the same count.
    public init(types: [Int], clusters: [Int]) {
        precondition(types.count == clusters.count, "\(types.count) types, \(clusters.count) clusters")
        func places(_ values: [Int]) -> [Int: Int] {
            Dictionary(uniqueKeysWithValues: Set(values).sorted().enumerated().map { ($1, $0) })
        }
        let rows = places(types), columns = places(clusters)
        var counts = [[Int]](repeating: [Int](repeating: 0, count: columns.count), count: rows.count)
        for (type, cluster) in zip(types, clusters) {
            if let row = rows[type], let column = columns[cluster] { counts[row][column] += 1 }
        }
        self.counts = counts
        itemCount = types.count
    }

    private var typeSizes: [Int] { counts.map { $0.reduce(0, +) } }
    private var clusterSizes: [Int] {
        (counts.first ?? []).indices.map { column in counts.reduce(0) { $0 + $1[column] } }
    }

    /// The normalised mutual information: 2 I / (H(types) + H(clusters)) with natural logarithms; 1 when there is
    /// one type and one cluster. nil without items.
    public var nmi: Double? {
        guard itemCount > 0 else { return nil }
        let types = typeSizes, clusters = clusterSizes
        if types.count == 1, clusters.count == 1 { return 1 }
        let total = Double(itemCount)
        var information = 0.0
        for (row, line) in counts.enumerated() {
            for (column, count) in line.enumerated() where count > 0 {
                information +=
                    Double(count) / total
                    * log(Double(count) * total / (Double(types[row]) * Double(clusters[column])))
            }
        }
        func entropy(_ sizes: [Int]) -> Double {
            -sizes.reduce(0) { $0 + Double($1) / total * log(Double($1) / total) }
        }
        let mean = (entropy(types) + entropy(clusters)) / 2
        return min(max(information, 0) / mean, 1)
    }

    /// The adjusted Rand index (Hubert and Arabie 1985): 1 for equal partitions, 0 for what chance gives. nil
    /// without items.
    public var ari: Double? {
        guard itemCount > 0 else { return nil }
        func pairs(_ count: Int) -> Double { Double(count) * Double(count - 1) / 2 }
        let together = counts.reduce(0) { $0 + $1.reduce(0) { $0 + pairs($1) } }
        let ofTypes = typeSizes.reduce(0) { $0 + pairs($1) }
        let ofClusters = clusterSizes.reduce(0) { $0 + pairs($1) }
        // Equal partitions, also where all pairs or none are together.
        if together == ofTypes, together == ofClusters { return 1 }
        let expected = ofTypes * ofClusters / pairs(itemCount)
        return (together - expected) / ((ofTypes + ofClusters) / 2 - expected)
    }

    /// The share of items in their type's cluster, under the best choice of one cluster for each type (the
    /// Hungarian method on the counts padded to a square). nil without items.
    public var accuracy: Double? {
        guard itemCount > 0 else { return nil }
        let side = max(counts.count, counts[0].count)
        let costs = (0..<side).map { row in
            (0..<side).map { column in
                row < counts.count && column < counts[row].count ? -counts[row][column] : 0
            }
        }
        let columns = Self.leastCost(costs)
        return Double(-costs.indices.reduce(0) { $0 + costs[$1][columns[$1]] }) / Double(itemCount)
    }

    /// The column of each row, each once, for which the costs sum up to the least (Kuhn 1955, by shortest augmenting
    /// paths).
    ///
    /// - Precondition: `costs` is a square.
    /// - Complexity: O(n^3).
    package static func leastCost(_ costs: [[Int]]) -> [Int] {
        guard !costs.isEmpty else { return [] }
        let side = costs.count
        // Row and column 0 stand for none.
        var rowPrice = [Int](repeating: 0, count: side + 1), columnPrice = rowPrice
        var rowOf = rowPrice
        for row in 1...side {
            rowOf[0] = row
            var least = [Int](repeating: .max, count: side + 1), before = [Int](repeating: 0, count: side + 1)
            var isDone = [Bool](repeating: false, count: side + 1)
            var column = 0
            repeat {
                isDone[column] = true
                let from = rowOf[column]
                var step = Int.max, next = 0
                for other in 1...side where !isDone[other] {
                    let cost = costs[from - 1][other - 1] - rowPrice[from] - columnPrice[other]
                    if cost < least[other] { (least[other], before[other]) = (cost, column) }
                    if least[other] < step { (step, next) = (least[other], other) }
                }
                for other in 0...side {
                    if isDone[other] {
                        rowPrice[rowOf[other]] += step
                        columnPrice[other] -= step
                    } else if least[other] < .max {
                        least[other] -= step
                    }
                }
                column = next
            } while rowOf[column] != 0
            while column != 0 {
                rowOf[column] = rowOf[before[column]]
                column = before[column]
            }
        }
        var columns = [Int](repeating: 0, count: side)
        for column in 1...side { columns[rowOf[column] - 1] = column - 1 }
        return columns
    }
}
