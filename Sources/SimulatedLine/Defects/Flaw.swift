internal import Imaging

/// A defect before it is drawn: what the seed says of it.
struct Flaw {
    let kind: DefectKind
    /// 0.18 barely visible, 1 plain; more only where that much is needed to change a pixel at all.
    var strength: Float
    /// Where its middle lies, in pixels of the frame.
    let centre: SIMD2<Float>
    /// From its middle to its end, in pixels.
    let reach: Float
    /// Its direction.
    let along: SIMD2<Float>
    /// For its shape.
    let seed: UInt32
    /// Lines that it consists of, with their half widths at both ends.
    private(set) var strokes: [(stroke: Stroke, start: Float, end: Float)] = []
    /// What it may change of the canvas, inside the frame.
    private(set) var box = Region(x: 0, y: 0, width: 0, height: 0)
    /// Of a board: the place of the part that is missing, in texels of the drawing.
    private(set) var placement: SIMD4<Float>?

    /// Pixels at the border of a frame that a defect leaves alone, so that a segment of a web never shows a
    /// defect of its neighbour.
    static let border = 4

    /// The flaw of `frame`, or nil if it is to have none.
    init?(_ frame: Frame, _ settings: LineSettings, _ scene: borrowing Scene, _ choice: DefectChoice) {
        var random = Random(seed: settings.lineSeed, purpose: .defect, index: frame.index)
        let drawn = Flaw.drawnKind(settings, &random)
        switch (choice, drawn) {
        case (.forced(let forced), _): kind = forced
        case (.drawn, let drawn?): kind = drawn
        default: return nil
        }
        strength = random.logarithmic(0.18, 1)
        let scale = max(0.4, min(Float(settings.size.width) / 640, Float(settings.size.height) / 480))
        let span = Flaw.span(of: kind)
        reach = random.logarithmic(span.low, span.high) * scale
        along = circle(random.unit())
        seed = random.seed()
        if kind == .hole, settings.surface == .board, !scene.isSheet, !scene.placements.isEmpty {
            let place = scene.placements[random.index(below: scene.placements.count)]
            placement = place
            centre = frame.pixel((place.lowHalf + place.highHalf) / 2)
        } else {
            centre = Flaw.place(reach, frame, scene, &random)
        }
        shape(frame, letterSize: scene.letterSize * random.uniform(0.7, 1.1), scale, &random)
    }

    /// What the seed and the rate give the frame for whose defect `random` was made; draws two numbers.
    static func drawnKind(_ settings: LineSettings, _ random: inout Random) -> DefectKind? {
        let isDrawn = random.next() % 1_000_000 < UInt64(settings.defectsPerMillion)
        let number = Int(random.next() >> 33)
        guard isDrawn else { return nil }
        let usual = settings.surface.usualDefects
        return usual[number % usual.count]
    }

    /// The shortest and the longest reach of a kind, in pixels of a frame of 640 x 480.
    private static func span(of kind: DefectKind) -> (low: Float, high: Float) {
        switch kind {
        case .scratch: (14, 150)
        case .crack: (18, 95)
        case .dent: (7, 44)
        case .stain: (7, 60)
        case .hole: (3, 20)
        case .inclusion: (3, 16)
        case .contamination: (10, 60)
        case .misprint: (28, 60)
        }
    }

    /// A point from which the defect has most of its reach on the part.
    private static func place(
        _ reach: Float, _ frame: Frame, _ scene: borrowing Scene, _ random: inout Random
    ) -> SIMD2<Float> {
        let size = SIMD2(Float(frame.size.width), Float(frame.size.height))
        let inset = min(reach * 0.7 + Float(border), min(size.x, size.y) * 0.4)
        var best = size / 2, bestDistance = Float.infinity
        for _ in 0..<24 {
            let pixel = SIMD2(
                random.uniform(inset, size.x - inset), random.uniform(inset, size.y - inset))
            guard !scene.isSheet else { return pixel }
            let point = frame.point(Int(pixel.x), Int(pixel.y))
            let u = point.x >> 16, v = point.y >> 16
            guard u >= 0, v >= 0, u < scene.drawing.width, v < scene.drawing.height else { continue }
            let distance = scene.drawing.swatch[u, v].w
            if distance < -min(reach, 30) - 3 { return pixel }
            if distance < bestDistance { (best, bestDistance) = (pixel, distance) }
        }
        return best
    }

