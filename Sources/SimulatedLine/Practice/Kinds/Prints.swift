extension PracticeKind {
    /// What is printed.
    static let prints: [PracticeKind] = [label, matrixLabel, barcode, patternPrint, tickScale, testPrint]

    private static let printFaults: [PracticeFault] = .flaws([
        "misprinted": .misprint, "scratched": .scratch, "stained": .stain, "torn": .tear, "creased": .crease,
        "contaminated": .dust, "worn": .scuff,
    ])

    private static func paperAndInk(_ random: inout Random) -> (SIMD4<Float>, SIMD4<Float>) {
        let base =
            random.chance(0.6)
            ? random.near(grey(0.88), tone: 0.08)
            : random.colour(saturation: random.uniform(0.2, 0.8), value: 0.85)
        let ink = random.chance(0.6) ? random.near(grey(0.08)) : random.colour(saturation: 0.85, value: 0.45)
        return (base.with(gloss: random.uniform(0.05, 0.4)), ink.with(gloss: 0.1))
    }

    /// A label's outline and ground.
    private static func sticker(
        _ sheet: inout PracticeSheet, _ half: SIMD2<Float>, _ radius: Float, _ base: SIMD4<Float>
    ) {
        func outline(_ place: SIMD2<Float>) -> Float { box(place, half, radius) }
        sheet.part(outline) { _, depth, coat in
            coat.colour = base
            coat.height = min(depth, 1) * 0.6
        }
    }

    static let label = PracticeKind.object(
        ["printed label", "label", "sticker", "nameplate"],
        printFaults + .own("with missing print", "with a misplaced print")
    ) { random in
        let (base, ink) = paperAndInk(&random), accent = random.colour(saturation: 0.9, value: 0.7)
        let half = SIMD2(random.uniform(80, 112), random.uniform(45, 95))
        let head = random.uniform(0, 0.35), radius = random.uniform(0, 14),
            lineCount = 2 + random.index(below: 4)
        let lines = (0..<lineCount).map { _ in
            (0..<1 + random.index(below: 2)).map { _ in Lettering.number(&random) }.joined(separator: " ")
        }
        return { sheet, own in
            sticker(&sheet, half, radius, base)
            let headHeight = half.y * 2 * head
            if head > 0.08 {
                sheet.fill(
                    SIMD2(0, -half.y + headHeight / 2), half,
                    {
                        max(box($0, half, radius), $0.y + half.y - headHeight)
                    }
                ) { _, _, coat in coat.colour = accent }
            }
            let room = (half.y * 2 - headHeight - 12) / Float(lineCount)
            let skipped = own.map { $0.index(0, below: lineCount) }
            for (number, text) in lines.enumerated() {
                if own?.number == 0, skipped == number { continue }
                var size = min(room * 0.6, 26)
                size = min(size, (half.x * 2 - 16) * 6 / Float(6 * text.count))
                var origin = SIMD2(-half.x + 8, -half.y + headHeight + 7 + Float(number) * room)
                if own?.number == 1, skipped == number {
                    origin += SIMD2(own?.uniform(1, 4, 14) ?? 0, own?.uniform(2, -5, 5) ?? 0)
                }
                write(text, &sheet, at: origin, size: size, ink: ink)
            }
        }
    }

    /// Writes `text` in `ink`, its top left corner at `origin`.
    static func write(
        _ text: String, _ sheet: inout PracticeSheet, at origin: SIMD2<Float>, size: Float, ink: SIMD4<Float>,
        rise: Float = 0
    ) {
        for stroke in Lettering.strokes(of: text, at: origin, size: size) {
            let middle = (stroke.start + stroke.end) / 2
            let half = magnitude(stroke.end - stroke.start) / 2 + size * 0.1
            func outline(_ place: SIMD2<Float>) -> Float { stroke.distance(to: place) - size * 0.085 }
            sheet.fill(middle, half, outline) { _, _, coat in
                coat.colour = ink
                coat.height += rise
            }
        }
    }

    static let matrixLabel = PracticeKind.object(
        ["data matrix code", "qr code label", "2d code", "matrix code"],
        printFaults + .own("with missing modules", "with a print streak")
    ) { random in
        let (base, ink) = paperAndInk(&random), count = 12 + 2 * random.index(below: 7)
        let half = random.uniform(60, 105), seed = random.seed(), isFinder = random.chance(0.5)
        let pitch = (half * 2 - 18) / Float(count), dot = random.chance(0.25)
        return { sheet, own in
            let inset = half - 9,
                lost = own.map { SIMD2($0.index(0, below: count - 3), $0.index(1, below: count - 3)) }
            let lot = sheet.random.seed()
            sheet.part({ box($0, SIMD2(half, half), 4) }) { place, depth, coat in
                coat.colour = base
                coat.height = min(depth, 1) * 0.6
                let p = (place + inset) / pitch
                let column = Int(p.x.rounded(.down)), row = Int(p.y.rounded(.down))
                guard column >= 0, row >= 0, column < count, row < count else { return }
                var isSet = chanced(column, row, seed ^ lot) > 0.5
                if isFinder {
                    func ring(_ x: Int, _ y: Int) -> Bool? {
                        let far = max(abs(column - x), abs(row - y))
                        return far > 4 ? nil : far == 3 || far <= 1
                    }
                    if let found = ring(3, 3) ?? ring(count - 4, 3) ?? ring(3, count - 4) { isSet = found }
                } else {
                    if column == 0 || row == count - 1 { isSet = true }
                    if row == 0 { isSet = column & 1 == 0 }
                    if column == count - 1 { isSet = row & 1 == 1 }
                }
                if let lost, own?.number == 0, column >= lost.x, column < lost.x + 4, row >= lost.y,
                    row < lost.y + 3
                {
                    isSet = false
                }
                if let lost, own?.number == 1, abs(place.x + inset - Float(lost.x) * pitch) < 1.6 {
                    isSet = !isSet
                }
                if isSet, !dot || length(SIMD2(fraction(p.x), fraction(p.y)) - 0.5) < 0.46 {
                    coat.colour = ink
                }
            }
        }
    }

    static let barcode = PracticeKind.object(
        ["barcode", "barcode label", "ean code"],
        printFaults + .own("with missing print", "with a print streak")
    ) { random in
        let (base, ink) = paperAndInk(&random)
        let half = SIMD2(random.uniform(75, 112), random.uniform(32, 70)), module = random.uniform(1.2, 2.6)
        let number = random.seed() % 90_000_000 + 10_000_000, seed = random.seed()
        return { sheet, own in
            sticker(&sheet, half, 5, base)
            let lot = sheet.random.seed()
            let top = -half.y + 8, bottom = half.y - 18, at = own?.uniform(0, -0.7, 0.7) ?? 0
            sheet.fill(SIMD2(), half, { max(abs($0.x) - half.x + 10, max(top - $0.y, $0.y - bottom)) }) {
                place, _, coat in
                let bar = Int(((place.x + half.x) / module).rounded(.down))
                let isSet = chanced(bar, 1, seed ^ lot) > 0.5 || bar.wrapped(to: 11) == 3
                if own?.number == 0, abs(place.x - at * half.x) < 9 { return }
                if own?.number == 1, abs(place.y - at * (half.y - 14)) < 1.8 { return }
                if isSet, bar.wrapped(to: 7) != 5 { coat.colour = ink }
            }
            write("\(number)", &sheet, at: SIMD2(-40, half.y - 14), size: 10, ink: ink)
        }
    }

    static let patternPrint = PracticeKind.texture(
        ["printed textile", "wallpaper", "patterned print", "gift wrap"],
        .flaws([
            "misprinted": .misprint, "stained": .stain, "torn": .tear, "creased": .crease,
            "contaminated": .thread,
            "discoloured": .discolour, "with a hole": .hole,
        ]) + .own("with missing print", "with a misplaced print")
    ) { random in
        let base = random.colour(saturation: random.uniform(0, 0.6), value: random.uniform(0.5, 0.9))
        let inks = (0..<2).map { _ in random.colour(saturation: 0.8, value: random.uniform(0.2, 0.8)) }
        let pitch = random.logarithmic(22, 64), petals = random.index(below: 6),
            size = random.uniform(0.2, 0.42)
        let weave = Noise(seed: random.seed()), offset: Float = random.chance(0.5) ? 0.5 : 0,
            turn = random.unit()
        return { sheet, own in
            let middle = sheet.middle / pitch, row0 = Int(middle.y.rounded())
            let bad = own.map { _ in SIMD2(Int((middle.x - (row0 & 1 == 0 ? 0 : offset)).rounded()), row0) }
            sheet.everywhere { place, coat in
                let p = place / pitch, row = Int(p.y.rounded())
                let x = p.x - (row & 1 == 0 ? 0 : offset), column = Int(x.rounded())
                var away = SIMD2(x - Float(column), p.y - Float(row))
                let isBad = bad == SIMD2(column, row)
                if isBad, own?.number == 1 { away += SIMD2(0.1, -0.07) }
                let grain = weave.value(place.x / 1.4, place.y / 1.4)
                coat.colour = base.with(gloss: 0.05)
                coat.tone(1 + 0.06 * grain)
                coat.height = 0.3 * grain
                if isBad, own?.number == 0 { return }
                let r = length(away),
                    around = petals < 2 ? 0 : wave((turns(of: away) + turn) * Float(petals + 1))
                let shape =
                    petals == 0 ? box(away, SIMD2(size, size) * 0.8) : r - size * (0.75 + 0.25 * around)
                coat.blend(inks[(column + row) & 1].with(gloss: 0.05), coverage(shape * pitch, 1))
                coat.blend(
                    inks[(column + row + 1) & 1].with(gloss: 0.05), coverage((r - size * 0.3) * pitch, 1))
            }
        }
    }

    static let tickScale = PracticeKind.object(
        ["dial scale", "gauge face", "instrument dial", "clock face"],
        .flaws([
            "scratched": .scratch, "misprinted": .misprint, "stained": .stain, "contaminated": .dust,
            "cracked": .crack,
        ])
            + .own("with missing print", "with a bent pointer")
    ) { random in
        let (base, ink) = paperAndInk(&random), radius = random.uniform(85, 112),
            accent = random.colour(saturation: 0.9, value: 0.75)
        let count = random.pick([24, 36, 40, 60]), major = random.pick([4, 5, 6]),
            sweep = random.uniform(0.65, 1), rim = random.uniform(3, 10)
        let metal = random.near(grey(0.5)).with(gloss: 0.8)
        return { sheet, own in
            let at = sheet.random.uniform(0.1, 0.9) * sweep, start: Float = 0.25 + (1 - sweep) / 2
            let lost = own?.index(0, below: count - 6) ?? 0
            sheet.part({ length($0) - radius }) { place, depth, coat in
                coat.colour = base
                if depth < rim {
                    coat.colour = metal
                    coat.height = 3 * round(depth / rim * 2 - 1)
                    return
                }
                let turn = fraction(turns(of: place) - start), r = radius - depth
                guard turn < sweep + 0.01 else { return }
                let mark = Float(count) / sweep, tick = (turn * mark).rounded(),
                    off = abs(turn * mark - tick) / mark * 6.283 * r
                let isMajor = Int(tick) % major == 0
                if own?.number == 0, Int(tick) >= lost, Int(tick) < lost + 4 { return }
                let inner = radius - rim - (isMajor ? 20 : 12)
                if r > inner, r < radius - rim - 4, off < (isMajor ? 1.6 : 0.8) { coat.colour = ink }
            }
            let way = circle(start + at), tip = way * (radius - rim - 16)
            var elbow = way * radius * 0.5
            if own?.number == 1 { elbow += SIMD2(-way.y, way.x) * (own?.uniform(1, 5, 14) ?? 0) }
            for piece in [(way * -16, elbow), (elbow, tip)] {
                sheet.fill(SIMD2(), SIMD2(radius, radius), { bar($0, piece.0, piece.1, 2) }) { _, _, coat in
                    coat.colour = accent
                    coat.height += 1.5
                }
            }
            sheet.fill(SIMD2(), SIMD2(9, 9), { length($0) - 8 }) { _, depth, coat in
                coat.colour = metal
                coat.height += min(depth, 3)
            }
        }
    }

    static let testPrint = PracticeKind.object(
        ["printed card", "plastic card", "chip card", "packaging print"],
        printFaults + .own("with a misplaced print", "with missing print")
    ) { random in
        let base = random.colour(saturation: random.uniform(0.2, 0.9), value: random.uniform(0.3, 0.9)).with(
            gloss: 0.5)
        let second = random.colour(saturation: 0.8, value: 0.7).with(gloss: 0.5),
            gold = paint(0.75, 0.58, 0.25, gloss: 0.8)
        let text = Lettering.number(&random) + " " + Lettering.number(&random),
            slope = random.uniform(-0.5, 0.5)
        let swirl = random.uniform(20, 60), cut = random.uniform(-25, 35)
        return { sheet, own in
            sheet.part({ box($0, SIMD2(108, 68), 9) }) { place, depth, coat in
                let edge = place.y - cut - slope * place.x - 10 * wave(place.x / swirl / 4)
                coat.colour = base.mixed(second, coverage(edge, 0.9))
                coat.height = min(depth, 1.2) * 0.6
            }
            let shift = own?.number == 0 ? own?.uniform(0, 4, 12) ?? 0 : 0
            sheet.fill(
                SIMD2(-68 + shift, -12), SIMD2(18, 15),
                { box($0 - SIMD2(-68 + shift, -12), SIMD2(18, 14), 4) }
            ) { place, _, coat in
                let p = magnitude(place - SIMD2(-68 + shift, -12))
                coat.colour = gold
                if min(abs(p.x - 7), abs(p.y - 4.5)) < 0.7 { coat.tone(0.45) }
            }
            if own?.number != 1 {
                write(text, &sheet, at: SIMD2(-96, 34), size: 14, ink: grey(0.92, gloss: 0.4), rise: 0.5)
            }
        }
    }
}
