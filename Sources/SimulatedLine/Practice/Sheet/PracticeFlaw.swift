internal import Imaging

/// A defect over a finished sheet, before it is drawn. Lengths are units of the frame: a 256th of its shorter
/// side.
struct PracticeFlaw {
    /// How it looks.
    enum Form: Sendable {
        case scratch, crack, dent, stain, hole, dust, fibre, inclusion, misprint, discolour, crease, tear
        /// A bite out of the outline.
        case chip
        case scuff, rust, burn, drop, thread
        /// A straight cut.
        case cut
    }

    let form: Form
    /// 0.4 is faint, 1 plain.
    var strength: Float
    let centre: SIMD2<Float>
    let reach: Float
    let along: SIMD2<Float>
    let seed: UInt32
    private(set) var lines = FlawLines()

    init(_ form: Form, _ sheet: borrowing PracticeSheet, _ random: inout Random) {
        self.form = form
        strength = random.logarithmic(0.4, 1.1)
        let span = PracticeFlaw.span(of: form)
        reach = random.logarithmic(span.low, span.high)
        along = circle(random.unit())
        seed = random.seed()
        centre = PracticeFlaw.place(form == .chip, reach, sheet, &random)
        shape(&random)
    }

    /// The shortest and the longest reach.
    private static func span(of form: Form) -> (low: Float, high: Float) {
        switch form {
        case .scratch, .cut, .thread: (12, 70)
        case .crack: (10, 55)
        case .tear: (10, 45)
        case .dent: (6, 26)
        case .stain, .drop: (6, 34)
        case .hole: (2.5, 13)
        case .inclusion: (2.5, 10)
        case .dust, .fibre: (6, 34)
        case .misprint: (14, 34)
        case .discolour, .rust, .burn, .scuff: (9, 42)
        case .crease: (20, 90)
        case .chip: (4, 17)
        }
    }

    /// A point on the part; for a bite, on its outline.
    private static func place(
        _ isAtRim: Bool, _ reach: Float, _ sheet: borrowing PracticeSheet, _ random: inout Random
    ) -> SIMD2<Float> {
        let scale = sheet.pose.scale
        let size = SIMD2(Float(sheet.size.width), Float(sheet.size.height))
        let inset = min(reach * 0.5 * scale + 4, min(size.x, size.y) * 0.3)
        var best = size / 2, bestScore = Float.infinity
        for _ in 0..<(sheet.isTexture ? 1 : 48) {
            let pixel = SIMD2(
                random.uniform(inset, size.x - inset), random.uniform(inset, size.y - inset))
            let away = sheet.outline[sheet.index(Int(pixel.x), Int(pixel.y))] / scale
            // Thin parts have no room for all of it.
            let score = isAtRim && !sheet.isTexture ? abs(away) : max(0, away + min(reach * 0.6, 8))
            if score < bestScore { (best, bestScore) = (pixel, score) }
            if bestScore == 0 || isAtRim && bestScore < 1.5 { break }
        }
        return best / scale
    }

    private mutating func shape(_ random: inout Random) {
        switch form {
        case .scratch:
            let count = random.pick([1, 1, 1, 2, 3])
            for number in 0..<count {
                let side = SIMD2(-along.y, along.x) * random.uniform(2, 7) * Float(number)
                lines.addCurve(
                    centre + side, along: along, reach: reach * random.uniform(0.6, 1), bend: 0.25,
                    width: random.logarithmic(0.5, 1.3), &random)
            }
        case .thread:
            lines.addCurve(
                centre, along: along, reach: reach, bend: 0.15, width: random.uniform(0.7, 1.3), &random)
        case .fibre:
            lines.addCurve(
                centre, along: along, reach: reach, bend: 1.6, width: random.uniform(0.5, 1.1), &random)
        case .crack:
            lines.addCrack(
                from: centre - along * reach, along, length: reach * 2, width: random.logarithmic(0.5, 1.3),
                &random)
        case .tear, .cut:
            lines.addCurve(
                centre, along: along, reach: reach, bend: form == .cut ? 0.04 : 0.2,
                width: form == .cut ? random.uniform(0.8, 1.8) : random.uniform(1.5, 5), &random)
        case .crease:
            lines.addCurve(centre, along: along, reach: reach, bend: 0.08, width: 0.6, &random)
        case .misprint: write(&random)
        case .dent, .stain, .hole, .dust, .inclusion, .discolour, .chip, .scuff, .rust, .burn, .drop: break
        }
    }

    private mutating func write(_ random: inout Random) {
        let text = Lettering.number(&random).prefix(3 + random.index(below: 4))
        let size = reach * random.uniform(0.5, 1.1)
        let width = Lettering.width(of: String(text), size: size)
        let across = SIMD2(-along.y, along.x)
        for stroke in Lettering.strokes(of: String(text), at: SIMD2(-width, -size) / 2, size: size) {
            let start = centre + along * stroke.start.x + across * stroke.start.y
            let end = centre + along * stroke.end.x + across * stroke.end.y
            lines.pieces.append((Stroke(start: start, end: end), size * 0.08, size * 0.08))
        }
    }

    /// Left, top, right and bottom of what it may change.
    var box: SIMD4<Float> {
        var low = centre, high = centre
        if lines.pieces.isEmpty {
            low -= SIMD2(repeating: reach * 1.6 + 4)
            high += SIMD2(repeating: reach * 1.6 + 4)
        }
        for piece in lines.pieces {
            let margin = max(piece.start, piece.end) + 8
            low = pointwiseMin(low, pointwiseMin(piece.stroke.start, piece.stroke.end) - margin)
            high = pointwiseMax(high, pointwiseMax(piece.stroke.start, piece.stroke.end) + margin)
        }
        return SIMD4(lowHalf: low, highHalf: high)
    }

    /// `point` from the middle, along and across its direction.
    func turned(_ point: SIMD2<Float>) -> SIMD2<Float> {
        let away = point - centre
        return SIMD2((away * along).sum(), away.y * along.x - away.x * along.y)
    }
}
