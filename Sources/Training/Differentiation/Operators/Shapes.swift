extension Tape {
    /// The same numbers in another shape of the same count.
    @specialized(where Scalar == Float)
    public func reshape(_ x: Tensor<Scalar>, _ shape: [Int]) -> Tensor<Scalar> {
        precondition(shape.reduce(1, *) == x.count, "\(x.shape) as \(shape)")
        let value = cells(x)
        let y = append(
            Node(operation: "reshape", value: value, needsGradient: needsGradient(x), blocks: []), shape)
        onBackward(y) { tape, dy in tape.handOver(dy, of: y, to: x) }
        return y
    }

    /// `parts` one after the other along `axis`; the other extents are equal.
    @specialized(where Scalar == Float)
    public func concatenate(_ parts: [Tensor<Scalar>], axis: Int) -> Tensor<Scalar> {
        let first = parts[0].shape
        var shape = first
        shape[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
        for part in parts {
            precondition(
                part.shape[..<axis] == first[..<axis] && part.shape[(axis + 1)...] == first[(axis + 1)...],
                "\(part.shape) beside \(first) along axis \(axis)")
        }
        let y = push("concatenate", shape, parts)
        let outer = first[..<axis].reduce(1, *)
        let length = y.count / outer
        var start = 0
        for part in parts {
            let (size, source, target, offset) = (part.count / outer, cells(part), cells(y), start)
            workers.split(outer, grain: 1 + 65_536 / size) { range in
                for index in range {
                    target.part(index * length + offset, size).copy(source.part(index * size, size))
                }
            }
            start += size
        }
        onBackward(y) { tape, dy in
            var start = 0
            for part in parts {
                let (size, offset) = (part.count / outer, start)
                start += size
                guard let (dx, isNew) = tape.sink(of: part) else { continue }
                tape.workers.split(outer, grain: 1 + 65_536 / size) { range in
                    for index in range {
                        let (own, change) = (
                            dx.part(index * size, size), dy.part(index * length + offset, size)
                        )
                        if isNew { own.copy(change) } else { own.add(change) }
                    }
                }
            }
        }
        return y
    }

    /// The positions `range` of `axis`.
    @specialized(where Scalar == Float)
    public func slice(_ x: Tensor<Scalar>, axis: Int, _ range: Range<Int>) -> Tensor<Scalar> {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= x.shape[axis] && !range.isEmpty,
            "\(range) of axis \(axis) of \(x.shape)")
        var shape = x.shape
        shape[axis] = range.count
        let y = push("slice", shape, [x])
        let outer = shape[..<axis].reduce(1, *)
        let inner = shape[(axis + 1)...].reduce(1, *)
        let (size, length, offset) = (range.count * inner, x.shape[axis] * inner, range.lowerBound * inner)
        let (xv, yv) = (cells(x), cells(y))
        for index in 0..<outer { yv.part(index * size, size).copy(xv.part(index * length + offset, size)) }
        onBackward(y) { tape, dy in
            guard let dx = tape.gradient(of: x) else { return }
            tape.workers.split(outer, grain: 1 + 65_536 / size) { split in
                for index in split {
                    dx.part(index * length + offset, size).add(dy.part(index * size, size))
                }
            }
        }
        return y
    }

    /// `x` with its positions `range` of `axis` replaced by those of `rows`: prompts among tokens. The gradient
    /// of what was replaced is dropped.
    @specialized(where Scalar == Float)
    public func replace(
        _ x: Tensor<Scalar>, axis: Int, _ range: Range<Int>, by rows: Tensor<Scalar>
    ) -> Tensor<Scalar> {
        var shape = x.shape
        shape[axis] = range.count
        precondition(
            range.lowerBound >= 0 && range.upperBound <= x.shape[axis] && rows.shape == shape,
            "\(range) of axis \(axis) of \(x.shape) by \(rows.shape)")
        let y = push("replace", x.shape, [x, rows])
        let outer = shape[..<axis].reduce(1, *)
        let inner = shape[(axis + 1)...].reduce(1, *)
        let (size, length, offset) = (range.count * inner, x.shape[axis] * inner, range.lowerBound * inner)
        cells(y).copy(cells(x))
        for index in 0..<outer {
            cells(y).part(index * length + offset, size).copy(cells(rows).part(index * size, size))
        }
        onBackward(y) { tape, dy in
            let dr = tape.gradient(of: rows)
            for index in 0..<outer {
                let replaced = dy.part(index * length + offset, size)
                if let dr { dr.part(index * size, size).add(replaced) }
                replaced.fill(0)
            }
            tape.handOver(dy, of: y, to: x)
        }
        return y
    }

    /// Rows of a table: `[count, width]` and indices give `[indices, width]`. Rows may repeat; their gradients
    /// add up in the order of the indices.
    @specialized(where Scalar == Float)
    public func gather(_ table: Tensor<Scalar>, rows: [Int]) -> Tensor<Scalar> {
        let width = table.width
        precondition(rows.allSatisfy { 0..<table.rows ~= $0 }, "a row beyond the \(table.rows) of a table")
        let y = push("gather", [rows.count, width], [table])
        let (source, target) = (cells(table), cells(y))
        for (index, row) in rows.enumerated() {
            target.part(index * width, width).copy(source.part(row * width, width))
        }
        onBackward(y) { tape, dy in
            guard let dx = tape.gradient(of: table) else { return }
            for (index, row) in rows.enumerated() {
                dx.part(row * width, width).add(dy.part(index * width, width))
            }
        }
        return y
    }

    /// `x` repeated `count` times along a new first axis; the gradients of the copies add up.
    @specialized(where Scalar == Float)
    public func repeated(_ x: Tensor<Scalar>, _ count: Int) -> Tensor<Scalar> {
        let y = push("repeated", [count] + x.shape, [x])
        let (xv, yv) = (cells(x), cells(y))
        for index in 0..<count { yv.part(index * xv.count, xv.count).copy(xv) }
        onBackward(y) { tape, dy in
            if let dx = tape.gradient(of: x) { tape.workers.addColumnSums(dy, rows: count, into: dx) }
        }
        return y
    }

    /// The same values, as a constant: no gradient flows through.
    public func detached(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
        append(Node(operation: "detached", value: cells(x), needsGradient: false, blocks: []), x.shape)
    }
}
