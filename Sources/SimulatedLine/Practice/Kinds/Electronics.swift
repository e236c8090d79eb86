extension PracticeKind {
    /// Components and boards.
    static let electronics: [PracticeKind] = [chip, connector, resistorRow, tracks, transistor]

    private static let electricFaults: [PracticeFault] = .flaws([
        "scratched": .scratch, "contaminated": .fibre, "cracked": .crack, "stained": .stain, "burnt": .burn,
        "chipped": .chip,
    ])

    static let chip = PracticeKind.object(
        ["integrated circuit", "ic chip", "microchip", "semiconductor package"],
        electricFaults + .flaws(["misprinted": .misprint])
            + .own("with a bent pin", "with a missing pin", "with missing print")
    ) { random in
        let body = Finish(random.near(grey(0.09, gloss: 0.25), tone: 0.4), style: 3, &random)
        let metal = random.near(grey(0.6)).with(gloss: 0.8),
            half = SIMD2(random.uniform(50, 85), random.uniform(32, 70))
        let count = 4 + random.index(below: 10), long = random.uniform(9, 22), isQuad = random.chance(0.4)
        let lines = [Lettering.number(&random), Lettering.number(&random)], ink = random.near(grey(0.75))
        let corner = random.pick([-1, 1] as [Float])
        return { sheet, own in
            let pitch = 2 * (half.x - 5) / Float(count), pin = pitch * 0.24,
                lost = own.map { $0.index(0, below: count) } ?? -1
            let isBelow = own?.uniform(1, 0, 1) ?? 0 > 0.5,
                pull = (own?.uniform(2, 0.35, 0.8) ?? 0) * pitch * (isBelow ? 1 : -1)
            func pins(_ place: SIMD2<Float>) -> Float {
                var x = place.x
                let out = abs(place.y) - half.y
                let slot = Int(((x + half.x - 5) / pitch).rounded(.down)), isHere = (place.y > 0) == isBelow
                if own?.number == 0, isHere, abs(slot - lost) <= 1, out > 0 {
                    let moved = x - pull * out / long
                    if Int(((moved + half.x - 5) / pitch).rounded(.down)) == lost {
                        x = moved
                    } else if slot == lost {
                        return 99
                    }
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
                    if abs(place.y) < half.y - 6 {
                        distance = min(distance, max(y, max(out - long, -out - 3)))
                    }
                }
                return distance
            }
            sheet.part({ min(box($0, half, 2), all($0)) }) { place, depth, coat in
                if box(place, half, 2) < 0 {
                    body.face(place, -box(place, half, 2), &coat)
                    coat.height += 5
                    if length(place - SIMD2(-half.x + 11, corner * (half.y - 11))) < 5 {
                        coat.height -= 2
                        coat.tone(0.7)
                    }
                } else {
                    coat.colour = metal
                    coat.height =
                        3 - 0.12 * max(abs(place.y) - half.y, abs(place.x) - half.x) + min(depth, 1.5)
                }
            }
            if own?.number != 2 {
                for (number, text) in lines.enumerated() {
                    let size = min(half.x * 0.25, half.y * 0.45)
                    write(
                        text, &sheet, at: SIMD2(-half.x * 0.8, -half.y * 0.6 + Float(number) * size * 1.35),
                        size: size, ink: ink)
                }
            }
        }
    }

    static let connector = PracticeKind.object(
        ["pin connector", "connector", "plug with pins", "terminal block"],
        electricFaults + .own("with a bent pin", "with a missing pin")
    ) { random in
        let body = Finish.plastic(&random),
            metal = random.near(random.pick([paint(0.75, 0.6, 0.25), grey(0.65)])).with(gloss: 0.9)
        let columns = 3 + random.index(below: 8), rows = 1 + random.index(below: 3),
            pitch = min(26, 180 / Float(columns)), pin = pitch * random.uniform(0.16, 0.28)
        let wall = random.uniform(5, 12), isRound = random.chance(0.5), inside = random.uniform(0.3, 0.7)
        return { sheet, own in
            let half = SIMD2(Float(columns), Float(rows)) * pitch / 2 + wall + 4
            let lost =
                own.map { SIMD2($0.index(0, below: columns), $0.index(1, below: rows)) } ?? SIMD2(-1, -1)
            let pull = circle(own?.uniform(2, 0, 1) ?? 0) * pitch * (own?.uniform(3, 0.2, 0.42) ?? 0)
            sheet.part({ min(box($0, half, 5), box($0 - SIMD2(0, half.y), SIMD2(half.x * 0.3, 6), 2)) }) {
                place, depth, coat in
                body.face(place, depth, &coat)
                coat.height += 5
                if box(place, half - wall, 3) < 0 {
                    coat.tone(inside)
                    coat.height -= 5
                }
            }
            for row in 0..<rows {
                for column in 0..<columns {
                    var middle =
                        SIMD2(Float(column) - Float(columns - 1) / 2, Float(row) - Float(rows - 1) / 2)
                        * pitch
                    if lost == SIMD2(column, row) {
                        if own?.number == 1 { continue }
                        middle += pull
                    }
                    let at = middle
                    sheet.fill(at + 1.5, SIMD2(pin, pin) * 1.2 + 2, { length($0 - at - 2) - pin * 1.2 }) {
                        _, _, coat in coat.tone(0.45)
                    }
                    sheet.fill(
                        at, SIMD2(pin, pin),
                        { isRound ? length($0 - at) - pin : box($0 - at, SIMD2(pin, pin)) }
                    ) { _, depth, coat in
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
        let count = 3 + random.index(below: 4), pitch = 190 / Float(count), long = random.uniform(22, 36),
            half = min(pitch * 0.3, random.uniform(8, 15))
        let base = random.near(
            random.pick([paint(0.75, 0.62, 0.42), paint(0.35, 0.55, 0.65), paint(0.5, 0.65, 0.55)])
        ).with(gloss: 0.4)
        let rings = (0..<4).map { _ in
            random.colour(saturation: random.uniform(0.4, 1), value: random.uniform(0.1, 0.8))
        }
        let wire = random.near(grey(0.6)).with(gloss: 0.8),
            tape = random.near(random.pick([grey(0.85), paint(0.8, 0.7, 0.45), paint(0.75, 0.3, 0.2)]))
        let other = random.colour(saturation: 0.7, value: 0.4)
        return { sheet, own in
            let lost = own.map { $0.index(0, below: count) } ?? -1,
                tilt = circle(own?.uniform(1, 0.03, 0.08) ?? 0)
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
                return min(
                    bands, min(box(here.p, SIMD2(waist, long), half * 0.6), box(here.p, SIMD2(1.4, 92))))
            }) { place, depth, coat in
                let here = local(place)
                if abs(abs(place.y) - 88) < 9 {
                    coat.colour = tape
                    coat.height = 1
                    return
                }
                guard abs(here.p.y) < long, abs(here.p.x) < half else {
                    coat.colour = wire
                    coat.height = min(depth, 1.4)
                    return
                }
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
        let mask = random.near(
            random.pick([
                paint(0.06, 0.30, 0.14), paint(0.07, 0.15, 0.4), grey(0.07), paint(0.4, 0.06, 0.06),
                paint(0.6, 0.5, 0.25),
            ])
        ).with(gloss: 0.4)
        let lift = random.uniform(1.4, 2.4),
            metal = random.near(random.pick([paint(0.75, 0.58, 0.25), grey(0.65), paint(0.7, 0.4, 0.25)]))
                .with(gloss: 0.8)
        let pitch = random.logarithmic(13, 30), half = pitch * random.uniform(0.13, 0.24),
            seed = random.seed(), isBare = random.chance(0.35)
        return { sheet, own in
            let middle = sheet.middle / pitch
            // Between nodes of a grid there are tracks along x, along y, or none; some nodes are drilled.
            func along(_ x: Int, _ y: Int) -> Bool { chanced(x, y, seed) < 0.62 }
            func isDrilled(_ x: Int, _ y: Int) -> Bool { chanced(x, y, seed ^ 7) < 0.22 }
            // The fault is where there is something to go wrong.
            var spot = SIMD2(Int(middle.x.rounded(.down)), Int(middle.y.rounded()))
            for _ in 0..<8
            where own != nil && !(own?.number == 2 ? isDrilled(spot.x, spot.y) : along(spot.x, spot.y)) {
                spot.x += 1
            }
            let place = spot
            sheet.everywhere { [spot = place] place, coat in
                let p = place / pitch
                let column = Int(p.x.rounded(.down)), row = Int(p.y.rounded())
                func down(_ x: Int, _ y: Int) -> Bool { chanced(x, y, seed ^ 99) < 0.25 }
                var line: Float = 99
                let cut =
                    own?.number == 0 && SIMD2(column, row) == spot
                    && abs(p.x - Float(column) - 0.5) * pitch < 2.2
                if along(column, row), !cut { line = abs(p.y - Float(row)) * pitch - half }
                let near = Int(p.x.rounded()), top = Int(p.y.rounded(.down))
                if down(near, top) { line = min(line, abs(p.x - Float(near)) * pitch - half) }
                if own?.number == 1, column == spot.x, top == spot.y {
                    line = min(line, abs(p.x - Float(column) - 0.5) * pitch - 1.6)
                }
                let pad = length(SIMD2(p.x - Float(near), p.y - Float(row))) * pitch,
                    isVia = isDrilled(near, row)
                coat.colour = mask
                let copper = coverage(line, 1)
                coat.blend(isBare ? metal : mask.toned(lift), copper)
                coat.height = 0.8 * step(1, -1, line)
                if isVia {
                    coat.blend(metal, coverage(pad - pitch * 0.34, 1))
                    if !(own?.number == 2 && near == spot.x && row == spot.y) {
                        coat.blend(grey(0.03), coverage(pad - pitch * 0.17, 1))
                    }
                }
            }
        }
    }

    static let transistor = PracticeKind.object(
        ["transistor", "electronic component with leads", "three-legged component", "voltage regulator"],
        electricFaults + .own("with a bent lead", "with a cut lead", "with a missing hole")
    ) { random in
        let body = Finish(random.near(grey(0.1, gloss: 0.3), tone: 0.4), style: 3, &random),
            metal = Finish.metal(&random)
        let half = SIMD2(random.uniform(32, 48), random.uniform(26, 38)), count = random.pick([2, 3, 3, 5]),
            lead = random.uniform(2.5, 4.5), long = random.uniform(50, 75)
        let text = Lettering.number(&random), tab = random.uniform(14, 34), hole = random.uniform(5, 9)
        return { sheet, own in
            let lost = own.map { $0.index(0, below: count) } ?? -1, pull = own?.uniform(1, 10, 26) ?? 0,
                pitch = half.x * 1.5 / Float(count)
            let up = SIMD2<Float>(0, -30)
            sheet.part({ place in
                let p = place - up
                var body = min(
                    box(p, half, 3),
                    max(
                        box(p + SIMD2(0, half.y + tab / 2), SIMD2(half.x * 0.95, tab)),
                        own?.number == 2 ? -99 : hole - length(p + SIMD2(0, half.y + tab * 0.6))))
                for number in 0..<count {
                    let x = (Float(number) - Float(count - 1) / 2) * pitch, y = p.y - half.y
                    guard y > -2 else { continue }
                    let isBad = number == lost
                    let bow = isBad && own?.number == 0 ? pull * y * y / (long * long) * 1.3 : 0
                    body = min(
                        body,
                        max(abs(p.x - x - bow) - lead, y - (isBad && own?.number == 1 ? long * 0.4 : long)))
                }
                return body
            }) { place, depth, coat in
                let p = place - up
                if box(p, half, 3) < 0 {
                    body.face(p, -box(p, half, 3), &coat)
                    coat.height += 5
                } else {
                    metal.face(place, depth, &coat)
                }
            }
            write(text, &sheet, at: up - SIMD2(half.x * 0.85, 8), size: 13, ink: grey(0.7))
        }
    }
}
