internal import Imaging

/// What the camera makes of a canvas: light, blur, noise, bytes.
struct Exposure: ~Copyable, Sendable {
    /// The light of each pixel before and after the blur, laid out like the canvas. 1 is the brightest grey.
    private var lit: Plane<Float>
    private(set) var sharp: Plane<Float>
    private var flawed: Plane<Float>
    /// 255 where the frame differs from the same frame without its defect. `[height, width]`.
    private(set) var mask: Plane<UInt8>
    /// Nearly normal numbers.
    private let noise: Plane<Float>
    /// How sensitive each column of a line-scan camera is.
    private var columnGain: Plane<Float>
    private let width: Int

    private static let noiseCount = 1 << 15

    init(like canvas: borrowing Canvas, settings: LineSettings) {
        let count = canvas.albedo.count
        lit = Plane(count: count, repeating: 0)
        sharp = Plane(count: count, repeating: 0)
        flawed = Plane(count: count, repeating: 0)
        mask = Plane(count: settings.size.pixelCount, repeating: 0)
        width = settings.size.width
        var random = Random(seed: settings.lineSeed, purpose: .sensor)
        var noise = Plane(count: Exposure.noiseCount, repeating: Float(0))
        for index in 0..<noise.count {
            noise[index] = (0..<4).reduce(Float(-2)) { sum, _ in sum + random.unit() } * 1.732_050_8
        }
        self.noise = noise
        columnGain = Plane(count: width + 16, repeating: 1)
        if settings.form == .web {
            for x in 0..<width { columnGain[x + 2] = 1 + 0.008 * random.uniform(-1, 1) }
        }
    }

    /// Lights and blurs all of `canvas`, without a defect on it.
    mutating func expose(_ canvas: borrowing Canvas, _ frame: Frame) {
        light(canvas, frame, rows: canvas.rows, columns: 0..<width)
        for y in canvas.rows { blurRow(y, canvas, frame, columns: 0..<width, isFlawed: false) }
    }

    /// The light of `rows` and `columns` and of one pixel around them.
    private mutating func light(
        _ canvas: borrowing Canvas, _ frame: Frame, rows: Range<Int>, columns: Range<Int>
    ) {
        let light = frame.pose.light, stride = canvas.stride
        let unit = 1 / Float(max(frame.size.width, frame.size.height))
        let lanes = SIMD8<Float>(0, 1, 2, 3, 4, 5, 6, 7)
        let inverseX = 1 / light.roughness.x, inverseY = 1 / light.roughness.y
        let zero = SIMD8<Float>()
        for y in rows.lowerBound - 1..<rows.upperBound + 1 {
            let yn = frame.isWeb ? 0 : (Float(y) - Float(frame.size.height) / 2) * unit
            let gain = light.gain * frame.gain(y) * (1 + light.gradient.y * yn - light.vignette * yn * yn)
            let glanceY = light.glance.y + light.spread.y * yn
            for x in Swift.stride(from: columns.lowerBound - 1, to: columns.upperBound + 1, by: 8) {
                let index = canvas.index(x, y)
                let xn = (lanes + (Float(x) - Float(width) / 2)) * unit
                let slopeX = (canvas.height.lanes(index + 1) - canvas.height.lanes(index - 1)) * 0.5
                let slopeY = (canvas.height.lanes(index + stride) - canvas.height.lanes(index - stride)) * 0.5
                let steep = 1 + 0.5 * (slopeX * slopeX + slopeY * slopeY)
                let facing = pointwiseMax(
                    (1 + slopeX * light.slant.x + slopeY * light.slant.y) / steep, zero)
                let mirrorX = (slopeX - (light.glance.x + light.spread.x * xn)) * inverseX
                let mirrorY = (slopeY - glanceY) * inverseY
                let lobe = 1 / (1 + mirrorX * mirrorX + mirrorY * mirrorY)
                let value =
                    canvas.albedo.lanes(index) * (light.ambient + light.diffuse * facing)
                    + canvas.gloss.lanes(index) * light.specular * lobe * lobe
                let field = gain * (1 + light.gradient.x * xn - light.vignette * xn * xn)
                lit.setLanes(index, value * field * columnGain.lanes(x + 2))
            }
        }
    }

