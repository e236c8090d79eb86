import Imaging

/// Other pictures that recipes may take from. Any may be empty: then the picture itself serves.
public struct SynthesisSources: Sendable {
    /// A texture set, for `perlin` and `las`.
    public var textures: [Picture] = []
    /// Pictures of other products, for `selftex`.
    public var otherProducts: [Picture] = []
    /// Good pictures of the same product, for `poisson`.
    public var normals: [Picture] = []

    public init() {}
}

/// A picture with an anomaly, and where it is.
public struct SyntheticAnomaly: Sendable {
    public let recipe: SynthesisRecipe
    /// Of the size and channels of the picture that it was made from.
    public let picture: Picture
    /// The pixels that changed in any channel. For `poisson`, which changes its surroundings by less than one can
    /// see: those that changed by more than one level, after a median of 5x5.
    public let mask: PixelMask
    /// Draws that it took, 1...11.
    public let drawCount: Int

    /// The same with three equal channels.
    fileprivate var inColour: SyntheticAnomaly {
        SyntheticAnomaly(
            recipe: recipe, picture: picture.converted(toChannels: 3), mask: mask, drawCount: drawCount)
    }
}

/// Makes anomalies in good pictures (METHODS.md 6).
///
/// The same picture, sources, seed and index give the same bytes on every machine: see `CounterRandom`.
public struct Synthesizer: Sendable {
    public var mix: SynthesisMix
    public var sources: SynthesisSources

    /// What an anomaly must keep to be shown to a network.
    public enum Guard {
        /// Redraws of a recipe before it is given up.
        public static let redraws = 10
        /// Grey levels by which the pixels of the mask differ from the good picture in the mean of pixels and
        /// channels: more than this.
        public static let meanChange: Float = 6
        /// The largest share of the picture that is anomalous.
        public static let largestShare: Float = 0.4
        /// Pixels of the mask, in the end.
        public static let smallestCount = 10
    }

    public init(mix: SynthesisMix = .standard, sources: SynthesisSources = SynthesisSources()) {
        (self.mix, self.sources) = (mix, sources)
    }

    /// An anomaly of a recipe drawn from the mix. A recipe that does nothing to this picture (a blur of a flat
    /// one) gives way to the next that is drawn.
    ///
    /// `foreground` is where anomalies begin, of the picture's size; nil for anywhere. Returns nil if no recipe of
    /// the mix keeps the guards. Allocates; some milliseconds at 256x256.
    public func anomaly(
        in picture: Picture, foreground: PixelMask?, seed: UInt64, index: UInt64
    ) -> SyntheticAnomaly? {
        var random = CounterRandom(seed: seed, index: index)
        for recipe in mix.order(&random) {
            if let made = anomaly(recipe, in: picture, foreground: foreground, seed: seed, index: index) {
                return made
            }
        }
        return nil
    }

    /// An anomaly of `recipe`, or nil if the first draw and ten more break a guard. One in a picture in colour
    /// that has none is grey like it.
    ///
    /// - Precondition: `foreground` has the picture's size.
    public func anomaly(
        _ recipe: SynthesisRecipe, in picture: Picture, foreground: PixelMask?, seed: UInt64, index: UInt64
    ) -> SyntheticAnomaly? {
        precondition(foreground?.size ?? picture.size == picture.size, "a foreground of another size")
        if picture.isColourless {
            // Colours in a grey picture would give every anomaly away.
            return anomaly(
                recipe, in: picture.converted(toChannels: 1), foreground: foreground, seed: seed, index: index
            )?.inColour
        }
        let random = CounterRandom(seed: seed, index: index)
        let place = UInt64(SynthesisRecipe.allCases.firstIndex(of: recipe) ?? 0)
        for draw in 0...Guard.redraws {
            var bench = Workbench(
                picture: picture, foreground: foreground, sources: sources,
                random: random.stream(1 + place << 8 + UInt64(draw)))
            guard let levels = bench.levels(recipe),
                let mask = Self.mask(recipe, picture, levels)
            else { continue }
            return SyntheticAnomaly(
                recipe: recipe,
                picture: Picture(size: picture.size, channelCount: picture.channelCount, levels: levels),
                mask: mask, drawCount: draw + 1)
        }
        return nil
    }

    /// The mask of what `levels` changed in `picture`, or nil if it breaks a guard.
    private static func mask(_ recipe: SynthesisRecipe, _ picture: Picture, _ levels: [UInt8]) -> PixelMask? {
        let largest = changes(picture, levels)
        let limit: UInt8 = recipe == .poisson ? 1 : 0
        var mask = PixelMask(size: picture.size, pixels: largest.map { $0 > limit })
        if recipe == .poisson { mask = mask.median(side: 5) }
        let count = mask.count
        guard count >= Guard.smallestCount,
            Float(count) <= Guard.largestShare * Float(picture.size.pixelCount)
        else { return nil }

        let channels = picture.channelCount
        var sum = 0
        for pixel in 0..<picture.size.pixelCount where mask.pixels[pixel] {
            for place in pixel * channels..<(pixel + 1) * channels {
                sum += abs(Int(levels[place]) - Int(picture.levels[place]))
            }
        }
        return Float(sum) > Guard.meanChange * Float(count * channels) ? mask : nil
    }

    /// The largest change of any channel of each pixel.
    private static func changes(_ picture: Picture, _ levels: [UInt8]) -> [UInt8] {
        @inline(__always) func distance(_ index: Int) -> UInt8 {
            let old = picture.levels[index], new = levels[index]
            return old > new ? old - new : new - old
        }
        guard picture.channelCount == 3 else { return levels.indices.map(distance) }
        return (0..<picture.size.pixelCount).map { pixel in
            max(distance(3 * pixel), distance(3 * pixel + 1), distance(3 * pixel + 2))
        }
    }
}

/// One draw of one recipe while it is made.
struct Workbench {
    let picture: Picture
    let foreground: PixelMask?
    let sources: SynthesisSources
    var random: CounterRandom

    var size: Size { picture.size }

    /// Lengths of the recipes are for a picture of 256x256 and grow with the root of the area.
    var scale: Float { Float(size.pixelCount).squareRoot() / 256 }

    /// The levels of the picture with an anomaly, or nil if this draw came to nothing.
    mutating func levels(_ recipe: SynthesisRecipe) -> [UInt8]? {
        switch recipe {
        case .perlin: perlin()
        case .las: las()
        case .selftex: selftex()
        case .poisson: poisson()
        case .cutpaste: cutpaste()
        case .scar: scar()
        case .scratch: scratch()
        case .stain: stain()
        case .missing: missing()
        case .blur: blur()
        case .dots: dots()
        }
    }

    /// A point for the middle of an anomaly: anywhere, or on the object. nil if 30 draws missed the object.
    mutating func centre() -> SIMD2<Float>? {
        for _ in 0..<30 {
            let x = random.whole(0...size.width - 1), y = random.whole(0...size.height - 1)
            if foreground?.pixels[y * size.width + x] ?? true { return SIMD2(Float(x), Float(y)) }
        }
        return nil
    }

    /// The part of the picture between two corners, kept inside; nil if nothing is.
    func region(_ low: SIMD2<Float>, _ high: SIMD2<Float>) -> (columns: Range<Int>, rows: Range<Int>)? {
        let left = max(Int(low.x.rounded(.down)), 0), right = min(Int(high.x.rounded(.up)) + 1, size.width)
        let top = max(Int(low.y.rounded(.down)), 0), bottom = min(Int(high.y.rounded(.up)) + 1, size.height)
        return left < right && top < bottom ? (left..<right, top..<bottom) : nil
    }
}
