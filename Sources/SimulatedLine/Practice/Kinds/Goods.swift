extension PracticeKind {
    /// Pills, packages, food.
    static let goods: [PracticeKind] = [
        tablet, capsule, blister, biscuit, plasticClip, pillsPile, rope, sealedCup,
    ]

    static let biscuit = PracticeKind.object(
        ["biscuit", "cookie", "cracker"],
        .flaws([
            "cracked": .crack, "chipped": .chip, "burnt": .burn, "contaminated": .fibre, "with a hole": .hole,
            "discoloured": .discolour,
        ])
            + .own("broken", "deformed")
    ) { random in
        let base = random.near(
            random.pick([paint(0.74, 0.52, 0.28), paint(0.62, 0.40, 0.2), paint(0.28, 0.17, 0.1)])
        ).with(gloss: 0.05)
        let half = SIMD2(random.uniform(72, 105), random.uniform(60, 95)), style = random.index(below: 3),
            scallop = random.pick([0, 0, 16, 24])
        let crumb = Noise(seed: random.seed()), chips = Cells(seed: random.seed()),
            share = random.chance(0.5) ? random.uniform(0.1, 0.35) : 0
        let dots = random.uniform(18, 34)
        return { sheet, own in
            let turn = circle(sheet.random.unit()), cut = own?.uniform(0, -0.25, 0.4) ?? 9,
                rough = Noise(seed: own?.seed ?? 0)
            let origin = SIMD2(sheet.random.uniform(0, 500), sheet.random.uniform(0, 500))
            sheet.part({ place in
                let p = rotated(place, turn)
                var body =
                    style == 0 ? box(p, half, 10) : length(p * SIMD2(1, style == 1 ? 1 : 1.15)) - half.x
                if scallop > 0 { body += 3 * wave(turns(of: p) * Float(scallop)) }
                body += 2.5 * crumb.value(place.x / 14 + origin.x, place.y / 14)
                if own?.number == 0 {
                    body = max(body, p.x - half.x * cut + 6 * rough.fractal(p.y / 12, 1, octaves: 2))
                }
                if own?.number == 1 { body += 16 * rough.value(place.x / 70, place.y / 70) + 4 }
                return body
            }) { place, depth, coat in
                let q = place + origin
                let grain = crumb.fractal(q.x / 5, q.y / 5, octaves: 3)
                coat.colour = base
                coat.tone((1 + 0.25 * grain) * (0.72 + 0.28 * step(0, 14, depth)))
                coat.height = 6 * round(1 - min(depth / 14, 1)) + 1.3 * grain
                if share > 0 {
                    let chip = chips.nearest(q / 22)
                    if chip.mark < share {
                        coat.blend(paint(0.12, 0.06, 0.03, gloss: 0.4), step(0.3, 0.22, chip.first))
                        coat.height += 2 * step(0.35, 0.15, chip.first)
                    }
                } else {
                    let p = rotated(place, turn),
                        dock = length(SIMD2(phase(p.x, dots), phase(p.y, dots))) * dots - 2.6
                    coat.tone(1 - 0.55 * coverage(dock, 0.7))
                    coat.height -= 2 * step(2, -2, dock)
                }
            }
        }
    }

    static let plasticClip = PracticeKind.object(
        ["plastic clip", "snap hook", "injection moulded clip"],
        .plasticPart + .own("with a missing hook", "bent", "with flash")
    ) { random in
        let finish = Finish.plastic(&random), long = random.uniform(60, 95), half = random.uniform(16, 28),
            arm = random.uniform(6, 11)
        let hook = random.uniform(12, 22), slot = random.uniform(0.3, 0.6), ribs = random.pick([0, 3, 5])
        return { sheet, own in
            let bend = own?.number == 1 ? own?.uniform(0, 0.002, 0.005) ?? 0 : 0,
                rough = Noise(seed: own?.seed ?? 0)
            sheet.part({ place in
                let far = max(0, place.x), p = SIMD2(place.x, place.y + bend * far * far)
                var body = box(p + SIMD2(long * 0.6, 0), SIMD2(long * 0.4, half + 18), 8)
                for side in [-1, 1] as [Float] {
                    body = min(body, bar(p, SIMD2(-long * 0.4, side * half), SIMD2(long, side * half), arm))
                    if !(own?.number == 0 && side > 0) {
                        body = min(
                            body,
                            bar(
                                p, SIMD2(long, side * half), SIMD2(long - hook * 0.6, side * (half + hook)),
                                arm * 0.8))
                    }
                }
                body = max(body, -box(p + SIMD2(long * 0.65, 0), SIMD2(long * 0.22, half * slot), 4))
                if own?.number == 2 {
                    body = min(
                        body,
                        max(
                            body - 6 - 5 * rough.value(place.x / 9, place.y / 9),
                            abs(place.x + long * 0.5) - 25))
                }
                return body
            }) { place, depth, coat in
                finish.face(place, depth, &coat)
                if ribs > 0, place.x < -long * 0.25 {
                    coat.height += 1.2 * wave(place.y / (half * 2 / Float(ribs)))
                }
            }
        }
    }

    static let rope = PracticeKind.texture(
        ["rope", "twisted cord", "wire rope", "steel cable"],
        .flaws(["cut": .cut, "contaminated": .dust, "stained": .stain, "rusty": .rust, "worn": .scuff])
            + .own("with a broken strand", "with a loose thread")
    ) { random in
        let isMetal = random.chance(0.5)
        let base =
            isMetal
            ? random.near(grey(0.5)).with(gloss: 0.7)
            : random.near(random.pick([paint(0.7, 0.55, 0.35), grey(0.8), paint(0.2, 0.35, 0.6)])).with(
                gloss: 0.04)
        let accent = random.chance(0.3) ? random.colour(saturation: 0.8, value: 0.6) : base,
            ground = random.near(grey(random.pick([0.06, 0.4, 0.85])))
        let half = random.uniform(24, 62), pitch = half * random.uniform(0.7, 1.2),
            thin = random.uniform(2.5, 5), fine = Noise(seed: random.seed())
        return { sheet, own in
            let middle = sheet.middle, lost = Int(((middle.x + 0.9 * pitch * 0) / pitch).rounded(.down))
            sheet.everywhere { place, coat in
                let y = (place.y - middle.y) / half
                coat.colour = ground
                coat.tone(1 + 0.08 * fine.value(place.x / 4, place.y / 4))
                coat.tone(1 - 0.5 * step(1.5, 1, abs(y)))
                guard abs(y) < 1 else { return }
                let twist = place.x / pitch + 0.55 * y + 0.12 * y * y * y, strand = Int(twist.rounded(.down)),
                    across = fraction(twist) * 2 - 1
                let ply = round(across), hair = wave((place.x * 0.7 - (place.y - middle.y) * 1.1) / thin)
                coat.colour = strand.wrapped(to: 3) == 0 ? accent.with(gloss: base.w) : base
                coat.tone(
                    (0.3 + 0.7 * ply) * (0.55 + 0.45 * round(y))
                        * (1 + 0.18 * hair + 0.1 * fine.value(place.x, place.y)))
                coat.height = half * 0.5 * round(y) + 4 * ply + 0.6 * hair
                if let own, strand == lost, abs(y) < own.uniform(0, 0.25, 0.7) {
                    if own.number == 0 {
                        coat.tone(0.35 + 0.35 * fine.value(place.x / 2, place.y / 2))
                        coat.height -= 5
                    } else if abs(across) < 0.35 {
                        coat.tone(1.5)
                        coat.height += 4
                    }
                }
            }
        }
    }

    static let sealedCup = PracticeKind.object(
        ["sealing cap with membrane", "yoghurt lid", "foil lid", "sealed cup"],
        .flaws([
            "torn": .tear, "creased": .crease, "with a hole": .hole, "misprinted": .misprint, "dented": .dent,
            "contaminated": .dust, "stained": .stain,
        ])
            + .own("with a missing tab", "with a leaking seal")
    ) { random in
        let foil =
            random.chance(0.5)
            ? random.near(grey(0.65)).with(gloss: 0.8)
            : random.colour(saturation: 0.6, value: 0.8).with(gloss: 0.6)
        let ink = random.colour(saturation: 0.9, value: 0.6), radius = random.uniform(80, 102),
            seal = random.uniform(6, 13), knurl = random.uniform(3, 6)
        let motif = 3 + random.index(below: 6), text = String(Lettering.number(&random).prefix(2))
        return { sheet, own in
            let turn = circle(sheet.random.unit()), at = own?.uniform(0, 0, 1) ?? 0
            sheet.part({ place in
                let p = rotated(place, turn)
                let lid = length(p) - radius
                return own?.number == 0 ? lid : min(lid, box(p - SIMD2(radius, 0), SIMD2(17, 15), 10))
            }) { place, depth, coat in
                let r = length(place), p = rotated(place, turn)
                coat.colour = foil
                coat.height = 1.5 + 0.35 * wave(place.x / knurl) * wave(place.y / knurl)
                let isSealed = abs(r - radius + seal + 3) < seal
                if isSealed {
                    var off = abs(turns(of: place) - at)
                    off = min(off, 1 - off)
                    if own?.number == 1, off < 0.035 {
                        coat.tone(0.6)
                        coat.height = 4 * round(off / 0.035)
                    } else {
                        coat.height -= 1.5 + 0.7 * wave(turns(of: place) * 70)
                        coat.tone(0.92)
                    }
                }
                if r < radius * 0.55 + 7 * wave(turns(of: p) * Float(motif)) {
                    coat.colour = ink.with(gloss: foil.w)
                }
            }
            write(text, &sheet, at: SIMD2(-20, -13), size: 26, ink: grey(0.92, gloss: 0.5))
        }
    }
}
