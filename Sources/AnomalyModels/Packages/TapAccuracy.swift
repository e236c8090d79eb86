/// How close the int8 values of one output are to float32, over many inputs.
package struct TapAccuracy: Sendable {
    package let name: String
    /// Over all rows (tokens, pixels), the mean of the cosine between the two.
    package var cosine: Double { rowCount == 0 ? 0 : cosineSum / Double(rowCount) }
    /// |int8 - float| / |float|, over all values.
    package var relativeL2: Double { squares == 0 ? 0 : (squaredErrors / squares).squareRoot() }

    private let width: Int
    private var cosineSum = 0.0
    private var rowCount = 0
    private var squaredErrors = 0.0
    private var squares = 0.0

    /// - Parameter width: the values of a row.
    package init(_ name: String, width: Int) {
        self.name = name
        self.width = width
    }

    /// Whether it is close enough for `demand`.
    package func meets(_ demand: Demand) -> Bool {
        cosine >= demand.cosine && relativeL2 <= demand.relativeL2
    }

    /// What an import demands of every output.
    package struct Demand: Sendable, Hashable {
        package let cosine: Double
        package let relativeL2: Double

        /// Rows that are quantised one by one (METHODS.md 10.2).
        package static let tokens = Demand(cosine: 0.998, relativeL2: 0.06)
        /// Feature maps with one range for all pixels and all images: the same.
        package static let featureMaps = Demand(cosine: 0.998, relativeL2: 0.06)
    }

    /// Counts in one input's values, `[rows, width]` both.
    ///
    /// - Precondition: equal counts, a multiple of `width`.
    package mutating func add(_ found: [Float], _ expected: [Float]) {
        precondition(
            found.count == expected.count && found.count.isMultiple(of: width), "\(found.count) values")
        for start in stride(from: 0, to: found.count, by: width) {
            var product = 0.0, foundSquares = 0.0, expectedSquares = 0.0, errors = 0.0
            for index in start..<start + width {
                let a = Double(found[index]), b = Double(expected[index])
                product += a * b
                foundSquares += a * a
                expectedSquares += b * b
                errors += (a - b) * (a - b)
            }
            squares += expectedSquares
            squaredErrors += errors
            rowCount += 1
            // Two rows of zeros point the same way; one beside another row does not.
            let isZero = foundSquares == 0 && expectedSquares == 0
            cosineSum +=
                isZero
                ? 1 : product / max((foundSquares * expectedSquares).squareRoot(), .leastNormalMagnitude)
        }
    }
}
