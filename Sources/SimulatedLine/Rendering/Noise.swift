/// Smooth noise over the plane: random values at the corners of a grid, blended between them. -1...1.
///
/// Made of additions and multiplications only, so every machine computes the same bits.
struct Noise {
    let seed: UInt32

    private func corner(_ x: Int, _ y: Int) -> Float {
        let bits = scrambled(UInt32(truncatingIfNeeded: x), UInt32(truncatingIfNeeded: y), seed)
        return Float(bits >> 8) * (1 / 8_388_608) - 1
    }

    /// The noise at (`x`, `y`), in cells.
    func value(_ x: Float, _ y: Float) -> Float { value(x, y, columns: 0, rows: 0) }

    /// The noise at (`x`, `y`) that repeats after `columns` and `rows` cells; 0 is never.
    func value(_ x: Float, _ y: Float, columns: Int, rows: Int) -> Float {
        let left = x.rounded(.down), top = y.rounded(.down)
        let fx = Noise.eased(x - left), fy = Noise.eased(y - top)
        let x0 = Noise.wrapped(Int(left), columns), x1 = Noise.wrapped(Int(left) + 1, columns)
        let y0 = Noise.wrapped(Int(top), rows), y1 = Noise.wrapped(Int(top) + 1, rows)
        let a = corner(x0, y0), b = corner(x1, y0), c = corner(x0, y1), d = corner(x1, y1)
        let upper = a + (b - a) * fx, lower = c + (d - c) * fx
        return upper + (lower - upper) * fy
    }

    /// `octaves` of noise, each twice as fine and half as strong; about -1...1.
    func fractal(_ x: Float, _ y: Float, octaves: Int, columns: Int = 0, rows: Int = 0) -> Float {
        var sum: Float = 0, weight: Float = 0.55, scale = 1
        for octave in 0..<octaves {
            let layer = Noise(seed: seed &+ UInt32(octave) &* 0x632b_e5ab)
            sum +=
                weight
                * layer.value(
                    x * Float(scale), y * Float(scale), columns: columns * scale, rows: rows * scale)
            weight *= 0.55
            scale *= 2
        }
        return sum
    }

    /// Noise along the endless axis: `position` in steps, `period` steps to a cell. -1...1.
    func drift(_ position: Int, period: Int) -> Float {
        let cell = position.floored(by: period)
        let fraction = Noise.eased(Float(position - cell * period) / Float(period))
        let a = corner(cell, 77), b = corner(cell + 1, 77)
        return a + (b - a) * fraction
    }

    private static func wrapped(_ cell: Int, _ count: Int) -> Int {
        count == 0 ? cell : cell - cell.floored(by: count) * count
    }

    /// 3t^2 - 2t^3.
    @inline(__always)
    static func eased(_ t: Float) -> Float { t * t * (3 - 2 * t) }
}

extension Int {
    /// The largest whole number not above self / `divisor`, which is above 0.
    func floored(by divisor: Int) -> Int { self >= 0 ? self / divisor : -((divisor - 1 - self) / divisor) }

    /// What is left of self after `floored(by:)`: 0 up to, not including, `divisor`.
    func wrapped(to divisor: Int) -> Int { self - floored(by: divisor) * divisor }
}

/// 0 at `low`, 1 at `high`, smooth between and level beyond. `high` may be the smaller.
@inline(__always)
func step(_ low: Float, _ high: Float, _ x: Float) -> Float {
    Noise.eased(min(max((x - low) / (high - low), 0), 1))
}

/// The cosine and sine of `turns` of a full circle. Within 2e-6; the same bits on every machine.
func circle(_ turns: Float) -> SIMD2<Float> {
    func cosine(_ turns: Float) -> Float {
        // To the quarter around 0, where the series of the cosine is short.
        var t = turns - turns.rounded()
        t = abs(t)
        let isFar = t > 0.25
        if isFar { t = 0.5 - t }
        let a = t * 6.2831855, q = a * a
        let value =
            1 - q * (0.5 - q * (0.041_666_668 - q * (0.001_388_889 - q * (2.480_158_7e-5 - q * 2.755_73e-7))))
        return isFar ? -value : value
    }
    return SIMD2(cosine(turns), cosine(turns - 0.25))
}
