/// Vectors of length 1, one a row, for products with OpenBLAS. For one thread at a time.
package final class UnitRows {
    package let count: Int
    package let width: Int
    let cells: Cells<Float>
    // Owns the memory of `cells`.
    private let workspace = Workspace<Float>()

    /// The rows of `values`, `[count, width]`, each brought to length 1; a row of zeros stays.
    ///
    /// - Precondition: `values` holds whole rows, at least one.
    package init(_ values: [Float], width: Int) {
        precondition(
            width > 0 && !values.isEmpty && values.count % width == 0,
            "\(values.count) values for rows of \(width)")
        (self.width, count) = (width, values.count / width)
        cells = workspace.borrow(values.count)
        cells.copy(values)
        for row in 0..<count {
            let part = cells.part(row * width, width), length = part.dot(part).squareRoot()
            guard length > 0 else { continue }
            for index in 0..<width { part[index] /= length }
        }
    }

    /// The numbers of row `index`.
    package func row(_ index: Int) -> [Float] { cells.part(index * width, width).array }

    /// The rows of these numbers, in their order; a number may occur twice.
    ///
    /// - Precondition: `indices` is not empty.
    package func rows(_ indices: [Int]) -> UnitRows {
        var values: [Float] = []
        values.reserveCapacity(indices.count * width)
        for index in indices { values += row(index) }
        return UnitRows(values, width: width)
    }

    /// The cosine of every row with every row of `others`: `[count, others.count]`.
    ///
    /// - Precondition: both have the same width.
    package func cosines(with others: UnitRows) -> [Float] {
        let block = workspace.borrow(count * others.count)
        defer { workspace.giveBack(block) }
        matrixProduct(
            Matrix(cells, count, width), Matrix(others.cells, others.count, width).transposed,
            into: Matrix(block, count, others.count))
        return block.array
    }

    /// Each row as the mean of the `neighbours` rows that are nearest to it, itself among them: what belongs together
    /// draws together, and a row at the edge of its kind moves inwards. Of equally near ones the first.
    ///
    /// - Precondition: `neighbours` is above 0.
    package func neighbourMeans(_ neighbours: Int) -> UnitRows {
        precondition(neighbours > 0, "\(neighbours) neighbours")
        var means = [Float](repeating: 0, count: count * width)
        for first in stride(from: 0, to: count, by: Self.blockRows) {
            let block = first..<min(first + Self.blockRows, count),
                cosines = rows(Array(block)).cosines(with: self)
            for row in block {
                let part = cosines[(row - first) * count..<(row - first + 1) * count]
                for near in Self.highest(min(neighbours, count), of: part) {
                    let vector = cells.part(near * width, width)
                    for index in 0..<width { means[row * width + index] += vector[index] }
                }
            }
        }
        return UnitRows(means, width: width)
    }

    /// Rows whose cosines are held at once.
    private static let blockRows = 256

    /// The places of the `wanted` highest values, from the slice's start.
    private static func highest(_ wanted: Int, of values: ArraySlice<Float>) -> [Int] {
        var best: [(place: Int, value: Float)] = []
        for (place, value) in values.enumerated()
        where best.count < wanted || value > best[best.count - 1].value {
            let position = best.firstIndex { $0.value < value } ?? best.count
            best.insert((place, value), at: position)
            if best.count > wanted { best.removeLast() }
        }
        return best.map(\.place)
    }

    /// The sums of the rows of each cluster, `[clusters, width]`; rows of a negative cluster are left out.
    func sums(of clusters: [Int], count clusterCount: Int) -> [Float] {
        var sums = [Float](repeating: 0, count: clusterCount * width)
        for (row, cluster) in clusters.enumerated() where cluster >= 0 {
            let part = cells.part(row * width, width), start = cluster * width
            for index in 0..<width { sums[start + index] += part[index] }
        }
        return sums
    }
}
