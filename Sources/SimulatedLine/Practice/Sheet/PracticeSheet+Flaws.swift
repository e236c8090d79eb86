internal import Imaging

extension PracticeSheet {
    /// Draws `flaw` on the part.
    mutating func draw(_ flaw: PracticeFlaw) {
        switch flaw.form {
        case .scratch: drawScratch(flaw)
        case .crack: drawCrack(flaw)
        case .dent: drawDent(flaw)
        case .stain, .drop, .discolour, .rust, .burn, .scuff: drawPatch(flaw)
        case .hole: drawHole(flaw)
        case .dust, .inclusion: drawGrains(flaw)
        case .fibre, .thread: drawThread(flaw)
        case .misprint: drawMisprint(flaw)
        case .crease: drawCrease(flaw)
        case .tear, .cut: drawTear(flaw)
        case .chip: drawChip(flaw)
        }
    }

    /// Calls `body` with each pixel of the part in the flaw's box, its place in units of the frame, and how
    /// far it is from the flaw's lines, in units.
    @inline(__always)
    private mutating func forEachPixel(
        _ flaw: PracticeFlaw, _ body: (SIMD2<Float>, _ distance: Float, inout Coat) -> Void
    ) {
        let box = flaw.box * pose.scale, margin = PracticeSheet.margin
        let left = max(-margin, Int(box.x)), right = min(size.width + margin, Int(box.z) + 1)
        let top = max(-margin, Int(box.y)), bottom = min(size.height + margin, Int(box.w) + 1)
        guard left < right, top < bottom else { return }
        for y in top..<bottom {
            for x in left..<right {
                let here = index(x, y)
                guard outline[here] < 0 else { continue }
                let place = SIMD2(Float(x), Float(y)) / pose.scale
                var coat = Coat(colour[here], height: height[here])
                body(place, flaw.lines.pieces.isEmpty ? 0 : flaw.lines.distance(to: place), &coat)
                colour[here] = coat.colour
                height[here] = coat.height
            }
        }
    }

    /// A groove with a burr on both sides; the bare material in it is lighter, or dirt makes it darker.
    private mutating func drawScratch(_ flaw: PracticeFlaw) {
        let isDark = flaw.seed & 3 == 0, skips = Noise(seed: flaw.seed), scale = pose.scale
        forEachPixel(flaw) { place, distance, coat in
            guard distance < 2.5 else { return }
            let press = min(1, max(0.25, 0.8 + 0.6 * skips.value(place.x / 9, place.y / 9))) * flaw.strength
            let groove = coverage(distance, scale)
            let burr = max(0, 1 - abs(distance - 0.8) / 1.1)
            coat.height += press * (0.55 * burr - 1.2 * groove)
            let bare =
                isDark ? coat.colour.toned(0.35) : coat.colour.toned(1.2) + SIMD4(0.22, 0.22, 0.22, 0.2)
            coat.blend(bare, min(1, groove * press))
        }
    }

    private mutating func drawCrack(_ flaw: PracticeFlaw) {
        let scale = pose.scale
        forEachPixel(flaw) { _, distance, coat in
            guard distance < 1.5 else { return }
            let gap = coverage(distance, scale), edge = max(0, 1 - abs(distance - 0.6))
            coat.height -= flaw.strength * (0.9 * gap - 0.3 * edge)
            coat.tone(1 - min(1, 0.9 * flaw.strength) * gap)
            coat.colour.w *= 1 - gap
        }
    }

    private mutating func drawDent(_ flaw: PracticeFlaw) {
        let uneven = Noise(seed: flaw.seed), sink: Float = flaw.seed & 7 == 0 ? 1 : -1
        let depth = sink * flaw.strength * 0.42 * flaw.reach
        forEachPixel(flaw) { place, _, coat in
            let away = flaw.turned(place) * SIMD2(1, 1.35) / flaw.reach
            let bent = uneven.value(place.x / flaw.reach, place.y / flaw.reach)
            let r = (away * away).sum() * (1 + 0.35 * bent)
            guard r < 1 else { return }
            coat.height += depth * (1 - r) * (1 - r)
            coat.tone(1 + 0.12 * sink * (1 - r))
        }
    }

