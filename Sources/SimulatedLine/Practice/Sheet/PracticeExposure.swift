internal import Imaging

/// What the camera makes of a sheet: light, blur, tone; noise and bytes come last.
struct PracticeExposure: ~Copyable {
    /// Red, green, blue of each pixel before the noise; 1 is the brightest. Laid out like the sheet.
    private(set) var light: Plane<SIMD4<Float>>
    private let size: Size
    private let stride: Int

    /// Nearly normal numbers.
    private static let noise: [Float] = {
        var random = Random(seed: 77, purpose: .sensor)
        return (0..<1 << 15).map { _ in
            (0..<4).reduce(Float(-2)) { sum, _ in sum + random.unit() } * 1.732_050_8
        }
    }()

    /// Exposes all of `sheet`.
    init(_ sheet: borrowing PracticeSheet) {
        size = sheet.size
        stride = sheet.stride
        light = Plane(count: sheet.colour.count, repeating: SIMD4())
        shine(sheet)
        var other = Plane(count: sheet.colour.count, repeating: SIMD4<Float>())
        for _ in 0..<sheet.pose.passes { blur(sheet.pose.blur, through: &other) }
        bend(sheet.look.tone)
    }

    private mutating func shine(_ sheet: borrowing PracticeSheet) {
        let look = sheet.look, pose = sheet.pose
        let unit = 1 / Float(max(size.width, size.height))
        let glance = look.glance + pose.glance, inverse = 1 / look.roughness
        let gradient = look.gradient + pose.gradient
        let lamp = look.lamp * pose.tint * pose.gain
        let slope = 0.5 * sheet.pixelsPerUnit, steepest: Float = 6
        for y in -2..<size.height + 2 {
            let yn = (Float(y) - 0.5 * Float(size.height)) * unit
            for x in -2..<size.width + 2 {
                let here = sheet.index(x, y)
                let xn = (Float(x) - 0.5 * Float(size.width)) * unit
                let rise =
                    SIMD2(
                        sheet.height[here + 1] - sheet.height[here - 1],
                        sheet.height[here + stride] - sheet.height[here - stride]) * slope
                let slopes = SIMD2(
                    min(max(rise.x, -steepest), steepest), min(max(rise.y, -steepest), steepest))
                let square = (slopes * slopes).sum()
                let facing = max(0, (1 + (slopes * look.slant).sum()) / (1 + 0.5 * square))
                let mirror = (slopes - glance - look.spread * SIMD2(xn, yn)) * inverse
                let lobe = 1 / (1 + (mirror * mirror).sum())
                let coat = sheet.colour[here]
                let field =
                    1 + gradient.x * xn + gradient.y * yn - look.vignette * (xn * xn + yn * yn)
                let value =
                    coat * (look.ambient + look.diffuse * facing)
                    + SIMD4(repeating: coat.w * look.specular * lobe * lobe)
                light[here] = value * lamp * field
            }
        }
    }

    /// A lens a little out of focus, and a part that shakes: 3 x 3 pixels.
    private mutating func blur(_ share: SIMD2<Float>, through other: inout Plane<SIMD4<Float>>) {
        let middle = 1 - 2 * share.x, level = 1 - 2 * share.y
        for index in 1..<light.count - 1 {
            other[index] = (light[index - 1] + light[index + 1]) * share.x + light[index] * middle
        }
        for index in stride..<light.count - stride {
            light[index] = (other[index - stride] + other[index + stride]) * share.y + other[index] * level
        }
    }

    private mutating func bend(_ tone: Float) {
        for index in 0..<light.count {
            let value = pointwiseMin(pointwiseMax(light[index], SIMD4()), SIMD4(repeating: 1.2))
            light[index] = value + tone * value * pointwiseMax(1 - value, SIMD4())
        }
    }

    /// A change of fewer grey levels is none. Noise cannot hide it: the lightest and darkest levels, which it
    /// could saturate, do not count.
    private static let leastChange: Float = 4 / 255

    /// The pixels in which `flawed` differs from this exposure: their mask, 255 and 0, and their count.
    func change(to flawed: borrowing PracticeExposure, isColour: Bool) -> (mask: [UInt8], count: Int) {
        var mask = [UInt8](repeating: 0, count: size.pixelCount), count = 0
        for y in 0..<size.height {
            let first = (y + PracticeSheet.margin) * stride + PracticeSheet.margin
            for x in 0..<size.width {
                let good = PracticeExposure.countable(light[first + x], isColour)
                let bad = PracticeExposure.countable(flawed.light[first + x], isColour)
                let change = good - bad
                guard max(abs(change.x), abs(change.y), abs(change.z)) >= PracticeExposure.leastChange else {
                    continue
                }
                mask[y * size.width + x] = 255
                count += 1
            }
        }
        return (mask, count)
    }

    /// Takes the pixels of `mask` from `flawed`, and no others.
    mutating func adopt(_ flawed: borrowing PracticeExposure, mask: [UInt8]) {
        for y in 0..<size.height {
            let first = (y + PracticeSheet.margin) * stride + PracticeSheet.margin
            for x in 0..<size.width where mask[y * size.width + x] != 0 {
                light[first + x] = flawed.light[first + x]
            }
        }
    }

    @inline(__always)
    private static func countable(_ value: SIMD4<Float>, _ isColour: Bool) -> SIMD4<Float> {
        let seen = isColour ? value : SIMD4(repeating: Material.luminance(of: value))
        return pointwiseMin(
            pointwiseMax(seen, SIMD4(repeating: 8 / 255)), SIMD4(repeating: 243 / 255))
    }

    /// The bytes: `[height, width, 3]`, or `[height, width]` of a grey camera.
    func developed(isColour: Bool, noise strength: Float, seed: UInt32) -> [UInt8] {
        let lanes = isColour ? 3 : 1, noise = PracticeExposure.noise
        var bytes = [UInt8](repeating: 0, count: lanes * size.pixelCount)
        var next = 0
        for y in 0..<size.height {
            let first = (y + PracticeSheet.margin) * stride + PracticeSheet.margin
            let row = Int(scrambled(UInt32(truncatingIfNeeded: y), 1, seed))
            for x in 0..<size.width {
                let value = light[first + x]
                if isColour {
                    for lane in 0..<3 {
                        let deviate = noise[(row + 3 * x + lane) & 0x7fff]
                        bytes[next + lane] = PracticeExposure.byte(value[lane], deviate * strength)
                    }
                } else {
                    let deviate = noise[(row + x) & 0x7fff]
                    bytes[next] = PracticeExposure.byte(Material.luminance(of: value), deviate * strength)
                }
                next += lanes
            }
        }
        return bytes
    }

    @inline(__always)
    private static func byte(_ value: Float, _ deviate: Float) -> UInt8 {
        let level = value * 255 + deviate * (0.9 + 1.0 * min(value, 1))
        // 1.5 * 2^23 leaves the nearest whole number in the last bits.
        return UInt8(truncatingIfNeeded: (min(max(level, 0), 255) + 12_582_912).bitPattern)
    }
}
