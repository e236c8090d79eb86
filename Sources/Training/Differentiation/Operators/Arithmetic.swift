extension Tape {
    /// x + y. `y` has the shape of `x`, or that of its last extents, and is then repeated: a vector for each row,
    /// a position table for each picture, a number for all.
    @specialized(where Scalar == Float)
    public func add(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> {
        let repeats = repetitions("add", x, y)
        let z = push("add", x.shape, [x, y])
        let (xv, yv, zv) = (cells(x), cells(y), cells(z))
        forRepetitions(repeats, y.count) { start, range in
            sweep(range) { zv.put(xv.lanes(start &+ $0, $1) + yv.lanes($0, $1), start &+ $0, $1) }
        }
        onBackward(z) { tape, dz in
            if repeats == 1 {
                if let dy = tape.gradient(of: y) {
                    tape.workers.split(dy.count, grain: 32_768) { dy.part($0).add(dz.part($0)) }
                }
            } else if let dy = tape.gradient(of: y) {
                tape.workers.addColumnSums(dz, rows: repeats, into: dy)
            }
            tape.handOver(dz, of: z, to: x)
        }
        return z
    }

    /// x - y, with `y` as in `add`.
    public func subtract(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> {
        add(x, scale(y, by: -1))
    }

    /// x times y, element by element, with `y` as in `add`.
    @specialized(where Scalar == Float)
    public func multiply(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> {
        let (repeats, count) = (repetitions("multiply", x, y), y.count)
        let z = push("multiply", x.shape, [x, y])
        let (xv, yv, zv) = (cells(x), cells(y), cells(z))
        forRepetitions(repeats, count) { start, range in
            sweep(range) { zv.put(xv.lanes(start &+ $0, $1) * yv.lanes($0, $1), start &+ $0, $1) }
        }
        onBackward(z) { tape, dz in
            if let dy = tape.gradient(of: y) { tape.addFactorGradient(dy, dz, xv) }
            guard let (dx, isNew) = tape.takeOver(dz, of: z, for: x) else { return }
            tape.forRepetitions(repeats, count) { start, range in
                if isNew {
                    sweep(range) { dx.put(dz.lanes(start &+ $0, $1) * yv.lanes($0, $1), start &+ $0, $1) }
                } else {
                    sweep(range) { dx.add(dz.lanes(start &+ $0, $1) * yv.lanes($0, $1), start &+ $0, $1) }
                }
            }
        }
        return z
    }

    /// Adds to `dy` the sums over its repetitions of `dz` times `x`.
    @inline(__always)
    private func addFactorGradient(_ dy: Cells<Scalar>, _ dz: Cells<Scalar>, _ x: Cells<Scalar>) {
        let (count, repeats) = (dy.count, dz.count / dy.count)
        if count == 1 {
            dy[0] += dz.dot(x)
            return
        }
        workers.split((count + 15) / 16, grain: 1 + 2048 / repeats) { bands in
            let range = bands.lowerBound * 16..<min(count, bands.upperBound * 16)
            for start in stride(from: 0, to: repeats * count, by: count) {
                sweep(range) { dy.add(dz.lanes(start &+ $0, $1) * x.lanes(start &+ $0, $1), $0, $1) }
            }
        }
    }

    /// `factor` x + `offset`.
    @specialized(where Scalar == Float)
    public func scale(_ x: Tensor<Scalar>, by factor: Scalar, offset: Scalar = 0) -> Tensor<Scalar> {
        let y = push("scale", x.shape, [x])
        let (xv, yv) = (cells(x), cells(y))
        workers.split(xv.count, grain: 32_768) { range in
            sweep(range) { yv.put(xv.lanes($0, $1) * factor + offset, $0, $1) }
        }
        onBackward(y) { tape, dy in
            guard let (dx, isNew) = tape.takeOver(dy, of: y, for: x) else { return }
            tape.workers.split(dx.count, grain: 32_768) { range in
                if isNew {
                    sweep(range) { dx.put(dy.lanes($0, $1) * factor, $0, $1) }
                } else {
                    dx.part(range).add(dy.part(range), times: factor)
                }
            }
        }
        return y
    }

    /// Each row of `x` times its own number: `[..., width]` and as many factors as rows.
    @specialized(where Scalar == Float)
    public func scaleRows(_ x: Tensor<Scalar>, by factors: Tensor<Scalar>) -> Tensor<Scalar> {
        let (rows, width) = (x.rows, x.width)
        precondition(factors.count == rows, "\(factors.shape) factors for \(x.shape)")
        let y = push("scaleRows", x.shape, [x, factors])
        let (xv, fv, yv) = (cells(x), cells(factors), cells(y))
        workers.split(rows, grain: 1 + 32_768 / width) { range in
            for row in range {
                let (source, target, factor) = (
                    xv.part(row * width, width), yv.part(row * width, width), fv[row]
                )
                sweep(width) { target.put(source.lanes($0, $1) * factor, $0, $1) }
            }
        }
        onBackward(y) { tape, dy in
            let (dx, df) = (tape.gradient(of: x), tape.gradient(of: factors))
            tape.workers.split(rows, grain: 1 + 32_768 / width) { range in
                for row in range {
                    let change = dy.part(row * width, width)
                    if let dx { dx.part(row * width, width).add(change, times: fv[row]) }
                    if let df { df[row] += change.dot(xv.part(row * width, width)) }
                }
            }
        }
        return y
    }

    /// How often `y` is repeated to fill `x`.
    private func repetitions(_ operation: String, _ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Int {
        precondition(
            y.count == 1 || x.shape.suffix(y.shape.count).elementsEqual(y.shape),
            "\(operation) of \(x.shape) and \(y.shape)")
        return x.count / y.count
    }

    /// Calls `body` with the start of a repetition and a range within it, so that all of them are covered.
    @inline(__always)
    private func forRepetitions(_ repeats: Int, _ count: Int, _ body: (Int, Range<Int>) -> Void) {
        if repeats == 1 {
            workers.split(count, grain: 32_768) { body(0, $0) }
        } else {
            workers.split(repeats, grain: 1 + 32_768 / count) { range in
                for index in range { body(index * count, 0..<count) }
            }
        }
    }
}
