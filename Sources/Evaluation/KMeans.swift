/// Clusters of points by k-means (Lloyd 1982), begun by k-means++ (Arthur and Vassilvitskii 2007).
///
/// Draws are SplitMix64's: the same points and seed give the same clusters everywhere.
public struct KMeans: Sendable {
    /// The cluster of each point, 0 up to the count of clusters.
    public let clusters: [Int]
    /// The sum of the squared distances of the points to the means of their clusters.
    public let inertia: Double

    private static let startCount = 10
    private static let roundCount = 300

    /// The best of ten starts. There are fewer clusters than `count` if there are fewer different points.
    ///
    /// - Precondition: `points` is not empty, all have the same count of finite coordinates; `count` is above 0.
    public init(_ points: [[Double]], count: Int, seed: Int) {
        precondition(!points.isEmpty && count > 0, "\(count) clusters of \(points.count) points")
        var best: (clusters: [Int], inertia: Double) = ([], .infinity)
        for start in 0..<Self.startCount {
            var random = BootstrapRandom(draw: seed * Self.startCount + start)
            let found = Self.settled(points, Self.begun(points, count, &random))
            if found.inertia < best.inertia { best = found }
        }
        (clusters, inertia) = best
    }

    /// Means that lie far apart: each next one is a point drawn in proportion to its squared distance to those before.
    private static func begun(_ points: [[Double]], _ count: Int, _ random: inout BootstrapRandom)
        -> [[Double]]
    {
        var means = [points[random.index(below: points.count)]]
        var distances = points.map { square($0, means[0]) }
        while means.count < min(count, points.count) {
            let sum = distances.reduce(0, +)
            guard sum > 0 else { break }
            var place = sum * Double(random.index(below: 1 << 30)) / Double(1 << 30)
            var index = 0
            while index < points.count - 1, place >= distances[index] {
                place -= distances[index]
                index += 1
            }
            means.append(points[index])
            for other in points.indices {
                distances[other] = min(distances[other], square(points[other], points[index]))
            }
        }
        return means
    }

    /// Points to the nearest mean and means to the middle of their points, until nothing changes.
    private static func settled(
        _ points: [[Double]], _ start: [[Double]]
    ) -> (clusters: [Int], inertia: Double) {
        var means = start
        var clusters = [Int](repeating: -1, count: points.count), inertia = 0.0
        for _ in 0..<roundCount {
            var isSettled = true
            inertia = 0
            for (index, point) in points.enumerated() {
                var nearest = 0, least = Double.infinity
                for (cluster, mean) in means.enumerated() {
                    let distance = square(point, mean)
                    if distance < least { (nearest, least) = (cluster, distance) }
                }
                inertia += least
                if clusters[index] != nearest { (clusters[index], isSettled) = (nearest, false) }
            }
            if isSettled { break }
            for cluster in means.indices {
                let members = points.indices.filter { clusters[$0] == cluster }
                // A mean that lost all its points stays where it is.
                guard !members.isEmpty else { continue }
                for axis in means[cluster].indices {
                    means[cluster][axis] = members.reduce(0) { $0 + points[$1][axis] } / Double(members.count)
                }
            }
        }
        return (clusters, inertia)
    }

    private static func square(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for index in a.indices {
            let step = a[index] - b[index]
            sum += step * step
        }
        return sum
    }
}

/// The directions along which points differ most (principal components), by orthogonal iteration.
public enum PrincipalComponents {
    /// `points` in the coordinates of their first `count` components, or of as many as there are.
    ///
    /// - Precondition: all points have the same count of finite coordinates.
    public static func projected(_ points: [[Double]], count: Int) -> [[Double]] {
        guard let width = points.first?.count, width > 0 else { return points }
        let mean = (0..<width).map { axis in points.reduce(0) { $0 + $1[axis] } / Double(points.count) }
        let centred = points.map { point in point.indices.map { point[$0] - mean[$0] } }
        var random = BootstrapRandom(draw: 1)
        var axes = (0..<min(count, width, points.count)).map { _ in
            (0..<width).map { _ in Double(random.index(below: 2_000_001)) / 1_000_000 - 1 }
        }
        orthonormalise(&axes)
        // The subspace turns towards the components by the ratio of neighbouring variances in each round.
        for _ in 0..<60 {
            axes = axes.map { axis in
                var sum = [Double](repeating: 0, count: width)
                for point in centred {
                    let part = dot(point, axis)
                    for index in 0..<width { sum[index] += part * point[index] }
                }
                return sum
            }
            orthonormalise(&axes)
        }
        return centred.map { point in axes.map { dot(point, $0) } }
    }

    /// Gram and Schmidt, twice for the sake of rounding; axes without a length of their own become zero.
    private static func orthonormalise(_ axes: inout [[Double]]) {
        for index in axes.indices {
            let before = dot(axes[index], axes[index]).squareRoot()
            for _ in 0..<2 {
                for other in 0..<index {
                    let part = dot(axes[index], axes[other])
                    for place in axes[index].indices { axes[index][place] -= part * axes[other][place] }
                }
            }
            let length = dot(axes[index], axes[index]).squareRoot()
            let factor = length > 1e-12 * before && length > 0 ? 1 / length : 0
            for place in axes[index].indices { axes[index][place] *= factor }
        }
    }

    private static func dot(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for index in a.indices { sum += a[index] * b[index] }
        return sum
    }
}
