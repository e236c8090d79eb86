extension PracticeKind {
    /// What holds things together.
    static let fasteners: [PracticeKind] = [
        hexNut, bolt, screwHead, coilSpring, bracket, hinge, key, drilledPlate,
    ]

    static let hexNut = PracticeKind.object(
        ["hex nut", "metal nut", "steel nut"], .metalPart + .own("with a missing thread", "deformed")
    ) { random in
        let finish = Finish.metal(&random), radius = random.uniform(65, 95),
            bore = radius * random.uniform(0.5, 0.68)
        let sides = random.pick([6, 6, 6, 4, 8]), pitch = random.uniform(3, 6),
            chamfer = random.uniform(0.98, 1.1)
        return { sheet, own in
            let turn = circle(sheet.random.unit()),
                squash = own?.number == 1 ? own?.uniform(0, 1.08, 1.2) ?? 1 : 1
            sheet.part({ place in
                let p = rotated(place, turn) * SIMD2(1, squash)
                return max(
                    max(polygon(p, sides: sides, radius: radius), length(p) - radius * chamfer * 1.08),
                    bore * 0.8 - length(p))
            }) { place, depth, coat in
                finish.face(place, depth, &coat)
                let r = length(rotated(place, turn) * SIMD2(1, squash))
                if r > radius { coat.height -= (r - radius) * 0.5 }
                if r < bore {
                    let winding = own?.number == 0 ? 0 : wave(r / pitch + turns(of: place))
                    coat.colour = finish.colour.toned(0.45 + 0.3 * winding)
                    coat.height = -2 + winding
                }
            }
        }
    }

    static let bolt = PracticeKind.object(
        ["bolt", "machine screw", "threaded screw", "hex bolt"],
        .metalPart + .own("with a damaged thread", "bent", "with a missing head")
    ) { random in
        let finish = Finish.metal(&random), long = random.uniform(60, 95), half = random.uniform(8, 19),
            head = half * random.uniform(1.5, 2.1)
        let high = random.uniform(10, 24), pitch = random.uniform(4, 9), plain = random.uniform(0, 0.5),
            slant = random.uniform(0.1, 0.4)
        let isPointed = random.chance(0.4)
        return { sheet, own in
            let bend = own?.number == 1 ? (own?.uniform(0, 0.0012, 0.003) ?? 0) : 0
            let at = own?.uniform(1, -0.2, 0.7) ?? 0
            func straight(_ place: SIMD2<Float>) -> SIMD2<Float> {
                SIMD2(place.x, place.y - bend * (place.x + long) * (place.x + long))
            }
            sheet.part({ place in
                let p = straight(place)
                var width = half
                if isPointed { width = half * min(1, max(0.05, (long - p.x) / (half * 2.2))) }
                let isThread = p.x > -long + 2 * long * plain
                let isHurt = own?.number == 0 && abs(p.x - at * long) < 13
                if isThread {
                    width +=
                        (isHurt ? -0.5 : 1) * 1.4 * wave((p.x + slant * p.y) / pitch) - (isHurt ? 1.5 : 0)
                }
                let shaft = max(abs(p.y) - width, max(-long - p.x, p.x - long))
                if own?.number == 2 { return shaft }
                return min(shaft, box(p + SIMD2(long + high / 2, 0), SIMD2(high / 2, head), 3))
            }) { place, depth, coat in
                let p = straight(place)
                finish.face(place, depth, &coat)
                if p.x < -long {
                    coat.height = 8 + 3 * round(fraction(p.y / head * 0.75 + 0.5) * 2 - 1)
                } else {
                    coat.height = half * 0.7 * round(p.y / half)
                    if p.x > -long + 2 * long * plain, !(own?.number == 0 && abs(p.x - at * long) < 13) {
                        let winding = wave((p.x + slant * p.y) / pitch)
                        coat.height += winding
                        coat.tone(1 + 0.35 * winding)
                    }
                }
            }
        }
    }

    static let screwHead = PracticeKind.object(
        ["screw head", "cross recess screw", "screw", "socket screw"],
        .metalPart + .own("with a damaged recess", "with a missing recess")
    ) { random in
        let finish = Finish.metal(&random), radius = random.uniform(60, 100), style = random.index(below: 4),
            size = radius * random.uniform(0.42, 0.62)
        let slot = random.uniform(0.09, 0.17) * radius, dome = random.uniform(2, 12),
            ring = random.chance(0.4)
        return { sheet, own in
            let turn = circle(sheet.random.unit()), rough = Noise(seed: own?.seed ?? 0)
            sheet.part({ length($0) - radius }) { place, depth, coat in
                finish.face(place, depth, &coat)
                let r = radius - depth, p = rotated(place, turn)
                coat.height += dome * (1 - r * r / radius / radius)
                if ring, abs(r - radius * 0.85) < 1.5 { coat.height -= 1.2 }
                if own?.number == 1 { return }
                var hole: Float
                switch style {
                case 0: hole = min(box(p, SIMD2(size, slot), 2), box(p, SIMD2(slot, size), 2))
                case 1: hole = box(p, SIMD2(radius * 1.1, slot))
                case 2: hole = polygon(p, sides: 6, radius: size * 0.8)
                default: hole = r - size * (0.75 + 0.2 * wave(turns(of: p) * 6))
                }
                if own?.number == 0 {
                    hole -= max(0, 8 * rough.fractal(place.x / 14, place.y / 14, octaves: 2) + 2)
                }
                coat.height -= 7 * step(0.5, -3, hole)
                coat.tone(1 - 0.72 * coverage(hole, 1))
            }
        }
    }

    static let coilSpring = PracticeKind.object(
        ["coil spring", "compression spring", "spring", "helical spring"],
        .flaws([
            "rusty": .rust, "contaminated": .fibre, "scratched": .scratch, "stained": .stain,
            "chipped": .chip,
        ]) + .own("deformed", "broken")
    ) { random in
        let finish = Finish.metal(&random), long = random.uniform(70, 105), half = random.uniform(20, 48),
            count = 5 + random.index(below: 9)
        let wire = min(long / Float(count) * 0.72, random.uniform(4, 10))
        return { sheet, own in
            let pitch = 2 * long / Float(count), at = own?.uniform(0, -0.5, 0.5) ?? 0,
                much = own?.uniform(1, 0.35, 0.6) ?? 0
            func coil(_ place: SIMD2<Float>) -> (distance: Float, share: Float, isFront: Bool) {
                var x = place.x
                if own?.number == 0 {
                    let t = (place.x - at * long) / (pitch * 1.6)
                    x += much * pitch * max(0, 1 - t * t)
                }
                let front = abs(phase(x - place.y / half * pitch * 0.25, pitch)) * pitch
                let back = abs(phase(x + place.y / half * pitch * 0.25 + pitch * 0.5, pitch)) * pitch
                let radius = wire * 0.5 * 0.95
                let isFront = front < radius
                return (isFront ? front - radius : back - radius, (isFront ? front : back) / radius, isFront)
            }
            sheet.part({ place in
                var ends = max(abs(place.y) - half, abs(place.x) - long)
                if own?.number == 1 { ends = max(ends, pitch * 0.55 - abs(place.x - at * long)) }
                return max(ends, coil(place).distance * 0.95)
            }) { place, depth, coat in
                let here = coil(place)
                finish.face(place, depth, &coat)
                coat.tone(here.isFront ? 1 : 0.45)
                coat.tone(0.5 + 0.5 * round(here.share))
                coat.height =
                    (here.isFront ? 5 : 0) + wire * 0.5 * round(here.share) + half * 0.25
                    * round(place.y / half)
            }
        }
    }

    static let bracket = PracticeKind.object(
        ["metal bracket", "bracket", "angle bracket", "sheet metal part"],
        .metalPart + .own("with a missing hole", "bent", "with a misplaced hole")
    ) { random in
        let finish = Finish.metal(&random), arm = random.uniform(70, 100), wide = random.uniform(24, 40),
            shape = random.index(below: 3)
        let hole = random.uniform(5, 11), count = 2 + random.index(below: 2)
        return { sheet, own in
            let lost = own.map { $0.index(0, below: 2 * count) } ?? -1
            let bend = own?.number == 1 ? own?.uniform(1, 0.0015, 0.004) ?? 0 : 0
            let shift = own?.number == 2 ? circle(own?.uniform(2, 0, 1) ?? 0) * hole * 0.9 : SIMD2()
            let corner = SIMD2<Float>(-arm * 0.55, arm * 0.55)
            var holes: [SIMD2<Float>] = []
            for number in 0..<count {
                let far = arm * 1.25 * Float(number + 1) / Float(count)
                holes.append(corner + SIMD2(far, 0))
                holes.append(
                    corner
                        + (shape == 1
                            ? SIMD2(0, -far) : SIMD2(far - arm * 0.6, shape == 2 ? -far * 0.8 : -wide * 2)))
            }
            if own?.number == 0 {
                holes.remove(at: min(lost, holes.count - 1))
            } else if lost >= 0, own?.number == 2 {
                holes[lost] += shift
            }
            let places = holes
            sheet.part({ place in
                let x = max(0, place.x), p = SIMD2(place.x, place.y + bend * x * x) - corner
                var body: Float
                switch shape {
                case 0:
                    body = min(
                        bar(p, SIMD2(), SIMD2(arm * 1.25, 0), wide),
                        bar(p, SIMD2(-arm * 0.3, -wide * 2), SIMD2(arm * 0.7, -wide * 2), wide * 0.8))
                    body = min(body, box(p - SIMD2(arm * 0.25, -wide), SIMD2(wide * 0.7, wide)))
                case 1:
                    body = min(
                        box(p - SIMD2(arm * 0.62, 0), SIMD2(arm * 0.62 + wide, wide), 6),
                        box(p - SIMD2(0, -arm * 0.62), SIMD2(wide, arm * 0.62 + wide), 6))
                default:
                    body = min(
                        bar(p, SIMD2(-10, 0), SIMD2(arm * 1.25, 0), wide),
                        bar(p, SIMD2(0, 0), SIMD2(arm * 0.65, -arm), wide * 0.9))
                }
                for (number, place) in places.enumerated() {
                    body = max(body, hole * (number & 1 == 0 ? 1 : 0.8) - length(p + corner - place))
                }
                return body
            }) { place, depth, coat in
                finish.face(place, depth, &coat)
                if bend > 0, place.x > 0 { coat.height += place.x * 0.35 }
            }
        }
    }

    static let hinge = PracticeKind.object(
        ["hinge", "door hinge", "metal hinge"],
        .metalPart + .own("with a missing screw", "with a missing knuckle")
    ) { random in
        let finish = Finish.metal(&random), screw = Finish.metal(&random),
            half = SIMD2(random.uniform(55, 95), random.uniform(50, 95))
        let knuckles = 3 + 2 * random.index(below: 2), radius = random.uniform(7, 13),
            rows = 2 + random.index(below: 2), head = random.uniform(6, 11)
        return { sheet, own in
            let lost = own.map { $0.index(0, below: 2 * rows) } ?? -1,
                gone = own.map { $0.index(1, below: knuckles) } ?? -1
            let each = 2 * half.y / Float(knuckles), turn = circle(sheet.random.unit())
            sheet.part({ place in
                let plate = box(place, half, 5), number = Int(((place.y + half.y) / each).rounded(.down))
                let side: Float = number & 1 == 0 ? 1 : -1
                let slit = max(1.2 - abs(place.x + side * radius), -99)
                let isGone = own?.number == 1 && number == gone
                return max(plate, max(slit, isGone ? radius - abs(place.x) : -99))
            }) { place, depth, coat in
                finish.face(place, depth, &coat)
                if abs(place.x) < radius {
                    let y = (place.y + half.y) / each
                    coat.height = radius * 1.1 * round(place.x / radius)
                    if abs(y - y.rounded()) * each < 1, y > 0.2, y < Float(knuckles) - 0.2 { coat.tone(0.3) }
                }
            }
            for row in 0..<rows {
                for side in 0..<2 {
                    let middle = SIMD2(
                        side == 0 ? -half.x * 0.58 : half.x * 0.58,
                        half.y * (2 * Float(row) / Float(rows - 1) - 1) * 0.66)
                    let isGone = own?.number == 0 && lost == 2 * row + side
                    sheet.fill(middle, SIMD2(head, head), { length($0 - middle) - head }) {
                        place, depth, coat in
                        if isGone {
                            coat.colour = grey(0.05)
                            coat.height = -2
                            return
                        }
                        screw.face(place - middle, depth, &coat)
                        let p = rotated(place - middle, turn)
                        if min(box(p, SIMD2(head * 0.6, 1.2)), box(p, SIMD2(1.2, head * 0.6))) < 0 {
                            coat.tone(0.25)
                            coat.height -= 2
                        }
                    }
                }
            }
        }
    }

    static let key = PracticeKind.object(
        ["key", "door key", "metal key"], .metalPart + .own("bent", "with a missing tooth")
    ) { random in
        let finish = Finish.metal(&random), bow = random.uniform(26, 40), blade = random.uniform(8, 13),
            seed = random.seed()
        let style = random.index(below: 3), pitch = random.uniform(9, 15),
            hole = bow * random.uniform(0.2, 0.4)
        return { sheet, own in
            let bend = own?.number == 0 ? own?.uniform(0, 0.0008, 0.002) ?? 0 : 0,
                lost = own?.index(1, below: 5) ?? 0
            sheet.part({ place in
                let along = max(0, place.x + 40), p = SIMD2(place.x, place.y - bend * along * along)
                let head = p + SIMD2(66, 0)
                var top =
                    style == 0
                    ? length(head) - bow
                    : style == 1 ? box(head, SIMD2(bow, bow * 0.85), 9) : polygon(head, sides: 6, radius: bow)
                top = max(top, hole - length(head + SIMD2(bow * 0.35, 0)))
                let slot = Int(((p.x + 30) / pitch).rounded(.down)),
                    inSlot = abs(fraction((p.x + 30) / pitch) - 0.5) * 2
                var depth =
                    p.x < -30 ? 0 : (0.25 + 0.75 * chanced(slot, 5, seed)) * blade * step(1, 0.35, inSlot)
                if own?.number == 1, slot == lost + 2 { depth = blade * 1.3 }
                let shaft = max(
                    max(p.y - blade, -blade + depth - p.y), max(-50 - p.x, p.x - 98 + abs(p.y) * 0.6))
                return min(top, shaft)
            }) { place, depth, coat in
                finish.face(place, depth, &coat)
                if place.x > -35,
                    abs(place.y - blade * 0.4 - bend * max(0, place.x + 40) * max(0, place.x + 40)) < 1.6
                {
                    coat.height -= 1.2
                    coat.tone(0.7)
                }
            }
        }
    }

    static let drilledPlate = PracticeKind.object(
        ["metal plate with holes", "drilled plate", "flange", "base plate"],
        .metalPart + .flaws(["misprinted": .misprint]) + .own("with a missing hole", "with a misplaced hole")
    ) { random in
        let finish = Finish.metal(&random), half = SIMD2(random.uniform(70, 108), random.uniform(55, 100)),
            isRound = random.chance(0.4)
        let count = random.pick([3, 4, 5, 6, 8]), hole = random.uniform(5, 12),
            bore = random.chance(0.6) ? random.uniform(14, 36) : 0
        let ring = min(half.x, half.y) - hole - random.uniform(6, 14), radius = random.uniform(2, 24)
        return { sheet, own in
            let lost = own.map { $0.index(0, below: count) } ?? -1,
                shift = circle(own?.uniform(1, 0, 1) ?? 0) * hole * (own?.uniform(2, 0.8, 1.6) ?? 0)
            let turn = isRound ? sheet.random.unit() : 0.125
            var holes = (0..<count).map { number -> SIMD2<Float> in
                let way = circle(Float(number) / Float(count) + turn)
                return isRound
                    ? way * ring : way * SIMD2(half.x - hole - 9, half.y - hole - 9) * (count == 4 ? 1.2 : 1)
            }
            if own?.number == 0 { holes.remove(at: lost) } else if own != nil { holes[lost] += shift }
            let places = holes
            sheet.part({ place in
                var body = isRound ? length(place) - min(half.x, half.y) : box(place, half, radius)
                if bore > 0 { body = max(body, bore - length(place)) }
                for middle in places { body = max(body, hole - length(place - middle)) }
                return body
            }) { place, depth, coat in finish.face(place, depth, &coat) }
        }
    }
}
