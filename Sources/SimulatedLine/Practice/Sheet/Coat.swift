/// What lies at one point of a practice picture.
struct Coat: BitwiseCopyable, Sendable {
    /// Reflectance of red, green and blue, 0...1, and in the last lane the gloss, 0...1.
    var colour: SIMD4<Float>
    /// In units; a unit is a 256th of the picture's shorter side.
    var height: Float

    init(_ colour: SIMD4<Float>, height: Float = 0) {
        self.colour = colour
        self.height = height
    }

    /// Makes it darker or lighter; the gloss stays.
    @inline(__always)
    mutating func tone(_ factor: Float) { colour *= SIMD4(factor, factor, factor, 1) }

    /// Moves it `share` of the way to `other`, the height too.
    @inline(__always)
    mutating func blend(_ other: SIMD4<Float>, _ share: Float) { colour += (other - colour) * share }
}

/// A colour with its gloss.
@inline(__always)
func paint(_ red: Float, _ green: Float, _ blue: Float, gloss: Float = 0.2) -> SIMD4<Float> {
    SIMD4(red, green, blue, gloss)
}

/// A grey with its gloss.
@inline(__always)
func grey(_ value: Float, gloss: Float = 0.2) -> SIMD4<Float> { SIMD4(value, value, value, gloss) }

extension SIMD4<Float> {
    /// Darker or lighter by `factor`; the gloss stays.
    @inline(__always)
    func toned(_ factor: Float) -> SIMD4<Float> { self * SIMD4(factor, factor, factor, 1) }
    @inline(__always)
    func with(gloss: Float) -> SIMD4<Float> { SIMD4(x, y, z, gloss) }
    @inline(__always)
    func mixed(_ other: SIMD4<Float>, _ share: Float) -> SIMD4<Float> { self + (other - self) * share }
}

extension Random {
    /// One of `choices`, which are not empty.
    mutating func pick<Choice>(_ choices: [Choice]) -> Choice { choices[index(below: choices.count)] }

    /// Any hue. `saturation` 0 is grey; `value` is the brightest of the three.
    mutating func colour(saturation: Float, value: Float, gloss: Float = 0.2) -> SIMD4<Float> {
        let hue = unit() * 6
        func lane(_ shift: Float) -> Float {
            let t = hue + shift - (hue + shift >= 6 ? 6 : 0)
            let on = min(max(min(t, 4 - t), 0), 1)
            return value * (1 - saturation * on)
        }
        return SIMD4(lane(3), lane(1), lane(5), gloss)
    }

    /// `base`, somewhat lighter or darker and of a slightly other hue.
    mutating func near(_ base: SIMD4<Float>, tone: Float = 0.25, hue: Float = 0.08) -> SIMD4<Float> {
        let factor = uniform(1 - tone, 1 + tone)
        let shift = SIMD4(
            uniform(1 - hue, 1 + hue), uniform(1 - hue, 1 + hue), uniform(1 - hue, 1 + hue), 1)
        let made = base.toned(factor) * shift
        return SIMD4(min(made.x, 0.97), min(made.y, 0.97), min(made.z, 0.97), base.w)
    }
}