    private mutating func shape(
        _ frame: Frame, letterSize: Float, _ scale: Float, _ random: inout Random
    ) {
        switch kind {
        case .scratch: drawCurve(bend: 0.25, width: random.logarithmic(0.6, 1.9) * max(1, scale), &random)
        case .crack: drawCrack(width: random.logarithmic(0.7, 1.7) * max(1, scale), &random)
        case .contamination:
            if random.chance(0.5) { drawCurve(bend: 1.6, width: 0.9 * max(1, scale), &random) }
        case .misprint:
            let text =
                random.chance(0.5) ? Lettering.number(&random) : "OK " + Lettering.number(&random).suffix(3)
            let width = Lettering.width(of: text, size: letterSize)
            let weight = letterSize * 0.075
            let shift =
                random.chance(0.6) ? SIMD2(random.uniform(3, 7), random.uniform(-4, 4)) * scale : SIMD2()
            for offset in shift == SIMD2() ? [shift] : [SIMD2(), shift] {
                for stroke in Lettering.strokes(
                    of: text, at: SIMD2(-width, -letterSize) / 2, size: letterSize)
                {
                    let tilt = SIMD2(1, (along.x * 0.12))
                    func turned(_ point: SIMD2<Float>) -> SIMD2<Float> {
                        centre + offset + SIMD2(point.x - point.y * tilt.y, point.y + point.x * tilt.y)
                    }
                    strokes.append(
                        (Stroke(start: turned(stroke.start), end: turned(stroke.end)), weight, weight))
                }
            }
        case .dent, .stain, .hole, .inclusion: break
        }
        box = bounds(frame)
    }

    /// A curve from end to end, thinner towards both.
    private mutating func drawCurve(bend: Float, width: Float, _ random: inout Random) {
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
            strokes.append((Stroke(start: point(t), end: point(next)), halfWidth(t), halfWidth(next)))
        }
    }

    /// A walk that turns a little at every step, with a branch here and there.
    private mutating func drawCrack(width: Float, _ random: inout Random) {
        walk(from: centre - along * reach, along, length: reach * 2, width: width, depth: 0, &random)
    }

    private mutating func walk(
        from start: SIMD2<Float>, _ direction: SIMD2<Float>, length total: Float, width: Float, depth: Int,
        _ random: inout Random
    ) {
        var point = start, heading: Float = 0, left = total
        while left > 0, strokes.count < 160 {
            let pace = random.uniform(2.5, 6)
            // Back towards the main direction, so that the crack gets on.
            heading = heading * 0.72 + random.uniform(-0.62, 0.62)
            let across = SIMD2(-direction.y, direction.x)
            let way = direction + across * heading
            let next = point + way * (pace / SimulatedLine.length(way))
            let from = width * (0.3 + 0.7 * left / total)
            left -= pace
            let to = width * (0.3 + 0.7 * max(0, left) / total)
            strokes.append((Stroke(start: point, end: next), from, to))
            if depth < 2, random.chance(0.085) {
                let side: Float = random.chance(0.5) ? 0.8 : -0.8
                let branch = direction + across * side
                walk(
                    from: next, branch / SimulatedLine.length(branch),
                    length: left * random.uniform(0.25, 0.6),
                    width: to * 0.75, depth: depth + 1, &random)
            }
            point = next
        }
    }

    private func bounds(_ frame: Frame) -> Region {
        var low = centre, high = centre
        if strokes.isEmpty {
            let half =
                (placement.map { ($0.highHalf - $0.lowHalf) / 2 + 4 } ?? SIMD2(repeating: reach * 1.5)) + 5
            low -= half
            high += half
        }
        for piece in strokes {
            let margin = max(piece.start, piece.end) + 6
            low = pointwiseMin(low, pointwiseMin(piece.stroke.start, piece.stroke.end) - margin)
            high = pointwiseMax(high, pointwiseMax(piece.stroke.start, piece.stroke.end) + margin)
        }
        let left = Int(max(low.x.rounded(.down), Float(Flaw.border)))
        let top = Int(max(low.y.rounded(.down), Float(Flaw.border)))
        let right = Int(min(high.x.rounded(.up), Float(frame.size.width - Flaw.border)))
        let bottom = Int(min(high.y.rounded(.up), Float(frame.size.height - Flaw.border)))
        return Region(x: left, y: top, width: max(1, right - left), height: max(1, bottom - top))
    }
}
