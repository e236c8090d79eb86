internal import Imaging

extension Canvas {
    /// Draws `flaw` on the rows that are painted.
    mutating func draw(_ flaw: Flaw, _ frame: Frame, _ scene: borrowing Scene) {
        // The margin belongs to it too: what is outside the rows shades and blurs into them.
        let top = max(flaw.box.y, rows.lowerBound - Canvas.margin)
        let bottom = min(flaw.box.y + flaw.box.height, rows.upperBound + Canvas.margin)
        guard top < bottom else { return }
        let box = Region(x: flaw.box.x, y: top, width: flaw.box.width, height: bottom - top)
        if !flaw.strokes.isEmpty, flaw.kind != .contamination { measure(flaw, in: box) }
        switch flaw.kind {
        case .scratch: drawScratch(flaw, box)
        case .crack: drawCrack(flaw, box)
        case .dent: drawDent(flaw, box)
        case .stain: drawStain(flaw, box)
        case .hole:
            if let place = flaw.placement {
                drawMissingPart(place, frame, box)
            } else {
                drawHole(flaw, box)
            }
        case .inclusion: drawInclusion(flaw, box)
        case .contamination: flaw.strokes.isEmpty ? drawDust(flaw, box) : drawFibre(flaw, box)
        case .misprint: drawMisprint(flaw, box, isLight: scene.inkIsLight)
        }
    }

    /// Calls `body` with each pixel of `box` that shows the part, not the conveyor.
    @inline(__always)
    private mutating func forEachPixel(
        of box: Region, _ body: (inout Canvas, _ index: Int, _ point: SIMD2<Float>) -> Void
    ) {
        for y in box.y..<box.y + box.height {
            for x in box.x..<box.x + box.width {
                let index = index(x, y)
                guard material[index] != MaterialIndex.belt else { continue }
                body(&self, index, SIMD2(Float(x), Float(y)))
            }
        }
    }

    /// Puts the distance to the nearest stroke of `flaw` into `reach`, negative inside, 100 far away.
    private mutating func measure(_ flaw: Flaw, in box: Region, shift: SIMD2<Float> = SIMD2()) {
        for y in box.y..<box.y + box.height {
            for x in box.x..<box.x + box.width { reach[index(x, y)] = 100 }
        }
        for piece in flaw.strokes {
            let margin = max(piece.start, piece.end) + 5
            let start = piece.stroke.start + shift, end = piece.stroke.end + shift
            let stroke = Stroke(start: start, end: end)
            let low = pointwiseMin(start, end) - margin
            let high = pointwiseMax(start, end) + margin
            let left = max(box.x, Int(low.x)), right = min(box.x + box.width, Int(high.x) + 1)
            let top = max(box.y, Int(low.y)), bottom = min(box.y + box.height, Int(high.y) + 1)
            guard left < right, top < bottom else { continue }
            for y in top..<bottom {
                for x in left..<right {
                    let point = SIMD2(Float(x), Float(y)), share = stroke.share(at: point)
                    let way = start + (end - start) * share
                    let distance =
                        length(point - way) - piece.start - (piece.end - piece.start) * share
                    let index = index(x, y)
                    if distance < reach[index] { reach[index] = distance }
                }
            }
        }
    }

    /// A groove with a burr on both sides; the bare material in it is lighter, or dirt makes it darker.
    private mutating func drawScratch(_ flaw: Flaw, _ box: Region) {
        let strength = flaw.strength, isDark = flaw.seed & 3 == 0
        let skips = Noise(seed: flaw.seed)
        forEachPixel(of: box) { canvas, index, point in
            let distance = canvas.reach[index]
            guard distance < 2.5 else { return }
            let pressure = min(1, max(0.15, 0.75 + 0.6 * skips.value(point.x / 13, point.y / 13))) * strength
            let groove = min(max(0.5 - distance * 0.7, 0), 1)
            let burr = max(0, 1 - abs(distance - 0.9) / 1.3)
            canvas.height[index] += pressure * (0.75 * burr - 1.5 * groove)
            let albedo = canvas.albedo[index]
            let bare = isDark ? albedo * 0.35 : min(0.95, albedo * 1.25 + 0.20)
            canvas.albedo[index] = albedo + (bare - albedo) * groove * pressure
            canvas.gloss[index] += (isDark ? -0.5 : 0.35) * groove * pressure * canvas.gloss[index]
        }
    }

