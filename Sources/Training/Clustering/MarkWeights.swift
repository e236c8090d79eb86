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

    /// A generated auxiliary image: the rarity of the patches within the image at each stride, finest first, as
    /// exp(rarity / temperature), the temperature being `softness` standard deviations of it. The finest map counts
    /// twice, as in the score map.
    ///
    /// - Precondition: there is a map, and none is larger than the first.
    package init(rarity maps: [RarityMap], softness: Float = 0.25) {
        precondition(!maps.isEmpty, "no map of rarity")
        (columns, rows) = (maps[0].columns, maps[0].rows)
        var sum = [Float](repeating: 0, count: columns * rows)
        for (index, map) in maps.enumerated() {
            let part = Self.stretched(map.values, map.columns, map.rows, to: columns, rows)
            for place in sum.indices { sum[place] += (index == 0 ? 2 : 1) * part[place] }
        }
        let count = Float(sum.count), mean = sum.reduce(0, +) / count
        let variance = sum.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        let temperature = max(softness * variance.squareRoot(), 1e-6), top = sum.max() ?? 0
        values = Self.shares(sum.map { exponential(($0 - top) / temperature) })
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

    /// Bilinear, pixel centres at halves.
    private static func stretched(
        _ values: [Float], _ columns: Int, _ rows: Int, to width: Int, _ height: Int
    ) -> [Float] {
        func places(_ count: Int, _ target: Int) -> [(Int, Int, Float)] {
            (0..<target).map { index in
                let place = (Float(index) + 0.5) * Float(count) / Float(target) - 0.5
                let low = max(0, min(Int(max(place, 0)), count - 1))
                return (low, min(low + 1, count - 1), max(0, min(1, place - Float(low))))
            }
        }
        let across = places(columns, width), down = places(rows, height)
        return down.flatMap { top, bottom, v in
            across.map { left, right, u in
                let upper = values[top * columns + left] * (1 - u) + values[top * columns + right] * u
                let lower = values[bottom * columns + left] * (1 - u) + values[bottom * columns + right] * u
                return upper * (1 - v) + lower * v
            }
        }
    }
}

private func exponential(_ value: Float) -> Float { Float.exponential(value) }
