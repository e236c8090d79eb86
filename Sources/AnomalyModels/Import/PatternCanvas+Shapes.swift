// Coverages: 1 inside a shape, 0 outside, an edge of `softness` pixels between.
extension PatternCanvas {
    /// An ellipse or a convex polygon of about `radius` pixels at a random place.
    mutating func shape(radius: Float, softness: Float = 1) -> Field {
        let centre = random.point(width, height)
        if random.unit() < 0.5 {
            return ellipse(centre, radius, radius * random.number(in: 0.3...1), random.direction(), softness)
        }
        var sides: [(x: Float, y: Float, distance: Float)] = []
        for _ in 0..<random.integer(in: 2...4) {
            let normal = random.direction()
            sides.append((normal.x, normal.y, radius * random.number(in: 0.5...1)))
            sides.append((-normal.x, -normal.y, radius * random.number(in: 0.5...1)))
        }
        return coverage(around: centre, reach: radius * 3, softness) { x, y in
            sides.reduce(-Float.infinity) { max($0, x * $1.x + y * $1.y - $1.distance) }
        }
    }

    /// A straight line of `length` times the width of the picture.
    mutating func stroke(length: Float, thickness: Float) -> Field {
        ellipse(random.point(width, height), length * Float(width) / 2, thickness / 2, random.direction(), 1)
    }

    private func ellipse(
        _ centre: (x: Float, y: Float), _ long: Float, _ short: Float, _ direction: (x: Float, y: Float),
        _ softness: Float
    ) -> Field {
        coverage(around: centre, reach: long + softness, softness) { x, y in
            let u = (x * direction.x + y * direction.y) / long,
                v = (y * direction.x - x * direction.y) / short
            return ((u * u + v * v).squareRoot() - 1) * short
        }
    }

    /// - Parameter distance: how far a point relative to the centre lies outside, in pixels; negative inside.
    private func coverage(
        around centre: (x: Float, y: Float), reach: Float, _ softness: Float,
        distance: (Float, Float) -> Float
    ) -> Field {
        var field = Field(repeating: 0, count: width * height)
        let rows = range(centre.y, reach, height), columns = range(centre.x, reach, width)
        for y in rows {
            for x in columns {
                let outside = distance(Float(x) - centre.x, Float(y) - centre.y)
                field[y * width + x] = min(max(0.5 - outside / softness, 0), 1)
            }
        }
        return field
    }

    private func range(_ centre: Float, _ reach: Float, _ size: Int) -> Range<Int> {
        let low = min(max(Int(centre - reach), 0), size)
        return low..<min(max(Int(centre + reach) + 1, low), size)
    }

    /// Parallel bars, sharp or soft, in one direction.
    mutating func stripes() -> Field {
        let direction = random.unit() < 0.5 ? (x: Float(1), y: Float(0)) : random.direction()
        let period = random.number(in: 3...40), share = random.number(in: 0.2...0.6),
            sharpness = random.number(in: 1...period)
        return field { x, y in
            let t = (x * direction.x + y * direction.y) / period
            let triangle = abs(t - t.rounded(.down) - 0.5) * 2
            return min(max((share - triangle) * sharpness + 0.5, 0), 1)
        }
    }

    /// A few upright, level and slanted strokes in a box: what a letter is to a convolution.
    mutating func glyph(x: Float, y: Float, size: Float) -> Field {
        let thickness = size * 0.14
        var field = Field(repeating: 0, count: width * height)
        for _ in 0..<random.integer(in: 2...4) {
            let left = x + size * 0.5 * Float(random.integer(in: 0...2)) / 2
            let top = y + size * Float(random.integer(in: 0...2)) / 2
            let kind = random.integer(in: 0...2)
            let across = kind == 0 ? 0 : size * 0.5, down = kind == 1 ? 0 : size * 0.5
            let steps = max(2, Int(size))
            for step in 0...steps {
                let t = Float(step) / Float(steps)
                dot(&field, left + across * t, top + down * t, thickness)
            }
        }
        return field
    }

    private func dot(_ field: inout Field, _ x: Float, _ y: Float, _ thickness: Float) {
        for py in range(y, thickness / 2, height) {
            for px in range(x, thickness / 2, width) { field[py * width + px] = 1 }
        }
    }
}
