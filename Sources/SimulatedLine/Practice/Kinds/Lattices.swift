extension PracticeKind {
    /// What repeats on a grid: meshes, tiles, bricks, cells.
    static let lattices: [PracticeKind] = [
        wireMesh, perforatedSheet, ceramicTiles, brickWall, solarCell, honeycomb, heatSink,
    ]

    static let wireMesh = PracticeKind.texture(
        ["wire mesh", "metal grid", "woven wire screen"],
        .flaws(["contaminated": .dust, "rusty": .rust, "stained": .stain, "with a loose fibre": .fibre])
            + .own("with a broken wire", "with a bent wire")
    ) { random in
        let base = random.near(random.pick([grey(0.55), grey(0.4), paint(0.6, 0.45, 0.25)])).with(gloss: 0.7)
        let ground = random.near(grey(random.pick([0.05, 0.1, 0.8, 0.5])))
        let pitch = random.logarithmic(9, 34), half = pitch * random.uniform(0.10, 0.2),
            fine = Noise(seed: random.seed())
        return { sheet, own in
            let middle = sheet.middle
            let broken = own.map { _ in period(middle.y, pitch) } ?? Int.min
            let start = middle.x + (own?.uniform(0, -40, 10) ?? 0),
                end = start + (own?.uniform(1, 8, 40) ?? 0)
            let bulge = own?.number == 1 ? (own?.uniform(2, 0.3, 0.7) ?? 0) * pitch : 0
            sheet.everywhere { place, coat in
                let column = period(place.x, pitch), row = period(place.y, pitch)
                let dx = phase(place.x, pitch) * pitch / half
                var y = place.y
                if bulge > 0, row == broken || row == broken + 1 {
                    let t = (place.x - middle.x) / 40
                    let pull = bulge * max(0, 1 - t * t)
                    if abs(y - Float(broken) * pitch - pull) < half * 1.2 {
                        y -= pull
                    } else if row == broken, pull > 0.5 {
                        y = (Float(row) + 0.5) * pitch
                    }
                }
                let dy = phase(y, pitch) * pitch / half
                var warp = round(dx), weft = round(dy)
                if own?.number == 0, row == broken, place.x > start, place.x < end { weft = 0 }
                let side: Float = (column + row) & 1 == 0 ? 0.6 : -0.6
                if warp > 0 { warp += side }
                if weft > 0 { weft -= side }
                coat.colour = ground
                coat.tone(1 + 0.1 * fine.value(place.x / 4, place.y / 4))
                let top = max(warp, weft)
                guard round(dx) > 0 || weft != 0 else { return }
                coat.colour = base
                coat.tone(0.55 + 0.35 * min(1, max(0, top + 0.4)))
                coat.height = half * (0.4 + top)
            }
        }
    }

    static let perforatedSheet = PracticeKind.texture(
        ["perforated sheet", "perforated metal", "hole plate"],
        .flaws([
            "scratched": .scratch, "dented": .dent, "stained": .stain, "rusty": .rust, "contaminated": .fibre,
        ])
            + .own("with a missing hole", "with a misshapen hole")
    ) { random in
        let base =
            random.chance(0.7)
            ? random.near(grey(0.5)).with(gloss: 0.6) : random.colour(saturation: 0.6, value: 0.6)
        let hole = random.near(grey(random.pick([0.03, 0.06, 0.9])))
        let pitch = random.logarithmic(9, 34), radius = pitch * random.uniform(0.22, 0.4)
        let offset: Float = random.chance(0.6) ? 0.5 : 0, style = random.index(below: 3),
            fine = Noise(seed: random.seed())
        return { sheet, own in
            let middle = sheet.middle / pitch, size = own?.uniform(0, 0.5, 1.5) ?? 1
            let bad = own.map { _ in
                SIMD2(
                    Int((middle.x - (Int(middle.y.rounded()) & 1 == 0 ? 0 : offset)).rounded()),
                    Int(middle.y.rounded()))
            }
            sheet.everywhere { place, coat in
                let p = place / pitch, row = Int(p.y.rounded())
                let x = p.x - (row & 1 == 0 ? 0 : offset), column = Int(x.rounded())
                let away = SIMD2(x - Float(column), p.y - Float(row)) * pitch
                var distance: Float
                switch style {
                case 0: distance = length(away) - radius
                case 1: distance = box(away, SIMD2(radius, radius), 1)
                default: distance = box(away, SIMD2(radius * 1.15, radius * 0.45), radius * 0.45)
                }
                if bad == SIMD2(column, row) {
                    distance =
                        own?.number == 0
                        ? 9 : length(away * SIMD2(1, size)) - radius * (size < 1 ? 0.75 : 1.2)
                }
                let grain = fine.value(place.x / 40, place.y)
                coat.colour = base
                coat.tone(1 + 0.07 * grain)
                let rim = max(0, 1 - abs(distance - 0.5))
                coat.height = 0.1 * grain - 0.5 * rim
                coat.blend(hole, coverage(distance, sheetScale))
            }
        }
    }

    /// About the pixels per unit of a picture of 256 x 256.
    private static let sheetScale: Float = 1

    static let ceramicTiles = PracticeKind.texture(
        ["ceramic tiles", "tiled wall", "glazed tile", "mosaic tiles"],
        .flaws([
            "cracked": .crack, "chipped": .chip, "stained": .stain, "scratched": .scratch,
            "contaminated": .dust,
        ])
            + .own("with a missing tile", "with a wrong colour")
    ) { random in
        let base =
            random.chance(0.4)
            ? random.near(grey(0.82))
            : random.colour(saturation: random.uniform(0.2, 0.8), value: random.uniform(0.35, 0.85))
        let grout = random.near(grey(random.pick([0.25, 0.55, 0.8]))),
            odd = random.colour(saturation: 0.8, value: 0.6)
        let wide = random.logarithmic(20, 110), high = random.chance(0.7) ? wide : wide * 0.5
        let gap = random.uniform(0.9, 3), gloss = random.uniform(0.3, 0.9), variety = random.uniform(0, 0.25)
        let seed = random.seed(), glaze = Noise(seed: seed), bond: Float = high < wide ? 0.5 : 0
        return { sheet, own in
            sheet.look.roughness = SIMD2(0.15, 0.15)
            let middle = sheet.middle
            func cell(_ place: SIMD2<Float>) -> (SIMD2<Int>, SIMD2<Float>) {
                let row = Int((place.y / high).rounded())
                let x = place.x / wide - (row & 1 == 0 ? 0 : bond), column = Int(x.rounded())
                return (SIMD2(column, row), SIMD2((x - Float(column)) * wide, place.y - Float(row) * high))
            }
            let bad = own.map { _ in cell(middle).0 }
            sheet.everywhere { place, coat in
                let (spot, away) = cell(place)
                let distance = box(away, SIMD2(wide, high) / 2 - gap, 1.2)
                let lot = chanced(spot.x, spot.y, seed)
                let cloud = glaze.fractal(place.x / 14 + 50 * lot, place.y / 14, octaves: 2)
                coat.colour = grout.with(gloss: 0.02)
                coat.tone(1 + 0.12 * glaze.value(place.x, place.y))
                if distance > 0.5 { return }
                if bad == spot, own?.number == 0 {
                    coat.tone(0.5 + 0.3 * cloud)
                    coat.height = -2
                    return
                }
                let tile = (bad == spot ? odd : base).with(gloss: gloss)
                coat.blend(tile.toned(1 + variety * (lot - 0.5) * 2 + 0.05 * cloud), coverage(distance, 1))
                coat.height = 2 * step(0.5, -2.5, distance) + 0.25 * cloud
            }
        }
    }

    static let brickWall = PracticeKind.texture(
        ["brick wall", "bricks", "brickwork"],
        .flaws([
            "cracked": .crack, "chipped": .chip, "stained": .stain, "with a hole": .hole,
            "contaminated": .dust,
        ])
            + .own("with a missing brick")
    ) { random in
        let base = random.near(
            random.pick([paint(0.55, 0.25, 0.17), paint(0.6, 0.4, 0.28), grey(0.45), paint(0.35, 0.18, 0.14)])
        ).with(gloss: 0.03)
        let mortar = random.near(grey(0.6, gloss: 0.02), tone: 0.4)
        let high = random.logarithmic(15, 42), wide = high * random.uniform(2, 3.2),
            gap = random.uniform(1.2, 3)
        let seed = random.seed(), rough = Noise(seed: seed), variety = random.uniform(0.1, 0.4)
        return { sheet, own in
            let middle = sheet.middle
            let badRow = own.map { _ in period(middle.y, high) } ?? Int.min
            let badColumn = period(middle.x - (badRow & 1 == 0 ? 0 : wide / 2), wide)
            sheet.everywhere { place, coat in
                let grain = rough.fractal(place.x / 3, place.y / 3, octaves: 3)
                let row = period(place.y, high), x = place.x - (row & 1 == 0 ? 0 : wide / 2)
                let column = period(x, wide)
                let away = SIMD2(phase(x, wide) * wide, phase(place.y, high) * high)
                let distance = box(away, SIMD2(wide, high) / 2 - gap, 1) + 0.7 * grain
                let lot = chanced(column, row, seed)
                coat.colour = mortar
                coat.tone(1 + 0.2 * grain)
                coat.height = 0.6 * grain
                if row == badRow, column == badColumn, own != nil, distance < 0 {
                    coat.tone(0.25)
                    coat.height = -2
                    return
                }
                coat.blend(base.toned(1 + variety * (lot - 0.5) * 2 + 0.25 * grain), coverage(distance, 1))
                coat.height += 1.8 * step(0.5, -1.5, distance)
            }
        }
    }

    static let solarCell = PracticeKind.texture(
        ["solar cell", "photovoltaic cell", "solar panel"],
        .flaws([
            "cracked": .crack, "scratched": .scratch, "chipped": .chip, "stained": .stain,
            "contaminated": .dust, "discoloured": .discolour,
        ])
            + .own("with a broken finger")
    ) { random in
        let base = random.near(random.pick([paint(0.07, 0.11, 0.26), grey(0.08), paint(0.10, 0.16, 0.35)]))
            .with(gloss: 0.4)
        let silver = random.near(grey(0.72)).with(gloss: 0.6)
        let finger = random.uniform(6, 18), thin = random.uniform(0.35, 0.8), bus = random.uniform(50, 120),
            busHalf = random.uniform(1.5, 4)
        let cells = Cells(seed: random.seed()), isPoly = random.chance(0.6), fine = Noise(seed: random.seed())
        return { sheet, own in
            let middle = sheet.middle, bad = own.map { _ in period(middle.y, finger) } ?? Int.min
            let start = middle.x + (own?.uniform(0, -50, 10) ?? 0),
                end = start + (own?.uniform(1, 10, 45) ?? 0)
            sheet.everywhere { place, coat in
                coat.colour = base
                if isPoly { coat.tone(0.7 + 0.6 * cells.nearest(place / 20).mark) }
                coat.tone(1 + 0.06 * fine.value(place.x / 2, place.y / 2))
                var line = abs(phase(place.y, finger)) * finger - thin
                if period(place.y, finger) == bad, place.x > start, place.x < end { line = 9 }
                let rail = abs(phase(place.x, bus)) * bus - busHalf
                let share = max(coverage(line, 1), coverage(rail, 1))
                coat.blend(silver, share)
                coat.height = 0.5 * share
            }
        }
    }

    static let honeycomb = PracticeKind.texture(
        ["honeycomb core", "hexagonal grid", "catalyst honeycomb"],
        .flaws(["contaminated": .dust, "stained": .stain, "torn": .tear, "dented": .dent])
            + .own("with a clogged cell", "with a missing wall")
    ) { random in
        let wall = random.near(
            random.pick([grey(0.65), paint(0.7, 0.6, 0.4), grey(0.4), paint(0.75, 0.7, 0.6)])
        ).with(gloss: 0.5)
        let inside = random.near(grey(random.pick([0.04, 0.08, 0.2]))), pitch = random.logarithmic(12, 44)
        let half = random.uniform(0.05, 0.12) * pitch, fine = Noise(seed: random.seed())
        return { sheet, own in
            func cell(_ place: SIMD2<Float>) -> (middle: SIMD2<Float>, edge: Float) {
                // Two interleaved rectangular lattices make the hexagons.
                let s = SIMD2(pitch, pitch * 1.732_050_8)
                let a = SIMD2((place.x / s.x).rounded(), (place.y / s.y).rounded()) * s
                let shifted = (place - s / 2) / s
                let b = SIMD2(shifted.x.rounded(), shifted.y.rounded()) * s + s / 2
                let middle = length(place - a) < length(place - b) ? a : b
                let q = magnitude(place - middle)
                return (middle, pitch / 2 - max(q.x, 0.5 * q.x + 0.866_025_4 * q.y))
            }
            let bad = own.map { _ in cell(sheet.middle).middle } ?? SIMD2(1e9, 1e9)
            sheet.everywhere { place, coat in
                let here = cell(place), grain = fine.fractal(place.x / 3, place.y / 3, octaves: 2)
                let depth = step(half, half + pitch * 0.35, here.edge)
                let isBad = length(here.middle - bad) < 1
                if isBad, own?.number == 0, here.edge > half {
                    coat.colour = wall.toned(0.75 + 0.2 * grain)
                    coat.height = 0.8 * grain
                    return
                }
                coat.colour = inside.mixed(wall, 0.3 * (1 - depth))
                var edge = half - here.edge
                if isBad, own?.number == 1, place.x > here.middle.x { edge = -1 }
                coat.blend(wall.toned(1 + 0.1 * grain), coverage(-edge, 1))
                coat.height = edge > 0 ? 1.5 : 0
            }
        }
    }

    static let heatSink = PracticeKind.texture(
        ["heat sink", "cooling fins", "ribbed profile"],
        .flaws([
            "scratched": .scratch, "contaminated": .dust, "stained": .stain, "dented": .dent,
            "chipped": .chip,
        ])
            + .own("with a bent fin", "with a missing fin")
    ) { random in
        let base = random.near(grey(random.pick([0.55, 0.45, 0.14, 0.3]))).with(gloss: 0.5)
        let pitch = random.logarithmic(10, 32), half = pitch * random.uniform(0.14, 0.3),
            fine = Noise(seed: random.seed())
        return { sheet, own in
            let middle = sheet.middle, bad = own.map { _ in period(middle.x, pitch) } ?? Int.min
            let pull = (own?.uniform(0, 0.3, 0.6) ?? 0) * pitch, long = own?.uniform(1, 12, 45) ?? 1
            sheet.everywhere { place, coat in
                let fin = period(place.x, pitch)
                var away = abs(phase(place.x, pitch)) * pitch
                let t = (place.y - middle.y) / long, bow = max(0, 1 - t * t)
                if fin == bad || fin == bad + 1, bow > 0 {
                    let x = place.x - Float(bad) * pitch
                    if own?.number == 0 {
                        let moved = abs(x - pull * bow)
                        away = fin == bad ? moved : min(away, moved)
                    } else if fin == bad {
                        away = 99
                    }
                }
                let line = fine.value(place.x / 1.2, place.y / 60)
                let top = coverage(away - half, 1)
                coat.colour = base.toned(0.42 + 0.1 * line)
                coat.blend(base.toned(1 + 0.1 * line), top)
                coat.height = 3.5 * step(half + 1, half - 1, away)
            }
        }
    }
}
