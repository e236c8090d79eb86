internal import CKernels

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
            guard let (dx, isNew) = tape.takeOver(dy, of: y, for: x) else { return }
            tape.workers.split(rows, grain: 1 + 16_384 / width) { range in
                for row in range {
                    yv.part(row * width, width).goBackThroughSoftmax(
                        dy.part(row * width, width), to: dx.part(row * width, width), scale: 1, isNew: isNew)
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
        if let row = unsafe floats {
            var most: Float = 0
            // The cells of this view.
            let sum = unsafe RowKernels.best.pointee.softmax(row, count, &most)
            return Scalar(most) + (sum > 0 ? Scalar.logarithm(Scalar(sum)) : 0)
        }
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

    /// The way back from the softmax p that these cells are: ds = scale p (dp - p · dp), written if `isNew`, else added.
    /// Scores that were hidden have p = 0 and get 0.
    ///
    /// - Precondition: all have the same count. `ds` may be `dp` if it is written.
    @inline(__always)
    func goBackThroughSoftmax(_ dp: Cells, to ds: Cells, scale: Scalar, isNew: Bool) {
        precondition(dp.count == count && ds.count == count, "\(dp.count) and \(ds.count) cells for \(count)")
        if let p = unsafe floats, let dp = unsafe dp.floats, let ds = unsafe ds.floats {
            // Just checked.
            unsafe RowKernels.best.pointee.softmax_back(p, dp, ds, Float(scale), count, isNew ? 0 : 1)
            return
        }
        let shared = dot(dp)
        sweep(count) {
            let change = lanes($0, $1) * (dp.lanes($0, $1) - shared) * scale
            if isNew { ds.put(change, $0, $1) } else { ds.add(change, $0, $1) }
        }
    }
}
