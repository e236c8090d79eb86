internal import Imaging

/// How one frame lies under the camera and how the camera sees it: drawn from the seed and the frame's
/// number.
struct Pose {
    /// From the middle of the frame to the middle of the part, in pixels.
    var shift = SIMD2<Float>()
    /// Cosine and sine of the turn.
    var turn = SIMD2<Float>(1, 0)
    /// Where the grains and the conveyor begin, in texels.
    var fineOrigin = SIMD2<Int>()
    var coarseOrigin = SIMD2<Int>()
    var beltOrigin = SIMD2<Int>()
    var light: Light
    /// The share of each neighbour, 0...0.25, in a blur along x and along y: defocus and vibration.
    var blur = SIMD2<Float>(0.08, 0.08)
    /// For the noise of the sensor.
    var sensorSeed: UInt32

    /// Frame `index` of a line of parts.
    init(part index: Int, of settings: LineSettings, light base: Light, isSheet: Bool) {
        var random = Random(seed: settings.lineSeed, purpose: .pose, index: index)
        let scale = min(Float(settings.size.width) / 640, Float(settings.size.height) / 480)
        shift = SIMD2(random.uniform(-9, 9), random.uniform(-7, 7)) * scale
        turn = circle(random.uniform(-0.006, 0.006))
        fineOrigin = SIMD2(random.index(below: 4096), random.index(below: 4096))
        coarseOrigin = SIMD2(random.index(below: 4096), random.index(below: 4096))
        beltOrigin = SIMD2(Int(shift.x), random.index(below: 4096))
        if isSheet { shift = SIMD2(random.uniform(-400, 400), random.uniform(-400, 400)) * scale }

        // The lamp ages and warms slowly, flickers a little, and swings with the machine.
        let drift = Noise(seed: settings.lineSeed &* 31 &+ 7)
        light = base
        light.gain *= 1 + 0.06 * drift.drift(index, period: 180) + 0.012 * random.uniform(-1, 1)
        light.gradient = SIMD2(
            -0.10 + 0.10 * drift.drift(index &+ 7_000, period: 240),
            -0.06 + 0.08 * drift.drift(index &+ 9_000, period: 150))
        light.glance += SIMD2(
            0.05 * drift.drift(index &+ 11_000, period: 90), 0.05 * drift.drift(index &+ 13_000, period: 120))

        // Mostly sharp; sometimes out of focus, sometimes shaken along one direction.
        let defocus = 0.05 + 0.11 * random.unit() * random.unit() * 2
        let shake = random.chance(0.12) ? random.uniform(0.04, 0.12) : 0
        let isAcross = random.chance(0.5)
        blur = SIMD2(min(0.25, defocus + (isAcross ? shake : 0)), min(0.25, defocus + (isAcross ? 0 : shake)))
        sensorSeed = random.seed()
    }

    /// The whole of a web: what changes along it is in `Web`.
    init(webOf settings: LineSettings, light base: Light) {
        var random = Random(seed: settings.lineSeed, purpose: .web)
        light = base
        // A line lamp shines alike on every line: brightness changes across the web only.
        light.spread.y = 0
        light.gradient = SIMD2(random.uniform(-0.06, 0.06), 0)
        blur = SIMD2(random.uniform(0.05, 0.09), random.uniform(0.05, 0.09))
        sensorSeed = random.seed()
    }
}
