extension PracticeKind {
    /// What turns: gears, wheels, impellers, commutators, saw blades.
    static let gears: [PracticeKind] = [gear, impeller, commutator, sawBlade, spokedWheel]

    /// 0...1 across a tooth with slanted flanks, by the turn in teeth.
    @inline(__always)
    private static func tooth(_ turn: Float, wide: Float) -> Float {
        step(wide, wide * 0.55, abs(turn - turn.rounded()) * 2)
    }

    static let gear = PracticeKind.object(
        ["gear", "gear wheel", "spur gear", "cogwheel"],
        .metalPart + .own("with a missing tooth", "with a broken tooth", "with a bent tooth")
    ) { random in
        let finish = random.chance(0.75) ? Finish.metal(&random) : Finish.plastic(&random)
        let outer = random.uniform(80, 110), count = 9 + random.index(below: 28),
            wide = random.uniform(0.45, 0.65)
        let high = min(26, outer * random.uniform(1.4, 2.2) / Float(count) * 1.5),
            bore = outer * random.uniform(0.14, 0.4)
        let holes = random.pick([0, 0, 3, 4, 5, 6]), keyway = random.chance(0.4), web = random.uniform(0, 5)
        return { sheet, own in
            let turn = sheet.random.unit(), lost = own.map { $0.index(0, below: count) } ?? -1
            let left = own?.uniform(1, 0.3, 0.6) ?? 1, pitch = (outer - high + bore) / 2,
                hole = (outer - high - bore) * 0.24
            sheet.part({ place in
                let r = length(place)
                var angle = fraction(turns(of: place) + turn) * Float(count)
                let number = Int(angle.rounded()) % count
                var rise: Float = 1
                if number == lost {
                    if own?.number == 0 {
                        rise = 0
                    } else if own?.number == 1 {
                        rise = left
                    } else {
                        angle += 0.32 * min(1, max(0, (r - outer + high) / high))
                    }
                }
                let edge = r - (outer - high + high * rise * tooth(angle, wide: wide))
                var distance = max(edge * 0.7, bore - r)
                if keyway {
                    distance = max(distance, -box(place - SIMD2(bore, 0), SIMD2(bore * 0.3, bore * 0.22)))
                }
                if holes > 0 {
                    let sector = (turns(of: place) * Float(holes)).rounded() / Float(holes)
                    distance = max(distance, hole - length(place - circle(sector) * pitch))
                }
                return distance
            }) { place, depth, coat in
                finish.face(place, depth, &coat)
                let r = length(place)
                coat.height -=
                    web * step(bore * 1.35, bore * 1.45, r) * step(outer - high - 4, outer - high - 8, r)
            }
        }
    }

    static let impeller = PracticeKind.object(
        ["impeller casting", "impeller", "fan wheel", "cast impeller"],
        .metalPart + .flaws(["with a hole": .hole]) + .own("with a missing blade", "with a broken blade")
    ) { random in
        let finish = random.chance(0.7) ? Finish.metal(&random) : Finish.plastic(&random)
        let outer = random.uniform(85, 112), count = 5 + random.index(below: 9),
            sweep = random.uniform(-0.2, 0.2)
        let hub = outer * random.uniform(0.2, 0.34), half = random.uniform(2.5, 6),
            rise = random.uniform(3, 6)
        return { sheet, own in
            let turn = sheet.random.unit(), lost = own.map { $0.index(0, below: count) } ?? -1,
                cut = own?.uniform(1, 0.35, 0.75) ?? 1
            sheet.part({ length($0) - outer }) { place, depth, coat in
                finish.face(place, depth, &coat)
                let r = outer - depth, share = (r - hub) / (outer - hub)
                coat.tone(0.72)
                if r < hub {
                    coat.tone(1.35)
                    coat.height += rise * 1.4 * step(hub, hub - 4, r)
                    if r < hub * 0.4 { coat.colour = grey(0.04) }
                    return
                }
                coat.height += 2.5 * (1 - share)
                let blade = fraction(turns(of: place) + turn + sweep * share * share) * Float(count)
                let number = Int(blade.rounded()) % count
                if number == lost, own?.number == 0 || share > cut { return }
                let across = abs(blade - blade.rounded()) / Float(count) * 6.283 * r
                let top = step(half + 0.6, half - 1.2, across) * step(1, 0.94, share)
                coat.height += rise * top
                coat.tone(1 + 0.4 * top)
            }
        }
    }

