import AnomalyModels

/// How often the words that are nearest to a picture are the right ones.
package struct WordRetrieval: Sendable {
    /// For each picture whether it was right, by group: figures are means over the groups.
    package private(set) var groups: [[Bool]]

    package init(groups: Int) { self.groups = Array(repeating: [], count: groups) }

    package mutating func add(_ isRight: Bool, to group: Int) { groups[group].append(isRight) }

    package var count: Int { groups.reduce(0) { $0 + $1.count } }

    /// The share of each group; nil for one without pictures.
    package var shares: [Double?] { groups.map(Self.share) }

    /// The mean of the groups' shares, those without pictures left out.
    package var mean: Double {
        let known = groups.compactMap(Self.share)
        return known.isEmpty ? 0 : known.reduce(0, +) / Double(known.count)
    }

    /// The middle 95 % of the mean on pictures drawn anew, with replacement and each group for itself.
    package func interval(draws: Int, seed: UInt64) -> ClosedRange<Double> {
        var means: [Double] = []
        var random = RandomNumbers(seed: seed, stream: "draws")
        let known = groups.filter { !$0.isEmpty }
        for _ in 0..<draws {
            let shares = known.map { group in
                Double(group.indices.count { _ in group[random.nextIndex(below: group.count)] })
                    / Double(group.count)
            }
            means.append(shares.reduce(0, +) / Double(max(shares.count, 1)))
        }
        means.sort()
        guard let first = means.first, let last = means.last else { return 0...0 }
        let low = Int(0.025 * Double(means.count)), high = Int(0.975 * Double(means.count))
        return (low < means.count ? means[low] : first)...(high < means.count ? means[high] : last)
    }

    /// The row of `vectors` `[rows, width]` with the largest product with `picture`.
    package static func nearest(_ picture: [Float], _ vectors: ArraySlice<Float>) -> Int {
        let width = picture.count
        var best = 0, most = -Float.infinity
        for row in 0..<vectors.count / width {
            let first = vectors.startIndex + row * width
            var sum: Float = 0
            for index in 0..<width { sum += picture[index] * vectors[first + index] }
            if sum > most { (best, most) = (row, sum) }
        }
        return best
    }

    private static func share(_ group: [Bool]) -> Double? {
        group.isEmpty ? nil : Double(group.count { $0 }) / Double(group.count)
    }
}
