import Platform

/// A colour, each part 0...1 (or a little outside until the picture is developed).
struct PatternColour {
    var parts: SIMD4<Float>

    init(_ parts: SIMD4<Float>) { self.parts = parts }
    init(grey: Float) { parts = SIMD4(grey, grey, grey, 0) }

    func shifted(by amount: Float) -> PatternColour { PatternColour(parts + amount) }
}

/// A picture while it is painted: RGB in Float, row-major.
struct PatternCanvas {
    /// One value per pixel, 0...1: a texture or the coverage of a shape.
    typealias Field = [Float]

    let width: Int
    let height: Int
    var random: SplitMix64
    private var colours: [SIMD4<Float>]

    init(width: Int, height: Int, random: SplitMix64) {
        (self.width, self.height, self.random) = (width, height, random)
        colours = [SIMD4<Float>](repeating: SIMD4(repeating: 0.5), count: width * height)
    }

    /// Mixes `first` to `second` by `texture` over what is there, where `coverage` says so (everywhere
    /// without one).
    mutating func paint(
        _ coverage: Field? = nil, texture: Field, _ first: PatternColour, _ second: PatternColour,
        opacity: Float = 1
    ) {
        for i in colours.indices {
            let alpha = (coverage?[i] ?? 1) * opacity
            if alpha == 0 { continue }
            let colour = first.parts + (second.parts - first.parts) * texture[i]
            colours[i] += (colour - colours[i]) * alpha
        }
    }

    mutating func paint(_ coverage: Field, _ colour: PatternColour, opacity: Float) {
        for i in colours.indices where coverage[i] > 0 {
            colours[i] += (colour.parts - colours[i]) * (coverage[i] * opacity)
        }
    }

    /// The bytes of the picture, with a contrast, brightness, cast, tone curve and grain of its own.
    mutating func developed() -> [UInt8] {
        let contrast = random.number(in: 0.5...1.3), brightness = random.number(in: -0.2...0.2)
        let curve = random.number(in: -0.5...0.5),
            grain = random.unit() < 0.5 ? 0 : random.number(in: 0...0.06)
        let cast = SIMD4(
            random.number(in: 0.85...1.15), random.number(in: 0.9...1.1), random.number(in: 0.8...1.15), 0)
        let isGrey = random.unit() < 0.25
        var bytes = [UInt8](repeating: 0, count: colours.count * 3)
        for i in colours.indices {
            var c = (colours[i] - 0.5) * contrast + (0.5 + brightness)
            c = c.clamped(lowerBound: SIMD4(repeating: 0), upperBound: SIMD4(repeating: 1))
            c += (c * c - c) * curve
            c = isGrey ? SIMD4(repeating: (c.x + 2 * c.y + c.z) / 4) : c * cast
            c += (random.unit() - 0.5) * grain
            for channel in 0..<3 { bytes[3 * i + channel] = UInt8(min(max(c[channel] * 255 + 0.5, 0), 255)) }
        }
        return bytes
    }
}

// Textures.
extension PatternCanvas {
    /// Value noise summed over octaves with halved cells and amplitudes; `stretch` draws it out along a
    /// random direction.
    mutating func noise(cell: Float, octaves: Int, stretch: Float = 1) -> Field {
        let direction = random.direction()
        var field = Field(repeating: 0, count: width * height)
        var size = cell, amplitude: Float = 0.5, total: Float = 0
        for _ in 0..<octaves {
            let salt = random.next()
            for y in 0..<height {
                for x in 0..<width {
                    let u = (Float(x) * direction.x + Float(y) * direction.y) / (size * stretch)
                    let v = (Float(y) * direction.x - Float(x) * direction.y) / size
                    field[y * width + x] += amplitude * Self.latticeNoise(u, v, salt)
                }
            }
            total += amplitude
            size = max(size / 2, 1)
            amplitude /= 2
        }
        // The sum gathers around its middle: drawn out to use the range.
        return field.map { min(max(($0 / total - 0.5) * 1.8 + 0.5, 0), 1) }
    }

    private static func latticeNoise(_ u: Float, _ v: Float, _ salt: UInt64) -> Float {
        let i = u.rounded(.down), j = v.rounded(.down)
        let s = smooth(u - i), t = smooth(v - j)
        let a = lattice(Int32(i), Int32(j), salt), b = lattice(Int32(i) + 1, Int32(j), salt)
        let c = lattice(Int32(i), Int32(j) + 1, salt), d = lattice(Int32(i) + 1, Int32(j) + 1, salt)
        let top = a + (b - a) * s, bottom = c + (d - c) * s
        return top + (bottom - top) * t
    }

    private static func lattice(_ i: Int32, _ j: Int32, _ salt: UInt64) -> Float {
        var z =
            salt &+ UInt64(UInt32(bitPattern: i)) &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(UInt32(bitPattern: j))
            &* 0xc2b2_ae3d_27d4_eb4f
        z = (z ^ (z >> 29)) &* 0xbf58_476d_1ce4_e5b9
        return Float((z ^ (z >> 32)) & 0xffff) / 65_535
    }

    static func smooth(_ t: Float) -> Float { t * t * (3 - 2 * t) }

    /// From 0 to 1 along a line, or from a point outwards.
    mutating func gradient() -> Field {
        let direction = random.direction(), centre = random.point(width, height),
            isRadial = random.unit() < 0.4
        let span = Float(max(width, height)) * random.number(in: 0.4...1.2)
        return field { x, y in
            let dx = x - centre.x, dy = y - centre.y
            let distance =
                isRadial
                ? (dx * dx + dy * dy).squareRoot() : dx * direction.x + dy * direction.y + span / 2
            return Self.smooth(min(max(distance / span, 0), 1))
        }
    }

    func field(_ value: (Float, Float) -> Float) -> Field {
        var field = Field(repeating: 0, count: width * height)
        for y in 0..<height {
            for x in 0..<width { field[y * width + x] = value(Float(x), Float(y)) }
        }
        return field
    }
}

extension SplitMix64 {
    /// Uniform in 0..<1.
    mutating func unit() -> Float { Float(next() >> 40) / 16_777_216 }

    mutating func number(in range: ClosedRange<Float>) -> Float {
        range.lowerBound + unit() * (range.upperBound - range.lowerBound)
    }

    mutating func integer(in range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.count))
    }

    /// A point of the unit circle.
    mutating func direction() -> (x: Float, y: Float) {
        let x = unit() - 0.5, y = unit() - 0.5
        let length = (x * x + y * y).squareRoot()
        return length < 0.01 ? (1, 0) : (x / length, y / length)
    }

    mutating func point(_ width: Int, _ height: Int) -> (x: Float, y: Float) {
        (unit() * Float(width), unit() * Float(height))
    }

    /// Mostly muted: a grey with a little colour, sometimes a strong one.
    mutating func colour() -> PatternColour {
        let grey = number(in: 0.05...0.95), strength: Float = unit() < 0.25 ? 0.8 : 0.25
        let chroma = SIMD4(unit() - 0.5, unit() - 0.5, unit() - 0.5, 0)
        return PatternColour(SIMD4(repeating: grey) + chroma * strength)
    }
}
