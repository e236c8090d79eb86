extension Tape {
    /// The mean of all elements, summed in double precision.
    public func mean(_ x: Tensor<Scalar>) -> Tensor<Scalar> { total(x, times: 1 / Scalar(x.count), "mean") }

    /// The sum of all elements, in double precision.
    public func sum(_ x: Tensor<Scalar>) -> Tensor<Scalar> { total(x, times: 1, "sum") }

    @specialized(where Scalar == Float)
    private func total(_ x: Tensor<Scalar>, times factor: Scalar, _ name: String) -> Tensor<Scalar> {
        let y = push(name, [], [x])
        cells(y)[0] = Scalar(cells(x).preciseSum() * Double(factor))
        onBackward(y) { tape, dy in
            guard let (dx, isNew) = tape.sink(of: x) else { return }
            let share = dy[0] * factor
            if isNew { return dx.fill(share) }
            sweep(dx.count) { dx.add(Lanes(repeating: share), $0, $1) }
        }
        return y
    }

    /// The mean over one axis, which goes: `[N, tokens, width]` over axis 1 gives `[N, width]`.
    @specialized(where Scalar == Float)
    public func mean(_ x: Tensor<Scalar>, axis: Int) -> Tensor<Scalar> {
        let length = x.shape[axis]
        let outer = x.shape[..<axis].reduce(1, *)
        let inner = x.shape[(axis + 1)...].reduce(1, *)
        let y = push("mean", Array(x.shape[..<axis] + x.shape[(axis + 1)...]), [x])
        let (xv, yv) = (cells(x), cells(y))
        let share = 1 / Scalar(length)
        workers.split(outer, grain: 1 + 32_768 / (length * inner)) { range in
            for index in range {
                let target = yv.part(index * inner, inner)
                target.fill(0)
                for step in 0..<length {
                    target.add(xv.part((index * length + step) * inner, inner), times: share)
                }
            }
        }
        onBackward(y) { tape, dy in
            guard let dx = tape.gradient(of: x) else { return }
            tape.workers.split(outer, grain: 1 + 32_768 / (length * inner)) { range in
                for index in range {
                    let change = dy.part(index * inner, inner)
                    for step in 0..<length {
                        dx.part((index * length + step) * inner, inner).add(change, times: share)
                    }
                }
            }
        }
        return y
    }

    /// The sum of each row: `[..., width]` to `[...]`.
    @specialized(where Scalar == Float)
    public func sumRows(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
        let (rows, width) = (x.rows, x.width)
        let y = push("sumRows", Array(x.shape.dropLast()), [x])
        let (xv, yv) = (cells(x), cells(y))
        for row in 0..<rows { yv[row] = xv.part(row * width, width).sum() }
        onBackward(y) { tape, dy in
            guard let dx = tape.gradient(of: x) else { return }
            for row in 0..<rows {
                let (target, share) = (dx.part(row * width, width), dy[row])
                sweep(width) { target.add(Lanes(repeating: share), $0, $1) }
            }
        }
        return y
    }

    /// x cut to `range`, for a learnable number. The gradient is 0 outside, unless its step leads back inside.
    @specialized(where Scalar == Float)
    public func clamp(_ x: Tensor<Scalar>, to range: ClosedRange<Scalar>) -> Tensor<Scalar> {
        let y = push("clamp", x.shape, [x])
        let (xv, yv) = (cells(x), cells(y))
        for index in 0..<xv.count { yv[index] = min(max(xv[index], range.lowerBound), range.upperBound) }
        onBackward(y) { tape, dy in
            guard let dx = tape.gradient(of: x) else { return }
            for index in 0..<dx.count {
                // A step goes against the gradient: below the range it leads back if the gradient is negative.
                let isStuck =
                    xv[index] < range.lowerBound && dy[index] > 0
                    || xv[index] > range.upperBound && dy[index] < 0
                if !isStuck { dx[index] += dy[index] }
            }
        }
        return y
    }
}
