/// The positions of a vision tower: a class row, then one row per patch of a grid, row-major.
package enum PositionalEmbedding {
    /// The positions for a grid of another size; the class row is kept.
    ///
    /// Bicubic with a = -0.75, half-pixel centres, no anti-aliasing, border patches repeated, as PyTorch's
    /// `interpolate` and AdaCLIP do (the image resampling of CLIP uses a = -0.5).
    ///
    /// - Parameter values: [1 + rows * columns, width] of `source`.
    /// - Returns: [1 + rows * columns, width] of `target`.
    /// - Precondition: `values` has that count; all sizes are positive.
    package static func resized(
        _ values: [Float], width: Int, from source: (rows: Int, columns: Int),
        to target: (rows: Int, columns: Int)
    ) -> [Float] {
        precondition(
            values.count == (1 + source.rows * source.columns) * width && source.rows > 0
                && source.columns > 0
                && width > 0 && target.rows > 0 && target.columns > 0,
            "\(values.count) positions of width \(width) from \(source) to \(target)")
        let vertical = taps(from: source.rows, to: target.rows)
        let horizontal = taps(from: source.columns, to: target.columns)
        var out = Array(values.prefix(width))
        out.reserveCapacity((1 + target.rows * target.columns) * width)
        for rowTaps in vertical {
            for columnTaps in horizontal {
                for channel in 0..<width {
                    var sum: Float = 0
                    for (row, rowWeight) in rowTaps {
                        var line: Float = 0
                        for (column, weight) in columnTaps {
                            line += weight * values[(1 + row * source.columns + column) * width + channel]
                        }
                        sum += rowWeight * line
                    }
                    out.append(sum)
                }
            }
        }
        return out
    }

    /// For every target index the four source indices, clamped to the border, and their weights.
    private static func taps(from source: Int, to target: Int) -> [[(index: Int, weight: Float)]] {
        (0..<target).map { index in
            let centre = (Double(index) + 0.5) * Double(source) / Double(target) - 0.5
            let first = Int(centre.rounded(.down))
            return (first - 1...first + 2).map { tap in
                (min(max(tap, 0), source - 1), Float(cubic(abs(centre - Double(tap)))))
            }
        }
    }

    /// The cubic convolution kernel (Keys 1981) with a = -0.75 at a distance of 0 to 2.
    private static func cubic(_ x: Double) -> Double {
        let a = -0.75
        return x <= 1
            ? ((a + 2) * x - (a + 3)) * x * x + 1
            : ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    }
}