    /// Stains, drops, faded or wrong colour, rust, burns, rubbed places: a ragged patch that changes the coat.
    private mutating func drawPatch(_ flaw: PracticeFlaw) {
        let outline = Noise(seed: flaw.seed), cloud = Noise(seed: flaw.seed &+ 1)
        var random = Random(seed: flaw.seed, purpose: .material)
        let form = flaw.form
        let ragged: Float = form == .drop ? 0.12 : form == .burn ? 0.3 : 0.5
        let dye = random.colour(saturation: random.uniform(0.3, 0.9), value: random.uniform(0.2, 0.9))
        let dirt = random.pick([paint(0.25, 0.17, 0.08), grey(0.08), paint(0.35, 0.3, 0.2), dye.toned(0.5)])
        let rust = random.near(paint(0.42, 0.17, 0.05, gloss: 0.02), tone: 0.3)
        forEachPixel(flaw) { place, _, coat in
            let away = flaw.turned(place) * SIMD2(1, 1.3)
            let rough = outline.fractal(place.x / flaw.reach * 1.7, place.y / flaw.reach * 1.7, octaves: 4)
            let r = length(away) / flaw.reach + ragged * rough
            guard r < 1.1 else { return }
            let film = step(1.08, 0.86, r), border = max(0, 1 - abs(r - 0.9) * 7)
            let grain = cloud.fractal(place.x / 4, place.y / 4, octaves: 2)
            switch form {
            case .stain:
                let share = min(1, flaw.strength * (0.5 * film + 0.3 * border) * (0.85 + 0.3 * grain))
                coat.blend(dirt.with(gloss: coat.colour.w * 0.4), share)
            case .drop:
                coat.height += flaw.strength * 1.5 * step(1, 0, r)
                coat.blend(coat.colour.toned(0.7).with(gloss: 0.9), min(1, film * flaw.strength))
            case .rust:
                let share = min(1, flaw.strength * 1.4 * film * (0.5 + 0.9 * grain + 0.4 * step(1, 0, r)))
                coat.blend(rust.toned(1 + 0.5 * grain), max(0, share))
                coat.height += 0.4 * film * grain
            case .burn:
                let share = min(1, flaw.strength * 1.1 * step(1.1, 0.2, r))
                coat.blend(paint(0.10, 0.06, 0.03, gloss: 0.05), share)
            case .scuff:
                let lines = cloud.value(flaw.turned(place).x / 20, flaw.turned(place).y / 0.9)
                let share = min(1, flaw.strength * film * max(0, 0.3 + 0.8 * lines))
                coat.blend(coat.colour.toned(0.8) + SIMD4(0.25, 0.25, 0.25, -0.1), share)
            default:
                coat.blend(
                    dye.toned(0.6 + coat.colour.y).with(gloss: coat.colour.w),
                    min(1, flaw.strength * 0.6 * film))
            }
        }
    }

    /// A cavity with a rim that falls into what lies below.
    private mutating func drawHole(_ flaw: PracticeFlaw) {
        let scale = pose.scale
        let ragged = Noise(seed: flaw.seed), inside = max(0.7, min(1, flaw.strength)), under = look.under
        let jag: Float = flaw.seed & 16 == 0 ? 0.1 : 0.3
        forEachPixel(flaw) { place, _, coat in
            let away = flaw.turned(place) * SIMD2(1, 1.2)
            let rough = ragged.fractal(place.x / flaw.reach * 1.4, place.y / flaw.reach * 1.4, octaves: 3)
            let distance = (length(away) / flaw.reach + jag * rough - 0.9) * flaw.reach
            guard distance < 2.5 else { return }
            coat.height +=
                inside * (0.5 * max(0, 1 - abs(distance - 0.8) / 1.8) + max(-2.5, min(0, distance)))
            coat.blend(under, coverage(distance, scale) * inside)
        }
    }

    /// Crumbs, denser in the middle, or sharp grains of something foreign.
    private mutating func drawGrains(_ flaw: PracticeFlaw) {
        let scale = pose.scale
        var random = Random(seed: flaw.seed, purpose: .layout)
        let isDust = flaw.form == .dust
        let tint = random.colour(saturation: random.uniform(0, 0.8), value: 0.8)
        let grain = random.pick([grey(0.85), grey(0.07), tint, paint(0.4, 0.3, 0.15)])
        let count = isDust ? 5 + random.index(below: 14) : 1 + random.index(below: 4)
        let grains = (0..<count).map { number in
            let spread: Float = isDust ? random.uniform(0, 1) : number == 0 ? 0.1 : 0.8
            let offset = SIMD2(random.uniform(-1, 1), random.uniform(-1, 1)) * spread * flaw.reach
            let radius =
                isDust
                ? random.logarithmic(0.7, 2.6)
                : max(1.2, flaw.reach * random.uniform(0.2, number == 0 ? 0.8 : 0.4))
            return SIMD3(flaw.centre + offset, radius)
        }
        let edges = Noise(seed: flaw.seed)
        forEachPixel(flaw) { place, _, coat in
            let jag = (isDust ? 0.15 : 0.5) * edges.fractal(place.x / 3, place.y / 3, octaves: 2)
            var distance = Float(100)
            for grain in grains {
                let away = magnitude(place - SIMD2(grain.x, grain.y))
                distance = min(
                    distance, max(away.x, away.y) * 0.6 + (away.x + away.y) * 0.35 - grain.z * (1 + jag))
            }
            guard distance < 2 else { return }
            let share = coverage(distance, scale) * min(1, 0.4 + 0.6 * flaw.strength)
            coat.tone(1 - 0.3 * max(0, 1 - abs(distance - 0.8) / 1.2))
            coat.blend(grain.toned(1 + jag), share)
            coat.height += flaw.strength * max(-1.5, min(0, distance)) * -0.8
        }
    }

