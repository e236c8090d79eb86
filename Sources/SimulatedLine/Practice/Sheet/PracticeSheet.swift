internal import Imaging

/// The picture while it is painted: one coat per pixel and a margin around the frame that shading and blur
/// look at.
///
/// Kinds paint in units of the product: a 256th of the shorter side at zoom 1, the origin in the middle.
struct PracticeSheet: ~Copyable {
    static let margin = 3
    let size: Size
    let stride: Int
    let pose: SamplePose
    /// A kind may set its gloss.
    var look: Look
    /// What differs from sample to sample of a product; the same for a good part and its defective twin.
    var random: Random
    var colour: Plane<SIMD4<Float>>
    var height: Plane<Float>
    /// The distance to the part's outline in pixels, negative inside; textures are all inside.
    var outline: Plane<Float>
    let isTexture: Bool

    init(size: Size, look: Look, pose: SamplePose, random: Random, isTexture: Bool) {
        self.size = size
        self.look = look
        self.pose = pose
        self.random = random
        self.isTexture = isTexture
        stride = size.width + 2 * PracticeSheet.margin
        let count = stride * (size.height + 2 * PracticeSheet.margin)
        colour = Plane(count: count, repeating: look.ground)
        height = Plane(count: count, repeating: 0)
        outline = Plane(count: count, repeating: isTexture ? -1000 : 1000)
    }

    /// An equal sheet in memory of its own.
    func copied() -> PracticeSheet {
        var twin = PracticeSheet(size: size, look: look, pose: pose, random: random, isTexture: isTexture)
        for index in 0..<colour.count {
            twin.colour[index] = colour[index]
            twin.height[index] = height[index]
            twin.outline[index] = outline[index]
        }
        return twin
    }

    @inline(__always)
    func index(_ x: Int, _ y: Int) -> Int {
        (y + PracticeSheet.margin) * stride + x + PracticeSheet.margin
    }

    /// Pixels per unit.
    var pixelsPerUnit: Float { 1 / length(pose.axis) }

    /// The point of the product under the pixel (`x`, `y`).
    @inline(__always)
    func point(_ x: Int, _ y: Int) -> SIMD2<Float> {
        let away = SIMD2(Float(x) - 0.5 * Float(size.width), Float(y) - 0.5 * Float(size.height))
        let c = pose.axis.x, s = pose.axis.y
        return SIMD2(c * away.x + s * away.y, c * away.y - s * away.x) + pose.shift
    }

    /// The point of the product in the middle of the frame.
    var middle: SIMD2<Float> { point(size.width / 2, size.height / 2) }

    /// The pixel over the point `point` of the product.
    func pixel(_ point: SIMD2<Float>) -> SIMD2<Float> {
        let away = point - pose.shift, c = pose.axis.x, s = pose.axis.y
        let square = c * c + s * s
        return SIMD2(c * away.x - s * away.y, s * away.x + c * away.y) / square
            + SIMD2(Float(size.width), Float(size.height)) * 0.5
    }

    /// Paints every pixel, the margin too.
    @inline(__always)
    mutating func everywhere(_ paint: (SIMD2<Float>, inout Coat) -> Void) {
        let margin = PracticeSheet.margin
        let along = SIMD2(pose.axis.x, -pose.axis.y)
        for y in -margin..<size.height + margin {
            let start = point(-margin, y)
            let first = index(-margin, y)
            for column in 0..<stride {
                var coat = Coat(colour[first + column], height: height[first + column])
                paint(start + along * Float(column), &coat)
                colour[first + column] = coat.colour
                height[first + column] = coat.height
            }
        }
    }

