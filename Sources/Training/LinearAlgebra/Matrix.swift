/// A matrix inside of cells: rows lie `stride` apart, the elements of a row beside each other.
struct Matrix<Scalar: TrainingScalar> {
    let cells: Cells<Scalar>
    /// As used in a product: after the transposition, if there is one.
    let rows: Int
    let columns: Int
    let stride: Int
    let isTransposed: Bool

    /// - Precondition: `cells` holds `rows` rows of `columns` elements at this stride.
    init(_ cells: Cells<Scalar>, _ rows: Int, _ columns: Int, stride: Int? = nil) {
        let stride = stride ?? columns
        precondition(
            rows > 0 && columns > 0 && stride >= columns && (rows - 1) * stride + columns <= cells.count,
            "a matrix of \(rows)x\(columns) at stride \(stride) in \(cells.count) cells")
        self.init(cells: cells, rows: rows, columns: columns, stride: stride, isTransposed: false)
    }

    private init(cells: Cells<Scalar>, rows: Int, columns: Int, stride: Int, isTransposed: Bool) {
        self.cells = cells
        self.rows = rows
        self.columns = columns
        self.stride = stride
        self.isTransposed = isTransposed
    }

    /// The same elements, read with rows and columns exchanged.
    var transposed: Matrix {
        Matrix(cells: cells, rows: columns, columns: rows, stride: stride, isTransposed: !isTransposed)
    }

    /// Some of the rows.
    func rows(_ range: Range<Int>) -> Matrix {
        let offset = isTransposed ? range.lowerBound : range.lowerBound * stride
        return Matrix(
            cells: cells.part(offset, cells.count - offset), rows: range.count, columns: columns,
            stride: stride, isTransposed: isTransposed)
    }

    /// Some of the columns.
    func columns(_ range: Range<Int>) -> Matrix { transposed.rows(range).transposed }
}

/// C = `alpha` A B + `beta` C on the calling thread. With `beta` 0 the old values of C do not matter.
///
/// The sum runs in OpenBLAS's own order: equal on the same machine, near each other elsewhere.
///
/// - Precondition: the sizes fit each other, and C is not transposed.
func matrixProduct<Scalar: TrainingScalar>(
    _ a: Matrix<Scalar>, _ b: Matrix<Scalar>, into c: Matrix<Scalar>, alpha: Scalar = 1, beta: Scalar = 0
) {
    precondition(
        a.rows == c.rows && b.columns == c.columns && a.columns == b.rows && !c.isTransposed,
        "a product of \(a.rows)x\(a.columns) and \(b.rows)x\(b.columns) into \(c.rows)x\(c.columns)")
    // Each matrix was held against its cells when it was made, and the sizes against each other just now.
    unsafe Scalar.multiply(
        (a.rows, b.columns, a.columns), alpha: alpha, a.cells.base, a.stride, a.isTransposed,
        b.cells.base, b.stride, b.isTransposed, beta: beta, c.cells.base, c.stride)
}

extension Workers {
    /// The same on all workers: C is cut into as many bands, along its longer side, as there are workers.
    ///
    /// OpenBLAS itself must run on one thread: its threads would wait in a spin beside ours.
    func multiply<Scalar: TrainingScalar>(
        _ a: Matrix<Scalar>, _ b: Matrix<Scalar>, into c: Matrix<Scalar>, alpha: Scalar = 1, beta: Scalar = 0
    ) {
        let work = c.rows * c.columns * a.columns
        let byRows = c.rows >= c.columns
        let length = byRows ? c.rows : c.columns
        // Below about 20 us of work a second thread costs more than it brings.
        split(length, grain: max(8, 1_000_000 * length / max(work, 1))) { range in
            if byRows {
                matrixProduct(a.rows(range), b, into: c.rows(range), alpha: alpha, beta: beta)
            } else {
                matrixProduct(a, b.columns(range), into: c.columns(range), alpha: alpha, beta: beta)
            }
        }
    }
}
