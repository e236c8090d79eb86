extension PracticeKind {
    /// Stone and what is cast of it.
    static let minerals: [PracticeKind] = [marble, terrazzo, granite, concrete, asphalt, sandpaper]

    private static let stoneFaults: [PracticeFault] = .flaws([
        "cracked": .crack, "stained": .stain, "chipped": .chip, "scratched": .scratch, "with a hole": .hole,
        "contaminated": .dust, "with an inclusion": .inclusion,
    ])

    static let marble = PracticeKind.texture(["marble", "marble slab", "polished marble"], stoneFaults) {
        random in
        let bases = [
            grey(0.85), paint(0.85, 0.80, 0.70), grey(0.15), paint(0.15, 0.25, 0.18), paint(0.6, 0.4, 0.35),
        ]
        let base = random.near(random.pick(bases)).with(gloss: random.uniform(0.2, 0.8))
        let isDark = base.y < 0.4
        let vein = random.near(isDark ? grey(0.75) : paint(0.35, 0.33, 0.30)).with(gloss: base.w)
        let a = Noise(seed: random.seed()), b = Noise(seed: random.seed())
        let pitch = random.logarithmic(35, 110), fine = random.uniform(9, 26),
            strong = random.uniform(0.3, 0.8)
        return { sheet, _ in
            sheet.look.roughness = SIMD2(0.15, 0.15)
            sheet.everywhere { place, coat in
                let bend = SIMD2(
                    a.fractal(place.x / pitch, place.y / pitch, octaves: 3),
                    b.value(place.x / pitch, place.y / pitch))
                let p = place / pitch + bend * 0.9
                let thick = 1 - abs(b.value(p.x * 1.3, p.y * 0.8))
                let thin = 1 - abs(a.value(place.x / fine + 3 * bend.x, place.y / fine + 3 * bend.y))
                let line = step(0.88, 1, thick) * strong + step(0.93, 1, thin) * 0.35 * strong
                coat.colour = base
                coat.tone(1 + 0.16 * bend.x)
                coat.blend(vein, min(1, line))
            }
        }
    }

    static let terrazzo = PracticeKind.texture(
        ["terrazzo", "terrazzo tile", "chip stone floor"], stoneFaults
    ) {
        random in
        let base = random.near(random.pick([grey(0.7), paint(0.75, 0.7, 0.62), grey(0.25)]))
        let chips = (0..<4).map { _ in
            random.near(
                random.pick([
                    grey(0.9), grey(0.2), paint(0.6, 0.35, 0.25), paint(0.35, 0.4, 0.35),
                    paint(0.75, 0.6, 0.4),
                ]))
        }
        let cells = Cells(seed: random.seed()), small = Cells(seed: random.seed())
        let grain = Noise(seed: random.seed()), pitch = random.logarithmic(9, 30),
            share = random.uniform(0.4, 0.9)
        return { sheet, _ in
            sheet.everywhere { place, coat in
                let rough = grain.value(place.x / 3, place.y / 3)
                coat.colour = base
                coat.tone(1 + 0.1 * rough)
                let little = small.nearest(place * 2.3 / pitch)
                if little.mark < share * 0.7 {
                    let inside = step(0.30, 0.24, little.first)
                    coat.blend(chips[Int(little.mark * 300) & 3], inside)
                }
                let cell = cells.nearest(place / pitch + 0.06 * rough)
                if cell.mark < share {
                    let size = 0.05 + 0.2 * fraction(cell.mark * 37)
                    let inside = step(size, size + 0.05, cell.second - cell.first)
                    coat.blend(chips[Int(cell.mark * 1000) & 3].toned(1 + 0.1 * rough), inside)
                }
            }
        }
    }

    static let granite = PracticeKind.texture(["granite", "granite slab", "speckled stone"], stoneFaults) {
        random in
        let grains = [
            random.near(grey(0.15)), random.near(grey(0.75)),
            random.near(random.pick([paint(0.65, 0.45, 0.38), grey(0.55), paint(0.5, 0.5, 0.55)])),
            random.near(grey(0.45)),
        ]
        let cells = Cells(seed: random.seed()), noise = Noise(seed: random.seed())
        let pitch = random.logarithmic(2.6, 7), gloss = random.uniform(0.1, 0.6)
        return { sheet, _ in
            sheet.everywhere { place, coat in
                let bend = noise.value(place.x / pitch / 1.5, place.y / pitch / 1.5)
                let cell = cells.nearest(place / pitch + 0.4 * bend)
                let lot = cell.mark + 0.25 * noise.value(place.x / 40, place.y / 40)
                let which = lot < 0.22 ? 0 : lot < 0.5 ? 1 : lot < 0.78 ? 2 : 3
                coat.colour = grains[which].with(gloss: gloss)
                coat.tone(1 + 0.15 * bend)
            }
        }
    }

    static let concrete = PracticeKind.texture(
        ["concrete", "concrete wall", "cement surface"], stoneFaults + .flaws(["rusty": .rust])
    ) { random in
        let base = random.near(paint(0.58, 0.56, 0.53, gloss: 0.03), tone: 0.3)
        let cloud = Noise(seed: random.seed()), grain = Noise(seed: random.seed()),
            pores = Cells(seed: random.seed())
        let pitch = random.logarithmic(14, 50), patchy = random.uniform(0.1, 0.35),
            share = random.uniform(0.05, 0.5)
        let boards = random.chance(0.3) ? random.uniform(40, 110) : 0
        return { sheet, _ in
            sheet.everywhere { place, coat in
                let wide = cloud.fractal(place.x / 50, place.y / 50, octaves: 3)
                let fine = grain.fractal(place.x / 2.2, place.y / 2.2, octaves: 2)
                coat.colour = base
                coat.tone(1 + patchy * wide + 0.13 * fine)
                coat.height = 0.5 * fine
                let pore = pores.nearest(place / pitch)
                if pore.mark < share {
                    let size = 0.03 + 0.09 * fraction(pore.mark * 91)
                    let inside = step(size, size * 0.6, pore.first)
                    coat.tone(1 - 0.6 * inside)
                    coat.height -= 1.5 * inside
                }
                if boards > 0 { coat.tone(1 - 0.25 * step(0.02, 0.005, abs(phase(place.x, boards)))) }
            }
        }
    }

    static let asphalt = PracticeKind.texture(
        ["asphalt", "road surface", "tarmac"],
        .flaws([
            "cracked": .crack, "with a hole": .hole, "stained": .stain, "contaminated": .dust, "oily": .drop,
            "misprinted": .misprint, "chipped": .chip,
        ])
    ) { random in
        let base = random.near(grey(0.16, gloss: 0.1), tone: 0.4)
        let stones = Cells(seed: random.seed()), noise = Noise(seed: random.seed())
        let pitch = random.logarithmic(3.5, 9), light = random.uniform(0.5, 2.2)
        return { sheet, _ in
            sheet.everywhere { place, coat in
                let rough = noise.fractal(place.x / 2, place.y / 2, octaves: 2)
                let stone = stones.nearest(place / pitch + 0.15 * rough)
                let top = step(0.55, 0.15, stone.first)
                coat.colour = base
                coat.tone(0.55 + light * top * (0.3 + stone.mark) + 0.3 * rough)
                coat.height = 2.2 * top * (0.4 + stone.mark) + 0.5 * rough
            }
        }
    }

    static let sandpaper = PracticeKind.texture(
        ["sandpaper", "abrasive paper", "grinding belt"],
        .flaws([
            "torn": .tear, "creased": .crease, "with a hole": .hole, "worn": .scuff, "stained": .stain,
            "contaminated": .fibre, "scratched": .scratch,
        ])
    ) { random in
        let bases = [
            paint(0.45, 0.25, 0.15), paint(0.60, 0.48, 0.25), grey(0.18), paint(0.2, 0.3, 0.45),
            paint(0.5, 0.15, 0.15),
        ]
        let base = random.near(random.pick(bases)).with(gloss: 0.5)
        let noise = Noise(seed: random.seed()), grains = Noise(seed: random.seed()),
            size = random.logarithmic(0.9, 2.4)
        return { sheet, _ in
            sheet.look.specular = 0.6
            sheet.everywhere { place, coat in
                let grain = grains.fractal(place.x / size, place.y / size, octaves: 2)
                let wide = noise.value(place.x / 30, place.y / 30)
                coat.colour = base
                coat.tone(0.9 + 0.5 * grain + 0.06 * wide)
                coat.height = 1.3 * grain * size
            }
        }
    }
}
