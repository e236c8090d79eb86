extension Tape {
    /// Each row divided by its length. Rows `[..., width]`; a row shorter than `epsilon` is divided by that.
    @specialized(where Scalar == Float)
    public func normalise(_ x: Tensor<Scalar>, epsilon: Scalar = 1e-12) -> Tensor<Scalar> {
        let (rows, width) = (x.rows, x.width)
        let y = push("normalise", x.shape, [x])
        let (xv, yv) = (cells(x), cells(y))
        let scales = keep(rows, with: y)
        workers.split(rows, grain: 1 + 16_384 / width) { range in
            for row in range {
                let (source, target) = (xv.part(row * width, width), yv.part(row * width, width))
                let scale = 1 / max(source.dot(source).squareRoot(), epsilon)
                scales[row] = scale
                sweep(width) { target.put(source.lanes($0, $1) * scale, $0, $1) }
            }
        }
        onBackward(y) { tape, dy in
            guard let (dx, isNew) = tape.takeOver(dy, of: y, for: x) else { return }
            tape.workers.split(rows, grain: 1 + 16_384 / width) { range in
                for row in range {
                    let (unit, change) = (yv.part(row * width, width), dy.part(row * width, width))
                    let target = dx.part(row * width, width)
                    let (along, scale) = (unit.dot(change), scales[row])
                    sweep(width) {
                        let own = (change.lanes($0, $1) - unit.lanes($0, $1) * along) * scale
                        if isNew { target.put(own, $0, $1) } else { target.add(own, $0, $1) }
                    }
                }
            }
        }
        return y
    }

    /// The cosine of each row of `a` with each row of `b`: `[n, width]` and `[m, width]` give `[n, m]`.
    public func cosineSimilarity(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
        product(normalise(a), normalise(b), isRightTransposed: true)
    }
}