    /// The blur of a lens a little out of focus, and of a part that shakes: 3 x 3 pixels.
    private mutating func blurRow(
        _ y: Int, _ canvas: borrowing Canvas, _ frame: Frame, columns: Range<Int>, isFlawed: Bool
    ) {
        let side = frame.pose.blur.x, above = frame.pose.blur.y, stride = canvas.stride
        let middle = 1 - 2 * side, level = 1 - 2 * above
        for x in Swift.stride(from: columns.lowerBound, to: columns.upperBound, by: 8) {
            let index = canvas.index(x, y)
            func row(_ index: Int) -> SIMD8<Float> {
                (lit.lanes(index - 1) + lit.lanes(index + 1)) * side + lit.lanes(index) * middle
            }
            let value = (row(index - stride) + row(index + stride)) * above + row(index) * level
            if isFlawed { flawed.setLanes(index, value) } else { sharp.setLanes(index, value) }
        }
    }

    /// Forgets the mask of the frame before.
    mutating func clearMask() {
        for index in 0..<mask.count { mask[index] = 0 }
    }

    /// A change of fewer grey levels is none. Noise cannot hide it: the lightest and darkest levels, which it
    /// could saturate, do not count.
    private static let leastChange: Float = 3 / 255

    /// Exposes `region` of `canvas`, on which a defect has been drawn since `expose`, and takes from it the
    /// pixels that it changes: they, and no others, are in the mask. Returns the rectangle around them and
    /// their count.
    mutating func exposeFlaw(
        _ canvas: inout Canvas, _ frame: Frame, region: Region
    ) -> (region: Region, count: Int) {
        let rows = region.y..<region.y + region.height, columns = region.x..<region.x + region.width
        light(canvas, frame, rows: rows, columns: columns)
        var low = SIMD2(Int.max, Int.max), high = SIMD2(Int.min, Int.min), count = 0
        for y in rows {
            blurRow(y, canvas, frame, columns: columns, isFlawed: true)
            for x in columns {
                let index = canvas.index(x, y)
                let good = sharp[index], bad = flawed[index]
                let change = Exposure.countable(good) - Exposure.countable(bad)
                let material = canvas.pending[index]
                canvas.pending[index] = Canvas.nothingPending
                guard abs(change) >= Exposure.leastChange else { continue }
                sharp[index] = bad
                if material != Canvas.nothingPending { canvas.material[index] = material }
                mask[y * width + x] = 255
                count += 1
                low = SIMD2(min(low.x, x), min(low.y, y))
                high = SIMD2(max(high.x, x), max(high.y, y))
            }
        }
        guard count > 0 else { return (Region(x: 0, y: 0, width: 0, height: 0), 0) }
        return (Region(x: low.x, y: low.y, width: high.x - low.x + 1, height: high.y - low.y + 1), count)
    }

    private static func countable(_ value: Float) -> Float { min(max(value, 7 / 255), 244 / 255) }
}

extension Exposure {
    /// Writes the rows of `canvas` as bytes of `format` (GREY or RGB3) from `offset` of `target`, without
    /// padding.
    func develop(
        _ canvas: borrowing Canvas, _ scene: borrowing Scene, _ frame: Frame, isColour: Bool,
        into target: inout MutableSpan<UInt8>, from offset: Int
    ) {
        var next = offset
        for y in canvas.rows {
            let line = UInt32(truncatingIfNeeded: frame.line(y))
            let seed = scrambled(line, 1, frame.pose.sensorSeed)
            let first = canvas.index(0, y)
            if isColour {
                let red = Int(seed & 0x3fff), green = Int(seed >> 16 & 0x3fff)
                let blue = Int(scrambled(line, 2, frame.pose.sensorSeed) & 0x3fff)
                for x in 0..<width {
                    let value = sharp[first + x]
                    let tint = scene.materials[Int(canvas.material[first + x])].tint
                    // A highlight has the colour of the lamp.
                    let white = min(max((value - 0.62) * 2.8, 0), 1)
                    let colour = (tint + (1 - tint) * white) * value
                    target[next] = Exposure.byte(colour.x, noise[red + x])
                    target[next + 1] = Exposure.byte(colour.y, noise[green + x])
                    target[next + 2] = Exposure.byte(colour.z, noise[blue + x])
                    next += 3
                }
            } else {
                let start = Int(seed & 0x3fff)
                for x in 0..<width {
                    target[next + x] = Exposure.byte(sharp[first + x], noise[start + x])
                }
                next += width
            }
        }
    }

    /// The grey level of `value` with the noise of reading and, the brighter the more, of light itself.
    @inline(__always)
    private static func byte(_ value: Float, _ deviate: Float) -> UInt8 {
        let level = value * 255 + deviate * (0.9 + 1.0 * min(value, 1))
        // 1.5 * 2^23 leaves the nearest whole number in the last bits.
        return UInt8(truncatingIfNeeded: (min(max(level, 0), 255) + 12_582_912).bitPattern)
    }
}
