/// K-means as AdaCLIP's fusion uses it, with a start that a seed decides.
enum LloydClusters {
    private static let roundLimit = 300
    private static let tolerance = 1e-4

    /// The cluster of each point, and how many there are. None is empty: there are fewer than `count` if there are
    /// fewer different points, or if one lost all of its own.
    ///
    /// Starts from k-means++ (Arthur and Vassilvitskii, 2007; draws are SplitMix64's). Lloyd's rounds end when
    /// no label changes, when the centres moved by less than 1e-4 of the mean variance, or after 300; distances
    /// are summed in double precision, ties go to the lower index.
    ///
    /// - Parameter points: row-major, `width` numbers each.
    /// - Precondition: there is at least one point; `count` is above 0.
    static func labels(
        of points: [Float], width: Int, count: Int, seed: UInt64
    ) -> (labels: [Int], count: Int) {
        let total = points.count / width
        precondition(total > 0 && count > 0, "\(count) clusters of \(total) points")
        var centres = begun(points, width, min(count, total), seed)
        let limit = tolerance * variance(points, width)
        var labels = assigned(points, centres, width)
        for _ in 0..<roundLimit {
            let shift = move(&centres, points, labels, width)
            let next = assigned(points, centres, width)
            if next == labels { break }
            labels = next
            if shift <= limit { break }
        }
        let used = Set(labels).sorted()
        let places = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) })
        return (labels.map { places[$0] ?? 0 }, used.count)
    }

    /// Centres that lie far apart: each next is a point drawn in proportion to its squared distance to the nearest.
    private static func begun(_ points: [Float], _ width: Int, _ count: Int, _ seed: UInt64) -> [Double] {
        let total = points.count / width
        var random = RandomNumbers(seed: seed, stream: "k-means")
        var centres: [Double] = []
        func add(_ index: Int) {
            centres += points[index * width..<(index + 1) * width].map(Double.init)
        }
        add(random.nextIndex(below: total))
        var distances = (0..<total).map { square(points, $0, centres, 0, width) }
        for number in 1..<max(count, 1) {
            let sum = distances.reduce(0, +)
            guard sum > 0 else { break }
            var place = sum * random.nextUnit()
            var index = 0
            while index < total - 1, place >= distances[index] {
                place -= distances[index]
                index += 1
            }
            add(index)
            for other in 0..<total {
                distances[other] = min(distances[other], square(points, other, centres, number, width))
            }
        }
        return centres
    }

    private static func assigned(_ points: [Float], _ centres: [Double], _ width: Int) -> [Int] {
        (0..<points.count / width).map { point in
            var (nearest, least) = (0, Double.infinity)
            for centre in 0..<centres.count / width {
                let distance = square(points, point, centres, centre, width)
                if distance < least { (nearest, least) = (centre, distance) }
            }
            return nearest
        }
    }

    /// Centres to the middle of their points; one without stays. Returns the sum of the squared ways.
    private static func move(
        _ centres: inout [Double], _ points: [Float], _ labels: [Int], _ width: Int
    ) -> Double {
        var sums = [Double](repeating: 0, count: centres.count)
        var counts = [Double](repeating: 0, count: centres.count / width)
        for (point, label) in labels.enumerated() {
            counts[label] += 1
            for axis in 0..<width { sums[label * width + axis] += Double(points[point * width + axis]) }
        }
        var shift = 0.0
        for index in centres.indices where counts[index / width] > 0 {
            let next = sums[index] / counts[index / width]
            shift += (next - centres[index]) * (next - centres[index])
            centres[index] = next
        }
        return shift
    }

    /// The mean over the axes of the variance along each.
    private static func variance(_ points: [Float], _ width: Int) -> Double {
        let total = Double(points.count / width)
        var (sums, squares) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
        for (index, value) in points.enumerated() { sums[index % width] += Double(value) / total }
        for (index, value) in points.enumerated() {
            let step = Double(value) - sums[index % width]
            squares[index % width] += step * step / total
        }
        return squares.reduce(0, +) / Double(width)
    }

    private static func square(
        _ points: [Float], _ point: Int, _ centres: [Double], _ centre: Int, _ width: Int
    ) -> Double {
        let (a, b) = (point * width, centre * width)
        var sum = 0.0
        for axis in 0..<width {
            let step = Double(points[a + axis]) - centres[b + axis]
            sum += step * step
        }
        return sum
    }
}
