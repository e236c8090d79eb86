extension PracticeKind {
    /// Metal surfaces.
    static let metals: [PracticeKind] = [
        brushedMetal, rolledStrip, galvanised, sandblasted, castIron, anodised, foil, treadPlate, weldSeam,
    ]

    private static let metalFaults: [PracticeFault] = .flaws([
        "scratched": .scratch, "dented": .dent, "stained": .stain, "contaminated": .dust, "rusty": .rust,
        "with a hole": .hole, "cracked": .crack,
    ])

    private static func metal(_ random: inout Random) -> SIMD4<Float> {
        random.near(
            random.pick([grey(0.45), grey(0.6), paint(0.5, 0.5, 0.53), paint(0.48, 0.46, 0.42)]), tone: 0.2,
            hue: 0.03
        ).with(gloss: random.uniform(0.4, 0.9))
    }

    static let brushedMetal = PracticeKind.texture(
        ["brushed aluminium", "brushed metal", "satin finished metal"], metalFaults
    ) { random in
        let base = metal(&random)
        let fine = Noise(seed: random.seed()), wide = Noise(seed: random.seed())
        let long = random.logarithmic(60, 400), strong = random.uniform(0.06, 0.25)
        return { sheet, _ in
            sheet.look.roughness = SIMD2(0.6, 0.15)
            sheet.everywhere { place, coat in
                let a = fine.value(place.x / long, place.y / 0.8),
                    b = wide.value(place.x / long * 0.4, place.y / 3.5)
                coat.colour = base
                coat.tone(1 + strong * (a + 0.7 * b))
                coat.height = 0.12 * a
            }
        }
    }

    static let rolledStrip = PracticeKind.texture(
        ["rolled steel strip", "steel sheet", "hot rolled steel"],
        metalFaults + .flaws(["with an inclusion": .inclusion, "scuffed": .scuff])
    ) { random in
        let base = metal(&random).toned(random.uniform(0.4, 1))
        let fine = Noise(seed: random.seed()), cloud = Noise(seed: random.seed()),
            stripes = Noise(seed: random.seed())
        let patchy = random.uniform(0.05, 0.3), lines = random.uniform(0.02, 0.14)
        return { sheet, _ in
            sheet.everywhere { place, coat in
                let grain = fine.fractal(place.x / 2, place.y / 4, octaves: 2)
                let line = stripes.value(place.x / 1.6, place.y / 500)
                let scale = cloud.fractal(place.x / 24, place.y / 70, octaves: 3)
                coat.colour = base
                coat.tone(1 + 0.1 * grain + lines * line + patchy * scale)
                coat.height = 0.2 * grain
            }
        }
    }

    static let galvanised = PracticeKind.texture(
        ["galvanised sheet", "zinc coated steel", "spangled zinc"], metalFaults
    ) { random in
        let base = random.near(paint(0.56, 0.58, 0.6, gloss: 0.6), tone: 0.2, hue: 0.03)
        let cells = Cells(seed: random.seed()), bend = Noise(seed: random.seed()),
            ice = Noise(seed: random.seed())
        let pitch = random.logarithmic(14, 60), contrast = random.uniform(0.15, 0.5)
        return { sheet, _ in
            sheet.everywhere { place, coat in
                let b = bend.fractal(place.x / pitch * 2, place.y / pitch * 2, octaves: 2)
                let cell = cells.nearest(place / pitch + SIMD2(0.3 * b, 0.3 * b))
                let turn = circle(cell.mark)
                let p = rotated(place, turn)
                let fern = ice.value(p.x / 12, p.y / 1.4)
                coat.colour = base
                coat.tone(1 + contrast * (cell.mark - 0.5) * 1.6 + 0.1 * fern)
                coat.height = 0.15 * fern + (cell.mark - 0.5) * 0.4
            }
        }
    }

    static let sandblasted = PracticeKind.texture(
        ["sandblasted steel", "blasted metal", "matt metal surface"], metalFaults
    ) { random in
        let base = metal(&random).with(gloss: random.uniform(0.15, 0.4))
        let fine = Noise(seed: random.seed()), size = random.logarithmic(1, 2.6),
            rough = random.uniform(0.5, 1.3)
        return { sheet, _ in
            sheet.everywhere { place, coat in
                let grain = fine.fractal(place.x / size, place.y / size, octaves: 2)
                coat.colour = base
                coat.tone(1 + 0.14 * grain)
                coat.height = rough * grain * 0.7
            }
        }
    }

    static let castIron = PracticeKind.texture(
        ["cast iron surface", "cast iron", "sand casting skin"],
        metalFaults + .flaws(["with an inclusion": .inclusion, "chipped": .chip])
    ) { random in
        let base = random.near(grey(0.26, gloss: 0.25), tone: 0.4, hue: 0.04)
        let bumps = Noise(seed: random.seed()), pits = Cells(seed: random.seed())
        let size = random.logarithmic(4, 11), rough = random.uniform(0.8, 2), share = random.uniform(0.1, 0.6)
        return { sheet, _ in
            sheet.everywhere { place, coat in
                let bump = bumps.fractal(place.x / size, place.y / size, octaves: 4)
                let pit = pits.nearest(place / 9)
                let hole = pit.mark < share ? step(0.22, 0.08, pit.first) : 0
                coat.colour = base
                coat.tone(1 + 0.25 * bump - 0.5 * hole)
                coat.height = rough * bump * 1.5 - 1.5 * hole
            }
        }
    }

    static let anodised = PracticeKind.texture(
        ["anodised aluminium", "coloured metal plate", "copper sheet", "painted metal"],
        .flaws([
            "scratched": .scratch, "dented": .dent, "stained": .stain, "discoloured": .discolour,
            "contaminated": .fibre, "misprinted": .misprint, "scuffed": .scuff,
        ])
    ) { random in
        let base =
            random.chance(0.3)
            ? random.near(paint(0.70, 0.38, 0.24))
            : random.colour(saturation: random.uniform(0.4, 0.95), value: random.uniform(0.3, 0.75))
        let gloss = random.uniform(0.3, 0.9), fine = Noise(seed: random.seed())
        let peel = random.logarithmic(2, 14), rough = random.uniform(0.1, 0.6)
        return { sheet, _ in
            sheet.everywhere { place, coat in
                let a = fine.value(place.x / peel, place.y / peel),
                    b = fine.fractal(place.x / 1.5, place.y / 1.5, octaves: 2)
                coat.colour = base.with(gloss: gloss)
                coat.tone(1 + 0.05 * a + 0.05 * b)
                coat.height = rough * a * peel * 0.12
            }
        }
    }

    static let foil = PracticeKind.texture(
        ["aluminium foil", "metal foil", "crumpled foil"],
        .flaws([
            "torn": .tear, "with a hole": .hole, "stained": .stain, "contaminated": .dust,
            "scratched": .scratch,
            "cut": .cut, "discoloured": .discolour,
        ])
    ) { random in
        let base = random.near(random.pick([grey(0.55), grey(0.6), paint(0.7, 0.55, 0.25)]), tone: 0.15).with(
            gloss: 0.8)
        let facets = Cells(seed: random.seed()), folds = Noise(seed: random.seed())
        let pitch = random.logarithmic(18, 70), depth = random.uniform(0.5, 2.4)
        return { sheet, _ in
            sheet.look.specular = 0.7
            sheet.look.roughness = SIMD2(0.16, 0.16)
            sheet.everywhere { place, coat in
                let b = folds.fractal(place.x / pitch, place.y / pitch, octaves: 2)
                let cell = facets.nearest(place / pitch + 0.5 * b)
                let tilt = circle(cell.mark) * 0.35
                let plane = (tilt * place / pitch).sum() * 2
                coat.colour = base
                coat.tone(0.9 + 0.2 * cell.mark)
                coat.height = depth * (wave(plane) * 0.6 + 3 * b + 2 * min(0.3, cell.second - cell.first))
            }
        }
    }

    static let treadPlate = PracticeKind.texture(
        ["tread plate", "chequer plate", "diamond plate"], metalFaults + .own("with a missing stud")
    ) { random in
        let base = metal(&random), fine = Noise(seed: random.seed())
        let pitch = random.logarithmic(22, 52), slim = random.uniform(0.12, 0.2),
            long = random.uniform(0.45, 0.62)
        let rise = random.uniform(1.5, 3.5)
        return { sheet, own in
            let middle = sheet.middle / pitch
            let lost = own.map { _ in SIMD2(Int(middle.x.rounded()), Int(middle.y.rounded())) }
            sheet.everywhere { place, coat in
                let p = place / pitch, row = Int(p.y.rounded()), column = Int(p.x.rounded())
                let away = SIMD2(p.x - Float(column), p.y - Float(row))
                let turn: SIMD2<Float> = (row + column) & 1 == 0 ? SIMD2(0.707, 0.707) : SIMD2(0.707, -0.707)
                let q = magnitude(rotated(away, turn))
                let lens = (q.y + slim * 1.0 * (q.x / long) * (q.x / long) - slim) * pitch
                let grain = fine.fractal(place.x / 2, place.y / 2, octaves: 2)
                coat.colour = base
                coat.tone(1 + 0.1 * grain)
                coat.height = 0.2 * grain
                if lost == SIMD2(column, row) { return }
                let top = step(0.4, -2.2, lens)
                coat.height += rise * top
                coat.tone(1 + 0.2 * top)
            }
        }
    }

    static let weldSeam = PracticeKind.texture(
        ["weld seam", "weld bead", "welded joint"],
        metalFaults + .flaws(["burnt": .burn, "with an inclusion": .inclusion])
            + .own("with an interrupted weld")
    ) { random in
        let base = metal(&random), fine = Noise(seed: random.seed()), edge = Noise(seed: random.seed())
        let half = random.uniform(9, 26), pitch = random.uniform(4, 11), rise = random.uniform(2, 6)
        let heat = random.uniform(0.2, 0.8), blue = paint(0.25, 0.3, 0.45, gloss: 0.4),
            brown = paint(0.4, 0.3, 0.18, gloss: 0.4)
        return { sheet, own in
            let middle = sheet.middle
            let gap = own?.uniform(0, 8, 22) ?? 0, at = own?.uniform(1, -50, 50) ?? 0
            sheet.everywhere { place, coat in
                // The seam runs through the frame wherever on the sheet that lies.
                let p = place - middle
                let grain = fine.fractal(place.x / 2.2, place.y / 2.2, octaves: 2)
                let wander = 2.5 * edge.value(place.x / 25, 4)
                let away = abs(p.y + wander), width = half + 1.5 * edge.value(place.x / 7, 9)
                coat.colour = base
                coat.tone(1 + 0.12 * grain + 0.1 * fine.value(place.x / 60, place.y / 1.2))
                let band = step(half * 2.8, half, away) * heat
                coat.blend(brown, band * 0.7)
                coat.blend(blue, heat * 0.6 * max(0, 1 - abs(away - half * 1.9) / (half * 0.4)))
                coat.height = 0.25 * grain
                let t = away / width
                guard t < 1 else { return }
                if gap > 0, abs(p.x - at) < gap {
                    coat.tone(0.35)
                    return
                }
                let ripple = fraction(place.x / pitch - 1.1 * t * t)
                coat.colour = base.toned(1.05 - 0.35 * ripple)
                coat.tone(1 + 0.12 * grain)
                coat.height += rise * round(t) + 1.2 * (1 - ripple)
            }
        }
    }
}
