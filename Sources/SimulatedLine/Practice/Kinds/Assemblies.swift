extension PracticeKind {
    /// What is put together of many like pieces.
    static let assemblies: [PracticeKind] = [cable, zipper, toothbrush, battery]

    static let cable = PracticeKind.object(
        ["cable cross-section", "cable", "cut cable", "wire bundle"],
        .flaws([
            "cut": .cut, "contaminated": .dust, "chipped": .chip, "with a hole": .hole, "scratched": .scratch,
        ])
            + .own("with a missing wire", "with swapped wires", "with a bent wire")
    ) { random in
        let outer = random.uniform(80, 108), jacket = Finish.plastic(&random),
            count = random.pick([2, 3, 3, 4, 5, 7])
        let dyes = (0..<count).map { _ in
            random.colour(saturation: random.uniform(0.3, 0.95), value: random.uniform(0.3, 0.85))
        }
        let filler = random.near(grey(random.pick([0.1, 0.6, 0.8]))),
            metal = random.near(random.pick([paint(0.72, 0.42, 0.25), grey(0.6)])).with(gloss: 0.8)
        let wall = random.uniform(6, 15), strand = random.uniform(5, 9), strands = Cells(seed: random.seed())
        return { sheet, own in
            let turn = sheet.random.uniform(-0.03, 0.03), lost = own.map { $0.index(0, below: count) } ?? -1
            let half = Float.pi / Float(max(count, 3)), orbit = (outer - wall) / (1 + min(0.95, half * 0.93)),
                core = (outer - wall - orbit) * 0.93
            sheet.part({ length($0) - outer }) { place, depth, coat in
                jacket.face(place, depth, &coat)
                if depth > wall {
                    coat.colour = filler
                    coat.tone(0.7)
                    coat.height = 1
                }
                let angle = fraction(turns(of: place) + turn) * Float(count),
                    number = Int(angle.rounded()) % count
                let r = length(place), off = circle((angle - angle.rounded()) / Float(count))
                let p = SIMD2(r * off.x - orbit, r * off.y), away = length(p)
                guard away < core else { return }
                if number == lost, own?.number == 0 {
                    coat.colour = grey(0.05)
                    coat.height = -3
                    return
                }
                let dye =
                    own?.number == 1 && (number == lost || number == (lost + 1) % count)
                    ? dyes[number == lost ? (lost + 1) % count : lost] : dyes[number]
                coat.colour = dye
                coat.height = 2 + min(core - away, 2)
                let shift: SIMD2<Float> =
                    own?.number == 2 && number == lost ? SIMD2(core * 0.3, core * 0.2) : SIMD2()
                if length(p - shift) < core * 0.58 {
                    let cell = strands.nearest(place / strand)
                    coat.colour = metal
                    coat.tone(0.4 + 0.75 * round(min(1, cell.first * 1.4)))
                    coat.height = 2 + 2 * round(min(1, cell.first * 1.4))
                }
            }
        }
    }

    static let zipper = PracticeKind.texture(
        ["zipper", "zip fastener", "zip"],
        .flaws([
            "torn": .tear, "stained": .stain, "contaminated": .thread, "cut": .cut, "scratched": .scratch,
        ])
            + .own("with a missing tooth", "with split teeth", "with a frayed edge")
    ) { random in
        let cloth =
            random.chance(0.4)
            ? random.near(grey(0.1))
            : random.colour(saturation: random.uniform(0.3, 0.9), value: random.uniform(0.2, 0.7))
        let metal = random.near(random.pick([paint(0.65, 0.5, 0.22), grey(0.6), grey(0.15)])).with(gloss: 0.8)
        let pitch = random.uniform(8, 18), long = random.uniform(11, 22), weave = Noise(seed: random.seed())
        let band = random.uniform(60, 95), outside = random.near(grey(random.pick([0.1, 0.5, 0.85])))
        return { sheet, own in
            let middle = sheet.middle, lost = period(middle.x, pitch)
            let start = middle.x, width = own?.uniform(0, 10, 26) ?? 0
            sheet.everywhere { place, coat in
                let y = place.y - middle.y
                let hair = weave.value(place.x / 1.1, place.y / 1.6)
                coat.colour = cloth.with(gloss: 0.04)
                let rib = wave(place.x / 2.6) * wave(place.y / 3.4)
                coat.tone(1 + 0.15 * rib + 0.15 * hair)
                coat.height = 0.4 * rib
                var edge = band
                if own?.number == 2, abs(place.x - start) < width, y > 0 { edge -= 10 + 9 * hair }
                if abs(y) > edge {
                    coat.colour = outside
                    coat.height = -1
                    return
                }
                let split =
                    own?.number == 1
                    ? width * 0.5 * max(0, 1 - (place.x - start) * (place.x - start) / 2500) : 0
                if abs(y) < split { coat.tone(0.3) }
                for side in 0..<2 {
                    let x = place.x + (side == 0 ? 0 : pitch / 2), v = (side == 0 ? y : -y) + split
                    let number = period(x, pitch)
                    if own?.number == 0, side == 0, number == lost { continue }
                    let p = SIMD2(phase(x, pitch) * pitch, v + long * 0.25)
                    let distance = min(
                        box(p, SIMD2(pitch * 0.26, long * 0.55), 2),
                        length(p - SIMD2(0, long * 0.45)) - pitch * 0.33)
                    guard distance < 0.5 else { continue }
                    coat.blend(metal, coverage(distance, 1))
                    coat.height = 3 + min(-distance, 2)
                }
            }
        }
    }

    static let toothbrush = PracticeKind.object(
        ["toothbrush head", "toothbrush", "brush", "bristle brush"],
        .flaws(["contaminated": .dust, "stained": .stain, "discoloured": .discolour, "chipped": .chip])
            + .own("with missing bristles", "with bent bristles")
    ) { random in
        let body = Finish.plastic(&random), half = SIMD2(random.uniform(72, 105), random.uniform(32, 46))
        let dyes = (0..<2).map { _ in
            random.chance(0.4) ? random.near(grey(0.88)) : random.colour(saturation: 0.7, value: 0.8)
        }
        let columns = 6 + random.index(below: 5), rows = 3 + random.index(below: 2), seed = random.seed(),
            hair = Cells(seed: seed)
        return { sheet, own in
            let pitch = SIMD2(2 * (half.x - 8) / Float(columns), 2 * (half.y - 5) / Float(rows)),
                radius = min(pitch.x, pitch.y) * 0.48
            let lost =
                own.map { SIMD2($0.index(0, below: columns), $0.index(1, below: rows)) } ?? SIMD2(-1, -1)
            let lean = circle(own?.uniform(2, 0, 1) ?? 0) * radius * 1.1
            sheet.part({
                min(box($0, half, half.y * 0.85), box($0 + SIMD2(half.x + 40, 0), SIMD2(50, 11), 4))
            }) { place, depth, coat in
                body.face(place, depth, &coat)
            }
            for row in 0..<rows {
                for column in 0..<columns {
                    let grid = SIMD2(Float(column) - Float(columns - 1) / 2, Float(row) - Float(rows - 1) / 2)
                    let at = grid * pitch, isBad = lost == SIMD2(column, row)
                    guard box(at, half, half.y * 0.85) < -radius * 0.7 else { continue }
                    let dye = dyes[Int(chanced(column / 2, row == 0 || row == rows - 1 ? 1 : 0, seed) * 1.99)]
                    if isBad, own?.number == 0 {
                        sheet.fill(at, SIMD2(radius, radius) * 0.8, { length($0 - at) - radius * 0.7 }) {
                            _, _, coat in
                            coat.tone(0.35)
                            coat.height -= 2
                        }
                        continue
                    }
                    let middle = isBad ? at + lean : at
                    sheet.fill(middle, SIMD2(radius, radius), { length($0 - middle) - radius }) {
                        place, depth, coat in
                        let tip = hair.nearest(place / 2.3)
                        coat.colour = dye
                        coat.tone(
                            (0.35 + 0.7 * round(min(1, tip.first * 1.3)))
                                * (0.6 + 0.4 * min(depth / radius * 2, 1)))
                        coat.height = 5 + 1.5 * round(min(1, tip.first))
                    }
                }
            }
        }
    }

    static let battery = PracticeKind.object(
        ["battery cell", "battery", "cylindrical cell", "capacitor"],
        .flaws([
            "scratched": .scratch, "dented": .dent, "torn": .tear, "misprinted": .misprint, "rusty": .rust,
            "stained": .stain,
        ])
            + .own("with missing print", "with a leak")
    ) { random in
        let sleeve = Finish.plastic(&random),
            second = random.colour(saturation: 0.9, value: 0.6).with(gloss: 0.5),
            metal = Finish.metal(&random)
        let long = random.uniform(75, 102), half = random.uniform(20, 42), text = Lettering.number(&random),
            cut = random.uniform(0.1, 0.7)
        return { sheet, own in
            let salt = Noise(seed: own?.seed ?? 0)
            sheet.part({
                min(box($0, SIMD2(long, half), 4), box($0 - SIMD2(long, 0), SIMD2(7, half * 0.35), 2))
            }) { place, depth, coat in
                if place.x > long - 4 || place.x < -long + 4 {
                    metal.face(place, depth, &coat)
                } else {
                    coat.colour = place.x > long * cut ? second : sleeve.colour
                }
                coat.height = half * 0.9 * round(place.y / half)
                if place.x > long { coat.height = half * 0.35 * round(place.y / half * 2.8) }
                if own?.number == 1 {
                    let crust = long - 14 + 16 * salt.fractal(place.y / 12, place.x / 40, octaves: 2)
                    if place.x > crust {
                        coat.blend(
                            paint(0.75, 0.85, 0.8, gloss: 0.05).toned(1 + 0.3 * salt.value(place.x, place.y)),
                            0.85)
                    }
                }
            }
            if own?.number != 0 {
                write(
                    text, &sheet, at: SIMD2(-long * 0.75, -half * 0.3), size: half * 0.6,
                    ink: grey(0.92, gloss: 0.4))
            }
        }
    }
}
