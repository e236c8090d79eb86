extension Tape {
    /// exp(x) of each row over its sum. Rows are `[..., width]`.
    @specialized(where Scalar == Float)
    public func softmax(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
        let (rows, width) = (x.rows, x.width)
        let y = push("softmax", x.shape, [x])
        let (xv, yv) = (cells(x), cells(y))
        workers.split(rows, grain: 1 + 8192 / width) { range in
            for row in range {
                let target = yv.part(row * width, width)
                target.copy(xv.part(row * width, width))
                target.becomeSoftmax()
            }
        }
        onBackward(y) { tape, dy in
            guard let dx = tape.gradient(of: x) else { return }
            tape.workers.split(rows, grain: 1 + 16_384 / width) { range in
                for row in range {
                    let (p, dp) = (yv.part(row * width, width), dy.part(row * width, width))
                    let ds = dx.part(row * width, width)
                    let shared = p.dot(dp)
                    sweep(width) { ds.add(p.lanes($0, $1) * (dp.lanes($0, $1) - shared), $0, $1) }
                }
            }
        }
        return y
    }
}

extension Cells {
    /// Replaces a row of scores by their softmax. Scores of minus infinity get exactly 0; a row of nothing else
    /// becomes zeros. Returns the logarithm of the sum of exponentials.
    @inline(__always)
    @discardableResult
    func becomeSoftmax() -> Scalar {
        let most = largest()
        guard most > -.infinity else {
            fill(0)
            return most
        }
        var sums = Lanes<Scalar>(repeating: 0)
        sweep(count) {
            let e = Scalar.exponential(lanes($0, $1, fill: -.infinity) - most)
            put(e, $0, $1)
            sums += e
        }
        let sum = sums.sum()
        sweep(count) { put(lanes($0, $1) * (1 / sum), $0, $1) }
        return most + Scalar.logarithm(sum)
    }
}
