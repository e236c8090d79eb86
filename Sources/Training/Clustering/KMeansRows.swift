/// The rows that k-means sorts, of length 1 in the spherical geometry.
struct KMeansRows<Scalar: TrainingScalar> {
    let values: [Scalar]
    let width: Int
    let isSpherical: Bool

    var count: Int { values.count / width }

    init(_ values: [Scalar], _ width: Int, _ geometry: KMeansFit<Scalar>.Geometry) {
        precondition(
            width > 0 && !values.isEmpty && values.count % width == 0,
            "\(values.count) numbers as rows of \(width)")
        self.width = width
        isSpherical = geometry == .spherical
        self.values = isSpherical ? Self.unit(values, width) : values
    }

    private static func unit(_ values: [Scalar], _ width: Int) -> [Scalar] {
        var result = values
        for start in stride(from: 0, to: values.count, by: width) {
            let row = values[start..<start + width]
            let length = row.reduce(0.0) { $0 + Double($1 * $1) }.squareRoot()
            guard length > 0 else { continue }
            for index in row.indices { result[index] = Scalar(Double(row[index]) / length) }
        }
        return result
    }

    /// The mean of the variances of the columns.
    var meanVariance: Double {
        var total = 0.0
        for column in 0..<width {
            var sum = 0.0, squares = 0.0
            for index in stride(from: column, to: values.count, by: width) {
                let value = Double(values[index])
                sum += value
                squares += value * value
            }
            total += squares / Double(count) - sum / Double(count) * (sum / Double(count))
        }
        return max(0, total / Double(width))
    }

    /// Centres that lie far apart: each next one is a row drawn in proportion to its squared distance to those before.
    func spread(_ clusters: Int, _ random: inout RandomNumbers) -> [Scalar] {
        var centres: [Scalar] = []
        var distances = [Double](repeating: .infinity, count: count)
        var next = random.nextIndex(below: count)
        for cluster in 0..<clusters {
            centres += values[next * width..<(next + 1) * width]
            if cluster == clusters - 1 { break }
            for row in 0..<count { distances[row] = min(distances[row], distance(row, next)) }
            let total = distances.reduce(0, +)
            var place = random.nextUnit() * total
            // Rows at distance 0 are centres already, unless there is nothing else.
            next = distances.lastIndex { $0 > 0 } ?? 0
            for row in 0..<count where distances[row] > 0 {
                place -= distances[row]
                if place < 0 {
                    next = row
                    break
                }
            }
        }
        return centres
    }

    /// The squared distance of two rows.
    private func distance(_ a: Int, _ b: Int) -> Double {
        var sum = 0.0
        for column in 0..<width {
            let step = Double(values[a * width + column]) - Double(values[b * width + column])
            sum += step * step
        }
        return sum
    }

    /// The nearest centre of each row, the lower one of equal ones, and the sum of the squared distances.
    func nearest(to centres: [Scalar], _ workers: Workers) -> (labels: [Int], inertia: Double) {
        let clusters = centres.count / width
        let memory = Workspace<Scalar>()
        let (rows, means) = (memory.borrow(values.count), memory.borrow(centres.count))
        let products = memory.borrow(count * clusters)
        rows.copy(values)
        means.copy(centres)
        workers.multiply(
            Matrix(rows, count, width), Matrix(means, clusters, width).transposed,
            into: Matrix(products, count, clusters))
        let halves = (0..<clusters).map { cluster in
            let centre = means.part(cluster * width, width)
            return centre.dot(centre) / 2
        }
        var labels = [Int](repeating: 0, count: count)
        var inertia = 0.0
        for row in 0..<count {
            let scores = products.part(row * clusters, clusters)
            var best = 0
            for cluster in 1..<max(clusters, 1)
            where scores[cluster] - halves[cluster] > scores[best] - halves[best] { best = cluster }
            labels[row] = best
            for column in 0..<width {
                let step = Double(rows[row * width + column]) - Double(means[best * width + column])
                inertia += step * step
            }
        }
        return (labels, inertia)
    }

    /// The means of the rows of each label, of length 1 in the spherical geometry; the centre of `keeping` where there is
    /// no row.
    func means(_ labels: [Int], keeping centres: [Scalar]) -> [Scalar] {
        let clusters = centres.count / width
        var sums = [Double](repeating: 0, count: centres.count), sizes = [Int](repeating: 0, count: clusters)
        for (row, label) in labels.enumerated() {
            sizes[label] += 1
            for column in 0..<width { sums[label * width + column] += Double(values[row * width + column]) }
        }
        var result = centres
        for cluster in 0..<clusters where sizes[cluster] > 0 {
            let sum = sums[cluster * width..<(cluster + 1) * width]
            let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let divisor = isSpherical ? length : Double(sizes[cluster])
            guard divisor > 0 else { continue }
            for index in sum.indices { result[index] = Scalar(sum[index] / divisor) }
        }
        return result
    }
}
