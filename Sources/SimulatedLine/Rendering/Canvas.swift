/// The surface under the camera, pixel by pixel, before any light falls on it.
///
/// It covers some rows of a frame and a margin of `margin` pixels around them, which shading and blur look
/// at.
struct Canvas: ~Copyable, Sendable {
    static let margin = 2

    /// Height in pixels, albedo and gloss 0...1.
    var height: Plane<Float>
    var albedo: Plane<Float>
    var gloss: Plane<Float>
    /// An index into `Scene.materials`.
    var material: Plane<UInt8>
    /// The material that a defect gives a pixel, until it is known whether the defect changes that pixel.
    var pending: Plane<UInt8>
    static let nothingPending: UInt8 = 255
    /// Room for one distance per pixel, for defects.
    var reach: Plane<Float>
    /// Columns of the frame.
    let width: Int
    /// From a pixel to the one below. Lanes that begin in a row end in it.
    let stride: Int
    /// The rows of the frame that are painted, without the margin.
    private(set) var rows = 0..<0

    /// A canvas for up to `rowCount` rows.
    init(width: Int, rowCount: Int) {
        self.width = width
        stride = width + 2 * Canvas.margin + 8
        let count = stride * (rowCount + 2 * Canvas.margin)
        height = Plane(count: count, repeating: 0)
        albedo = Plane(count: count, repeating: 0)
        gloss = Plane(count: count, repeating: 0)
        material = Plane(count: count, repeating: 0)
        pending = Plane(count: count, repeating: Canvas.nothingPending)
        reach = Plane(count: count, repeating: 0)
    }

    /// Where the pixel (`x`, `y`) of the frame lies in the planes.
    @inline(__always)
    func index(_ x: Int, _ y: Int) -> Int {
        (y - rows.lowerBound + Canvas.margin) * stride + x + Canvas.margin
    }

    /// Paints `rows` of `frame` without any defect.
    mutating func paint(_ scene: borrowing Scene, _ frame: Frame, rows: Range<Int>) {
        self.rows = rows
        for y in rows.lowerBound - Canvas.margin..<rows.upperBound + Canvas.margin {
            if scene.isSheet {
                paintSheetRow(y, scene, frame)
            } else {
                paintPartRow(y, scene, frame)
            }
        }
    }

    private mutating func paintSheetRow(_ y: Int, _ scene: borrowing Scene, _ frame: Frame) {
        let start = frame.point(-Canvas.margin, y), step = frame.step
        var place = SwatchWalk(over: scene.drawing.swatch, from: start, by: step)
        var grain = Grain(scene, frame.pose, from: start, by: step)
        let first = index(-Canvas.margin, y)
        for index in first..<first + width + 2 * Canvas.margin {
            let kind = scene.drawing.material(place.u, place.v)
            let texel = grain.laid(over: scene.drawing.swatch.texel(place.u, place.v), of: kind, in: scene)
            height[index] = texel.x
            albedo[index] = texel.y
            gloss[index] = texel.z
            material[index] = kind
            place.advance()
            grain.advance()
        }
    }

    private mutating func paintPartRow(_ y: Int, _ scene: borrowing Scene, _ frame: Frame) {
        let start = frame.point(-Canvas.margin, y), step = frame.step
        let endU = (scene.drawing.width - 1) << 16, endV = (scene.drawing.height - 1) << 16
        var place = start
        var grain = Grain(scene, frame.pose, from: start, by: step)
        let beltY = (y + frame.pose.beltOrigin.y).wrapped(to: scene.belt.height)
        var beltX = (frame.pose.beltOrigin.x - Canvas.margin).wrapped(to: scene.belt.width)
        let shadow = frame.shadow
        let first = index(-Canvas.margin, y)
        for index in first..<first + width + 2 * Canvas.margin {
            var texel = scene.belt[beltX, beltY]
            var kind = MaterialIndex.belt
            if UInt(bitPattern: place.x) < UInt(bitPattern: endU),
                UInt(bitPattern: place.y) < UInt(bitPattern: endV)
            {
                let part = scene.drawing.swatch.texel(place.x, place.y)
                if part.w > -0.5 {
                    let nearer = place &+ shadow
                    let isOver =
                        UInt(bitPattern: nearer.x) < UInt(bitPattern: endU)
                        && UInt(bitPattern: nearer.y) < UInt(bitPattern: endV)
                    let over = isOver ? scene.drawing.swatch.texel(nearer.x, nearer.y).w : 100
                    let shade =
                        (1 - 0.62 * SimulatedLine.step(9, -5, over))
                        * (1 - 0.4 * SimulatedLine.step(9, 0, part.w))
                    texel.y *= shade
                    texel.z *= shade
                }
                if part.w < 0.5 {
                    let under = scene.drawing.material(place.x, place.y)
                    let face = grain.laid(over: part, of: under, in: scene)
                    let cover = min(1, 0.5 - part.w)
                    texel += (face - texel) * cover
                    if cover > 0.5 { kind = under }
                }
            }
            height[index] = texel.x
            albedo[index] = texel.y
            gloss[index] = texel.z
            material[index] = kind
            place = place &+ step
            grain.advance()
            beltX += 1
            if beltX == scene.belt.width { beltX = 0 }
        }
    }
}

/// The walk over both grains of a scene along one row.
private struct Grain {
    private var fine: SwatchWalk
    private var coarse: SwatchWalk

    init(_ scene: borrowing Scene, _ pose: Pose, from start: SIMD2<Int>, by step: SIMD2<Int>) {
        fine = SwatchWalk(over: scene.fine, from: start &+ pose.fineOrigin &<< 16, by: step)
        let far = start &+ pose.coarseOrigin &<< 16
        coarse = SwatchWalk(
            over: scene.coarse,
            from: SIMD2(far.x.floored(by: Scene.coarseness), far.y.floored(by: Scene.coarseness)),
            by: SIMD2(step.x.floored(by: Scene.coarseness), step.y.floored(by: Scene.coarseness)))
    }

    /// `texel` of a part, with the grain that its material takes.
    @inline(__always)
    func laid(over texel: Texel, of kind: UInt8, in scene: borrowing Scene) -> Texel {
        let material = scene.materials[Int(kind)]
        let grain =
            scene.fine.texel(fine.u, fine.v) * material.fine
            + scene.coarse.texel(coarse.u, coarse.v) * material.coarse
        return Texel(
            texel.x + grain.x, max(0.01, texel.y * (1 + grain.y)), max(0, texel.z * (1 + grain.z)), texel.w)
    }

    @inline(__always)
    mutating func advance() {
        fine.advance()
        coarse.advance()
    }
}
