extension Tape {
    /// Symmetric InfoNCE between pictures and their captions (CLIP): the mean of the cross entropies over the
    /// rows and over the columns of scale · a bᵀ, with the pairs on the diagonal.
    ///
    /// - Parameters:
    ///   - a: `[n, width]`, unit rows, like `b`.
    ///   - scale: one number: 1 / temperature.
    public func pairContrast(
        _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, scale: Tensor<Scalar>
    ) -> Tensor<Scalar> {
        precondition(a.shape == b.shape && a.shape.count == 2, "pairs of \(a.shape) and \(b.shape)")
        let targets = Array(0..<a.rows)
        let forth = crossEntropy(multiply(product(a, b, isRightTransposed: true), scale), targets: targets)
        let back = crossEntropy(multiply(product(b, a, isRightTransposed: true), scale), targets: targets)
        return self.scale(add(forth, back), by: 0.5)
    }

    /// NT-Xent (Chen et al., 2020) of 2B unit vectors: row i and row i + B are two views of one thing.
    ///
    /// s_ij = z_i·z_j / `temperature`; each row's cross entropy to its partner, itself left out; their mean.
    @specialized(where Scalar == Float)
    public func ntXent(_ z: Tensor<Scalar>, temperature: Scalar) -> Tensor<Scalar> {
        let (rows, width) = (z.rows, z.width)
        precondition(rows % 2 == 0 && z.shape.count == 2, "NT-Xent of \(z.shape)")
        let loss = push("ntXent", [], [z])
        let p = keep(rows * rows, with: loss)
        let zv = cells(z)
        workers.multiply(
            Matrix(zv, rows, width), Matrix(zv, rows, width).transposed, into: Matrix(p, rows, rows),
            alpha: 1 / temperature)
        var sum = 0.0
        for row in 0..<rows {
            let scores = p.part(row * rows, rows)
            let partner = (row + rows / 2) % rows
            let similarity = scores[partner]
            scores[row] = -.infinity
            sum += Double(scores.becomeSoftmax()) - Double(similarity)
            scores[partner] -= 1
        }
        cells(loss)[0] = Scalar(sum / Double(rows))
        onBackward(loss) { tape, dy in
            guard let dz = tape.gradient(of: z) else { return }
            // p holds P - [j = partner]; dz = (G + Gᵀ) z / temperature with G = p / rows.
            let factor = dy[0] / (Scalar(rows) * temperature)
            let (g, values, target) = (
                Matrix(p, rows, rows), Matrix(zv, rows, width), Matrix(dz, rows, width)
            )
            tape.workers.multiply(g, values, into: target, alpha: factor, beta: 1)
            tape.workers.multiply(g.transposed, values, into: target, alpha: factor, beta: 1)
        }
        return loss
    }
}
