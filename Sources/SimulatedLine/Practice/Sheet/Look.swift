/// How the camera of one product stands and sees: fixed for the product.
struct Look: Sendable {
    /// Light as it falls on every part; a kind sets the gloss that suits it.
    var slant: SIMD2<Float>
    var ambient: Float
    var diffuse: Float
    var specular: Float = 0.35
    var roughness = SIMD2<Float>(0.3, 0.3)
    var glance: SIMD2<Float>
    var spread: SIMD2<Float>
    var lamp: SIMD4<Float>
    var vignette: Float
    var gradient: SIMD2<Float>
    /// Bends the brightness: above 0 lifts the middle.
    var tone: Float
    var noise: Float
    var blur: Float
    /// How large the part is shown, and how it may turn, in full turns to each side.
    var zoom: Float
    var turn: Float
    var looseness: Float
    var wander: Float
    /// What an object lies on, and where its shadow falls, in units.
    var ground: SIMD4<Float>
    var groundGrain: Float
    var groundStripes: Float
    var shadow: SIMD2<Float>
    var shade: Float
    /// What a hole or a tear shows.
    var under: SIMD4<Float>
    let seed: UInt32

    init(_ random: inout Random) {
        let way = circle(random.unit()), steep = random.uniform(0.25, 1.0)
        slant = way * steep
        ambient = random.uniform(0.35, 0.6)
        diffuse = 1.02 - ambient
        glance = way * random.uniform(0, 0.25)
        let wide = random.uniform(0.1, 0.6)
        spread = SIMD2(wide, wide)
        let warm = random.uniform(-0.06, 0.06)
        lamp = SIMD4(1 + warm, 1, 1 - warm, 1) * random.uniform(0.82, 1.12)
        vignette = random.uniform(0, 0.35)
        gradient = SIMD2(random.uniform(-0.18, 0.18), random.uniform(-0.18, 0.18))
        tone = random.uniform(-0.25, 0.45)
        noise = random.logarithmic(0.4, 1.8)
        blur = random.uniform(0.02, 0.14)
        zoom = random.logarithmic(0.82, 1.22)
        turn = random.pick([0, 0, 0.125, 0.25, 0.375, 0.5, 0.75])
        looseness = random.pick([0.004, 0.012, 0.03, 0.5])
        wander = random.logarithmic(1.5, 12)
        let plain = random.pick([0.06, 0.12, 0.2, 0.35, 0.55, 0.8, 0.9] as [Float])
        let tinted = random.colour(saturation: random.uniform(0.3, 0.7), value: random.uniform(0.2, 0.8))
        ground = random.chance(0.3) ? tinted : random.near(grey(plain), tone: 0.15, hue: 0.05)
        groundGrain = random.chance(0.4) ? 0.02 : random.uniform(0.04, 0.22)
        groundStripes = random.chance(0.2) ? random.uniform(0.05, 0.15) : 0
        shadow = way * -random.uniform(2, 9)
        shade = random.chance(0.2) ? 0.1 : random.uniform(0.25, 0.6)
        under = random.chance(0.75) ? grey(0.04, gloss: 0.05) : random.near(grey(0.8))
        seed = random.seed()
    }
}

/// How one sample of a product comes under its camera.
struct SamplePose: Sendable {
    /// Cosine and sine of the turn, over the zoom: from pixels to units of the product.
    let axis: SIMD2<Float>
    let shift: SIMD2<Float>
    let gain: Float
    let tint: SIMD4<Float>
    let gradient: SIMD2<Float>
    let glance: SIMD2<Float>
    let blur: SIMD2<Float>
    let passes: Int
    let sensorSeed: UInt32
    let scale: Float

    init(_ look: Look, isTexture: Bool, scale: Float, _ random: inout Random) {
        self.scale = scale
        let loose = isTexture ? min(look.looseness, 0.03) : look.looseness
        let turn = circle(look.turn + random.uniform(-loose, loose))
        let zoom = look.zoom * random.uniform(0.985, 1.015)
        axis = turn / (scale * zoom)
        let reach = isTexture ? 1500 : look.wander
        shift = SIMD2(random.uniform(-reach, reach), random.uniform(-reach, reach))
        gain = random.uniform(0.92, 1.08)
        tint = SIMD4(random.uniform(0.98, 1.02), 1, random.uniform(0.98, 1.02), 1)
        gradient = SIMD2(random.uniform(-0.06, 0.06), random.uniform(-0.06, 0.06))
        glance = SIMD2(random.uniform(-0.04, 0.04), random.uniform(-0.04, 0.04))
        let defocus = look.blur + 0.1 * random.unit() * random.unit()
        let shake = random.chance(0.12) ? random.uniform(0.04, 0.12) : 0
        let isAcross = random.chance(0.5)
        blur = SIMD2(min(0.25, defocus + (isAcross ? shake : 0)), min(0.25, defocus + (isAcross ? 0 : shake)))
        passes = random.chance(0.1) ? 2 : 1
        sensorSeed = random.seed()
    }
}