    /// Paints the part: `outline` is the distance to its edge in units, negative inside. Around it lies the
    /// ground with the part's shadow.
    @inline(__always)
    mutating func part(
        _ outline: (SIMD2<Float>) -> Float, _ paint: (SIMD2<Float>, _ depth: Float, inout Coat) -> Void
    ) {
        let pixels = pixelsPerUnit, margin = PracticeSheet.margin
        let along = SIMD2(pose.axis.x, -pose.axis.y)
        for y in -margin..<size.height + margin {
            let start = point(-margin, y), first = index(-margin, y)
            for column in 0..<stride {
                self.outline[first + column] = outline(start + along * Float(column)) * pixels
            }
        }
        layGround()
        for y in -margin..<size.height + margin {
            let start = point(-margin, y), first = index(-margin, y)
            for column in 0..<stride {
                let distance = self.outline[first + column]
                guard distance < 0.5 else { continue }
                var coat = Coat(look.ground)
                paint(start + along * Float(column), -distance / pixels, &coat)
                let cover = min(1, 0.5 - distance), old = colour[first + column]
                colour[first + column] = old + (coat.colour - old) * cover
                height[first + column] += (coat.height - height[first + column]) * cover
            }
        }
    }

    /// The belt or table, with the shadow of the outline.
    private mutating func layGround() {
        let grain = Noise(seed: look.seed), margin = PracticeSheet.margin
        let dx = Int((look.shadow.x * pose.scale).rounded()), dy = Int((look.shadow.y * pose.scale).rounded())
        let origin = Float(pose.sensorSeed & 1023)
        let soft = 5 * pose.scale
        for y in -margin..<size.height + margin {
            let shadowY = min(max(y - dy, -margin), size.height + margin - 1)
            for x in -margin..<size.width + margin {
                let place = SIMD2(Float(x), Float(y)) / pose.scale
                let rough = grain.fractal(place.x / 2.2 + origin, place.y / 2.2, octaves: 2)
                let wide = grain.value(place.x / 40, place.y / 40 + origin)
                var tone = 1 + look.groundGrain * (rough + 0.4 * wide)
                if look.groundStripes > 0 {
                    tone += look.groundStripes * grain.value(place.x / 3, place.y / 200 + origin)
                }
                let shadowX = min(max(x - dx, -margin), size.width + margin - 1)
                let here = index(x, y)
                tone *= 1 - look.shade * step(soft, -soft * 0.4, outline[index(shadowX, shadowY)])
                tone *= 1 - 0.5 * look.shade * step(soft, 0, outline[here])
                colour[here] = look.ground.toned(max(tone, 0))
                height[here] = look.groundGrain * rough * 0.5
            }
        }
    }

    /// Paints the inside of a shape, its edge blended. `distance` is in units, negative inside; nothing of it
    /// lies further than `half` from `centre`.
    @inline(__always)
    mutating func fill(
        _ centre: SIMD2<Float>, _ half: SIMD2<Float>, _ distance: (SIMD2<Float>) -> Float,
        _ paint: (SIMD2<Float>, _ depth: Float, inout Coat) -> Void
    ) {
        let pixels = pixelsPerUnit, margin = PracticeSheet.margin
        let middle = pixel(centre)
        let c = abs(pose.axis.x) * pixels * pixels, s = abs(pose.axis.y) * pixels * pixels
        let reach = SIMD2(c * half.x + s * half.y, s * half.x + c * half.y) + 1.5
        let left = max(-margin, Int(max(middle.x - reach.x, -9999)))
        let right = min(size.width + margin, Int(min(middle.x + reach.x, 99_999)) + 1)
        let top = max(-margin, Int(max(middle.y - reach.y, -9999)))
        let bottom = min(size.height + margin, Int(min(middle.y + reach.y, 99_999)) + 1)
        guard left < right, top < bottom else { return }
        for y in top..<bottom {
            for x in left..<right {
                let place = point(x, y), away = distance(place) * pixels
                guard away < 0.5 else { continue }
                let here = index(x, y)
                var coat = Coat(colour[here], height: height[here])
                paint(place, -away / pixels, &coat)
                let cover = min(1, 0.5 - away)
                colour[here] += (coat.colour - colour[here]) * cover
                height[here] += (coat.height - height[here]) * cover
            }
        }
    }
}
