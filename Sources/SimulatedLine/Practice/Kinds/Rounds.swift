extension PracticeKind {
    /// Flat rings and discs.
    static let rounds: [PracticeKind] = [
        washer, oRing, bearing, bottleCap, canLid, coin, pipeSection, magnetSegment,
    ]

    static let washer = PracticeKind.object(
        ["steel washer", "washer", "metal ring", "shim ring"],
        .metalPart + .own("with an off-centre hole", "deformed")
    ) { random in
        let finish = Finish.metal(&random), outer = random.uniform(55, 108),
            inner = outer * random.uniform(0.35, 0.72)
        let lobes = random.chance(0.2) ? 6 + random.index(below: 10) : 0
        return { sheet, own in
            let turn = circle(sheet.random.unit())
            let off =
                own?.number == 0
                ? circle(own?.uniform(0, 0, 1) ?? 0) * (own?.uniform(1, 0.1, 0.22) ?? 0) * outer : SIMD2()
            let squash = own?.number == 1 ? own?.uniform(2, 1.08, 1.2) ?? 1 : 1
            sheet.part({ place in
                let p = rotated(place, turn) * SIMD2(1, squash), r = length(p)
                let tooth = lobes == 0 ? 0 : 4 * wave(turns(of: p) * Float(lobes))
                return max(r - outer - tooth, inner - length(p - off))
            }) { place, depth, coat in finish.face(place, depth, &coat) }
        }
    }

    static let oRing = PracticeKind.object(
        ["rubber o-ring", "o-ring", "seal ring", "gasket"],
        .flaws([
            "cracked": .crack, "cut": .cut, "contaminated": .dust, "stained": .stain, "chipped": .chip,
            "with an inclusion": .inclusion,
        ])
            + .own("torn", "deformed", "with flash")
    ) { random in
        let finish = Finish.plastic(&random), radius = random.uniform(55, 95), half = random.uniform(5, 17)
        let shape = random.index(below: 3), corner = random.uniform(15, 40)
        return { sheet, own in
            let turn = circle(sheet.random.unit()), at = own?.uniform(0, 0, 1) ?? 0,
                much = own?.uniform(1, 0.5, 1) ?? 0
            sheet.part({ place in
                let p = rotated(place, turn)
                var middle = shape == 0 ? box(p, SIMD2(radius, radius * 0.7), corner) : length(p) - radius
                var width = half
                if let own {
                    var off = abs(turns(of: p) - at)
                    off = min(off, 1 - off)
                    let near = max(0, 1 - off / 0.06)
                    if own.number == 0 { width = off < 0.012 + 0.02 * much ? -1 : half }
                    if own.number == 1 { middle += near * near * half * (0.8 + much) }
                    if own.number == 2 { width += near > 0 && middle > 0 ? near * (2 + 4 * much) : 0 }
                }
                return abs(middle) - width
            }) { place, depth, coat in
                finish.face(place, depth, &coat)
                coat.height = half * 0.7 * round(1 - min(depth / half, 1))
            }
        }
    }

    static let bearing = PracticeKind.object(
        ["ball bearing", "bearing", "bearing ring"],
        .metalPart + .own("with a missing ball", "with a broken cage")
    ) { random in
        let finish = Finish.metal(&random), ball = Finish.metal(&random), outer = random.uniform(85, 110)
        let bore = outer * random.uniform(0.32, 0.5), count = 7 + random.index(below: 9)
        let cage = random.near(random.pick([paint(0.6, 0.48, 0.25), grey(0.5), paint(0.75, 0.6, 0.4)])).with(
            gloss: 0.4)
        return { sheet, own in
            let turn = sheet.random.unit(), span = outer - bore, pitch = (outer + bore) / 2
            let radius = min(span * 0.2, pitch * 3.14159 / Float(count) * 0.85), half = span * 0.24
            let lost = own.map { $0.index(0, below: count) } ?? -1
            sheet.part({ max(length($0) - outer, bore - length($0)) }) { place, depth, coat in
                let r = length(place), away = abs(r - pitch)
                if away > half {
                    finish.face(place, min(depth, away - half), &coat)
                    return
                }
                coat.colour = grey(0.05)
                coat.height = -2
                let turnHere = fraction(turns(of: place) + turn) * Float(count)
                let number = Int(turnHere.rounded()) % count, off = turnHere - turnHere.rounded()
                let across = off / Float(count) * 6.283 * pitch
                if away < radius * 0.55, !(own?.number == 1 && number == lost) {
                    coat.colour = cage
                    coat.height = 0
                }
                let distance = length(SIMD2(across, r - pitch)) - radius
                if distance < 0, !(own?.number == 0 && number == lost) {
                    coat.colour = ball.colour
                    coat.height = radius * 0.8 * round(1 + distance / radius)
                }
            }
        }
    }

    static let bottleCap = PracticeKind.object(
        ["bottle cap", "screw cap", "crown cork", "closure"],
        .plasticPart + .flaws(["misprinted": .misprint, "dented": .dent])
            + .own("deformed", "with missing print")
    ) { random in
        let finish = Finish.plastic(&random), radius = random.uniform(65, 105),
            count = random.pick([21, 24, 36, 60])
        let ink = random.colour(saturation: 0.8, value: random.uniform(0.2, 0.9)),
            text = String(Lettering.number(&random).prefix(2))
        let knurl = random.uniform(1.5, 6), isPrinted = random.chance(0.75), emblem = random.uniform(0.3, 0.6)
        return { sheet, own in
            let turn = circle(sheet.random.unit()),
                squash = own?.number == 0 ? own?.uniform(0, 1.06, 1.16) ?? 1 : 1
            sheet.part({ place in
                let p = rotated(place, turn) * SIMD2(1, squash)
                return length(p) - radius + knurl * (0.5 + 0.5 * wave(turns(of: p) * Float(count)))
            }) { place, depth, coat in
                finish.face(place, depth, &coat)
                let r = length(place)
                let skirt = step(radius * 0.8, radius * 0.86, r)
                coat.height +=
                    5 * (1 - skirt) + 1.2 * skirt * wave(turns(of: rotated(place, turn)) * Float(count))
                if isPrinted, own?.number != 1, abs(r - radius * emblem - 8) < 2 { coat.colour = ink }
            }
            if isPrinted, own?.number != 1 {
                write(text, &sheet, at: SIMD2(-18, -12), size: 24, ink: ink.with(gloss: 0.3))
            }
        }
    }

    static let canLid = PracticeKind.object(
        ["can lid", "beverage can end", "tin lid", "ring-pull lid"],
        .metalPart + .own("with a missing tab", "with a bent tab")
    ) { random in
        let finish = Finish.metal(&random), radius = random.uniform(90, 112), rim = random.uniform(6, 12)
        let tab = Finish.metal(&random), long = random.uniform(20, 32), wide = random.uniform(11, 17)
        return { sheet, own in
            let turn = circle(sheet.random.unit())
            sheet.look.roughness = SIMD2(0.2, 0.2)
            sheet.part({ length($0) - radius }) { place, depth, coat in
                finish.face(place, depth, &coat)
                let r = radius - depth
                coat.height =
                    4 * round(min(depth / rim, 2) - 1) - 2 * step(rim * 2, rim * 2.6, depth)
                    + 1.3 * round((r - radius * 0.72) / 4)
                let p = rotated(place, turn)
                let score = box(p - SIMD2(30, 0), SIMD2(26, 20), 18)
                if abs(score) < 1.2 {
                    coat.height -= 1.2
                    coat.tone(0.75)
                }
            }
            if own?.number == 0 { return }
            let bend = own?.number == 1 ? circle(own?.uniform(0, 0.07, 0.16) ?? 0) : SIMD2(1, 0)
            func local(_ place: SIMD2<Float>) -> SIMD2<Float> {
                rotated(rotated(place, turn), bend) + SIMD2(long * 0.6, 0)
            }
            sheet.fill(
                SIMD2(), SIMD2(70, 70),
                {
                    let p = local($0)
                    return max(box(p, SIMD2(long, wide), wide * 0.9), 7 - length(p + SIMD2(long * 0.4, 0)))
                }
            ) { place, depth, coat in
                tab.face(place, depth, &coat)
                coat.height += 3
            }
            sheet.fill(SIMD2(), SIMD2(5, 5), { length($0) - 4.5 }) { _, depth, coat in
                coat.height += min(depth, 3)
            }
        }
    }

    static let coin = PracticeKind.object(
        ["coin", "metal token", "medal", "embossed disc"], .metalPart + .own("with missing print")
    ) { random in
        let finish = Finish.metal(&random), radius = random.uniform(65, 108),
            text = String(Lettering.number(&random).suffix(2))
        let ring: SIMD4<Float>? =
            random.chance(0.3) ? random.near(paint(0.6, 0.48, 0.22)).with(gloss: 0.8) : nil
        let count = 12 + random.index(below: 50), rise = random.uniform(1.5, 3),
            relief = Noise(seed: random.seed())
        return { sheet, own in
            sheet.part({ length($0) - radius }) { place, depth, coat in
                finish.face(place, depth, &coat)
                if let ring, depth < radius * 0.3 { coat.colour = ring }
                coat.height = rise * (round(min(depth / 5, 2) - 1))
                if abs(depth - 13) < 3.5 {
                    coat.height +=
                        rise * max(0, wave(turns(of: place) * Float(count))) * round((depth - 13) / 3.5)
                }
                coat.height += 0.4 * relief.value(place.x / 8, place.y / 8)
            }
            if own == nil {
                write(
                    text, &sheet, at: SIMD2(-radius * 0.42, -radius * 0.3), size: radius * 0.6,
                    ink: finish.colour.toned(1.1), rise: rise)
            }
        }
    }

    static let pipeSection = PracticeKind.object(
        ["pipe section", "tube end", "cut pipe", "hose cross-section"],
        .metalPart + .own("deformed", "with an off-centre hole", "with a burr")
    ) { random in
        let finish = random.chance(0.5) ? Finish.metal(&random) : Finish.plastic(&random)
        let outer = random.uniform(65, 105), wall = outer * random.uniform(0.12, 0.32)
        let layer = random.chance(0.4) ? Finish.plastic(&random).colour : nil,
            inside = random.uniform(0.15, 0.5)
        return { sheet, own in
            let turn = circle(sheet.random.unit()), much = own?.uniform(0, 0.4, 1) ?? 0
            let squash = own?.number == 0 ? 1.06 + 0.12 * much : 1
            let off = own?.number == 1 ? circle(own?.uniform(1, 0, 1) ?? 0) * wall * 0.55 * much : SIMD2()
            let at = own?.uniform(2, 0, 1) ?? 0, isBurred = own?.number == 2
            let rough = Noise(seed: own?.seed ?? 0)
            sheet.part({ length(rotated($0, turn) * SIMD2(1, squash)) - outer }) { place, depth, coat in
                let p = rotated(place, turn) * SIMD2(1, squash), r = length(p - off)
                var bore = outer - wall
                if isBurred {
                    var away = abs(turns(of: place) - at)
                    away = min(away, 1 - away)
                    bore -= max(0, 1 - away / 0.09) * (3 + 3 * rough.value(away * 90, 1))
                }
                if r < bore {
                    coat.colour = finish.colour.toned(inside * (0.3 + 0.7 * r / bore))
                    coat.height = -4
                    return
                }
                finish.face(place, min(depth, r - bore), &coat)
                if let layer, depth < wall * 0.35 { coat.colour = layer }
            }
        }
    }

    static let magnetSegment = PracticeKind.object(
        ["magnet segment", "arc magnet", "ring segment", "brake pad"],
        .flaws([
            "chipped": .chip, "cracked": .crack, "scratched": .scratch, "contaminated": .dust,
            "stained": .stain, "with a hole": .hole,
        ])
            + .own("with a broken end")
    ) { random in
        let finish = Finish(random.near(grey(0.2, gloss: 0.4), tone: 0.5), style: 3, &random)
        let outer = random.uniform(95, 135), thick = random.uniform(22, 50), span = random.uniform(0.09, 0.17)
        return { sheet, own in
            let middle = SIMD2<Float>(0, outer - thick / 2), cut = own?.uniform(0, 0.3, 0.8) ?? 1
            let rough = Noise(seed: own?.seed ?? 1)
            sheet.part({ place in
                let p = place - middle, r = length(p)
                let turn = turns(of: SIMD2(-p.y, p.x))
                let off = (turn > 0.5 ? turn - 1 : turn) * 6.283 * r
                let half = span * 6.283 * (outer - thick / 2)
                var end = abs(off) - half
                if own != nil { end = max(end, off - half * cut + 4 * rough.value(r / 6, 2)) }
                return max(max(r - outer, outer - thick - r), end)
            }) { place, depth, coat in finish.face(place, depth, &coat) }
        }
    }
}