    /// A fibre or a loose thread that lies on the surface and shades it.
    private mutating func drawThread(_ flaw: PracticeFlaw) {
        let scale = pose.scale
        var random = Random(seed: flaw.seed, purpose: .layout)
        let tint = random.colour(saturation: 0.7, value: 0.7)
        let fibre = random.pick([grey(0.88), grey(0.88), grey(0.07), tint])
        forEachPixel(flaw) { _, distance, coat in
            guard distance < 2.5 else { return }
            coat.tone(1 - 0.4 * min(1, flaw.strength) * max(0, 1 - max(0, distance) * 0.5))
            let share = coverage(distance, scale)
            coat.blend(fibre, share * min(1, 0.35 + 0.65 * flaw.strength))
            coat.height += flaw.strength * share
        }
    }

    /// Ink where it does not belong, thin in places.
    private mutating func drawMisprint(_ flaw: PracticeFlaw) {
        let scale = pose.scale
        var random = Random(seed: flaw.seed, purpose: .layout)
        let tint = random.colour(saturation: 0.9, value: random.uniform(0.2, 0.7))
        let ink = random.pick([grey(0.06), grey(0.06), tint, grey(0.9)])
        let thin = Noise(seed: flaw.seed)
        forEachPixel(flaw) { place, distance, coat in
            guard distance < 1 else { return }
            let patchy = min(1, 0.85 + 0.5 * thin.fractal(place.x / 8, place.y / 8, octaves: 2))
            coat.blend(ink, coverage(distance, scale) * min(1, 0.4 + 0.6 * flaw.strength) * max(0, patchy))
        }
    }

    /// A fold: one flank rises to it, the other falls, and the ridge is worn.
    private mutating func drawCrease(_ flaw: PracticeFlaw) {
        let side: Float = flaw.seed & 1 == 0 ? 1 : -1
        forEachPixel(flaw) { place, distance, coat in
            guard distance < 6 else { return }
            let along = flaw.turned(place).x / flaw.reach
            let fade = max(0, 1 - along * along) * flaw.strength
            coat.height += side * fade * 1.9 * max(0, 1 - max(0, distance) / 6)
            let worn = max(0, 0.8 - max(0, distance)) * fade
            coat.blend(coat.colour.toned(side > 0 ? 1.25 : 0.6), min(1, worn))
        }
    }

    /// A gap whose edges curl up.
    private mutating func drawTear(_ flaw: PracticeFlaw) {
        let scale = pose.scale
        let ragged = Noise(seed: flaw.seed), under = look.under
        let jag: Float = flaw.form == .tear ? 1.8 : 0.2
        forEachPixel(flaw) { place, distance, coat in
            let away = distance + jag * ragged.fractal(place.x / 3, place.y / 3, octaves: 2)
            guard away < 3 else { return }
            let share = coverage(away, scale)
            let curl = max(0, 1 - abs(away - 1) / 1.5) * flaw.strength
            coat.height += 0.8 * curl - 1.5 * share
            coat.tone(1 + 0.2 * curl)
            coat.blend(under, share)
        }
    }

    /// A bite out of the edge, or out of the surface of a sheet: what is below shows, and a fresh break.
    private mutating func drawChip(_ flaw: PracticeFlaw) {
        let scale = pose.scale
        let ragged = Noise(seed: flaw.seed)
        let below = isTexture ? nil : look.ground.toned(1 - 0.5 * look.shade)
        let isDeep = below != nil && flaw.seed & 32 == 0
        forEachPixel(flaw) { place, _, coat in
            let away = flaw.turned(place) * SIMD2(1, 1.25)
            let rough = ragged.fractal(place.x / flaw.reach * 2, place.y / flaw.reach * 2, octaves: 3)
            let distance = (length(away) / flaw.reach + 0.4 * rough - 0.85) * flaw.reach
            guard distance < 1 else { return }
            let share = coverage(distance, scale)
            if isDeep, let below {
                coat.blend(below, share)
                coat.height -= share
            } else {
                coat.height += min(0, distance) * 0.5 * flaw.strength + 0.5 * rough * share
                coat.blend((coat.colour.toned(0.75) + grey(0.1, gloss: 0)).with(gloss: 0.05), share * 0.8)
            }
        }
    }
}

/// How much of a pixel lies on the near side of an edge `distance` units away.
@inline(__always)
func coverage(_ distance: Float, _ scale: Float) -> Float { min(max(0.5 - distance * scale, 0), 1) }
