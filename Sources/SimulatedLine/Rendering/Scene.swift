internal import Imaging

/// Everything about a line that does not change from frame to frame.
struct Scene: ~Copyable, Sendable {
    /// The part, or a piece of the web that repeats.
    var drawing: Drawing
    /// Grain laid over the drawing, each as strong as the material wants it. About -1...1.
    var fine: Swatch
    /// Seen six times larger than it is.
    var coarse: Swatch
    /// The conveyor.
    var belt: Swatch
    /// By material index.
    var materials: Plane<Material>
    var light = Light()
    /// Whether the drawing fills the frame and repeats; otherwise it lies on the conveyor.
    let isSheet: Bool
    /// Where parts were placed on a board, as left, top, right, bottom of the drawing.
    var placements: [SIMD4<Float>] = []
    /// Whether ink on it is white rather than black.
    var inkIsLight = true
    /// Texts that are printed or engraved on the part, and how high their letters are in pixels.
    var letterSize: Float = 20

    static let coarseness = 6

    /// The scene of `settings`.
    static func drawn(for settings: LineSettings) -> Scene {
        let plan = ScenePlan(settings)
        return switch settings.surface {
        case .brushed: brushed(plan)
        case .cast: cast(plan)
        case .woven: woven(plan)
        case .board: board(plan)
        case .tile: tile(plan)
        case .moulding: moulding(plan)
        }
    }

    /// A scene of `drawing` and grain, with its materials still to be set.
    init(drawing: consuming Drawing, fine: consuming Swatch, plan: ScenePlan, isSheet: Bool) {
        drawing.swatch.close()
        self.drawing = drawing
        self.fine = fine
        self.isSheet = isSheet
        let mottle = Noise(seed: plan.seed &+ 11), wear = Noise(seed: plan.seed &+ 12)
        coarse = Swatch(width: 128, height: 121) { x, y in
            let x = Float(x) / 128, y = Float(y) / 121
            return Texel(
                mottle.fractal(x * 8, y * 7, octaves: 4, columns: 8, rows: 7),
                wear.fractal(x * 6, y * 5, octaves: 5, columns: 6, rows: 5),
                mottle.fractal(x * 7 + 0.5, y * 9, octaves: 3, columns: 7, rows: 9), 0)
        }
        belt = Scene.conveyor(plan)
        let none = Texel()
        materials = Plane(
            count: MaterialIndex.count, repeating: Material(1, 1, 1, fine: none, coarse: none))
        materials[Int(MaterialIndex.belt)] = Material(0.96, 1, 1.03, fine: none, coarse: none)
        materials[Int(MaterialIndex.ink)] = Material(0.98, 1, 1.01, fine: none, coarse: none)
        materials[Int(MaterialIndex.stain)] = Material(1.2, 1, 0.72, fine: none, coarse: none)
        materials[Int(MaterialIndex.foreign)] = Material(1.12, 1, 0.82, fine: none, coarse: none)
    }

    /// A rubber conveyor with a pressed pattern, dark and dusty.
    private static func conveyor(_ plan: ScenePlan) -> Swatch {
        let dust = Noise(seed: plan.seed &+ 21), rubber = Noise(seed: plan.seed &+ 22)
        return Swatch(width: 480, height: 480) { x, y in
            // A pressed pattern of small diamonds, 10 x 10 pixels.
            let a = (x + y).wrapped(to: 10), b = (x - y).wrapped(to: 10)
            let groove = min(min(a, 10 - a), min(b, 10 - b))
            let ridge = step(0, 3, Float(groove))
            let u = Float(x) / 480, v = Float(y) / 480
            let grain = rubber.value(u * 240, v * 240, columns: 240, rows: 240)
            let smear = dust.fractal(u * 9, v * 6, octaves: 5, columns: 9, rows: 6)
            let speck = max(0, dust.value(u * 160, v * 160, columns: 160, rows: 160) - 0.82) * 1.6
            return Texel(
                0.7 * ridge + 0.12 * grain, 0.155 + 0.025 * grain + 0.05 * smear + speck * 0.5,
                0.10 + 0.05 * ridge, 1000)
        }
    }
}

/// What a scene is built from.
struct ScenePlan {
    let settings: LineSettings
    /// For noise; add a small number for each use.
    let seed: UInt32
    /// How large things are against a frame of 640 x 480.
    let scale: Float
    var isWeb: Bool { settings.form == .web }
    var random: Random

    init(_ settings: LineSettings) {
        self.settings = settings
        random = Random(seed: settings.lineSeed, purpose: .material)
        seed = random.seed()
        let byWidth = Float(settings.size.width) / 640, byHeight = Float(settings.size.height) / 480
        // A web twice as fine is a web twice as wide from there on: its drawing must not grow without bound.
        scale = settings.form == .web ? min(byWidth, 2) : min(byWidth, byHeight)
    }

    /// Lengths given for a frame of 640 x 480, in pixels.
    func pixels(_ length: Float) -> Int { max(8, Int((length * scale).rounded())) }
}
