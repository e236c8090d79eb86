package import Imaging

/// FINE's auxiliary image: how much each patch of an image counts, highest where the mark is; at the finest stride.
package struct MarkWeights {
    package let columns: Int
    package let rows: Int
    /// Positive or 0, of sum 1, row-major.
    package let values: [Float]

    /// Equal weights: no auxiliary image.
    package init(evenlyOver map: PatchMap) {
        (columns, rows) = (map.columns, map.rows)
        values = [Float](repeating: 1 / Float(columns * rows), count: columns * rows)
    }

    /// A generated auxiliary image: exp(rarity / temperature), the temperature being `softness` standard deviations of it.
    package init(_ rarity: RarityMap, softness: Float = 0.5) {
        (columns, rows) = (rarity.columns, rarity.rows)
        let sum = rarity.values, count = Float(sum.count), mean = sum.reduce(0, +) / count
        let variance = sum.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        let temperature = max(softness * variance.squareRoot(), 1e-6), top = sum.max() ?? 0
        values = Self.shares(sum.map { exponential(($0 - top) / temperature) })
    }

    /// These weights, each times its place's of `factors`.
    func multiplied(by factors: [Float]) -> MarkWeights {
        MarkWeights(columns: columns, rows: rows, values: Self.shares(zip(values, factors).map { $0 * $1 }))
    }

    private init(columns: Int, rows: Int, values: [Float]) {
        (self.columns, self.rows, self.values) = (columns, rows, values)
    }

    /// The middle of the patch that counts most, in a picture of `size`; of equals the first.
    package func peak(in size: Size) -> (x: Float, y: Float) {
        var best = 0
        for place in values.indices where values[place] > values[best] { best = place }
        return (
            (Float(best % columns) + 0.5) * Float(size.width) / Float(columns),
            (Float(best / columns) + 0.5) * Float(size.height) / Float(rows)
        )
    }

    /// A supplied auxiliary image: the pixels of a mask, `[height, width]`; where all are 0, equal weights.
    package init(mask: [Bool], width: Int, height: Int, columns: Int, rows: Int) {
        self.init(
            marks: mask.map { $0 ? 1 : 0 }, width: width, height: height, columns: columns, rows: rows)
    }

    /// How much each pixel counts, `[height, width]`, 0 or more; where all are 0, equal weights.
    package init(marks: [Float], width: Int, height: Int, columns: Int, rows: Int) {
        (self.columns, self.rows) = (columns, rows)
        var sums = [Float](repeating: 0, count: columns * rows)
        for y in 0..<height {
            for x in 0..<width {
                sums[y * rows / height * columns + x * columns / width] += marks[y * width + x]
            }
        }
        values = Self.shares(sums)
    }

    private static func shares(_ values: [Float]) -> [Float] {
        let sum = values.reduce(0, +)
        guard sum > 0 else { return [Float](repeating: 1 / Float(values.count), count: values.count) }
        return values.map { $0 / sum }
    }

    /// The weights as a picture of `size`, the highest 1.
    package func marks(_ size: Size) -> [Float] {
        let top = max(values.max() ?? 0, .leastNormalMagnitude)
        return (0..<size.pixelCount).map { pixel in
            let (y, x) = (pixel / size.width, pixel % size.width)
            return values[y * rows / size.height * columns + x * columns / size.width] / top
        }
    }

    /// The share of the image that the mark fills: 1 / (count · Σ w²), 1 for equal weights.
    package var extent: Double {
        let squares = values.reduce(0.0) { $0 + Double($1) * Double($1) }
        return 1 / (Double(values.count) * squares)
    }

    /// The weights of a coarser grid whose patches cover whole ones of this.
    package func on(_ map: PatchMap) -> [Float] {
        var sums = [Float](repeating: 0, count: map.columns * map.rows)
        for y in 0..<rows {
            let row = min(y * map.rows / rows, map.rows - 1) * map.columns
            for x in 0..<columns {
                sums[row + min(x * map.columns / columns, map.columns - 1)] += values[y * columns + x]
            }
        }
        return sums
    }
}

private func exponential(_ value: Float) -> Float { Float.exponential(value) }
