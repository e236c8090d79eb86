extension PracticeKind {
    /// What is woven or knitted.
    static let cloths: [PracticeKind] = [denim, canvas, knit, carpet, carbonFibre, stripedCloth]

    private static let clothFaults: [PracticeFault] = .flaws([
        "torn": .tear, "with a hole": .hole, "stained": .stain, "contaminated": .fibre,
        "with a pulled thread": .thread, "discoloured": .discolour, "cut": .cut,
    ])

    private static func dye(_ random: inout Random) -> SIMD4<Float> {
        random.chance(0.3)
            ? random.near(grey(random.pick([0.12, 0.4, 0.8])))
            : random.colour(saturation: random.uniform(0.3, 0.85), value: random.uniform(0.3, 0.8))
    }

    /// A weave of yarns: which lies on top is for `isWarp` to say. Own fault 0 takes a yarn out.
    private static func weave(
        _ warp: SIMD4<Float>, _ weft: SIMD4<Float>, pitch: Float, seed: UInt32, gloss: Float,
        twist: Float, _ isWarp: @escaping @Sendable (Int, Int) -> Bool
    ) -> PracticeWork {
        let bend = Noise(seed: seed), tone = Noise(seed: seed &+ 1)
        return { sheet, own in
            let middle = sheet.middle / pitch
            let lost = own.map { _ in Int(middle.y.rounded(.down)) } ?? Int.min
            let start = own.map { middle.x + $0.uniform(0, -14, 4) } ?? 0
            let end = start + (own?.uniform(1, 6, 30) ?? 0)
            sheet.everywhere { place, coat in
                let px = place.x / pitch + 0.14 * bend.value(place.x / 18, place.y / 90)
                let py = place.y / pitch + 0.14 * bend.value(place.x / 90, place.y / 18)
                let column = Int(px.rounded(.down)), row = Int(py.rounded(.down))
                let fx = (px - Float(column) - 0.5) * 2, fy = (py - Float(row) - 0.5) * 2
                let isGone = row == lost && px > start && px < end
                let isOver = isWarp(column, row) || isGone
                let across = isOver ? fx : fy, along = isOver ? fy : fx
                let body = round(across * 0.96), arch = isGone ? 0.2 : round(along * 0.8)
                let strand = tone.value(
                    isOver ? Float(column) * 1.7 : place.x / 30, isOver ? place.y / 30 : Float(row) * 1.7 + 90
                )
                let ply = abs(fraction((isOver ? py : px) * twist + across * 0.5) - 0.5) * 2
                coat.colour = (isOver ? warp : weft).with(gloss: gloss)
                coat.tone(
                    (0.35 + 0.65 * body) * (0.75 + 0.25 * arch) * (1 + 0.12 * strand) * (0.9 + 0.15 * ply))
                if isGone { coat.tone(0.55) }
                coat.height = (0.8 * body + 0.6 * arch) * pitch * 0.16
            }
        }
    }

    static let denim = PracticeKind.texture(
        ["denim", "jeans fabric", "twill fabric"], clothFaults + .own("with a missing thread")
    ) { random in
        let warp = random.near(
            random.pick([
                paint(0.16, 0.22, 0.38), paint(0.10, 0.12, 0.18), paint(0.35, 0.45, 0.6),
                paint(0.3, 0.26, 0.2),
            ]))
        let run = random.pick([3, 4])
        return weave(
            warp, random.near(grey(0.75)), pitch: random.logarithmic(3.2, 8), seed: random.seed(),
            gloss: 0.04,
            twist: 1.5
        ) { column, row in (column + row).wrapped(to: run) != 0 }
    }

    static let canvas = PracticeKind.texture(
        ["canvas", "plain woven fabric", "cotton cloth", "sackcloth"],
        clothFaults + .own("with a missing thread")
    ) { random in
        let warp = dye(&random), weft = random.chance(0.6) ? random.near(warp, tone: 0.2) : dye(&random)
        let basket = random.pick([1, 1, 2])
        return weave(
            warp, weft, pitch: random.logarithmic(3.5, 11), seed: random.seed(), gloss: 0.06, twist: 2.2
        ) { column, row in (column.floored(by: basket) + row.floored(by: basket)) & 1 == 0 }
    }

    static let carbonFibre = PracticeKind.texture(
        ["carbon fibre", "carbon fibre composite", "carbon weave"],
        .flaws([
            "scratched": .scratch, "cracked": .crack, "with a hole": .hole, "with an inclusion": .inclusion,
            "contaminated": .fibre, "stained": .stain,
        ]) + .own("with a missing tow")
    ) { random in
        let base = random.near(grey(0.12), tone: 0.3), pitch = random.logarithmic(9, 28)
        let fine = Noise(seed: random.seed()), sheen = random.uniform(0.8, 2.6),
            shift = random.pick([1, 1, 2])
        return { sheet, own in
            sheet.look.roughness = SIMD2(0.3, 0.3)
            let middle = sheet.middle / pitch
            let lost = own.map { _ in Int(middle.y.rounded(.down)) } ?? Int.min
            let start = own.map { middle.x + $0.uniform(0, -7, 2) } ?? 0,
                end = start + (own?.uniform(1, 3, 9) ?? 0)
            sheet.everywhere { place, coat in
                let p = place / pitch
                let column = Int(p.x.rounded(.down)), row = Int(p.y.rounded(.down))
                let isGone = row == lost && p.x > start && p.x < end
                let isWarp = (column + shift * row).wrapped(to: 4) < 2
                let across = (isWarp ? p.x - Float(column) : p.y - Float(row)) * 2 - 1
                let hair =
                    isWarp ? fine.value(place.x / 0.8, place.y / 40) : fine.value(place.x / 40, place.y / 0.8)
                // Each tow mirrors the lamp in its own direction.
                let lit = isWarp ? 1 + sheen : 1
                coat.colour = base.with(gloss: 0.5)
                coat.tone(lit * (0.7 + 0.3 * round(across)) * (1 + 0.2 * hair))
                if isGone { coat.tone(isWarp ? 0.35 : 0.2) }
                coat.height = 0.06 * pitch * round(across)
            }
        }
    }

    static let knit = PracticeKind.texture(
        ["knitted fabric", "knitwear", "jersey"],
        clothFaults + .own("with a missing stitch", "with a wrong colour")
    ) { random in
        let base = dye(&random), second = dye(&random), pitch = random.logarithmic(7, 20),
            seed = random.seed()
        let stripes = random.pick([0, 0, 2, 4, 7]), fuzz = Noise(seed: seed)
        return { sheet, own in
            let middle = sheet.middle / SIMD2(pitch, pitch * 0.8)
            let spot = own.map { _ in SIMD2(Int(middle.x.rounded(.down)), Int(middle.y.rounded(.down))) }
            let long = own?.index(1, below: 5) ?? 0
            sheet.everywhere { place, coat in
                let b = fuzz.value(place.x / 40, place.y / 40)
                let x = place.x / pitch + 0.1 * b, column = Int(x.rounded(.down)),
                    fx = x - Float(column) - 0.5
                // Two legs of a loop lean towards each other: a V to a stitch.
                let y = place.y / (pitch * 0.8) + 1.3 * abs(fx), row = Int(y.rounded(.down)),
                    fy = y - Float(row) - 0.5
                let leg = round((abs(fx) - 0.25) * 3.9) * round(fy * 1.9)
                let hair = fuzz.fractal(place.x / 1.3, place.y / 1.3, octaves: 2)
                coat.colour = stripes > 0 && row.wrapped(to: 2 * stripes) < stripes ? second : base
                if let spot, row == spot.y, abs(column - spot.x) <= long {
                    if own?.number == 0 {
                        coat.colour = grey(0.04)
                        coat.height = -1
                        return
                    }
                    coat.colour = base.mixed(SIMD4(1 - base.x, 1 - base.y, 1 - base.z, 0.1), 0.7)
                }
                coat.colour.w = 0.03
                coat.tone((0.3 + 0.75 * leg) * (1 + 0.18 * hair))
                coat.height = leg * pitch * 0.2 + 0.4 * hair
            }
        }
    }

    static let carpet = PracticeKind.texture(
        ["carpet", "rug", "loop pile carpet"],
        .flaws([
            "stained": .stain, "cut": .cut, "with a hole": .hole, "contaminated": .dust, "burnt": .burn,
            "with a loose thread": .thread, "worn": .scuff, "discoloured": .discolour,
        ])
    ) { random in
        let yarns = [dye(&random), dye(&random)].map { random.near($0, tone: 0.2) }
        let mixture = random.uniform(0, 0.5), pitch = random.logarithmic(3.5, 9)
        let loops = Cells(seed: random.seed()), fuzz = Noise(seed: random.seed())
        let isAligned = random.chance(0.4)
        return { sheet, _ in
            sheet.everywhere { place, coat in
                let hair = fuzz.fractal(place.x / 1.2, place.y / 1.2, octaves: 2)
                var p = place / pitch
                if isAligned { p.x += Float(Int(p.y.rounded(.down)) & 1) * 0.5 }
                let loop = loops.nearest(p)
                coat.colour = loop.mark < mixture ? yarns[1] : yarns[0]
                coat.colour.w = 0.02
                let body = round(min(1, loop.first * 1.25))
                coat.tone((0.35 + 0.6 * body + 0.2 * loop.mark) * (1 + 0.3 * hair))
                coat.height = 2.2 * body + 0.7 * hair
            }
        }
    }

    static let stripedCloth = PracticeKind.texture(
        ["checked textile", "tartan fabric", "striped cloth", "gingham"],
        clothFaults + .own("with a missing thread", "with a wrong colour")
    ) { random in
        let dyes = (0..<3).map { _ in dye(&random) }, seed = random.seed(), fine = Noise(seed: seed)
        let band = random.logarithmic(9, 36), pitch = random.uniform(2.2, 4), isTartan = random.chance(0.6)
        let odd = random.colour(saturation: 0.9, value: 0.8)
        return { sheet, own in
            let middle = sheet.middle
            let line = own.map { middle.x + $0.uniform(0, -60, 60) } ?? 0,
                half = own?.uniform(1, 0.8, 3.5) ?? 0
            sheet.everywhere { place, coat in
                let column = Int((place.x / band).rounded(.down)), row = Int((place.y / band).rounded(.down))
                let first = dyes[Int(chanced(column.wrapped(to: 4), 1, seed) * 2.99)]
                let second = isTartan ? dyes[Int(chanced(row.wrapped(to: 4), 1, seed) * 2.99)] : first
                let isUp =
                    (Int((place.x / pitch).rounded(.down)) + Int((place.y / pitch).rounded(.down))).wrapped(
                        to: 4) < 2
                coat.colour = (isUp ? first : second).with(gloss: 0.04)
                let u = wave(place.x / pitch * 0.5), v = wave(place.y / pitch * 0.5)
                coat.tone(0.9 + 0.12 * u * v + 0.12 * fine.value(place.x / 2, place.y / 2))
                coat.height = 0.35 * u * v
                if half > 0, abs(place.x - line) < half {
                    if own?.number == 0 {
                        coat.tone(0.4)
                        coat.height -= 0.6
                    } else {
                        coat.blend(odd, 0.8)
                    }
                }
            }
        }
    }
}
