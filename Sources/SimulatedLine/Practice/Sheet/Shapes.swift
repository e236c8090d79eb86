/// Angle of `way` in full turns, 0 up to 1, from +x towards +y. Within 1e-5; the same bits everywhere.
@inline(__always)
func turns(of way: SIMD2<Float>) -> Float {
    let ax = abs(way.x), ay = abs(way.y)
    let t = min(ax, ay) / max(max(ax, ay), 1e-9), q = t * t
    let arc =
        t * (0.999_866_0 + q * (-0.330_299_5 + q * (0.180_141 + q * (-0.085_133 + q * 0.020_835_1))))
    var turn = arc * 0.159_154_94
    if ay > ax { turn = 0.25 - turn }
    if way.x < 0 { turn = 0.5 - turn }
    if way.y < 0 { turn = 1 - turn }
    return turn >= 1 ? turn - 1 : turn
}

/// The distance to the edge of a rectangle around the origin with rounded corners.
@inline(__always)
func box(_ point: SIMD2<Float>, _ half: SIMD2<Float>, _ radius: Float = 0) -> Float {
    let outside = magnitude(point) - half + radius
    return length(pointwiseMax(outside, SIMD2())) + min(max(outside.x, outside.y), 0) - radius
}

/// The distance to the edge of a regular polygon around the origin; `radius` is to the middle of its sides.
@inline(__always)
func polygon(_ point: SIMD2<Float>, sides: Int, radius: Float) -> Float {
    let sector = 1 / Float(sides), turn = turns(of: point)
    let off = turn - (turn * Float(sides)).rounded() * sector
    return length(point) * circle(off).x - radius
}

/// The distance to a stroke of `halfWidth`, round at both ends.
@inline(__always)
func bar(_ point: SIMD2<Float>, _ start: SIMD2<Float>, _ end: SIMD2<Float>, _ halfWidth: Float) -> Float {
    Stroke(start: start, end: end).distance(to: point) - halfWidth
}

/// -0.5...0.5: where in its period `x` lies.
@inline(__always)
func phase(_ x: Float, _ period: Float) -> Float { x / period - (x / period).rounded() }

/// Which period `x` lies in.
@inline(__always)
func period(_ x: Float, _ period: Float) -> Int { Int((x / period).rounded()) }

/// -0.5...0.5: where in its period `x` lies, periods beginning at whole numbers.
@inline(__always)
func fraction(_ x: Float) -> Float { x - x.rounded(.down) }

/// A wave of period 1 between -1 and 1, nearly a sine.
@inline(__always)
func wave(_ x: Float) -> Float {
    let t = fraction(x) * 2 - 1
    return 4 * t * (abs(t) - 1)
}

/// The cross-section of a thread or a bead: 1 in the middle, 0 at +-1 and beyond.
@inline(__always)
func round(_ t: Float) -> Float { max(0, 1 - t * t).squareRoot() }

/// A number that depends on a cell and a seed only, 0...1.
@inline(__always)
func chanced(_ x: Int, _ y: Int, _ seed: UInt32) -> Float {
    Float(scrambled(UInt32(truncatingIfNeeded: x), UInt32(truncatingIfNeeded: y), seed) >> 8)
        * (1 / 16_777_216)
}

/// `point` turned by the angle with cosine and sine `turn`.
@inline(__always)
func rotated(_ point: SIMD2<Float>, _ turn: SIMD2<Float>) -> SIMD2<Float> {
    SIMD2(turn.x * point.x - turn.y * point.y, turn.y * point.x + turn.x * point.y)
}

/// Random points, one to a cell of a square grid (Worley, 1996).
struct Cells {
    let seed: UInt32

    /// The distance to the nearest point and to the next one, in cells, and a number 0...1 for the nearest.
    @inline(__always)
    func nearest(_ place: SIMD2<Float>) -> (first: Float, second: Float, mark: Float) {
        let left = Int(place.x.rounded(.down)), top = Int(place.y.rounded(.down))
        var first = Float(9), second = Float(9), mark: UInt32 = 0
        for y in top - 1...top + 1 {
            for x in left - 1...left + 1 {
                let bits = scrambled(
                    UInt32(truncatingIfNeeded: x), UInt32(truncatingIfNeeded: y), seed)
                let point = SIMD2(
                    Float(x) + Float(bits & 1023) * (1 / 1024),
                    Float(y) + Float(bits >> 10 & 1023) * (1 / 1024))
                let away = place - point, square = (away * away).sum()
                if square < first {
                    second = first
                    first = square
                    mark = bits
                } else if square < second {
                    second = square
                }
            }
        }
        return (first.squareRoot(), second.squareRoot(), Float(mark >> 20) * (1 / 4096))
    }
}
