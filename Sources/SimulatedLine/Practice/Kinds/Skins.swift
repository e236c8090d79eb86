extension PracticeKind {
    /// Soft sheets: leather, foam, rubber, paper, film.
    static let skins: [PracticeKind] = [
        leather, foam, rubberMat, paper, cardboard, plasticFilm, felt, glassFibreMat, tintedGlass,
    ]

    static let leather = PracticeKind.texture(
        ["leather", "leather hide", "grained leather"],
        .flaws([
            "scratched": .scratch, "cut": .cut, "with a hole": .hole, "creased": .crease, "stained": .stain,
            "discoloured": .discolour, "scuffed": .scuff, "contaminated": .thread,
        ])
    ) { random in
        let bases = [
            paint(0.36, 0.20, 0.11), paint(0.55, 0.33, 0.18), grey(0.10), paint(0.45, 0.10, 0.08),
            paint(0.80, 0.74, 0.64), paint(0.15, 0.2, 0.3),
        ]
        let base = random.near(random.pick(bases)).with(gloss: random.uniform(0.15, 0.7))
        let cells = Cells(seed: random.seed()), bend = Noise(seed: random.seed())
        let pitch = random.logarithmic(3.5, 12), deep = random.uniform(0.5, 1.6),
            tint = random.uniform(0.1, 0.4)
        return { sheet, _ in
            sheet.look.specular = 0.5
            sheet.everywhere { place, coat in
                let b = bend.fractal(place.x / pitch, place.y / pitch, octaves: 2)
                let cell = cells.nearest(place / pitch + SIMD2(0.35 * b, -0.3 * b))
                let crease = step(0.24, 0, cell.second - cell.first)
                let wide = bend.value(place.x / 70, place.y / 70)
                coat.colour = base
                coat.tone(1 - tint * crease + 0.08 * wide + 0.05 * b)
                coat.height = deep * (-1.3 * crease + 0.3 * b)
            }
        }
    }

    static let foam = PracticeKind.texture(
        ["foam", "sponge", "foam rubber", "open-cell foam"],
        .flaws([
            "torn": .tear, "cut": .cut, "with a hole": .hole, "stained": .stain, "burnt": .burn,
            "contaminated": .fibre, "discoloured": .discolour,
        ])
    ) { random in
        let base =
            random.chance(0.5)
            ? random.near(paint(0.80, 0.70, 0.35))
            : random.colour(saturation: random.uniform(0, 0.7), value: 0.7)
        let cells = Cells(seed: random.seed()), noise = Noise(seed: random.seed())
        let pitch = random.logarithmic(4, 16), size = random.uniform(0.28, 0.45)
        return { sheet, _ in
            sheet.everywhere { place, coat in
                let b = noise.value(place.x / pitch * 1.2, place.y / pitch * 1.2)
                let cell = cells.nearest(place / pitch + 0.2 * b)
                let open = step(size * (0.6 + 0.7 * cell.mark), 0.1, cell.first)
                coat.colour = base.with(gloss: 0.03)
                coat.tone(0.95 + 0.1 * b - 0.7 * open)
                coat.height = -2.5 * open
            }
        }
    }

    static let rubberMat = PracticeKind.texture(
        ["rubber mat", "studded rubber", "rubber flooring"],
        .flaws([
            "scratched": .scratch, "cut": .cut, "torn": .tear, "stained": .stain, "contaminated": .dust,
            "with a hole": .hole,
        ]) + .own("with a missing stud")
    ) { random in
        let base = random.chance(0.6) ? random.near(grey(0.09)) : random.colour(saturation: 0.6, value: 0.35)
        let pitch = random.logarithmic(16, 48), radius = random.uniform(0.22, 0.42), seed = random.seed()
        let style = random.index(below: 3), offset: Float = random.chance(0.5) ? 0.5 : 0
        let rise = random.uniform(1.5, 4), noise = Noise(seed: seed)
        return { sheet, own in
            sheet.look.specular = 0.6
            let middle = sheet.middle / pitch
            let lost = own.map { _ in SIMD2(Int(middle.x.rounded()), Int(middle.y.rounded())) }
            sheet.everywhere { place, coat in
                let p = place / pitch, row = Int(p.y.rounded())
                let x = p.x - (row & 1 == 0 ? 0 : offset), column = Int(x.rounded())
                let away = SIMD2(x - Float(column), p.y - Float(row)) * pitch
                let distance: Float =
                    style == 0
                    ? length(away) - radius * pitch
                    : style == 1
                        ? box(away, SIMD2(repeating: radius * pitch), 3)
                        : box(
                            rotated(
                                away, (row + column) & 1 == 0 ? SIMD2(0.707, 0.707) : SIMD2(0.707, -0.707)),
                            SIMD2(radius * 1.1, 0.1) * pitch, 2)
                let grain = noise.fractal(place.x / 2, place.y / 2, octaves: 2)
                coat.colour = base.with(gloss: 0.3)
                coat.tone(1 + 0.15 * grain)
                coat.height = 0.25 * grain
                if lost == SIMD2(column, row) { return }
                let top = step(0.5, -2.5, distance)
                coat.height += rise * top
                coat.tone(0.9 + 0.3 * top)
            }
        }
    }

    static let paper = PracticeKind.texture(
        ["paper", "paper web", "sheet of paper"],
        .flaws([
            "torn": .tear, "creased": .crease, "stained": .stain, "with a hole": .hole,
            "misprinted": .misprint,
            "contaminated": .dust, "cut": .cut,
        ])
    ) { random in
        let base = random.near(
            random.pick([grey(0.9), paint(0.88, 0.85, 0.76), paint(0.70, 0.58, 0.42), grey(0.75)]), tone: 0.1)
        let fibre = Noise(seed: random.seed()), cloud = Noise(seed: random.seed())
        let rough = random.uniform(0.02, 0.08), lined = random.chance(0.3) ? random.uniform(8, 26) : 0
        let ink = random.colour(saturation: 0.6, value: 0.6)
        return { sheet, _ in
            sheet.everywhere { place, coat in
                let turned = rotated(place, SIMD2(0.8, 0.6))
                let a = fibre.value(place.x / 5, place.y / 1.1), b = cloud.value(turned.x / 1.1, turned.y / 5)
                let formation = cloud.fractal(place.x / 9, place.y / 9, octaves: 2)
                coat.colour = base.with(gloss: 0.05)
                coat.tone(1 + rough * (a + b + 0.8 * formation))
                coat.height = 0.25 * (a + b)
                if lined > 0 { coat.blend(ink, 0.7 * coverage(abs(phase(place.y, lined)) * lined - 0.4, 1)) }
            }
        }
    }

    static let cardboard = PracticeKind.texture(
        ["corrugated cardboard", "cardboard", "packing board"],
        .flaws([
            "torn": .tear, "creased": .crease, "dented": .dent, "stained": .stain, "with a hole": .hole,
            "misprinted": .misprint, "cut": .cut,
        ])
    ) { random in
        let base = random.near(
            random.pick([paint(0.66, 0.50, 0.34), paint(0.72, 0.58, 0.42), grey(0.82)]), tone: 0.15)
        let fibre = Noise(seed: random.seed()), pitch = random.uniform(7, 22),
            depth = random.uniform(0.15, 0.6)
        return { sheet, _ in
            sheet.everywhere { place, coat in
                let a = fibre.value(place.x / 6, place.y / 1.2),
                    b = fibre.fractal(place.x / 14, place.y / 14, octaves: 2)
                let flute = wave(place.y / pitch + 0.04 * b)
                coat.colour = base.with(gloss: 0.04)
                coat.tone(1 + 0.07 * a + 0.07 * b + 0.05 * flute)
                if a + b > 0.95 { coat.tone(0.7) }
                coat.height = depth * flute * 2 + 0.2 * a
            }
        }
    }

    static let plasticFilm = PracticeKind.texture(
        ["plastic film", "clear foil", "stretch film"],
        .flaws([
            "torn": .tear, "creased": .crease, "with a hole": .hole, "contaminated": .dust,
            "scratched": .scratch,
            "with an inclusion": .inclusion, "with a drop": .drop,
        ])
    ) { random in
        let base = random.chance(0.5) ? random.near(grey(0.5)) : random.colour(saturation: 0.5, value: 0.7)
        let folds = Noise(seed: random.seed()), pitch = random.logarithmic(40, 140),
            depth = random.uniform(1, 5)
        return { sheet, _ in
            sheet.look.specular = 0.7
            sheet.look.roughness = SIMD2(0.12, 0.12)
            sheet.everywhere { place, coat in
                let wide = folds.fractal(place.x / pitch, place.y / pitch / 3, octaves: 2)
                coat.colour = base.with(gloss: 0.6)
                coat.tone(1 + 0.06 * wide)
                coat.height = depth * wide
            }
        }
    }

    static let felt = PracticeKind.texture(
        ["felt", "non-woven fabric", "fleece"],
        .flaws([
            "torn": .tear, "with a hole": .hole, "stained": .stain, "contaminated": .thread, "cut": .cut,
            "discoloured": .discolour, "burnt": .burn,
        ])
    ) { random in
        let base =
            random.chance(0.4)
            ? random.near(grey(0.5), tone: 0.6)
            : random.colour(saturation: random.uniform(0.3, 0.9), value: 0.65)
        let fibres = (0..<3).map { _ in Noise(seed: random.seed()) }, cloud = Noise(seed: random.seed())
        let mottle = random.uniform(0.03, 0.15), long = random.uniform(6, 14)
        return { sheet, _ in
            sheet.everywhere { place, coat in
                let p = place + 2 * cloud.value(place.x / 12, place.y / 12)
                let q = rotated(p, SIMD2(0.5, 0.866)), r = rotated(p, SIMD2(0.5, -0.866))
                let tangle = max(
                    fibres[0].value(p.x / long, p.y / 1.1),
                    max(fibres[1].value(q.x / long, q.y / 1.1), fibres[2].value(r.x / long, r.y / 1.1)))
                coat.colour = base.with(gloss: 0.02)
                coat.tone(
                    0.85 + 0.3 * tangle + mottle * cloud.fractal(place.x / 25, place.y / 25, octaves: 2))
                coat.height = 1.1 * tangle
            }
        }
    }

    static let glassFibreMat = PracticeKind.texture(
        ["glass fibre mat", "fibreglass", "chopped strand mat"],
        .flaws([
            "torn": .tear, "with a hole": .hole, "stained": .stain, "contaminated": .dust, "cut": .cut,
            "with an inclusion": .inclusion, "creased": .crease,
        ])
    ) { random in
        let base = random.near(paint(0.72, 0.75, 0.70, gloss: 0.5), tone: 0.2)
        let strands = (0..<4).map { _ in Noise(seed: random.seed()) }
        let long = random.uniform(25, 60), thin = random.uniform(1, 2.4), dark = random.uniform(0.2, 0.5)
        return { sheet, _ in
            sheet.everywhere { place, coat in
                var top: Float = -1
                for (number, strand) in strands.enumerated() {
                    let turn = circle(Float(number) * 0.137 + 0.03)
                    let p = rotated(place, turn)
                    top = max(top, strand.value(p.x / long, p.y / thin) - 0.1 * Float(number & 1))
                }
                let lit = step(0.1, 0.75, top)
                coat.colour = base
                coat.tone(dark + (1.05 - dark) * lit)
                coat.height = lit
            }
        }
    }

    static let tintedGlass = PracticeKind.texture(
        ["tinted glass", "glass pane", "window glass"],
        .flaws([
            "scratched": .scratch, "cracked": .crack, "chipped": .chip, "contaminated": .dust,
            "with a drop": .drop, "with an inclusion": .inclusion, "stained": .stain,
        ])
    ) { random in
        let base = random.colour(saturation: random.uniform(0.05, 0.5), value: random.uniform(0.2, 0.8))
        let cloud = Noise(seed: random.seed()), shine = random.uniform(0.2, 0.6)
        let bands = random.uniform(60, 200)
        return { sheet, _ in
            sheet.look.specular = 0.5
            sheet.look.roughness = SIMD2(0.1, 0.1)
            sheet.everywhere { place, coat in
                coat.colour = base.with(gloss: 0.8)
                let band = cloud.value((place.x + place.y) / bands, 3)
                coat.tone(
                    1 + 0.1 * cloud.fractal(place.x / 120, place.y / 120, octaves: 2) + shine * max(0, band))
            }
        }
    }
}
