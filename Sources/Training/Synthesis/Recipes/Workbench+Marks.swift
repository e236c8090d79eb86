import Imaging

// Marks and blobs (our design).

extension Workbench {
    /// A cubic B-spline 1 to 2 pixels wide and 20 to 120 long, 30 to 80 levels darker or brighter; half of them
    /// have a bright rim on one side.
    mutating func scratch() -> [UInt8]? {
        guard let start = centre() else { return nil }
        let length = random.uniform(20, 120) * scale, width = max(random.uniform(1, 2) * scale, 1)
        let change = random.uniform(30, 80) * (random.chance(0.5) ? 1 : -1)
        let rim = random.chance(0.5) ? random.uniform(25, 70) : 0
        let path = spline(from: start, length: length)
        let margin = 2 * width + 2
        let low = path.reduce(path[0]) { pointwiseMin($0, $1) } - margin
        let high = path.reduce(path[0]) { pointwiseMax($0, $1) } + margin
        guard let box = region(low, high) else { return nil }
        var nearest = [Float](repeating: .infinity, count: box.columns.count * box.rows.count)
        var side = nearest
        for (a, b) in zip(path, path.dropFirst()) {
            guard let part = region(pointwiseMin(a, b) - margin, pointwiseMax(a, b) + margin) else {
                continue
            }
            let along = b - a, square = max((along * along).sum(), 1e-6)
            for y in part.rows {
                for x in part.columns {
                    let offset = SIMD2(Float(x), Float(y)) - a
                    let share = min(max((offset * along).sum() / square, 0), 1)
                    let away = offset - along * share
                    let distance = (away * away).sum().squareRoot()
                    let index = (y - box.rows.lowerBound) * box.columns.count + x - box.columns.lowerBound
                    guard distance < nearest[index] else { continue }
                    nearest[index] = distance
                    side[index] = along.x * offset.y - along.y * offset.x
                }
            }
        }
        var result = picture.levels
        for y in box.rows {
            for x in box.columns {
                let index = (y - box.rows.lowerBound) * box.columns.count + x - box.columns.lowerBound
                let core = min(max(width / 2 + 0.5 - nearest[index], 0), 1)
                let ring = min(max(1 - abs(nearest[index] - width / 2 - 1) / 1.2, 0), 1)
                let amount = change * core + (side[index] > 0 ? rim * ring * (1 - core) : 0)
                guard amount != 0 else { continue }
                let pixel = y * size.width + x
                result.setPixel(pixel, picture.channelCount, picture.pixel(pixel) + amount)
            }
        }
        return result
    }

    /// Points two pixels apart, or nearly, on a cubic B-spline whose control points wander off from `start`.
    private mutating func spline(from start: SIMD2<Float>, length: Float) -> [SIMD2<Float>] {
        let legs = random.whole(3...5)
        var heading = random.unit()
        var points = [start]
        for _ in 0..<legs {
            points.append(points[points.count - 1] + Elementary.circle(heading) * (length / Float(legs)))
            heading += random.normal(mean: 0, deviation: 0.06)
        }
        // End points three times, so that the curve reaches them.
        let ends = [points[0], points[0]] + points + [points[legs], points[legs]]
        let steps = max(2, Int(length / Float(legs) / 2))
        var path: [SIMD2<Float>] = []
        for first in 0..<ends.count - 3 {
            for step in 0..<steps {
                let t = Float(step) / Float(steps), rest = 1 - t
                let a = ends[first] * (rest * rest * rest)
                let b = ends[first + 1] * (3 * t * t * t - 6 * t * t + 4)
                let c = ends[first + 2] * (-3 * t * t * t + 3 * t * t + 3 * t + 1)
                let d = ends[first + 3] * (t * t * t)
                path.append((a + b + c + d) / 6)
            }
        }
        return path + [points[legs]]
    }

    /// 3 to 40 specks of salt or pepper, 1 to 4 pixels across, about one to three places.
    mutating func dots() -> [UInt8]? {
        let places = (0..<random.whole(1...3)).compactMap { _ in centre() }
        guard !places.isEmpty else { return nil }
        let spread = random.uniform(4, 16) * scale, isSalt = random.chance(0.5)
        var result = picture.levels
        for _ in 0..<random.whole(3...40) {
            let offset = SIMD2(
                random.normal(mean: 0, deviation: spread), random.normal(mean: 0, deviation: spread))
            let centre = random.choice(places) + offset
            let radius = random.uniform(0.5, 2) * max(scale, 0.5)
            let level: Float = isSalt ? random.uniform(225, 255) : random.uniform(0, 30)
            guard let box = region(centre - radius - 1, centre + radius + 1) else { continue }
            for y in box.rows {
                for x in box.columns {
                    let away = SIMD2(Float(x), Float(y)) - centre
                    let cover = min(max(radius + 0.5 - (away * away).sum().squareRoot(), 0), 1)
                    guard cover > 0 else { continue }
                    let pixel = y * size.width + x, old = picture.pixel(pixel)
                    result.setPixel(pixel, picture.channelCount, old + (level - old) * cover)
                }
            }
        }
        return result
    }

