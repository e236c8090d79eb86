internal import Imaging

/// One frame of a line, or one segment of a web: where the drawing lies in it and how it is lit.
struct Frame {
    let index: Int
    let size: Size
    let isWeb: Bool
    let pose: Pose
    /// From a pixel to its right neighbour, in 1/65536 of a texel of the drawing.
    let step: SIMD2<Int>
    /// From a point of the conveyor to the one that must be free for light to come in, in 1/65536 of a texel.
    let shadow: SIMD2<Int>
    private let middle: SIMD2<Double>
    private let drawingMiddle: SIMD2<Double>
    private let seed: UInt32

    init(_ index: Int, of settings: LineSettings, in scene: borrowing Scene) {
        self.index = index
        size = settings.size
        isWeb = settings.form == .web
        seed = settings.lineSeed
        pose =
            isWeb
            ? Pose(webOf: settings, light: scene.light)
            : Pose(part: index, of: settings, light: scene.light, isSheet: scene.isSheet)
        step = SIMD2(
            Int((Double(pose.turn.x) * 65_536).rounded()), Int((Double(-pose.turn.y) * 65_536).rounded()))
        let reach = Int(9 * 65_536 * min(Float(size.width) / 640, Float(size.height) / 480))
        shadow = SIMD2(repeating: -reach)
        middle = SIMD2(
            Double(size.width) / 2 + Double(pose.shift.x), Double(size.height) / 2 + Double(pose.shift.y))
        drawingMiddle = SIMD2(Double(scene.drawing.width) / 2, Double(scene.drawing.height) / 2)
    }

    /// The line of the web, or the row of the frame, for drifts along it.
    func line(_ y: Int) -> Int { isWeb ? index * size.height + y : y }

    /// What lies under the pixel (`x`, `y`): a point of the drawing in 1/65536 of a texel.
    func point(_ x: Int, _ y: Int) -> SIMD2<Int> {
        if isWeb {
            // The web wanders to the side by up to three pixels.
            let wander = Noise(seed: seed &+ 5).drift(line(y), period: 700) * 3
            return SIMD2((x << 16) + Int((wander * 65_536).rounded()), line(y) << 16)
        }
        let away = SIMD2(Double(x), Double(y)) - middle
        let c = Double(pose.turn.x), s = Double(pose.turn.y)
        let u = c * away.x + s * away.y + drawingMiddle.x
        let v = c * away.y - s * away.x + drawingMiddle.y
        return SIMD2(Int((u * 65_536).rounded()), Int((v * 65_536).rounded()))
    }

    /// The pixel that shows the point (`u`, `v`) of the drawing, in texels. Not of a web.
    func pixel(_ point: SIMD2<Float>) -> SIMD2<Float> {
        let away = point - SIMD2(Float(drawingMiddle.x), Float(drawingMiddle.y))
        let c = pose.turn.x, s = pose.turn.y
        return SIMD2(c * away.x - s * away.y, s * away.x + c * away.y)
            + SIMD2(Float(middle.x), Float(middle.y))
    }

    /// How much brighter or darker the lamp is at row `y` than at others of the web. 1 in single frames.
    func gain(_ y: Int) -> Float {
        guard isWeb else { return 1 }
        let flicker = Float(scrambled(UInt32(truncatingIfNeeded: line(y)), 3, seed) >> 8) / 8_388_608 - 1
        return 1 + 0.05 * Noise(seed: seed &+ 6).drift(line(y), period: 4_000) + 0.006 * flicker
    }
}
