extension Tape {
    /// x Wᵀ + b for each row of `x`.
    ///
    /// - Parameters:
    ///   - x: `[..., inputs]`.
    ///   - weight: `[outputs, inputs]`, as PyTorch and the weight files have it.
    ///   - bias: `[outputs]`, or nil.
    /// - Returns: `[..., outputs]`.
    @specialized(where Scalar == Float)
    public func linear(
        _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, _ bias: Tensor<Scalar>?
    ) -> Tensor<Scalar> {
        let (rows, inputs, outputs) = (x.rows, x.width, weight.shape[0])
        precondition(
            weight.shape == [outputs, inputs] && (bias?.shape ?? [outputs]) == [outputs],
            "linear of \(x.shape) with \(weight.shape) and \(bias?.shape ?? [])")
        let y = push("linear", x.shape.dropLast() + [outputs], [x, weight] + (bias.map { [$0] } ?? []))
        let (values, weights) = (cells(x), cells(weight))
        let result = Matrix(cells(y), rows, outputs)
        if let bias { fillRows(of: cells(y), with: cells(bias)) }
        workers.multiply(
            Matrix(values, rows, inputs), Matrix(weights, outputs, inputs).transposed, into: result,
            beta: bias == nil ? 0 : 1)
        onBackward(y) { tape, dy in
            let gradient = Matrix(dy, rows, outputs)
            if let (dx, isNew) = tape.sink(of: x) {
                tape.workers.multiply(
                    gradient, Matrix(weights, outputs, inputs), into: Matrix(dx, rows, inputs),
                    beta: isNew ? 0 : 1)
            }
            if let (dw, isNew) = tape.sink(of: weight) {
                tape.workers.multiply(
                    gradient.transposed, Matrix(values, rows, inputs), into: Matrix(dw, outputs, inputs),
                    beta: isNew ? 0 : 1)
            }
            if let bias, let db = tape.gradient(of: bias) {
                tape.workers.addColumnSums(dy, rows: rows, into: db)
            }
        }
        return y
    }

    /// Writes `row` into each row of `result`.
    func fillRows(of result: Cells<Scalar>, with row: Cells<Scalar>) {
        let width = row.count
        workers.split(result.count / width, grain: 1 + 65_536 / width) { rows in
            for index in rows { result.part(index * width, width).copy(row) }
        }
    }
}
