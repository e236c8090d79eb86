/// The lines that a flaw consists of, with their half widths at both ends.
struct FlawLines {
    typealias Piece = (stroke: Stroke, start: Float, end: Float)
    var pieces: [Piece] = []

    /// A curve from end to end around `centre`, thinner towards both.
    mutating func addCurve(
        _ centre: SIMD2<Float>, along: SIMD2<Float>, reach: Float, bend: Float, width: Float,
        _ random: inout Random
    ) {
        let count = 14
        let first = random.uniform(-bend, bend), second = random.uniform(-bend, bend)
        func point(_ t: Float) -> SIMD2<Float> {
            let across = SIMD2(-along.y, along.x)
            let wave = first * (1 - t * t) + second * t * (1 - t * t) * 2
            return centre + (along * t + across * wave) * reach
        }
        func halfWidth(_ t: Float) -> Float { width * (0.35 + 0.65 * (1 - t * t)) }
        for piece in 0..<count {
            let t = Float(piece) / Float(count) * 2 - 1, next = Float(piece + 1) / Float(count) * 2 - 1
            pieces.append((Stroke(start: point(t), end: point(next)), halfWidth(t), halfWidth(next)))
        }
    }

    /// A walk that turns a little at every step, with a branch here and there.
    mutating func addCrack(
        from start: SIMD2<Float>, _ direction: SIMD2<Float>, length total: Float, width: Float,
        depth: Int = 0, _ random: inout Random
    ) {
        var point = start, heading: Float = 0, left = total
        while left > 0, pieces.count < 160 {
            let pace = random.uniform(2.5, 6)
            // Back towards the main direction, so that the crack gets on.
            heading = heading * 0.72 + random.uniform(-0.62, 0.62)
            let across = SIMD2(-direction.y, direction.x)
            let way = direction + across * heading
            let next = point + way * (pace / length(way))
            let from = width * (0.3 + 0.7 * left / total)
            left -= pace
            let to = width * (0.3 + 0.7 * max(0, left) / total)
            pieces.append((Stroke(start: point, end: next), from, to))
            if depth < 2, random.chance(0.085) {
                let side: Float = random.chance(0.5) ? 0.8 : -0.8
                let branch = direction + across * side
                addCrack(
                    from: next, branch / length(branch), length: left * random.uniform(0.25, 0.6),
                    width: to * 0.75, depth: depth + 1, &random)
            }
            point = next
        }
    }

    /// The distance from `point` to the nearest line, negative inside; 100 without lines.
    func distance(to point: SIMD2<Float>) -> Float {
        var nearest: Float = 100
        for piece in pieces {
            let share = piece.stroke.share(at: point)
            let way = piece.stroke.start + (piece.stroke.end - piece.stroke.start) * share
            nearest = min(nearest, length(point - way) - piece.start - (piece.end - piece.start) * share)
        }
        return nearest
    }
}
