// Pills and their packages: part of the goods.

extension PracticeKind {
    private static let tabletFaults: [PracticeFault] = .flaws([
        "cracked": .crack, "chipped": .chip, "contaminated": .dust, "stained": .stain, "scratched": .scratch,
        "discoloured": .discolour,
    ])

    private static func pillColour(_ random: inout Random) -> SIMD4<Float> {
        (random.chance(0.5)
            ? random.near(grey(0.86), tone: 0.08)
            : random.colour(saturation: random.uniform(0.2, 0.9), value: random.uniform(0.5, 0.9)))
            .with(gloss: random.uniform(0.05, 0.5))
    }

    static let tablet = PracticeKind.object(
        ["tablet", "pill", "medicine tablet"],
        tabletFaults + .flaws(["misprinted": .misprint]) + .own("broken", "with missing print")
    ) { random in
        let base = pillColour(&random), half = SIMD2(random.uniform(60, 98), random.uniform(38, 70)),
            isRound = random.chance(0.5)
        let text = String(Lettering.number(&random).prefix(2)), isScored = random.chance(0.5),
            dome = random.uniform(4, 14)
        let speckle = random.chance(0.3) ? random.uniform(0.1, 0.3) : 0.03, grain = Noise(seed: random.seed())
        return { sheet, own in
            let turn = circle(sheet.random.unit()), cut = own?.uniform(0, -0.3, 0.35) ?? 9,
                rough = Noise(seed: own?.seed ?? 0)
            sheet.part({ place in
                let p = rotated(place, turn)
                let body = isRound ? length(p) - half.x : box(p, half, min(half.x, half.y) * 0.95)
                return own?.number == 0
                    ? max(body, p.x - half.x * cut + 5 * rough.fractal(p.y / 12, 1, octaves: 2)) : body
            }) { place, depth, coat in
                let p = rotated(place, turn)
                coat.colour = base
                coat.tone(1 + speckle * grain.fractal(place.x / 2, place.y / 2, octaves: 2))
                let t = min(depth / (half.y * 0.7), 1)
                coat.height = dome * round(1 - t)
                if isScored, abs(p.x) < 2.5 {
                    coat.height -= 2.5 - abs(p.x)
                    coat.tone(0.88)
                }
            }
            if own?.number != 1 {
                let size = half.y * 0.6
                for side in [-1, 1] as [Float] where !isScored || side < 0 {
                    write(
                        text, &sheet, at: SIMD2(isScored ? -half.x * 0.75 : -size * 0.8, side * 0 - size / 2),
                        size: isScored ? size * 0.7 : size, ink: base.toned(0.72), rise: -1)
                    if !isScored { break }
                }
            }
        }
    }

    static let capsule = PracticeKind.object(
        ["capsule", "gelatin capsule", "medicine capsule"],
        tabletFaults + .flaws(["dented": .dent, "misprinted": .misprint])
            + .own("with a wrong colour", "open", "with missing print")
    ) { random in
        let left = pillColour(&random).with(gloss: 0.7), right = pillColour(&random).with(gloss: 0.7),
            odd = random.colour(saturation: 0.9, value: 0.6)
        let long = random.uniform(80, 105), half = random.uniform(26, 40),
            text = String(Lettering.number(&random).suffix(3)), seam = random.uniform(-0.15, 0.3)
        return { sheet, own in
            let gap = own?.number == 1 ? own?.uniform(0, 5, 13) ?? 0 : 0
            sheet.part({ place in
                let body = box(place, SIMD2(long, half), half)
                return gap > 0 ? max(body, gap - abs(place.x - seam * long)) : body
            }) { place, depth, coat in
                let isLeft = place.x < seam * long
                coat.colour = isLeft ? left : own?.number == 0 ? odd : right
                coat.height = half * round(1 - min(depth / half, 1)) + (isLeft ? 1.5 : 0)
                if abs(place.x - seam * long) < 1 { coat.tone(0.75) }
            }
            if own?.number != 2 {
                write(text, &sheet, at: SIMD2(-long * 0.75, -9), size: 18, ink: grey(0.12))
            }
        }
    }

