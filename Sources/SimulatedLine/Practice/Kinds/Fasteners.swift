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
}
