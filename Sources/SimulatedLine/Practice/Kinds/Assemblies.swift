extension PracticeKind {
    /// Electrics, and what is put together of many like pieces.
    static let assemblies: [PracticeKind] = [
        chip, connector, resistorRow, tracks, cable, zipper, toothbrush, battery, transistor,
    ]

    private static let electricFaults: [PracticeFault] = .flaws([
        "scratched": .scratch, "contaminated": .fibre, "cracked": .crack, "stained": .stain, "burnt": .burn,
        "chipped": .chip,
    ])

    static let chip = PracticeKind.object(
        ["integrated circuit", "ic chip", "microchip", "semiconductor package"],
        electricFaults + .flaws(["misprinted": .misprint]) + .own("with a bent pin", "with a missing pin", "with missing print")
    ) { random in
        let body = Finish(random.near(grey(0.09, gloss: 0.25), tone: 0.4), style: 3, &random)
        let metal = random.near(grey(0.6)).with(gloss: 0.8), half = SIMD2(random.uniform(50, 85), random.uniform(32, 70))
        let count = 4 + random.index(below: 10), long = random.uniform(9, 22), isQuad = random.chance(0.4)
        let lines = [Lettering.number(&random), Lettering.number(&random)], ink = random.near(grey(0.75))
        let corner = random.pick([-1, 1] as [Float])
        return { sheet, own in
            let pitch = 2 * (half.x - 5) / Float(count), pin = pitch * 0.24, lost = own.map { $0.index(0, below: count) } ?? -1
            let isBelow = own?.uniform(1, 0, 1) ?? 0 > 0.5, pull = (own?.uniform(2, 0.35, 0.8) ?? 0) * pitch * (isBelow ? 1 : -1)
            func pins(_ place: SIMD2<Float>) -> Float {
                var x = place.x
                let out = abs(place.y) - half.y
                let slot = Int(((x + half.x - 5) / pitch).rounded(.down)), isHere = (place.y > 0) == isBelow
                if own?.number == 0, isHere, abs(slot - lost) <= 1, out > 0 {
                    let moved = x - pull * out / long
                    if Int(((moved + half.x - 5) / pitch).rounded(.down)) == lost { x = moved } else if slot == lost { return 99 }
                }
                let number = Int(((x + half.x - 5) / pitch).rounded(.down))
                guard number >= 0, number < count else { return 99 }
                if own?.number == 1, isHere, number == lost { return 99 }
                let across = abs(x + half.x - 5 - (Float(number) + 0.5) * pitch) - pin
                return max(across, max(out - long, -out - 3))
            }
            func all(_ place: SIMD2<Float>) -> Float {
                var distance = pins(place)
                if isQuad {
                    let y = abs(phase(place.y + pitch / 2, pitch)) * pitch - pin, out = abs(place.x) - half.x
                    if abs(place.y) < half.y - 6 { distance = min(distance, max(y, max(out - long, -out - 3))) }
                }
                return distance
            }
            sheet.part({ min(box($0, half, 2), all($0)) }) { place, depth, coat in
                if box(place, half, 2) < 0 {
                    body.face(place, -box(place, half, 2), &coat)
                    coat.height += 5
                    if length(place - SIMD2(-half.x + 11, corner * (half.y - 11))) < 5 { coat.height -= 2; coat.tone(0.7) }
                } else {
                    coat.colour = metal
                    coat.height = 3 - 0.12 * max(abs(place.y) - half.y, abs(place.x) - half.x) + min(depth, 1.5)
                }
            }
            if own?.number != 2 {
                for (number, text) in lines.enumerated() {
                    let size = min(half.x * 0.25, half.y * 0.45)
                    write(text, &sheet, at: SIMD2(-half.x * 0.8, -half.y * 0.6 + Float(number) * size * 1.35), size: size, ink: ink)
                }
            }
        }
    }

    static let connector = PracticeKind.object(
        ["pin connector", "connector", "plug with pins", "terminal block"],
        electricFaults + .own("with a bent pin", "with a missing pin")
    ) { random in
        let body = Finish.plastic(&random), metal = random.near(random.pick([paint(0.75, 0.6, 0.25), grey(0.65)])).with(gloss: 0.9)
        let columns = 3 + random.index(below: 8), rows = 1 + random.index(below: 3), pitch = min(26, 180 / Float(columns)), pin = pitch * random.uniform(0.16, 0.28)
        let wall = random.uniform(5, 12), isRound = random.chance(0.5), inside = random.uniform(0.3, 0.7)
        return { sheet, own in
            let half = SIMD2(Float(columns), Float(rows)) * pitch / 2 + wall + 4
            let lost = own.map { SIMD2($0.index(0, below: columns), $0.index(1, below: rows)) } ?? SIMD2(-1, -1)
            let pull = circle(own?.uniform(2, 0, 1) ?? 0) * pitch * (own?.uniform(3, 0.2, 0.42) ?? 0)
            sheet.part({ min(box($0, half, 5), box($0 - SIMD2(0, half.y), SIMD2(half.x * 0.3, 6), 2)) }) { place, depth, coat in
                body.face(place, depth, &coat)
                coat.height += 5
                if box(place, half - wall, 3) < 0 { coat.tone(inside); coat.height -= 5 }
            }
            for row in 0..<rows {
                for column in 0..<columns {
                    var middle = SIMD2(Float(column) - Float(columns - 1) / 2, Float(row) - Float(rows - 1) / 2) * pitch
                    if lost == SIMD2(column, row) {
                        if own?.number == 1 { continue }
                        middle += pull
                    }
                    let at = middle
                    sheet.fill(at + 1.5, SIMD2(pin, pin) * 1.2 + 2, { length($0 - at - 2) - pin * 1.2 }) { _, _, coat in coat.tone(0.45) }
                    sheet.fill(at, SIMD2(pin, pin), { isRound ? length($0 - at) - pin : box($0 - at, SIMD2(pin, pin)) }) { _, depth, coat in
                        coat.colour = metal
                        coat.height += 4 + min(depth, 2)
                    }
                }
            }
        }
    }

    static let resistorRow = PracticeKind.object(
        ["row of resistors", "resistor", "electronic components", "resistors on tape"],
        electricFaults + .own("with a missing component", "with a turned component", "with a wrong component")
    ) { random in
        let count = 3 + random.index(below: 4), pitch = 190 / Float(count), long = random.uniform(22, 36), half = min(pitch * 0.3, random.uniform(8, 15))
        let base = random.near(random.pick([paint(0.75, 0.62, 0.42), paint(0.35, 0.55, 0.65), paint(0.5, 0.65, 0.55)])).with(gloss: 0.4)
        let rings = (0..<4).map { _ in random.colour(saturation: random.uniform(0.4, 1), value: random.uniform(0.1, 0.8)) }
        let wire = random.near(grey(0.6)).with(gloss: 0.8), tape = random.near(random.pick([grey(0.85), paint(0.8, 0.7, 0.45), paint(0.75, 0.3, 0.2)]))
        let other = random.colour(saturation: 0.7, value: 0.4)
        return { sheet, own in
            let lost = own.map { $0.index(0, below: count) } ?? -1, tilt = circle(own?.uniform(1, 0.03, 0.08) ?? 0)
            func local(_ place: SIMD2<Float>) -> (p: SIMD2<Float>, number: Int) {
                let number = min(max(Int((place.x / pitch + Float(count) / 2).rounded(.down)), 0), count - 1)
                let p = SIMD2(place.x - (Float(number) - Float(count - 1) / 2) * pitch, place.y)
                return (own?.number == 1 && number == lost ? rotated(p, tilt) : p, number)
            }
            sheet.part({ place in
                let here = local(place)
                let bands = max(abs(abs(place.y) - 88) - 9, abs(place.x) - 112)
                if own?.number == 0, here.number == lost { return bands }
                let waist = half * (0.85 + 0.15 * step(long * 0.5, long * 0.75, abs(here.p.y)))
                return min(bands, min(box(here.p, SIMD2(waist, long), half * 0.6), box(here.p, SIMD2(1.4, 92))))
            }) { place, depth, coat in
                let here = local(place)
                if abs(abs(place.y) - 88) < 9 { coat.colour = tape; coat.height = 1; return }
                guard abs(here.p.y) < long, abs(here.p.x) < half else { coat.colour = wire; coat.height = min(depth, 1.4); return }
                coat.colour = own?.number == 2 && here.number == lost ? other : base
                let band = (here.p.y + long * 0.62) / (long * 0.36), number = Int(band.rounded())
                if number >= 0, number < 4, abs(band - band.rounded()) < 0.24 { coat.colour = rings[number] }
                coat.height = half * 0.8 * round(here.p.x / half)
            }
        }
    }

    static let tracks = PracticeKind.texture(
        ["bare circuit board", "printed circuit tracks", "bare pcb", "copper tracks"],
        electricFaults + .own("with an open circuit", "with a short circuit", "with a missing hole")
    ) { random in
        let mask = random.near(random.pick([paint(0.06, 0.30, 0.14), paint(0.07, 0.15, 0.4), grey(0.07), paint(0.4, 0.06, 0.06), paint(0.6, 0.5, 0.25)])).with(gloss: 0.4)
        let lift = random.uniform(1.4, 2.4), metal = random.near(random.pick([paint(0.75, 0.58, 0.25), grey(0.65), paint(0.7, 0.4, 0.25)])).with(gloss: 0.8)
        let pitch = random.logarithmic(13, 30), half = pitch * random.uniform(0.13, 0.24), seed = random.seed(), isBare = random.chance(0.35)
        return { sheet, own in
            let middle = sheet.middle / pitch
            let spot = SIMD2(Int(middle.x.rounded(.down)), Int(middle.y.rounded()))
            sheet.everywhere { place, coat in
                let p = place / pitch
                let column = Int(p.x.rounded(.down)), row = Int(p.y.rounded())
                // Between nodes of a grid there are tracks along x, along y, or none.
                func along(_ x: Int, _ y: Int) -> Bool { own != nil && SIMD2(x, y) == spot ? true : chanced(x, y, seed) < 0.62 }
                func down(_ x: Int, _ y: Int) -> Bool { chanced(x, y, seed ^ 99) < 0.25 }
                var line: Float = 99
                let cut = own?.number == 0 && SIMD2(column, row) == spot && abs(p.x - Float(column) - 0.5) * pitch < 2.2
                if along(column, row), !cut { line = abs(p.y - Float(row)) * pitch - half }
                let near = Int(p.x.rounded()), top = Int(p.y.rounded(.down))
                if down(near, top) { line = min(line, abs(p.x - Float(near)) * pitch - half) }
                if own?.number == 1, column == spot.x, top == spot.y { line = min(line, abs(p.x - Float(column) - 0.5) * pitch - 1.6) }
                let pad = length(SIMD2(p.x - Float(near), p.y - Float(row))) * pitch, isVia = chanced(near, row, seed ^ 7) < 0.22 || (own?.number == 2 && near == spot.x && row == spot.y)
                coat.colour = mask
                let copper = coverage(line, 1)
                coat.blend(isBare ? metal : mask.toned(lift), copper)
                coat.height = 0.8 * step(1, -1, line)
                if isVia {
                    coat.blend(metal, coverage(pad - pitch * 0.34, 1))
                    if !(own?.number == 2 && near == spot.x && row == spot.y) { coat.blend(grey(0.03), coverage(pad - pitch * 0.17, 1)) }
                }
            }
        }
    }

    static let cable = PracticeKind.object(
        ["cable cross-section", "cable", "cut cable", "wire bundle"],
        .flaws(["cut": .cut, "contaminated": .dust, "chipped": .chip, "with a hole": .hole, "scratched": .scratch])
            + .own("with a missing wire", "with swapped wires", "with a bent wire")
    ) { random in
        let outer = random.uniform(80, 108), jacket = Finish.plastic(&random), count = random.pick([2, 3, 3, 4, 5, 7])
        let dyes = (0..<count).map { _ in random.colour(saturation: random.uniform(0.3, 0.95), value: random.uniform(0.3, 0.85)) }
        let filler = random.near(grey(random.pick([0.1, 0.6, 0.8]))), metal = random.near(random.pick([paint(0.72, 0.42, 0.25), grey(0.6)])).with(gloss: 0.8)
        let wall = random.uniform(6, 15), strand = random.uniform(5, 9), strands = Cells(seed: random.seed())
        return { sheet, own in
            let turn = sheet.random.uniform(-0.03, 0.03), lost = own.map { $0.index(0, below: count) } ?? -1
            let half = Float.pi / Float(max(count, 3)), orbit = (outer - wall) / (1 + min(0.95, half * 0.93)), core = (outer - wall - orbit) * 0.93
            sheet.part({ length($0) - outer }) { place, depth, coat in
                jacket.face(place, depth, &coat)
                if depth > wall { coat.colour = filler; coat.tone(0.7); coat.height = 1 }
                let angle = fraction(turns(of: place) + turn) * Float(count), number = Int(angle.rounded()) % count
                let r = length(place), off = circle((angle - angle.rounded()) / Float(count))
                let p = SIMD2(r * off.x - orbit, r * off.y), away = length(p)
                guard away < core else { return }
                if number == lost, own?.number == 0 { coat.colour = grey(0.05); coat.height = -3; return }
                let dye = own?.number == 1 && (number == lost || number == (lost + 1) % count) ? dyes[number == lost ? (lost + 1) % count : lost] : dyes[number]
                coat.colour = dye
                coat.height = 2 + min(core - away, 2)
                let shift: SIMD2<Float> = own?.number == 2 && number == lost ? SIMD2(core * 0.3, core * 0.2) : SIMD2()
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
        .flaws(["torn": .tear, "stained": .stain, "contaminated": .thread, "cut": .cut, "scratched": .scratch])
            + .own("with a missing tooth", "with split teeth", "with a frayed edge")
    ) { random in
        let cloth = random.chance(0.4) ? random.near(grey(0.1)) : random.colour(saturation: random.uniform(0.3, 0.9), value: random.uniform(0.2, 0.7))
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
                if abs(y) > edge { coat.colour = outside; coat.height = -1; return }
                let split = own?.number == 1 ? width * 0.5 * max(0, 1 - (place.x - start) * (place.x - start) / 2500) : 0
                if abs(y) < split { coat.tone(0.3) }
                for side in 0..<2 {
                    let x = place.x + (side == 0 ? 0 : pitch / 2), v = (side == 0 ? y : -y) + split
                    let number = period(x, pitch)
                    if own?.number == 0, side == 0, number == lost { continue }
                    let p = SIMD2(phase(x, pitch) * pitch, v + long * 0.25)
                    let distance = min(box(p, SIMD2(pitch * 0.26, long * 0.55), 2), length(p - SIMD2(0, long * 0.45)) - pitch * 0.33)
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
        let dyes = (0..<2).map { _ in random.chance(0.4) ? random.near(grey(0.88)) : random.colour(saturation: 0.7, value: 0.8) }
        let columns = 6 + random.index(below: 5), rows = 3 + random.index(below: 2), seed = random.seed(), hair = Cells(seed: seed)
        return { sheet, own in
            let pitch = SIMD2(2 * (half.x - 8) / Float(columns), 2 * (half.y - 5) / Float(rows)), radius = min(pitch.x, pitch.y) * 0.48
            let lost = own.map { SIMD2($0.index(0, below: columns), $0.index(1, below: rows)) } ?? SIMD2(-1, -1)
            let lean = circle(own?.uniform(2, 0, 1) ?? 0) * radius * 1.1
            sheet.part({ min(box($0, half, half.y * 0.85), box($0 + SIMD2(half.x + 40, 0), SIMD2(50, 11), 4)) }) { place, depth, coat in
                body.face(place, depth, &coat)
            }
            for row in 0..<rows {
                for column in 0..<columns {
                    let grid = SIMD2(Float(column) - Float(columns - 1) / 2, Float(row) - Float(rows - 1) / 2)
                    let at = grid * pitch, isBad = lost == SIMD2(column, row)
                    guard box(at, half, half.y * 0.85) < -radius * 0.7 else { continue }
                    let dye = dyes[Int(chanced(column / 2, row == 0 || row == rows - 1 ? 1 : 0, seed) * 1.99)]
                    if isBad, own?.number == 0 {
                        sheet.fill(at, SIMD2(radius, radius) * 0.8, { length($0 - at) - radius * 0.7 }) { _, _, coat in coat.tone(0.35); coat.height -= 2 }
                        continue
                    }
                    let middle = isBad ? at + lean : at
                    sheet.fill(middle, SIMD2(radius, radius), { length($0 - middle) - radius }) { place, depth, coat in
                        let tip = hair.nearest(place / 2.3)
                        coat.colour = dye
                        coat.tone((0.35 + 0.7 * round(min(1, tip.first * 1.3))) * (0.6 + 0.4 * min(depth / radius * 2, 1)))
                        coat.height = 5 + 1.5 * round(min(1, tip.first))
                    }
                }
            }
        }
    }

    static let battery = PracticeKind.object(
        ["battery cell", "battery", "cylindrical cell", "capacitor"],
        .flaws(["scratched": .scratch, "dented": .dent, "torn": .tear, "misprinted": .misprint, "rusty": .rust, "stained": .stain])
            + .own("with missing print", "with a leak")
    ) { random in
        let sleeve = Finish.plastic(&random), second = random.colour(saturation: 0.9, value: 0.6).with(gloss: 0.5), metal = Finish.metal(&random)
        let long = random.uniform(75, 102), half = random.uniform(20, 42), text = Lettering.number(&random), cut = random.uniform(0.1, 0.7)
        return { sheet, own in
            let salt = Noise(seed: own?.seed ?? 0)
            sheet.part({ min(box($0, SIMD2(long, half), 4), box($0 - SIMD2(long, 0), SIMD2(7, half * 0.35), 2)) }) { place, depth, coat in
                if place.x > long - 4 || place.x < -long + 4 {
                    metal.face(place, depth, &coat)
                } else {
                    coat.colour = place.x > long * cut ? second : sleeve.colour
                }
                coat.height = half * 0.9 * round(place.y / half)
                if place.x > long { coat.height = half * 0.35 * round(place.y / half * 2.8) }
                if own?.number == 1 {
                    let crust = long - 14 + 16 * salt.fractal(place.y / 12, place.x / 40, octaves: 2)
                    if place.x > crust { coat.blend(paint(0.75, 0.85, 0.8, gloss: 0.05).toned(1 + 0.3 * salt.value(place.x, place.y)), 0.85) }
                }
            }
            if own?.number != 0 { write(text, &sheet, at: SIMD2(-long * 0.75, -half * 0.3), size: half * 0.6, ink: grey(0.92, gloss: 0.4)) }
        }
    }

    static let transistor = PracticeKind.object(
        ["transistor", "electronic component with leads", "three-legged component", "voltage regulator"],
        electricFaults + .own("with a bent lead", "with a cut lead", "with a missing hole")
    ) { random in
        let body = Finish(random.near(grey(0.1, gloss: 0.3), tone: 0.4), style: 3, &random), metal = Finish.metal(&random)
        let half = SIMD2(random.uniform(32, 48), random.uniform(26, 38)), count = random.pick([2, 3, 3, 5]), lead = random.uniform(2.5, 4.5), long = random.uniform(50, 75)
        let text = Lettering.number(&random), tab = random.uniform(14, 34), hole = random.uniform(5, 9)
        return { sheet, own in
            let lost = own.map { $0.index(0, below: count) } ?? -1, pull = own?.uniform(1, 10, 26) ?? 0, pitch = half.x * 1.5 / Float(count)
            let up = SIMD2<Float>(0, -30)
            sheet.part({ place in
                let p = place - up
                var body = min(box(p, half, 3), max(box(p + SIMD2(0, half.y + tab / 2), SIMD2(half.x * 0.95, tab)), own?.number == 2 ? -99 : hole - length(p + SIMD2(0, half.y + tab * 0.6))))
                for number in 0..<count {
                    let x = (Float(number) - Float(count - 1) / 2) * pitch, y = p.y - half.y
                    guard y > -2 else { continue }
                    let isBad = number == lost
                    let bow = isBad && own?.number == 0 ? pull * y * y / (long * long) * 1.3 : 0
                    body = min(body, max(abs(p.x - x - bow) - lead, y - (isBad && own?.number == 1 ? long * 0.4 : long)))
                }
                return body
            }) { place, depth, coat in
                let p = place - up
                if box(p, half, 3) < 0 { body.face(p, -box(p, half, 3), &coat); coat.height += 5 } else { metal.face(place, depth, &coat) }
            }
            write(text, &sheet, at: up - SIMD2(half.x * 0.85, 8), size: 13, ink: grey(0.7))
        }
    }
}
