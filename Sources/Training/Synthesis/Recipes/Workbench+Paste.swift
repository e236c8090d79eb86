import Imaging

// What copies part of the picture to another place (CutPaste; Li et al. 2021, section 2.2).

extension Workbench {
    /// A rectangle of 2 to 15 % of the area, aspect U(0.3, 1) or U(1, 3.3), with its colours jittered by a tenth.
    mutating func cutpaste() -> [UInt8]? {
        let area = random.uniform(0.02, 0.15) * Float(size.pixelCount)
        let aspect = random.chance(0.5) ? random.uniform(0.3, 1) : random.uniform(1, 3.3)
        let width = min(max(1, Int((area * aspect).squareRoot())), size.width)
        let height = min(max(1, Int((area / aspect).squareRoot())), size.height)
        guard let centre = centre() else { return nil }
        let left = min(max(Int(centre.x) - width / 2, 0), size.width - width)
        let top = min(max(Int(centre.y) - height / 2, 0), size.height - height)
        let sourceLeft = random.whole(0...size.width - width)
        let sourceTop = random.whole(0...size.height - height)
        let jitter = ColourJitter(&random)
        let middle = picture.mean(
            columns: sourceLeft..<sourceLeft + width, rows: sourceTop..<sourceTop + height)
        var result = picture.levels
        for y in 0..<height {
            for x in 0..<width {
                let pixel = picture.pixel((sourceTop + y) * size.width + sourceLeft + x)
                result.setPixel(
                    (top + y) * size.width + left + x, picture.channelCount,
                    jitter.applied(to: pixel, middle: middle, picture.channelCount))
            }
        }
        return result
    }

    /// A strip 2 to 16 wide and 10 to 25 pixels long, turned by up to 45 degrees from upright.
    mutating func scar() -> [UInt8]? {
        let width = random.uniform(2, 16) * scale, length = random.uniform(10, 25) * scale
        let turn = Elementary.circle(random.uniform(-0.125, 0.125))
        guard let centre = centre() else { return nil }
        let source = SIMD2(
            random.uniform(0, Float(size.width - 1)), random.uniform(0, Float(size.height - 1)))
        let jitter = ColourJitter(&random)
        let reach = (width + length) / 2
        guard let region = region(centre - reach, centre + reach) else { return nil }
        let around = self.region(source - length / 2, source + length / 2)
        let middle = around.map { picture.mean(columns: $0.columns, rows: $0.rows) } ?? 128
        var result = picture.levels
        for y in region.rows {
            for x in region.columns {
                let offset = SIMD2(Float(x), Float(y)) - centre
                let u = offset.x * turn.x + offset.y * turn.y, v = offset.y * turn.x - offset.x * turn.y
                guard abs(u) <= width / 2, abs(v) <= length / 2 else { continue }
                let pixel = picture.sample(source.x + u, source.y + v)
                result.setPixel(
                    y * size.width + x, picture.channelCount,
                    jitter.applied(to: pixel, middle: middle, picture.channelCount))
            }
        }
        return result
    }
}

extension Picture {
    /// The mean grey level of a part.
    func mean(columns: Range<Int>, rows: Range<Int>) -> Float {
        var sum = 0
        for y in rows { for x in columns { sum += grey(y * size.width + x) } }
        return Float(sum) / Float(max(columns.count * rows.count, 1))
    }
}

/// Brightness, contrast, saturation and hue changed by up to a tenth each.
struct ColourJitter {
    private let brightness: Float
    private let contrast: Float
    private let saturation: Float
    private let hue: Float

    init(_ random: inout CounterRandom) {
        brightness = random.uniform(0.9, 1.1)
        contrast = random.uniform(0.9, 1.1)
        saturation = random.uniform(-0.1, 0.1)
        hue = random.uniform(-0.1, 0.1)
    }

    /// `pixel` changed; `middle` is the grey level that contrast turns about.
    @inline(__always)
    func applied(to pixel: SIMD4<Float>, middle: Float, _ channelCount: Int) -> SIMD4<Float> {
        let level = pixel * brightness
        let stretched = middle * brightness + (level - middle * brightness) * contrast
        guard channelCount == 3 else { return stretched }
        let valid = pointwiseMin(pointwiseMax(stretched, SIMD4(repeating: 0)), SIMD4(repeating: 255))
        // A grey pixel has no hue and gets no colour.
        guard valid.x != valid.y || valid.y != valid.z else { return valid }
        return Colour.shifted(valid, hue: hue, saturation: saturation)
    }
}
