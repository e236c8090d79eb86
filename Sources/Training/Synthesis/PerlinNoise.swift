import Imaging

/// Gradient noise (Perlin 1985, with the fade 6t^5 - 15t^4 + 10t^3 of 2002) over a picture, turned about its
/// centre, as DRAEM makes its masks. Times the root of 2; about -1...1; 0 where the turned noise ends.
struct PerlinNoise {
    private let columns: Int
    private let rows: Int
    private let gradients: [SIMD2<Float>]
    private let turn: SIMD2<Float>

    /// 2^0 to 2^5 cells per axis, turned by up to a quarter to either side.
    init(_ random: inout CounterRandom) {
        columns = 1 << random.whole(0...5)
        rows = 1 << random.whole(0...5)
        gradients = (0..<(columns + 1) * (rows + 1)).map { _ in Elementary.circle(random.unit()) }
        turn = Elementary.circle(random.uniform(-0.25, 0.25))
    }

    /// The pixels of a picture of `size` whose noise is above `level`.
    func mask(size: Size, above level: Float) -> [Bool] {
        var result = [Bool](repeating: false, count: size.pixelCount)
        let across = Float(columns) / Float(size.width), down = Float(rows) / Float(size.height)
        let centre = SIMD2(Float(size.width), Float(size.height)) / 2
        let right = Float(columns), bottom = Float(rows), limit = level / 1.414_213_5
        for y in 0..<size.height {
            let dy = Float(y) - centre.y
            let startX = centre.x - dy * turn.y, startY = centre.y + dy * turn.x
            let line = y * size.width
            for x in 0..<size.width {
                let dx = Float(x) - centre.x
                let u = (startX + dx * turn.x) * across, v = (startY + dx * turn.y) * down
                guard u >= 0, v >= 0, u < right, v < bottom else { continue }
                result[line + x] = value(u, v) > limit
            }
        }
        return result
    }

    /// The noise at (`u`, `v`) in cells, which lies inside.
    @inline(__always)
    private func value(_ u: Float, _ v: Float) -> Float {
        let column = Int(u), row = Int(v)
        let fx = u - Float(column), fy = v - Float(row)
        let first = row * (columns + 1) + column
        let a = gradients[first], b = gradients[first + 1]
        let c = gradients[first + columns + 1], d = gradients[first + columns + 2]
        let upperLeft = a.x * fx + a.y * fy, upperRight = b.x * (fx - 1) + b.y * fy
        let lowerLeft = c.x * fx + c.y * (fy - 1), lowerRight = d.x * (fx - 1) + d.y * (fy - 1)
        let sx = Self.faded(fx), sy = Self.faded(fy)
        let upper = upperLeft + (upperRight - upperLeft) * sx
        let lower = lowerLeft + (lowerRight - lowerLeft) * sx
        return upper + (lower - upper) * sy
    }

    @inline(__always)
    private static func faded(_ t: Float) -> Float { t * t * t * (t * (t * 6 - 15) + 10) }
}

/// Noise of random values at the corners of a grid, blended between them: -1...1 in each of four lanes.
struct ValueNoise {
    private let columns: Int
    private let values: [SIMD4<Float>]

    init(columns: Int, rows: Int, _ random: inout CounterRandom) {
        self.columns = columns
        values = (0..<(columns + 1) * (rows + 1)).map { _ in
            let bits = random.next()
            return SIMD4(
                (0..<4).map { lane in
                    Float(Int(truncatingIfNeeded: bits >> UInt64(16 * lane) & 0xFFFF)) / 32_768 - 1
                })
        }
    }

    /// The noise at (`x`, `y`) in cells: 0 up to, not including, the counts of columns and rows.
    @inline(__always)
    func value(_ x: Float, _ y: Float) -> SIMD4<Float> {
        let column = Int(x), row = Int(y)
        let fx = x - Float(column), fy = y - Float(row)
        let sx = fx * fx * (3 - 2 * fx), sy = fy * fy * (3 - 2 * fy)
        let first = row * (columns + 1) + column
        let a = values[first], b = values[first + 1]
        let c = values[first + columns + 1], d = values[first + columns + 2]
        let upper = a + (b - a) * sx, lower = c + (d - c) * sx
        return upper + (lower - upper) * sy
    }
}