    static let commutator = PracticeKind.object(
        ["commutator", "motor commutator", "slotted rotor", "stator"],
        .metalPart + .own("with a wide gap", "with a missing segment")
    ) { random in
        let copper = random.near(paint(0.68, 0.38, 0.22)).with(gloss: 0.7), insulator = random.near(grey(0.1))
        let outer = random.uniform(80, 110), inner = outer * random.uniform(0.4, 0.65),
            count = 8 + random.index(below: 22)
        let finish = Finish(copper, style: 1, &random), slot = random.uniform(1.2, 3)
        return { sheet, own in
            let turn = sheet.random.unit(), lost = own.map { $0.index(0, below: count) } ?? -1
            sheet.part({ max(length($0) - outer, inner * 0.5 - length($0)) }) { place, depth, coat in
                let r = outer - depth
                coat.colour = insulator
                if r < inner {
                    coat.height = -1
                    coat.tone(1 + r / inner)
                    return
                }
                let bar = fraction(turns(of: place) + turn) * Float(count),
                    number = Int(bar.rounded()) % count
                let edge = (0.5 - abs(bar - bar.rounded())) / Float(count) * 6.283 * r
                var gap = slot
                if number == lost { gap = own?.number == 0 ? slot * 2.6 : 99 }
                if edge < gap {
                    coat.height = -1.5
                    return
                }
                finish.face(place, min(depth, min(edge - gap, r - inner)), &coat)
            }
        }
    }

    static let sawBlade = PracticeKind.object(
        ["saw blade", "circular saw blade", "cutting disc"],
        .metalPart + .own("with a missing tooth", "with a broken tooth")
    ) { random in
        let finish = Finish.metal(&random), outer = random.uniform(90, 114),
            count = 12 + random.index(below: 36)
        let high = min(20, outer * 3.5 / Float(count)), bore = outer * random.uniform(0.1, 0.25),
            slots = random.pick([0, 4, 6])
        let print: SIMD4<Float>? = random.chance(0.5) ? random.colour(saturation: 0.9, value: 0.6) : nil
        return { sheet, own in
            let turn = sheet.random.unit(), lost = own.map { $0.index(0, below: count) } ?? -1,
                left = own?.number == 1 ? 0.45 as Float : 0
            sheet.part({ place in
                let r = length(place), at = fraction(turns(of: place) + turn)
                let angle = at * Float(count), number = Int(angle.rounded(.down)) % count
                let rake = fraction(angle), rise: Float = number == lost ? left : 1
                var distance = max((r - outer + high * (1 - rise * rake)) * 0.7, bore - r)
                if slots > 0 {
                    let sector = (at * Float(slots)).rounded() / Float(slots),
                        off = abs(at - sector) * 6.283 * r
                    if r > outer * 0.72 { distance = max(distance, 1.2 - off) }
                }
                return distance
            }) { place, depth, coat in
                finish.face(place, depth, &coat)
                let r = length(place)
                if let print, abs(r - outer * 0.5) < outer * 0.1 { coat.blend(print, 0.85) }
            }
        }
    }

    static let spokedWheel = PracticeKind.object(
        ["spoked wheel", "pulley", "handwheel", "alloy wheel"],
        .metalPart + .own("with a missing spoke", "with a broken spoke")
    ) { random in
        let finish = random.chance(0.6) ? Finish.metal(&random) : Finish.plastic(&random)
        let outer = random.uniform(85, 110), rim = random.uniform(9, 24), hub = random.uniform(16, 32),
            count = 3 + random.index(below: 6)
        let half = random.uniform(4, 11), bore = hub * random.uniform(0.3, 0.6)
        return { sheet, own in
            let turn = sheet.random.unit(), lost = own.map { $0.index(0, below: count) } ?? -1,
                at = own?.uniform(1, 0.35, 0.65) ?? 0
            sheet.part({ place in
                let r = length(place), angle = fraction(turns(of: place) + turn) * Float(count)
                let number = Int(angle.rounded()) % count
                let across = abs(angle - angle.rounded()) / Float(count) * 6.283 * r
                var spoke = across - half * (1.2 - 0.4 * r / outer)
                if number == lost {
                    if own?.number == 0 {
                        spoke = 99
                    } else {
                        spoke = max(spoke, outer * 0.07 - abs(r - outer * at))
                    }
                }
                let ring = max(r - outer, outer - rim - r)
                return max(min(min(ring, r - hub), max(spoke, r - outer)), bore - r)
            }) { place, depth, coat in
                finish.face(place, depth, &coat)
                coat.height += 1.5 * round(1 - min(depth / 8, 1))
            }
        }
    }
}
