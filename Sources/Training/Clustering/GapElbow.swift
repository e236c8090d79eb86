internal import Glibc

/// How many clusters a folder of images has: the elbow of the gap statistic.
///
/// The gap (Tibshirani, Walther and Hastie, 2001) is by how much more k clusters draw rows together than they do rows
/// of a reference without clusters: normal, with the same variance along each component. Their own rule stops at the
/// first k from which the gap does not rise; in features of images it rises on and on, by ever less. So the count is
/// where the gap lies furthest above the line from its first to its last point (Satopaa et al., 2011).
package struct GapElbow {
    /// For 1, 2, ... clusters.
    package let gaps: [Double]
    /// 1 if the rows lie no closer than those of the reference, or are too few.
    package let best: Int

    private static let referenceCount = 3
    /// The same for rows and references: more starts alone would look like a gap.
    private static let startCount = 10
    /// More rows than these are thinned out evenly.
    private static let rowLimit = 4000

    /// Tries 1...`most` clusters, and one more that ends the line; as many as there are different rows.
    ///
    /// Blocks for seconds.
    /// - Precondition: `points` holds whole rows of `width`, at least one.
    package init(_ points: [Float], width: Int, upTo most: Int, seed: Int) {
        let total = points.count / width, step = max(1, (total + Self.rowLimit - 1) / Self.rowLimit)
        let chosen = Array(stride(from: 0, to: total, by: step))
        let sample = chosen.flatMap { points[$0 * width..<($0 + 1) * width] }
        let rows = UnitRows(sample, width: width)
        var own: [Double] = []
        for count in 1...(most + 1) where count < max(2, rows.count) {
            let found = SphericalKMeans(rows, count: count, seed: seed, starts: Self.startCount)
            guard found.centres.count == count, found.cohesion < 1 - 1e-6 else { break }
            own.append(logarithm(1 - found.cohesion))
        }
        var sums = [Double](repeating: 0, count: own.count)
        for number in 0..<(own.count > 1 ? Self.referenceCount : 0) {
            let drawn = Self.reference(sample, width: width, seed: seed, number: number)
            for count in 1...own.count {
                let found = SphericalKMeans(
                    drawn, count: count, seed: seed &+ number, starts: Self.startCount)
                sums[count - 1] += logarithm(max(1e-9, 1 - found.cohesion))
            }
        }
        gaps = zip(sums, own).map { $0 / Double(Self.referenceCount) - $1 }
        best = Self.elbow(gaps)
    }

    /// Less of a gap than this, over that of one cluster, is that of a reference with another.
    static let leastGap = 0.02

    /// The count furthest above the line through the first and the last gap; the smaller of equal ones.
    package static func elbow(_ gaps: [Double]) -> Int {
        guard gaps.count > 2, let first = gaps.first, let last = gaps.last,
            gaps.contains(where: { $0 - first > leastGap })
        else { return 1 }
        let slope = (last - first) / Double(gaps.count - 1)
        var best = 1, height = 0.0
        for (index, gap) in gaps.enumerated() where gap - first - slope * Double(index) > height + 1e-9 {
            (best, height) = (index + 1, gap - first - slope * Double(index))
        }
        return best
    }

    /// As many rows as `points` has, of the same mean and the same variance in each column.
    private static func reference(_ points: [Float], width: Int, seed: Int, number: Int) -> UnitRows {
        let count = points.count / width
        var mean = [Double](repeating: 0, count: width), squares = mean
        for (index, value) in points.enumerated() {
            mean[index % width] += Double(value) / Double(count)
            squares[index % width] += Double(value) * Double(value) / Double(count)
        }
        let deviation = zip(mean, squares).map { max(0, $1 - $0 * $0).squareRoot() }
        var random = RandomNumbers(
            seed: UInt64(bitPattern: Int64(seed)) &+ UInt64(number), stream: "reference")
        return UnitRows(
            points.indices.map { Float(mean[$0 % width] + deviation[$0 % width] * random.nextNormal()) },
            width: width)
    }
}

private func logarithm(_ value: Double) -> Double { Glibc.log(value) }
