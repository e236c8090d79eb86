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
    private var lines = FlawLines()
    /// Lines that it consists of, with their half widths at both ends.
    var strokes: [FlawLines.Piece] { lines.pieces }
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
        case .scratch: curve(bend: 0.25, width: random.logarithmic(0.6, 1.9) * max(1, scale), &random)
        case .crack:
            let width = random.logarithmic(0.7, 1.7) * max(1, scale)
            lines.addCrack(from: centre - along * reach, along, length: reach * 2, width: width, &random)
        case .contamination:
            if random.chance(0.5) { curve(bend: 1.6, width: 0.9 * max(1, scale), &random) }
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
                    lines.pieces.append(
                        (Stroke(start: turned(stroke.start), end: turned(stroke.end)), weight, weight))
                }
            }
        case .dent, .stain, .hole, .inclusion: break
        }
        box = bounds(frame)
    }

    private mutating func curve(bend: Float, width: Float, _ random: inout Random) {
        lines.addCurve(centre, along: along, reach: reach, bend: bend, width: width, &random)
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