    /// A gap as deep as it is dark, with an edge that catches the light.
    private mutating func drawCrack(_ flaw: Flaw, _ box: Region) {
        let strength = flaw.strength
        forEachPixel(of: box) { canvas, index, _ in
            let distance = canvas.reach[index]
            guard distance < 1.5 else { return }
            let gap = min(max(0.5 - distance, 0), 1), edge = max(0, 1 - abs(distance - 0.6))
            canvas.height[index] -= strength * (1.1 * gap - 0.35 * edge)
            canvas.albedo[index] *= 1 - min(1, 0.88 * strength) * gap
            canvas.gloss[index] *= 1 - min(1, strength) * gap
        }
    }

    private mutating func drawDent(_ flaw: Flaw, _ box: Region) {
        let uneven = Noise(seed: flaw.seed)
        let sink: Float = flaw.seed & 7 == 0 ? 1 : -1
        let depth = sink * flaw.strength * 0.34 * flaw.reach
        forEachPixel(of: box) { canvas, index, point in
            let away = flaw.turned(point) * SIMD2(1, 1.35) / flaw.reach
            let r =
                (away * away).sum() * (1 + 0.35 * uneven.value(point.x / flaw.reach, point.y / flaw.reach))
            guard r < 1 else { return }
            canvas.height[index] += depth * (1 - r) * (1 - r)
        }
    }

    /// A dried puddle: darker on light ground, a pale film on dark ground, strongest at its border.
    private mutating func drawStain(_ flaw: Flaw, _ box: Region) {
        let outline = Noise(seed: flaw.seed), cloud = Noise(seed: flaw.seed &+ 1)
        forEachPixel(of: box) { canvas, index, point in
            let away = flaw.turned(point) * SIMD2(1, 1.25)
            let ragged =
                0.42 * outline.fractal(point.x / flaw.reach * 1.6, point.y / flaw.reach * 1.6, octaves: 4)
            let r = length(away) / flaw.reach + ragged
            guard r < 1.1 else { return }
            let film = step(1.08, 0.86, r), border = max(0, 1 - abs(r - 0.90) * 7)
            let cover =
                flaw.strength * (0.42 * film + 0.30 * border)
                * (0.85 + 0.3 * cloud.fractal(point.x / 9, point.y / 9, octaves: 2))
            let albedo = canvas.albedo[index]
            canvas.albedo[index] = albedo < 0.26 ? albedo + 0.22 * cover : albedo * max(0.08, 1 - cover)
            canvas.gloss[index] *= max(0, 1 - 0.8 * cover)
            if cover > 0.22, albedo >= 0.26 { canvas.pending[index] = MaterialIndex.stain }
        }
    }

    /// A cavity with a rim that falls into the dark.
    private mutating func drawHole(_ flaw: Flaw, _ box: Region) {
        let ragged = Noise(seed: flaw.seed), inside = max(0.55, min(1, flaw.strength))
        forEachPixel(of: box) { canvas, index, point in
            let away = flaw.turned(point) * SIMD2(1, 1.2)
            let r =
                length(away) / flaw.reach
                + 0.28 * ragged.fractal(point.x / flaw.reach * 1.4, point.y / flaw.reach * 1.4, octaves: 3)
            let distance = (r - 0.9) * flaw.reach
            guard distance < 2.5 else { return }
            let cavity = min(max(0.5 - distance, 0), 1)
            canvas.height[index] +=
                inside * (0.8 * max(0, 1 - abs(distance - 0.8) / 1.8) + max(-3, min(0, distance)))
            let floor =
                0.035 + 0.05 * (1 + ragged.value(point.x / 3, point.y / 3)) * step(-1, -flaw.reach, distance)
            canvas.albedo[index] += (floor - canvas.albedo[index]) * cavity * inside
            canvas.gloss[index] *= 1 - cavity * inside
        }
    }

