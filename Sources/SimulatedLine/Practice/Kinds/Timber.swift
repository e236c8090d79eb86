extension PracticeKind {
    /// What grew: wood, plywood, cork, cardboard.
    static let timber: [PracticeKind] = [wood, parquet, plywoodEdge, cork, chipboard]

    private static let woodFaults: [PracticeFault] =
        .flaws([
            "scratched": .scratch, "cracked": .crack, "stained": .stain, "with a hole": .hole,
            "contaminated": .fibre, "dented": .dent, "burnt": .burn, "discoloured": .discolour,
        ])

    private static func timberColour(_ random: inout Random) -> (light: SIMD4<Float>, dark: SIMD4<Float>) {
        let base = random.pick([
            paint(0.80, 0.62, 0.40), paint(0.62, 0.40, 0.22), paint(0.42, 0.25, 0.14),
            paint(0.72, 0.45, 0.28),
            paint(0.85, 0.74, 0.55), paint(0.30, 0.20, 0.13), paint(0.55, 0.50, 0.42),
        ])
        let light = random.near(base, tone: 0.15).with(gloss: random.uniform(0.05, 0.4))
        return (light, light.toned(random.uniform(0.5, 0.75)))
    }

    /// Rings of a trunk cut lengthways: `across` the board and `along` it.
    @inline(__always)
    private static func grainTone(
        _ across: Float, _ along: Float, _ flow: Noise, _ pore: Noise, pitch: Float, swirl: Float
    ) -> (ring: Float, pore: Float) {
        let bend = swirl * flow.fractal(across / 60, along / 420, octaves: 2)
        let ring = fraction((across + bend) / pitch)
        let late = ring * ring * ring
        let fibre = pore.value(across / 0.9, along / 26)
        return (late, fibre)
    }

    static let wood = PracticeKind.texture(
        ["wood board", "wood", "timber plank", "wooden surface"], woodFaults
    ) { random in
        let tint = timberColour(&random)
        let flow = Noise(seed: random.seed()), pore = Noise(seed: random.seed())
        let pitch = random.logarithmic(7, 34), swirl = random.logarithmic(8, 60)
        let contrast = random.uniform(0.4, 1), depth = random.uniform(0, 0.5)
        let knots = random.chance(0.35) ? random.uniform(0.1, 0.3) : 0, seed = random.seed()
        return { sheet, _ in
            sheet.everywhere { place, coat in
                var point = place
                var knot: Float = 0
                if knots > 0 {
                    let column = Int((place.x / 130).rounded()), row = Int((place.y / 170).rounded())
                    if chanced(column, row, seed) < knots {
                        let middle = SIMD2(Float(column) * 130, Float(row) * 170)
                        let away = (place - middle) * SIMD2(1, 0.6), r = length(away)
                        let radius = 6 + 10 * chanced(row, column, seed)
                        let pull = radius * radius * 2.2 / (r * r + radius * radius)
                        point.x += (away.x > 0 ? 1 : -1) * pull * radius * 0.6
                        knot = step(radius, radius * 0.6, r + 1.5 * pore.value(place.x / 3, place.y / 3))
                    }
                }
                let grain = grainTone(point.x, point.y, flow, pore, pitch: pitch, swirl: swirl)
                coat.colour = tint.light.mixed(tint.dark, min(1, contrast * grain.ring))
                coat.tone(1 + 0.12 * grain.pore)
                coat.blend(tint.dark.toned(0.55), 0.85 * knot)
                coat.height = depth * (grain.pore * 0.6 - grain.ring)
            }
        }
    }

    static let parquet = PracticeKind.texture(
        ["veneer parquet", "laminate flooring", "wood strips", "parquet"],
        woodFaults + .own("with a wide gap", "with a wrong colour")
    ) { random in
        let tint = timberColour(&random)
        let flow = Noise(seed: random.seed()), pore = Noise(seed: random.seed())
        let width = random.uniform(22, 60), long = random.uniform(100, 260), seed = random.seed()
        let pitch = random.logarithmic(6, 18), gap = random.uniform(0.4, 1.2),
            variety = random.uniform(0.1, 0.4)
        return { sheet, own in
            let spot = own.map { _ in sheet.middle }
            let odd = own?.uniform(0, 0.35, 0.7) ?? 1
            let oddColumn = spot.map { Int(($0.x / width).rounded(.down)) }
            func row(_ column: Int, _ y: Float) -> Int {
                Int((y / long + chanced(column, 7, seed)).rounded(.down))
            }
            let oddRow = spot.map { row(oddColumn ?? 0, $0.y) }
            sheet.everywhere { place, coat in
                let column = Int((place.x / width).rounded(.down)), line = row(column, place.y)
                let fx = place.x - Float(column) * width
                let fy = (place.y / long + chanced(column, 7, seed) - Float(line)) * long
                let lot = chanced(column, line, seed)
                let grain = grainTone(
                    fx + lot * 900, fy + lot * 700, flow, pore, pitch: pitch, swirl: 14)
                coat.colour = tint.light.mixed(tint.dark, grain.ring * 0.7)
                coat.tone(1 + variety * (lot - 0.5) * 2 + 0.1 * grain.pore)
                var edge = min(min(fx, width - fx), min(fy, long - fy))
                if column == oddColumn, line == oddRow {
                    if own?.number == 0 {
                        edge = min(edge, max(0, min(fx, width - fx) - 2.2))
                    } else {
                        coat.tone(odd)
                    }
                }
                let seam = step(gap + 0.8, gap * 0.4, edge)
                coat.tone(1 - 0.75 * seam)
                coat.height = 0.15 * grain.pore - 1.2 * seam
            }
        }
    }

    static let plywoodEdge = PracticeKind.texture(
        ["plywood edge", "edge of plywood", "layered wood"],
        .flaws([
            "cracked": .crack, "with a hole": .hole, "chipped": .chip, "stained": .stain,
            "contaminated": .dust, "scratched": .scratch,
        ]) + .own("delaminated")
    ) { random in
        let tint = timberColour(&random), rough = Noise(seed: random.seed()), seed = random.seed()
        let ply = random.uniform(9, 26), glue = random.uniform(0.5, 1.3)
        return { sheet, own in
            let middle = sheet.middle
            let open = own?.uniform(0, 2, 4.5) ?? 0, at = own?.uniform(1, -50, 50) ?? 0
            let split = Int((middle.y / ply).rounded())
            sheet.everywhere { place, coat in
                let y = place.y + 1.2 * rough.value(place.x / 60, 3)
                let layer = Int((y / ply).rounded(.down)), inside = y - Float(layer) * ply
                let isEnd = layer & 1 == 0
                let grain =
                    isEnd
                    ? rough.fractal(place.x / 1.4, y / 1.4, octaves: 2) : rough.value(place.x / 26, y / 0.9)
                coat.colour = (isEnd ? tint.light : tint.light.mixed(tint.dark, 0.45))
                coat.tone(1 + 0.22 * grain + 0.15 * (chanced(layer, 1, seed) - 0.5))
                let seam = step(glue + 0.7, glue * 0.3, min(inside, ply - inside))
                coat.blend(tint.dark.toned(0.5), 0.7 * seam)
                coat.height = 0.3 * grain - 0.5 * seam
                if open > 0 {
                    let along = (place.x - middle.x - at) / 55
                    let gap = abs(y - Float(split) * ply) - open * max(0, 1 - along * along) + 0.4 * grain
                    let share = coverage(gap, 1)
                    coat.blend(grey(0.03), share)
                }
            }
        }
    }

    static let cork = PracticeKind.texture(
        ["cork", "cork sheet", "cork board"],
        .flaws([
            "cracked": .crack, "with a hole": .hole, "chipped": .chip, "stained": .stain,
            "contaminated": .fibre, "torn": .tear, "burnt": .burn,
        ])
    ) { random in
        let base = random.near(paint(0.62, 0.44, 0.27, gloss: 0.05), tone: 0.25)
        let cells = Cells(seed: random.seed()), noise = Noise(seed: random.seed())
        let pitch = random.logarithmic(4, 14), dark = random.uniform(0.05, 0.2)
        return { sheet, _ in
            sheet.everywhere { place, coat in
                let bend = noise.value(place.x / pitch * 1.6, place.y / pitch * 1.6)
                let cell = cells.nearest(place / pitch + 0.25 * bend)
                let rim = step(0.16, 0.02, cell.second - cell.first)
                coat.colour = base
                coat.tone(0.8 + 0.4 * cell.mark + 0.1 * bend)
                if cell.mark < dark { coat.tone(0.45) }
                coat.tone(1 - 0.4 * rim)
                coat.height = -0.9 * rim + 0.4 * bend
            }
        }
    }

    static let chipboard = PracticeKind.texture(
        ["chipboard", "particle board", "pressed wood"],
        .flaws([
            "scratched": .scratch, "with a hole": .hole, "chipped": .chip, "stained": .stain,
            "with an inclusion": .inclusion, "dented": .dent, "discoloured": .discolour,
        ])
    ) { random in
        let base = random.near(paint(0.72, 0.58, 0.40, gloss: 0.08), tone: 0.2)
        let cells = Cells(seed: random.seed()), more = Cells(seed: random.seed())
        let pitch = random.logarithmic(5, 22), slim = random.uniform(0.25, 0.6), seed = random.seed()
        return { sheet, _ in
            sheet.everywhere { place, coat in
                let first = cells.nearest(place * SIMD2(1, slim) / pitch)
                let turned = rotated(place, SIMD2(0.6, 0.8))
                let second = more.nearest(turned * SIMD2(1, slim) / pitch)
                let isUpper = chanced(Int(first.mark * 4096), Int(second.mark * 4096), seed) > 0.5
                let chip = isUpper ? first : second
                coat.colour = base
                coat.tone(0.68 + 0.55 * chip.mark)
                coat.tone(1 - 0.25 * step(0.12, 0, chip.second - chip.first))
                coat.height = chip.mark * 0.8
            }
        }
    }
}
