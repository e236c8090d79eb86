extension Tape {
    /// The matrix products A B of corresponding matrices of two batches.
    ///
    /// - Parameters:
    ///   - a: `[..., m, k]`, or `[..., k, m]` with `isLeftTransposed`.
    ///   - b: `[..., k, n]`, or `[..., n, k]` with `isRightTransposed`; the same batch, or one matrix `[k, n]`
    ///     for all.
    ///   - alpha: what the products are multiplied with.
    /// - Returns: `[..., m, n]`.
    @specialized(where Scalar == Float)
    public func product(
        _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, isLeftTransposed: Bool = false,
        isRightTransposed: Bool = false, alpha: Scalar = 1
    ) -> Tensor<Scalar> {
        let left = Stack(a.shape, isLeftTransposed)
        let right = Stack(b.shape, isRightTransposed)
        let (m, n) = (left.rows, right.columns)
        precondition(
            left.columns == right.rows && (right.batch == left.batch || right.batch == 1),
            "product of \(a.shape) and \(b.shape)")
        let y = push("product", a.shape.dropLast(2) + [m, n], [a, b])
        let (av, bv, yv) = (cells(a), cells(b), cells(y))
        let out = Stack([left.batch, m, n], false)
        forMatrices(left.batch, grain: 1 + 500_000 / (m * n * left.columns)) { index, multiply in
            multiply(left.matrix(av, index), right.matrix(bv, index), out.matrix(yv, index), alpha, 0)
        }
        onBackward(y) { tape, dy in
            // C = A B: dA = dC Bᵀ and dB = Aᵀ dC, each written into the factor as it is stored.
            if let (da, isNew) = tape.sink(of: a) {
                tape.forMatrices(left.batch, grain: 1) { index, multiply in
                    let (dc, b) = (out.matrix(dy, index), right.matrix(bv, index))
                    let target = left.stored(da, index), beta: Scalar = isNew ? 0 : 1
                    if isLeftTransposed {
                        multiply(b, dc.transposed, target, alpha, beta)
                    } else {
                        multiply(dc, b.transposed, target, alpha, beta)
                    }
                }
            }
            guard let (db, isNew) = tape.sink(of: b) else { return }
            // One matrix for all gets the sum over the batch, in order, so that part stays on one thread.
            let isShared = right.batch == 1
            tape.forMatrices(left.batch, grain: isShared ? left.batch : 1) { index, multiply in
                let (da, dc) = (left.matrix(av, index).transposed, out.matrix(dy, index))
                let target = right.stored(db, index)
                let beta: Scalar = isNew && (index == 0 || !isShared) ? 0 : 1
                if isRightTransposed {
                    multiply(dc.transposed, da.transposed, target, alpha, beta)
                } else {
                    multiply(da, dc, target, alpha, beta)
                }
            }
        }
        return y
    }

    /// How a product is computed: C = `alpha` A B + `beta` C.
    private typealias Multiplication = (
        _ a: Matrix<Scalar>, _ b: Matrix<Scalar>, _ c: Matrix<Scalar>, _ alpha: Scalar, _ beta: Scalar
    ) -> Void

    /// Calls `body` for each matrix of a batch, at least `grain` of them on a thread; with a product that is itself
    /// cut among the threads if there is one matrix only.
    @inline(__always)
    private func forMatrices(_ batch: Int, grain: Int, _ body: (Int, Multiplication) -> Void) {
        if batch == 1 {
            return body(0) { workers.multiply($0, $1, into: $2, alpha: $3, beta: $4) }
        }
        workers.split(batch, grain: grain) { range in
            for index in range {
                body(index) { matrixProduct($0, $1, into: $2, alpha: $3, beta: $4) }
            }
        }
    }
}

/// How the matrices of a batch lie in cells.
private struct Stack {
    let batch: Int
    /// As used in the product.
    let rows: Int
    let columns: Int
    let isTransposed: Bool

    init(_ shape: [Int], _ isTransposed: Bool) {
        precondition(shape.count >= 2, "\(shape) is no matrix")
        batch = shape.dropLast(2).reduce(1, *)
        let (first, second) = (shape[shape.count - 2], shape[shape.count - 1])
        (rows, columns) = isTransposed ? (second, first) : (first, second)
        self.isTransposed = isTransposed
    }

    /// Matrix `index` as it lies in memory; the only one if there is one.
    func stored<Scalar: TrainingScalar>(_ cells: Cells<Scalar>, _ index: Int) -> Matrix<Scalar> {
        let part = cells.part((batch == 1 ? 0 : index) * rows * columns, rows * columns)
        return isTransposed ? Matrix(part, columns, rows) : Matrix(part, rows, columns)
    }

    /// Matrix `index` as the product uses it.
    func matrix<Scalar: TrainingScalar>(_ cells: Cells<Scalar>, _ index: Int) -> Matrix<Scalar> {
        isTransposed ? stored(cells, index).transposed : stored(cells, index)
    }
}