    /// The place of a part with two ends that was not placed: bare pads.
    private mutating func drawMissingPart(_ place: SIMD4<Float>, _ frame: Frame, _ box: Region) {
        let half = (place.highHalf - place.lowHalf) / 2, middle = (place.highHalf + place.lowHalf) / 2
        let along: SIMD2<Float> = half.x > half.y ? [1, 0] : [0, 1]
        let side = min(half.x, half.y) * 0.56, gap = max(half.x, half.y) * 0.6
        forEachPixel(of: box) { canvas, index, point in
            let seen = frame.point(Int(point.x), Int(point.y))
            let away = SIMD2(Float(seen.x) / 65_536, Float(seen.y) / 65_536) - middle
            let inside = Shape.square(away, half)
            guard inside < 0.5 else { return }
            let cover = min(1, 0.5 - inside)
            let pad = min(
                Shape.square(away - along * gap, SIMD2(repeating: side)),
                Shape.square(away + along * gap, SIMD2(repeating: side)))
            let isPad = min(max(0.5 - pad, 0), 1)
            canvas.height[index] += (0.6 * isPad - canvas.height[index]) * cover
            canvas.albedo[index] += (0.22 + 0.44 * isPad - canvas.albedo[index]) * cover
            canvas.gloss[index] += (0.5 + 0.3 * isPad - canvas.gloss[index]) * cover
            if cover > 0.5 { canvas.pending[index] = isPad > 0.5 ? MaterialIndex.second : MaterialIndex.body }
        }
    }

    /// Grains of slag or of another batch: sharp, angular, a little proud of the surface.
    private mutating func drawInclusion(_ flaw: Flaw, _ box: Region) {
        let edges = Noise(seed: flaw.seed)
        var random = Random(seed: flaw.seed, purpose: .layout)
        let isLight = random.chance(0.35)
        let grains = (0..<1 + random.index(below: 4)).map { number in
            let offset =
                SIMD2(random.uniform(-1, 1), random.uniform(-1, 1)) * flaw.reach * (number == 0 ? 0.1 : 0.8)
            return SIMD3(offset, max(1.3, flaw.reach * random.uniform(0.2, number == 0 ? 0.8 : 0.4)))
        }
        forEachPixel(of: box) { canvas, index, point in
            let jag = 0.5 * edges.fractal(point.x / 4.5, point.y / 4.5, octaves: 2)
            var distance = Float(100)
            for grain in grains {
                let away = magnitude(point - flaw.centre - SIMD2(grain.x, grain.y))
                distance = min(
                    distance, max(away.x, away.y) * 0.6 + (away.x + away.y) * 0.35 - grain.z * (1 + jag))
            }
            guard distance < 0.5 else { return }
            let cover = min(1, 0.5 - distance), albedo = canvas.albedo[index]
            let grain = isLight ? min(0.95, albedo * 1.5 + 0.18) : albedo * 0.22
            canvas.albedo[index] = albedo + (grain * (1 + 0.5 * jag) - albedo) * cover * min(1, flaw.strength)
            canvas.height[index] += flaw.strength * 1.4 * cover
            canvas.pending[index] = MaterialIndex.foreign
        }
    }

