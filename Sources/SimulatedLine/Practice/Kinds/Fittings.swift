// Brackets, hinges, keys, plates: sheet metal that fastens, part of the fasteners.

extension PracticeKind {
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
