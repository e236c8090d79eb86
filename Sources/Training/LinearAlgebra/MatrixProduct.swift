internal import COpenBLAS

/// C = alpha A B + beta C in float32 through OpenBLAS's `sgemm`, all matrices row-major.
///
/// The sum over k runs in OpenBLAS's own order: results are equal on the same machine with the same number of
/// threads, and only near each other elsewhere. Nothing of inspection uses it.
public struct MatrixProduct: Sendable {
    /// Rows of A and C, columns of B and C, and the length of the sums.
    public let rowCount: Int
    public let columnCount: Int
    public let depth: Int
    /// Whether A is stored as its transpose `[depth, rowCount]`, and B as `[columnCount, depth]`.
    public let isLeftTransposed: Bool
    public let isRightTransposed: Bool

    /// - Precondition: all counts are above 0.
    public init(
        rowCount: Int, columnCount: Int, depth: Int,
        isLeftTransposed: Bool = false, isRightTransposed: Bool = false
    ) {
        precondition(
            rowCount > 0 && columnCount > 0 && depth > 0, "a matrix of \(rowCount)x\(depth)x\(columnCount)")
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.depth = depth
        self.isLeftTransposed = isLeftTransposed
        self.isRightTransposed = isRightTransposed
    }

    /// Writes `alpha` A B + `beta` C over C. With `beta` 0 the old values of C do not matter.
    ///
    /// - Precondition: A has `rowCount * depth` elements, B `depth * columnCount`, C `rowCount * columnCount`.
    public func callAsFunction(
        _ left: UnsafeBufferPointer<Float>, _ right: UnsafeBufferPointer<Float>,
        into result: UnsafeMutableBufferPointer<Float>, alpha: Float = 1, beta: Float = 0
    ) {
        let sizes = (left.count, right.count, result.count)
        precondition(
            sizes == (rowCount * depth, depth * columnCount, rowCount * columnCount),
            "matrices of \(sizes) elements for a product of \(rowCount)x\(depth)x\(columnCount)")
        // The three counts were just held against what sgemm reads and writes with these leading dimensions.
        unsafe cblas_sgemm(
            CblasRowMajor, isLeftTransposed ? CblasTrans : CblasNoTrans,
            isRightTransposed ? CblasTrans : CblasNoTrans,
            Int32(rowCount), Int32(columnCount), Int32(depth), alpha,
            left.baseAddress, Int32(isLeftTransposed ? rowCount : depth),
            right.baseAddress, Int32(isRightTransposed ? depth : columnCount), beta,
            result.baseAddress, Int32(columnCount))
    }
}
