public import Imaging

/// The changes that make a texture foreign (DRAEM, section 3.2; Zavrtanik, Kristan and Skočaj 2021).
enum TextureAugmentation: CaseIterable {
    case gamma, brightness, sharpness, colour, solarise, posterise, inversion, autocontrast, equalise, turn

    /// `texture` after `count` different ones, `turn` among them only if `mayTurn`.
    static func applied(
        to texture: Picture, count: Int, mayTurn: Bool, _ random: inout CounterRandom
    ) -> Picture {
        var rest = allCases.filter {
            ($0 != .turn || mayTurn) && ($0 != .colour || texture.channelCount == 3)
        }
        var result = texture
        for _ in 0..<count {
            let one = rest.remove(at: random.whole(0...rest.count - 1))
            result = one.applied(to: result, &random)
        }
        return result
    }

    private func applied(to texture: Picture, _ random: inout CounterRandom) -> Picture {
        switch self {
        case .gamma:
            let exponents = (0..<texture.channelCount).map { _ in Double(random.uniform(0.5, 2)) }
            return texture.mapped { channel in
                Self.table { 255 * Float(Elementary.power(Double($0) / 255, exponents[channel])) }
            }
        case .brightness:
            let factor = random.uniform(0.8, 1.2), offset = random.uniform(-30, 30)
            return texture.mapped(same: Self.table { $0 * factor + offset })
        case .sharpness:
            return texture.sharpened(random.uniform(1.5, 3.5))
        case .colour:
            let hue = random.uniform(-50, 50) / 255
            return texture.recoloured(hue: hue, saturation: random.uniform(-50, 50) / 255)
        case .solarise:
            let threshold = Float(random.whole(32...128))
            return texture.mapped(same: Self.table { $0 < threshold ? $0 : 255 - $0 })
        case .posterise:
            let lost = 8 - random.whole(2...5)
            return texture.mapped(same: (0..<256).map { UInt8(($0 >> lost) << lost) })
        case .inversion:
            return texture.mapped(same: Self.table { 255 - $0 })
        case .autocontrast:
            return texture.mapped { Self.stretch(texture.histogram($0)) }
        case .equalise:
            return texture.mapped { Self.equalisation(texture.histogram($0)) }
        case .turn:
            return texture.turned(random.uniform(-0.125, 0.125))
        }
    }

    /// The new level of each of the 256.
    private static func table(_ level: (Float) -> Float) -> [UInt8] {
        (0..<256).map { Picture.level(level(Float($0))) }
    }

    /// From the lowest to the highest level that occurs, onto 0...255.
    private static func stretch(_ histogram: [Int]) -> [UInt8] {
        let low = histogram.firstIndex { $0 > 0 } ?? 0, high = histogram.lastIndex { $0 > 0 } ?? 255
        guard high > low else { return (0..<256).map { UInt8($0) } }
        return (0..<256).map { Picture.level(Float(255 * ($0 - low)) / Float(high - low)) }
    }

    /// Levels that occur equally often, as far as they can.
    private static func equalisation(_ histogram: [Int]) -> [UInt8] {
        let total = histogram.reduce(0, +)
        let step = (total - (histogram.last { $0 > 0 } ?? 0)) / 255
        guard step > 0 else { return (0..<256).map { UInt8($0) } }
        var passed = step / 2
        return histogram.map { count in
            defer { passed += count }
            return UInt8(min(passed / step, 255))
        }
    }
}

extension Picture {
    /// Each channel through its own table of 256 levels.
    func mapped(_ table: (Int) -> [UInt8]) -> Picture {
        let tables = (0..<channelCount).map(table)
        var result = levels
        if channelCount == 1 { return mapped(same: tables[0]) }
        for first in stride(from: 0, to: result.count, by: 3) {
            result[first] = tables[0][Int(result[first])]
            result[first + 1] = tables[1][Int(result[first + 1])]
            result[first + 2] = tables[2][Int(result[first + 2])]
        }
        return Picture(size: size, channelCount: channelCount, levels: result)
    }

    /// All channels through one table of 256 levels.
    func mapped(same table: [UInt8]) -> Picture {
        Picture(size: size, channelCount: channelCount, levels: levels.map { table[Int($0)] })
    }

