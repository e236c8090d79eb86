import Imaging

// What blends a texture into part of the picture.

extension Workbench {
    /// DRAEM (Zavrtanik, Kristan and Skočaj 2021, section 3.2): three augmentations, share of the good picture
    /// U(0, 0.8).
    mutating func perlin() -> [UInt8]? {
        guard let mask = perlinMask() else { return nil }
        let texture = texture(foreign, mayTurn: true)
        return blended(texture, inside: mask, share: random.uniform(0, 0.8))
    }

    /// Local anomaly synthesis of GLASS (Chen et al. 2024): union or intersection of two masks, or the first;
    /// share N(0.5, 0.1) in 0.2...0.8.
    mutating func las() -> [UInt8]? {
        for _ in 0..<8 {
            let joining = random.whole(0...2)
            guard var mask = perlinMask() else { continue }
            if joining > 0 {
                guard let second = perlinMask() else { continue }
                for index in mask.indices {
                    mask[index] = joining == 1 ? mask[index] || second[index] : mask[index] && second[index]
                }
            }
            guard isSeenByTokens(mask) else { continue }
            let texture = texture(foreign, mayTurn: false)
            let share = min(max(random.normal(mean: 0.5, deviation: 0.1), 0.2), 0.8)
            return blended(texture, inside: mask, share: share)
        }
        return nil
    }

    /// `perlin` where no texture set may be used (our design).
    mutating func selftex() -> [UInt8]? {
        guard let mask = perlinMask() else { return nil }
        let kind = random.whole((sources.otherProducts.isEmpty ? 1 : 0)...2)
        let source: Picture =
            switch kind {
            case 0: fitted(random.choice(sources.otherProducts))
            case 1: fractal()
            default: rescaled()
            }
        return blended(texture(source, mayTurn: true), inside: mask, share: random.uniform(0, 0.8))
    }

    /// A Gaussian blur of 1 to 3 pixels inside a Perlin mask (our design).
    mutating func blur() -> [UInt8]? {
        guard let mask = perlinMask() else { return nil }
        let blurred = picture.smoothed(sigma: random.uniform(1, 3) * scale)
        return blended(blurred, inside: mask, share: 0)
    }

    /// Where Perlin noise is above 0.5, on the object; nil if that is too little or too much.
    private mutating func perlinMask() -> [Bool]? {
        var mask = PerlinNoise(&random).mask(size: size, above: 0.5)
        if let foreground {
            for index in mask.indices where !foreground.pixels[index] { mask[index] = false }
        }
        let count = mask.reduce(0) { $0 + ($1 ? 1 : 0) }
        let largest = Int(Synthesizer.Guard.largestShare * Float(size.pixelCount))
        return Synthesizer.Guard.smallestCount...max(largest, Synthesizer.Guard.smallestCount) ~= count
            ? mask : nil
    }

    /// Whether the middle of a cell of a grid of 16x16 tokens is in `mask`.
    private func isSeenByTokens(_ mask: [Bool]) -> Bool {
        (0..<16).contains { row in
            (0..<16).contains { column in
                mask[(2 * row + 1) * size.height / 32 * size.width + (2 * column + 1) * size.width / 32]
            }
        }
    }

    /// A picture of the texture set, or this one.
    private var foreign: Picture {
        mutating get { sources.textures.isEmpty ? picture : fitted(random.choice(sources.textures)) }
    }

    private func fitted(_ source: Picture) -> Picture {
        source.resized(to: size).converted(toChannels: picture.channelCount)
    }

    /// `source` turned with a probability of 0.3, and after three augmentations.
    private mutating func texture(_ source: Picture, mayTurn: Bool) -> Picture {
        let turned = random.chance(0.3) ? source.turned(random.uniform(-0.25, 0.25)) : source
        return TextureAugmentation.applied(to: turned, count: 3, mayTurn: mayTurn, &random)
    }

    /// The picture with `share` of itself and the rest of `texture` inside `mask`.
    private func blended(_ texture: Picture, inside mask: [Bool], share: Float) -> [UInt8] {
        var result = picture.levels
        let channels = picture.channelCount
        for pixel in mask.indices where mask[pixel] {
            for index in pixel * channels..<(pixel + 1) * channels {
                let old = Float(result[index]), new = Float(texture.levels[index])
                result[index] = Picture.level(new + (old - new) * share)
            }
        }
        return result
    }

    /// Colour noise of four octaves about a random colour.
    private mutating func fractal() -> Picture {
        let cells = random.whole(2...8)
        let layers = (0..<4).map { octave in
            ValueNoise(columns: cells << octave, rows: cells << octave, &random)
        }
        let middle = SIMD4(
            random.uniform(60, 195), random.uniform(60, 195), random.uniform(60, 195), 0)
        let reach = random.uniform(30, 110)
        var levels = [UInt8](repeating: 0, count: picture.levels.count)
        let across = Float(cells) / Float(size.width), down = Float(cells) / Float(size.height)
        for y in 0..<size.height {
            for x in 0..<size.width {
                var value = middle, weight = reach, u = Float(x) * across, v = Float(y) * down
                for layer in layers {
                    value += layer.value(u, v) * weight
                    weight *= 0.6
                    u *= 2
                    v *= 2
                }
                levels.setPixel(y * size.width + x, picture.channelCount, value)
            }
        }
        return Picture(size: size, channelCount: picture.channelCount, levels: levels)
    }

    /// The picture itself, larger or smaller by a factor of 1.7 to 3, from a random place.
    private mutating func rescaled() -> Picture {
        let factor = random.uniform(1.7, 3), step = random.chance(0.5) ? factor : 1 / factor
        let origin = SIMD2(
            random.uniform(0, Float(size.width)), random.uniform(0, Float(size.height)))
        return picture.warped(to: size, across: SIMD2(step, 0), down: SIMD2(0, step), origin: origin)
    }
}

extension Picture {
    /// After a Gaussian of `sigma` pixels, cut at three of them; mirrored beyond the borders.
    func smoothed(sigma: Float) -> Picture {
        let reach = max(1, Int((3 * sigma).rounded(.up)))
        let bell = (0...reach).map { Elementary.exponential(-Double($0 * $0) / Double(2 * sigma * sigma)) }
        let sum = 2 * bell.reduce(0, +) - bell[0]
        let kernel = bell.map { Float($0 / sum) }
        let wide = size.width * channelCount
        let columns = (-reach..<size.width + reach).map { Picture.mirrored($0, size.width) * channelCount }
        var across = [Float](repeating: 0, count: levels.count)
        for y in 0..<size.height {
            for x in 0..<size.width {
                for channel in 0..<channelCount {
                    let row = y * wide + channel
                    var value = Float(levels[row + x * channelCount]) * kernel[0]
                    for tap in 1...reach {
                        let both =
                            Int(levels[row + columns[x + reach - tap]])
                            + Int(levels[row + columns[x + reach + tap]])
                        value += Float(both) * kernel[tap]
                    }
                    across[row + x * channelCount] = value
                }
            }
        }
        var result = levels
        var line = [Float](repeating: 0, count: wide)
        for y in 0..<size.height {
            for index in 0..<wide { line[index] = across[y * wide + index] * kernel[0] }
            for tap in 1...reach {
                let above = Picture.mirrored(y - tap, size.height) * wide
                let below = Picture.mirrored(y + tap, size.height) * wide
                for index in 0..<wide {
                    line[index] += (across[above + index] + across[below + index]) * kernel[tap]
                }
            }
            for index in 0..<wide { result[y * wide + index] = Picture.level(line[index]) }
        }
        return Picture(size: size, channelCount: channelCount, levels: result)
    }
}