    /// A thread that lies on the surface and shades it.
    private mutating func drawFibre(_ flaw: Flaw, _ box: Region) {
        let isLight = flaw.seed & 3 != 0
        // Its shadow falls away from the lamp.
        measure(flaw, in: box, shift: SIMD2(2, 2))
        forEachPixel(of: box) { canvas, index, _ in
            let shade = min(max(1 - canvas.reach[index] * 0.5, 0), 1) * 0.5 * min(1, flaw.strength)
            canvas.albedo[index] *= 1 - shade
            canvas.gloss[index] *= 1 - shade
        }
        measure(flaw, in: box)
        forEachPixel(of: box) { canvas, index, point in
            let distance = canvas.reach[index]
            guard distance < 0.5 else { return }
            let cover = min(1, 0.5 - distance)
            let thread: Float = isLight ? 0.86 : 0.07
            canvas.albedo[index] +=
                (thread - canvas.albedo[index]) * cover * min(1, 0.25 + 0.75 * flaw.strength)
            canvas.height[index] += flaw.strength * 1.2 * cover
            canvas.pending[index] = isLight ? MaterialIndex.ink : MaterialIndex.foreign
        }
    }

    /// Crumbs, denser in the middle.
    private mutating func drawDust(_ flaw: Flaw, _ box: Region) {
        let isLight = flaw.seed & 1 == 0
        var random = Random(seed: flaw.seed, purpose: .layout)
        let crumbs = (0..<5 + random.index(below: 14)).map { _ in
            let offset =
                SIMD2(random.uniform(-1, 1), random.uniform(-1, 1)) * random.uniform(0, 1) * flaw.reach
            return SIMD3(offset, random.logarithmic(0.8, 3.2))
        }
        forEachPixel(of: box) { canvas, index, point in
            var distance = Float(100)
            for crumb in crumbs {
                distance = min(distance, length(point - flaw.centre - SIMD2(crumb.x, crumb.y)) - crumb.z)
            }
            guard distance < 2 else { return }
            let cover = min(max(0.5 - distance, 0), 1), strength = min(1, 0.2 + 0.8 * flaw.strength)
            let crumb: Float = isLight ? 0.80 : 0.08
            // Where it touches the ground it is dark around.
            canvas.albedo[index] *= 1 - 0.35 * strength * max(0, 1 - abs(distance - 0.8) / 1.2)
            canvas.albedo[index] += (crumb - canvas.albedo[index]) * cover * strength
            canvas.height[index] += flaw.strength * max(-1.8, min(0, distance)) * -1.1
            if cover > 0.5 { canvas.pending[index] = MaterialIndex.foreign }
        }
    }

    /// Ink on the surface, thin in places.
    private mutating func drawMisprint(_ flaw: Flaw, _ box: Region, isLight: Bool) {
        let thin = Noise(seed: flaw.seed)
        forEachPixel(of: box) { canvas, index, point in
            let distance = canvas.reach[index]
            guard distance < 0.5 else { return }
            let patchy = min(1, 0.85 + 0.5 * thin.fractal(point.x / 12, point.y / 12, octaves: 3))
            let cover = min(1, 0.5 - distance) * min(1, 0.3 + 0.7 * flaw.strength) * max(0, patchy)
            let ink: Float = isLight ? 0.78 : 0.10
            canvas.albedo[index] += (ink - canvas.albedo[index]) * cover
            canvas.gloss[index] *= 1 - 0.6 * cover
            if cover > 0.4 { canvas.pending[index] = MaterialIndex.ink }
        }
    }
}

extension Flaw {
    /// `point` from the middle of the flaw, along and across its direction.
    func turned(_ point: SIMD2<Float>) -> SIMD2<Float> {
        let away = point - centre
        return SIMD2((away * along).sum(), away.y * along.x - away.x * along.y)
    }
}

extension Shape {
    /// How far `away` from its middle a point is from the edge of a rectangle; not exact outside of corners.
    static func square(_ away: SIMD2<Float>, _ half: SIMD2<Float>) -> Float {
        let outside = magnitude(away) - half
        return max(outside.x, outside.y)
    }
}
