/// How a kind of material takes colour and grain.
struct Material: BitwiseCopyable, Sendable {
    /// The colour at luminance 1, red green blue; `luminance(of:)` it is 1.
    let tint: SIMD4<Float>
    /// How much of the fine and the coarse grain of the scene it shows; lanes as in `Texel`.
    let fine: Texel
    let coarse: Texel

    /// A material of the colour `red`, `green`, `blue`, of any brightness.
    init(_ red: Float, _ green: Float, _ blue: Float, fine: Texel, coarse: Texel) {
        let colour = SIMD4(red, green, blue, 0)
        tint = colour / Material.luminance(of: colour)
        self.fine = fine
        self.coarse = coarse
    }

    /// How bright a colour is to a grey camera (ITU-R BT.601).
    @inline(__always)
    static func luminance(of colour: SIMD4<Float>) -> Float {
        0.299 * colour.x + 0.587 * colour.y + 0.114 * colour.z
    }
}

/// The materials that every scene has, and where its own begin.
enum MaterialIndex {
    static let belt: UInt8 = 0
    static let ink: UInt8 = 1
    static let stain: UInt8 = 2
    static let foreign: UInt8 = 3
    static let body: UInt8 = 4
    static let second: UInt8 = 5
    static let third: UInt8 = 6
    static let fourth: UInt8 = 7
    static let fifth: UInt8 = 8
    static let count = 16
}

/// How light falls on a scene. Slopes are rises per pixel; positions are -0.5...0.5 of the longer side.
struct Light: Sendable {
    /// Brightness that a slope of 1 facing the lamp adds; the lamp stands at the top left for positive
    /// values.
    var slant = SIMD2<Float>(0.7, 0.7)
    /// Light from everywhere, and light from the lamp.
    var ambient: Float = 0.45
    var diffuse: Float = 0.55
    /// How bright a mirror of gloss 1 is.
    var specular: Float = 0.5
    /// The width of the highlight as slopes, along x and y (GGX; Walter et al., 2007, in slope space).
    var roughness = SIMD2<Float>(0.3, 0.3)
    /// The slope that mirrors the lamp at the middle of the frame, and how it changes across the frame.
    var glance = SIMD2<Float>(0, 0)
    var spread = SIMD2<Float>(0.6, 0.6)
    /// Brightness of the frame as a whole, how it changes across the frame, and how it falls off to the
    /// corners.
    var gain: Float = 1
    var gradient = SIMD2<Float>(0, 0)
    var vignette: Float = 0.25
}
