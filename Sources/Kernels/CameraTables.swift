import Imaging

/// The weights of a camera plan in the form the kernel reads, in one array.
struct CameraTables {
    /// Where in `words` one axis of one row of sums lies.
    struct Axis {
        /// Offset of `[outputCount]` first rows or samples.
        let firsts: Int
        /// Offset of `[outputCount][count]` weights.
        let weights: Int
        let count: Int
    }

    private(set) var words: [UInt32] = []
    private(set) var rows: [Axis] = []
    private(set) var columns: [Axis] = []
    /// The samples of each row of sums that any output reads, counted from the start of the frame's row.
    private(set) var samples: [Range<Int>] = []
    /// What the row and the column weights of each sum add up to. Four of each; 1 where there is no sum.
    private(set) var rowTotals = [1, 1, 1, 1]
    private(set) var columnTotals = [1, 1, 1, 1]

    init(_ layout: CameraLayout, crop: Region, output: Size) {
        let vertical = CameraAxis(origin: crop.y, length: crop.height, outputCount: output.height)
        let horizontal = CameraAxis(origin: crop.x, length: crop.width, outputCount: output.width)
        for row in layout.rows {
            appendRows(row, vertical)
            appendColumns(row, step: layout.step, horizontal)
        }
        for (k, sum) in layout.sums.enumerated() {
            let row = layout.rows[sum.row]
            rowTotals[k] = vertical.total(row.lattice)
            columnTotals[k] = horizontal.total(row.kinds[sum.kind].lattice)
        }
    }

    private mutating func appendRows(_ row: CameraLayout.Row, _ axis: CameraAxis) {
        let taps = (0..<axis.outputCount).map { axis.taps(of: $0, row.lattice) }
        let count = taps.map(\.weights.count).max() ?? 1
        rows.append(Axis(firsts: words.count, weights: words.count + taps.count, count: count))
        words += taps.map { UInt32($0.first * row.stride + row.at) }
        for tap in taps { words += tap.weights + Array(repeating: 0, count: count - tap.weights.count) }
    }

    /// One output's run: where it begins, and the weights of the samples from there on.
    private struct Run {
        var first: Int
        var weights: [UInt32]
    }

    private mutating func appendColumns(_ row: CameraLayout.Row, step: Int, _ axis: CameraAxis) {
        var runs = (0..<axis.outputCount).map { CameraTables.run(of: $0, row, axis) }
        let begin = runs.map(\.first).min() ?? 0
        samples.append(begin..<(runs.map { $0.first + $0.weights.count }.max() ?? begin))

        let groups = runs.map { ($0.weights.count + step - 1) / step }.max() ?? 1
        for index in runs.indices {
            let weights = runs[index].weights
            var lanes = [UInt32](repeating: 0, count: 4 * groups)
            for (i, weight) in weights.enumerated() { lanes[i / step * 4 + i % step] = weight }
            runs[index].weights = lanes
        }
        columns.append(Axis(firsts: words.count, weights: words.count + runs.count, count: 4 * groups))
        words += runs.map { UInt32($0.first - begin) }
        for run in runs { words += run.weights }
    }

    /// All kinds of samples that output `index` reads from a row of sums.
    private static func run(of index: Int, _ row: CameraLayout.Row, _ axis: CameraAxis) -> Run {
        let taps = row.kinds.map { axis.taps(of: index, $0.lattice) }
        let begins = zip(row.kinds, taps).map { kind, taps in taps.first * kind.stride + kind.at }
        let ends = zip(row.kinds, taps).map { kind, taps in
            (taps.first + taps.weights.count - 1) * kind.stride + kind.at + kind.width
        }
        let first = (begins.min() ?? 0) / row.period * row.period
        var weights = [UInt32](repeating: 0, count: (ends.max() ?? 0) - first)
        for (kind, taps) in zip(row.kinds, taps) {
            for (j, weight) in taps.weights.enumerated() {
                let at = (taps.first + j) * kind.stride + kind.at - first
                for lane in at..<(at + kind.width) { weights[lane] = weight }
            }
        }
        return Run(first: first, weights: weights)
    }
}