    static let blister = PracticeKind.object(
        ["tablet blister", "blister pack", "pill pack"],
        .flaws([
            "scratched": .scratch, "torn": .tear, "creased": .crease, "contaminated": .dust, "dented": .dent,
            "with a hole": .hole,
        ])
            + .own("with a missing tablet", "with a broken tablet", "with a wrong colour")
    ) { random in
        let foil = random.near(grey(0.6)).with(gloss: 0.8), pill = pillColour(&random),
            odd = random.colour(saturation: 0.9, value: 0.5)
        let columns = 3 + random.index(below: 3), rows = 2 + random.index(below: 2),
            knurl = random.uniform(3, 7)
        let half = SIMD2<Float>(108, 72), isLong = random.chance(0.4)
        return { sheet, own in
            let pitch = SIMD2(2 * half.x / Float(columns), 2 * half.y / Float(rows)),
                radius = min(pitch.x, pitch.y) * 0.33
            let lost =
                own.map { SIMD2($0.index(0, below: columns), $0.index(1, below: rows)) } ?? SIMD2(-1, -1)
            sheet.part({ box($0, half, 10) }) { place, depth, coat in
                coat.colour = foil
                coat.height = min(depth, 1) + 0.35 * wave(place.x / knurl) * wave(place.y / knurl)
            }
            for row in 0..<rows {
                for column in 0..<columns {
                    let at =
                        SIMD2(Float(column) - Float(columns - 1) / 2, Float(row) - Float(rows - 1) / 2)
                        * pitch
                    let extent = isLong ? SIMD2(radius * 1.2, radius * 0.72) : SIMD2(radius, radius),
                        bay = extent + 5
                    let isBad = lost == SIMD2(column, row),
                        jitter = SIMD2(sheet.random.uniform(-1.5, 1.5), sheet.random.uniform(-1.5, 1.5))
                    sheet.fill(at, bay, { box($0 - at, bay, min(bay.x, bay.y)) }) { _, depth, coat in
                        coat.colour = foil.toned(0.8).with(gloss: 0.9)
                        coat.height += 7 * round(1 - min(depth / 8, 1))
                    }
                    if isBad, own?.number == 0 { continue }
                    let colour = isBad && own?.number == 2 ? odd : pill, isBroken = isBad && own?.number == 1
                    sheet.fill(
                        at + jitter, extent,
                        {
                            let p = $0 - at - jitter, body = box(p, extent, min(extent.x, extent.y))
                            return isBroken ? max(body, p.x + p.y * 0.4 - extent.x * 0.1) : body
                        }
                    ) { _, depth, coat in
                        coat.colour = colour.with(gloss: 0.6)
                        coat.height += 2.5 * round(1 - min(depth / 6, 1))
                    }
                }
            }
        }
    }

    static let pillsPile = PracticeKind.object(
        ["pile of tablets", "loose pills", "several tablets", "beads"],
        .flaws(["contaminated": .fibre, "chipped": .chip, "stained": .stain, "cracked": .crack])
            + .own("with a wrong colour", "with a foreign part")
    ) { random in
        let base = pillColour(&random), odd = random.colour(saturation: 0.9, value: 0.6),
            count = 7 + random.index(below: 8), radius = random.uniform(18, 27)
        let isLong = random.chance(0.4), metal = random.near(grey(0.5)).with(gloss: 0.8)
        return { sheet, own in
            var places: [(at: SIMD2<Float>, turn: SIMD2<Float>)] = []
            for _ in 0..<80 where places.count < count {
                let at = SIMD2(sheet.random.uniform(-95, 95), sheet.random.uniform(-95, 95)),
                    turn = circle(sheet.random.unit())
                if places.allSatisfy({ length($0.at - at) > radius * (isLong ? 2.7 : 2.15) }) {
                    places.append((at, turn))
                }
            }
            let all = places, lost = own.map { $0.index(0, below: places.count) } ?? -1
            func nearest(_ place: SIMD2<Float>) -> (distance: Float, number: Int) {
                var best = (distance: Float(1e9), number: 0)
                for (number, pill) in all.enumerated() {
                    let p = rotated(place - pill.at, pill.turn)
                    var distance =
                        isLong
                        ? box(p, SIMD2(radius * 1.3, radius * 0.65), radius * 0.65) : length(p) - radius
                    if own?.number == 1, number == lost {
                        distance = max(polygon(p, sides: 6, radius: radius * 0.9), radius * 0.45 - length(p))
                    }
                    if distance < best.distance { best = (distance, number) }
                }
                return best
            }
            sheet.part({ nearest($0).distance }) { place, depth, coat in
                let number = nearest(place).number
                coat.colour = number == lost ? (own?.number == 1 ? metal : odd) : base
                coat.height = 8 * round(1 - min(depth / (radius * 0.65), 1))
            }
        }
    }
}