    /// How often each level of `channel` occurs.
    func histogram(_ channel: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: 256)
        for index in stride(from: channel, to: levels.count, by: channelCount) {
            counts[Int(levels[index])] += 1
        }
        return counts
    }

    /// Turned about its centre by `turns` of a circle, mirrored where it ends.
    func turned(_ turns: Float) -> Picture {
        let turn = Elementary.circle(turns), centre = SIMD2(Float(size.width - 1), Float(size.height - 1)) / 2
        return warped(
            to: size, across: turn, down: SIMD2(-turn.y, turn.x),
            origin: centre - turn * centre.x - SIMD2(-turn.y, turn.x) * centre.y)
    }

    /// A picture of `target` whose pixel (x, y) shows this one at `origin` + x `across` + y `down`.
    func warped(to target: Size, across: SIMD2<Float>, down: SIMD2<Float>, origin: SIMD2<Float>) -> Picture {
        var result = [UInt8](repeating: 0, count: target.pixelCount * channelCount)
        for y in 0..<target.height {
            let start = origin + down * Float(y)
            for x in 0..<target.width {
                let place = start + across * Float(x)
                result.setPixel(y * target.width + x, channelCount, sample(place.x, place.y))
            }
        }
        return Picture(size: target, channelCount: channelCount, levels: result)
    }

    /// Scaled to `target`, bilinear.
    ///
    /// - Precondition: `target` is valid.
    public func resized(to target: Size) -> Picture {
        guard target != size else { return self }
        let step = SIMD2(
            Float(size.width) / Float(target.width), Float(size.height) / Float(target.height))
        return warped(
            to: target, across: SIMD2(step.x, 0), down: SIMD2(0, step.y), origin: step / 2 - SIMD2(0.5, 0.5))
    }

    /// `factor` times the distance to a mean of 3x3 (the middle five times), as PIL sharpens; borders stay.
    func sharpened(_ factor: Float) -> Picture {
        var result = levels
        let step = channelCount, row = size.width * step
        guard size.width > 2, size.height > 2 else { return self }
        for y in 1..<size.height - 1 {
            for index in y * row + step..<(y + 1) * row - step {
                let above = index - row, below = index + row
                let upper = Int(levels[above - step]) + Int(levels[above]) + Int(levels[above + step])
                let middle = Int(levels[index - step]) + 5 * Int(levels[index]) + Int(levels[index + step])
                let lower = Int(levels[below - step]) + Int(levels[below]) + Int(levels[below + step])
                let mean = Float(upper + middle + lower) * (1 / 13)
                result[index] = Picture.level(mean + (Float(levels[index]) - mean) * factor)
            }
        }
        return Picture(size: size, channelCount: channelCount, levels: result)
    }

    /// With `hue` added in turns of the colour circle, and `saturation` to that of HSV.
    func recoloured(hue: Float, saturation: Float) -> Picture {
        guard channelCount == 3 else { return self }
        var result = levels
        for index in 0..<size.pixelCount {
            result.setPixel(index, 3, Colour.shifted(pixel(index), hue: hue, saturation: saturation))
        }
        return Picture(size: size, channelCount: channelCount, levels: result)
    }
}

/// Hue and saturation of HSV.
enum Colour {
    /// `pixel` (R G B of 0...255) with its hue and saturation shifted; saturation stays in 0...1.
    @inline(__always)
    static func shifted(_ pixel: SIMD4<Float>, hue: Float, saturation: Float) -> SIMD4<Float> {
        let high = max(pixel.x, pixel.y, pixel.z), low = min(pixel.x, pixel.y, pixel.z)
        let chroma = high - low
        var sector: Float = 0
        if chroma > 0 {
            if high == pixel.x {
                sector = (pixel.y - pixel.z) / chroma
            } else if high == pixel.y {
                sector = (pixel.z - pixel.x) / chroma + 2
            } else {
                sector = (pixel.x - pixel.y) / chroma + 4
            }
        }
        let share = high > 0 ? min(max(chroma / high + saturation, 0), 1) : 0
        let turned = sector + 6 * hue + 12
        // Channel n of HSV: v - v s max(0, min(k, 4 - k, 1)), k = (n + h) mod 6. Here k begins above 6, below 24.
        var k = SIMD4<Float>(5, 3, 1, 0) + turned
        k.replace(with: k - 12, where: k .>= 12)
        k.replace(with: k - 6, where: k .>= 6)
        k.replace(with: 4 - k, where: k .> 2)
        return high - high * share * k.clamped(lowerBound: .zero, upperBound: .one)
    }
}