    /// Up to 15 % more or less of each channel in a blob whose edge is 2 to 6 pixels soft.
    mutating func stain() -> [UInt8]? {
        let edge = random.uniform(2, 6) * scale
        guard let blob = blob(area: random.uniform(0.004, 0.06)) else { return nil }
        var change = SIMD4<Float>(repeating: 0)
        for channel in 0..<picture.channelCount { change[channel] = random.uniform(-0.15, 0.15) }
        guard let box = region(blob.centre - blob.reach, blob.centre + blob.reach) else { return nil }
        var result = picture.levels
        for y in box.rows {
            for x in box.columns {
                let cover = min(blob.depth(Float(x), Float(y)) / edge, 1)
                guard cover > 0 else { continue }
                let pixel = y * size.width + x, soft = cover * cover * (3 - 2 * cover)
                result.setPixel(pixel, picture.channelCount, picture.pixel(pixel) * (1 + change * soft))
            }
        }
        return result
    }

    /// A blob of 0.2 to 3 % of the area, filled with the mean of its border and noise as strong as there.
    mutating func missing() -> [UInt8]? {
        guard let blob = blob(area: random.uniform(0.002, 0.03)),
            let box = region(blob.centre - blob.reach - 4, blob.centre + blob.reach + 4)
        else { return nil }
        var sum = SIMD4<Float>(repeating: 0), roughness: Float = 0, count: Float = 0
        for y in box.rows {
            for x in box.columns.dropLast() where -3...0 ~= blob.depth(Float(x), Float(y)) {
                let pixel = y * size.width + x
                sum += picture.pixel(pixel)
                let step = Float(picture.grey(pixel) - picture.grey(pixel + 1))
                roughness += step * step
                count += 1
            }
        }
        guard count > 0 else { return nil }
        // Neighbours that are independent differ by the root of 2 times their deviation.
        let mean = sum / count, deviation = (roughness / count / 2).squareRoot()
        var result = picture.levels
        for y in box.rows {
            for x in box.columns where blob.depth(Float(x), Float(y)) > 0 {
                let noise = random.normal(mean: 0, deviation: deviation)
                result.setPixel(y * size.width + x, picture.channelCount, mean + noise)
            }
        }
        return result
    }

    /// A blob that covers about `area` of the picture.
    private mutating func blob(area: Float) -> Blob? {
        guard let centre = centre() else { return nil }
        let aspect = random.uniform(0.5, 1)
        let radius = (area * Float(size.pixelCount) / (3.141_593 * aspect)).squareRoot()
        return Blob(centre: centre, axes: SIMD2(radius, radius * aspect), &random)
    }
}

/// An uneven ellipse.
struct Blob {
    let centre: SIMD2<Float>
    /// No pixel further away than this, in either direction, lies inside.
    let reach: Float
    private let axes: SIMD2<Float>
    private let turn: SIMD2<Float>
    private let noise: ValueNoise

    init(centre: SIMD2<Float>, axes: SIMD2<Float>, _ random: inout CounterRandom) {
        (self.centre, self.axes) = (centre, axes)
        turn = Elementary.circle(random.unit())
        noise = ValueNoise(columns: 8, rows: 8, &random)
        reach = 1.7 * max(axes.x, axes.y) + 1
    }

    /// How far inside (`x`, `y`) is, in pixels, about; 0 or less outside.
    @inline(__always)
    func depth(_ x: Float, _ y: Float) -> Float {
        let offset = SIMD2(x, y) - centre
        let u = (offset.x * turn.x + offset.y * turn.y) / axes.x
        let v = (offset.y * turn.x - offset.x * turn.y) / axes.y
        // The noise has eight cells over three radii, and is not asked for beyond them.
        guard abs(u) < 1.65, abs(v) < 1.65 else { return -4 }
        let bump = noise.value((u + 1.65) * 2.4, (v + 1.65) * 2.4).x
        return (1 - (u * u + v * v).squareRoot() - 0.3 * bump) * min(axes.x, axes.y)
    }
}
