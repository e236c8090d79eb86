/// What a surface is at one point: x height in pixels, y albedo 0...1, z gloss 0...1, and w the distance to
/// the edge of the part in pixels, negative inside.
typealias Texel = SIMD4<Float>

/// A rectangle of texels that repeats without a seam, or a drawing that does not repeat.
struct Swatch: ~Copyable, Sendable {
    let width: Int
    let height: Int
    /// One column and one row more than the swatch: those of the opposite edge.
    private var texels: Plane<Texel>
    private var stride: Int { width + 1 }

    /// A swatch of `texel` everywhere.
    init(width: Int, height: Int, repeating texel: Texel) {
        self.width = width
        self.height = height
        texels = Plane(count: (width + 1) * (height + 1), repeating: texel)
    }

    /// A swatch of `texel(x, y)`.
    init(width: Int, height: Int, _ texel: (Int, Int) -> Texel) {
        self.init(width: width, height: height, repeating: Texel())
        for y in 0..<height {
            for x in 0..<width { texels[y * stride + x] = texel(x, y) }
        }
        close()
    }

    subscript(x: Int, y: Int) -> Texel {
        get { texels[y * stride + x] }
        set { texels[y * stride + x] = newValue }
    }

    /// Repeats the first column and row behind the last, as reading between texels needs it.
    mutating func close() {
        for y in 0..<height { texels[y * stride + width] = texels[y * stride] }
        for x in 0...width { texels[height * stride + x] = texels[x] }
    }

    /// Between four texels, by their distance. (`u`, `v`) is in 1/65536 of a texel, inside the swatch.
    @inline(__always)
    func texel(_ u: Int, _ v: Int) -> Texel {
        let (a, b, c, d) = texels.square(at: (v >> 16) * stride + (u >> 16), stride: stride)
        let fu = Texel(repeating: Float(Int32(truncatingIfNeeded: u & 0xffff)) * (1 / 65_536))
        let fv = Texel(repeating: Float(Int32(truncatingIfNeeded: v & 0xffff)) * (1 / 65_536))
        let upper = a + (b - a) * fu, lower = c + (d - c) * fu
        return upper + (lower - upper) * fv
    }
}

/// A straight walk over a repeating swatch, in 1/65536 of a texel: whole numbers, so that it arrives at the
/// same point wherever it began.
struct SwatchWalk {
    private(set) var u: Int
    private(set) var v: Int
    private let du: Int, dv: Int, endU: Int, endV: Int

    /// - Precondition: a step is shorter than the swatch.
    init(over swatch: borrowing Swatch, from start: SIMD2<Int>, by step: SIMD2<Int>) {
        endU = swatch.width << 16
        endV = swatch.height << 16
        u = start.x.wrapped(to: endU)
        v = start.y.wrapped(to: endV)
        du = step.x
        dv = step.y
    }

    @inline(__always)
    mutating func advance() {
        u += du
        if u >= endU { u -= endU }
        if u < 0 { u += endU }
        v += dv
        if v >= endV { v -= endV }
        if v < 0 { v += endV }
    }
}
