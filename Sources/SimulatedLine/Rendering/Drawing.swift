/// The plan of a part, drawn once: texels, and the material of each.
struct Drawing: ~Copyable, Sendable {
    var swatch: Swatch
    private var materials: Plane<UInt8>
    /// Whether shapes that leave at one side come in at the other.
    private let repeats: Bool
    var width: Int { swatch.width }
    var height: Int { swatch.height }

    /// A drawing of `material` alone.
    init(width: Int, height: Int, repeats: Bool, texel: Texel, material: UInt8) {
        swatch = Swatch(width: width, height: height, repeating: texel)
        materials = Plane(count: width * height, repeating: material)
        self.repeats = repeats
    }

    /// The material under (`u`, `v`), in 1/65536 of a texel, inside the drawing.
    @inline(__always)
    func material(_ u: Int, _ v: Int) -> UInt8 {
        // To the nearest texel; beyond the last one, the last.
        let x = min((u + 32_768) >> 16, width - 1), y = min((v + 32_768) >> 16, height - 1)
        return materials[y * width + x]
    }

    /// - Precondition: (`x`, `y`) is inside the drawing.
    mutating func setMaterial(_ x: Int, _ y: Int, _ material: UInt8) { materials[y * width + x] = material }

    /// Paints the inside of `shape`, its edge blended. `paint` gets the texel and its distance to the edge.
    mutating func fill(
        _ shape: Shape, material: UInt8? = nil, _ paint: (inout Texel, _ distance: Float) -> Void
    ) {
        let box = shape.box
        for y in Int(box.y) - 2...Int(box.w) + 2 {
            let row = repeats ? y.wrapped(to: height) : y
            guard row >= 0, row < height else { continue }
            for x in Int(box.x) - 2...Int(box.z) + 2 {
                let column = repeats ? x.wrapped(to: width) : x
                guard column >= 0, column < width else { continue }
                let distance = shape.distance(SIMD2(Float(x), Float(y)))
                guard distance < 0.5 else { continue }
                let old = swatch[column, row]
                var new = old
                paint(&new, distance)
                swatch[column, row] = old + (new - old) * min(1, 0.5 - distance)
                if let material, distance < 0 { materials[row * width + column] = material }
            }
        }
    }

    /// Paints every texel; `paint` gets it and its position.
    mutating func everywhere(_ paint: (inout Texel, SIMD2<Float>) -> Void) {
        for y in 0..<height {
            for x in 0..<width { paint(&swatch[x, y], SIMD2(Float(x), Float(y))) }
        }
    }

    /// Makes `shape` the outline of the part: outside of it lies the conveyor.
    mutating func outline(_ shape: Shape) {
        everywhere { $0.w = shape.distance($1) }
    }

    /// Cuts `shape` out of the part, so that the conveyor shows through.
    mutating func cut(_ shape: Shape) {
        everywhere { $0.w = max($0.w, -shape.distance($1)) }
    }

    /// Rounds the edge of the part off, over `width` pixels, by `height`.
    mutating func bevel(width: Float, height: Float) {
        everywhere { texel, _ in texel.x += height * (step(0, -width, texel.w) - 1) }
    }

    /// Draws `text`, `size` pixels high, its top left corner at `origin`, with strokes of half width
    /// `weight`.
    mutating func write(
        _ text: String, at origin: SIMD2<Float>, size: Float, weight: Float, turned: Bool = false,
        material: UInt8? = nil, _ paint: (inout Texel, _ distance: Float) -> Void
    ) {
        for stroke in Lettering.strokes(of: text, at: origin, size: size, turned: turned) {
            fill(.line(stroke.start, stroke.end, weight), material: material, paint)
        }
    }
}

/// A shape known by the distance to its edge, negative inside.
struct Shape {
    /// Left, top, right and bottom of what it covers.
    let box: SIMD4<Float>
    let distance: (SIMD2<Float>) -> Float

    static func disc(_ centre: SIMD2<Float>, _ radius: Float) -> Shape {
        Shape(box: around(centre, SIMD2(repeating: radius))) { length($0 - centre) - radius }
    }

    /// A rectangle with corners of `radius`, `half` wide and high to each side of `centre`.
    static func box(_ centre: SIMD2<Float>, _ half: SIMD2<Float>, radius: Float = 0) -> Shape {
        Shape(box: around(centre, half)) { point in
            let outside = magnitude(point - centre) - half + radius
            let corner = length(pointwiseMax(outside, SIMD2()))
            return corner + min(max(outside.x, outside.y), 0) - radius
        }
    }

    static func ring(_ centre: SIMD2<Float>, _ radius: Float, _ halfWidth: Float) -> Shape {
        Shape(box: around(centre, SIMD2(repeating: radius + halfWidth))) {
            abs(length($0 - centre) - radius) - halfWidth
        }
    }

    /// From `start` to `end`, round at both ends.
    static func line(_ start: SIMD2<Float>, _ end: SIMD2<Float>, _ halfWidth: Float) -> Shape {
        let stroke = Stroke(start: start, end: end)
        let low = pointwiseMin(start, end) - halfWidth, high = pointwiseMax(start, end) + halfWidth
        return Shape(box: SIMD4(lowHalf: low, highHalf: high)) { stroke.distance(to: $0) - halfWidth }
    }

    /// The border of a rectangle.
    static func frame(_ centre: SIMD2<Float>, _ half: SIMD2<Float>, _ halfWidth: Float) -> Shape {
        let box = Shape.box(centre, half)
        return Shape(box: around(centre, half + halfWidth)) { abs(box.distance($0)) - halfWidth }
    }

    private static func around(_ centre: SIMD2<Float>, _ half: SIMD2<Float>) -> SIMD4<Float> {
        SIMD4(lowHalf: centre - half, highHalf: centre + half)
    }
}

/// A straight piece of a line.
struct Stroke {
    var start: SIMD2<Float>
    var end: SIMD2<Float>

    func distance(to point: SIMD2<Float>) -> Float {
        length(point - start - (end - start) * share(at: point))
    }

    /// Where along the stroke the point nearest to `point` lies, 0...1.
    func share(at point: SIMD2<Float>) -> Float {
        let way = end - start, square = (way * way).sum()
        return square > 0 ? min(max(((point - start) * way).sum() / square, 0), 1) : 0
    }
}

@inline(__always)
func length(_ vector: SIMD2<Float>) -> Float { (vector * vector).sum().squareRoot() }

@inline(__always)
func magnitude(_ vector: SIMD2<Float>) -> SIMD2<Float> { SIMD2(abs(vector.x), abs(vector.y)) }
