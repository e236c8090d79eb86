internal import CKernels

/// Sums and extremes of one row. Each sum runs in eight lanes that are added at the end, in this order always.
extension Cells {
    /// The sum of the cells.
    @inline(__always)
    func sum() -> Scalar {
        var sum = Lanes<Scalar>(repeating: 0)
        sweep(count) { sum += lanes($0, $1) }
        return sum.sum()
    }

    /// The sum of the products of corresponding cells.
    ///
    /// - Precondition: both have the same count.
    @inline(__always)
    func dot(_ other: Cells) -> Scalar {
        precondition(count == other.count, "dot of \(count) and \(other.count) cells")
        var sum = Lanes<Scalar>(repeating: 0)
        sweep(count) { sum += lanes($0, $1) * other.lanes($0, $1) }
        return sum.sum()
    }

    /// The largest cell; minus infinity if there is none.
    @inline(__always)
    func largest() -> Scalar {
        var best = Lanes<Scalar>(repeating: -.infinity)
        sweep(count) { best = Scalar.larger(best, lanes($0, $1, fill: -.infinity)) }
        return (0..<8).reduce(-.infinity) { max($0, best[$1]) }
    }

    /// Adds `factor` times `other`.
    ///
    /// - Precondition: both have the same count.
    @inline(__always)
    func add(_ other: Cells, times factor: Scalar = 1) {
        precondition(count == other.count, "\(other.count) cells onto \(count)")
        sweep(count) { add(other.lanes($0, $1) * factor, $0, $1) }
    }

    /// The sum in double precision, in order.
    func preciseSum() -> Double {
        var sums = SIMD8<Double>(repeating: 0)
        sweep(count) { sums += SIMD8<Double>(lanes($0, $1)) }
        return sums.sum()
    }

    /// Whether no cell is infinite or not a number.
    @inline(__always)
    var areFinite: Bool {
        // 0 times what is not finite is not a number, and stays so in the sum.
        var sum = Lanes<Scalar>(repeating: 0)
        sweep(count) { sum += lanes($0, $1) * 0 }
        return sum.sum() == 0
    }
}

extension Workers {
    /// Adds the sums of the columns of `rows` rows in `source` to `sums`, each column from the top down.
    func addColumnSums<Scalar: TrainingScalar>(_ source: Cells<Scalar>, rows: Int, into sums: Cells<Scalar>) {
        let columns = sums.count
        precondition(rows * columns == source.count, "\(rows) rows of \(columns) in \(source.count) cells")
        split((columns + 15) / 16, grain: max(1, 65_536 / max(1, rows * 16))) { bands in
            let range = bands.lowerBound * 16..<min(columns, bands.upperBound * 16)
            if let from = unsafe source.floats, let to = unsafe sums.floats {
                // `rows` rows of `columns`: just checked; the range lies in a row.
                unsafe RowKernels.best.pointee.column_sums(
                    from + range.lowerBound, rows, columns, range.count, to + range.lowerBound)
                return
            }
            for row in 0..<rows {
                let start = row &* columns
                sweep(range) { sums.add(source.lanes(start &+ $0, $1), $0, $1) }
            }
        }
    }
}
