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
        workers.split(left.batch, grain: 1 + 500_000 / (m * n * left.columns)) { range in
            for index in range {
                matrixProduct(
                    left.matrix(av, index), right.matrix(bv, index), into: out.matrix(yv, index), alpha: alpha
                )
            }
        }
        onBackward(y) { tape, dy in
            // C = A B: dA = dC Bᵀ and dB = Aᵀ dC, each written into the factor as it is stored.
            if let da = tape.gradient(of: a) {
                tape.addProducts(left, da, out, dy, right, bv, alpha: alpha)
            }
            guard let db = tape.gradient(of: b) else { return }
            // One matrix for all gets the sum over the batch, in order, so that part stays on one thread.
            let grain = right.batch == 1 ? left.batch : 1
            tape.workers.split(left.batch, grain: grain) { range in
                for index in range {
                    let (da, dc) = (left.matrix(av, index).transposed, out.matrix(dy, index))
                    let target = right.stored(db, index)
                    if isRightTransposed {
                        matrixProduct(dc.transposed, da.transposed, into: target, alpha: alpha, beta: 1)
                    } else {
                        matrixProduct(da, dc, into: target, alpha: alpha, beta: 1)
                    }
                }
            }
        }
        return y
    }

    /// dA += alpha dC Bᵀ for each matrix of the batch.
    private func addProducts(
        _ left: Stack, _ da: Cells<Scalar>, _ out: Stack, _ dy: Cells<Scalar>, _ right: Stack,
        _ bv: Cells<Scalar>, alpha: Scalar
    ) {
        workers.split(left.batch, grain: 1) { range in
            for index in range {
                let (dc, b) = (out.matrix(dy, index), right.matrix(bv, index))
                let target = left.stored(da, index)
                if left.isTransposed {
                    matrixProduct(b, dc.transposed, into: target, alpha: alpha, beta: 1)
                } else {
                    matrixProduct(dc, b.transposed, into: target, alpha: alpha, beta: 1)
                }
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
