/// How the faces of a metal or plastic part are made: its colour, grain and edges.
struct Finish: Sendable {
    var colour: SIMD4<Float>
    private let style: Int
    private let strength: Float
    /// The bevel along the outline, and how much it falls.
    let bevel: Float
    let fall: Float
    private let noise: Noise

    /// Steel, brass, aluminium or blackened metal.
    static func metal(_ random: inout Random) -> Finish {
        let bases = [
            grey(0.42), grey(0.55), paint(0.52, 0.52, 0.55), paint(0.62, 0.48, 0.22), grey(0.14),
            paint(0.6, 0.36, 0.24),
            grey(0.34),
        ]
        let colour = random.near(random.pick(bases), tone: 0.15, hue: 0.03).with(
            gloss: random.uniform(0.4, 0.9))
        return Finish(colour, style: random.index(below: 4), &random)
    }

    /// Any colour, even.
    static func plastic(_ random: inout Random) -> Finish {
        let colour =
            random.chance(0.4)
            ? random.near(grey(random.pick([0.08, 0.3, 0.8])))
            : random.colour(saturation: random.uniform(0.4, 0.95), value: random.uniform(0.25, 0.85))
        return Finish(colour.with(gloss: random.uniform(0.15, 0.6)), style: 0, &random)
    }

    init(_ colour: SIMD4<Float>, style: Int, _ random: inout Random) {
        self.colour = colour
        self.style = style
        strength = random.uniform(0.04, 0.14)
        bevel = random.uniform(1.5, 5)
        fall = random.uniform(1, 3)
        noise = Noise(seed: random.seed())
    }

    /// A face at `place`, `depth` inside its edge: plain, turned around the origin, brushed or blasted.
    @inline(__always)
    func face(_ place: SIMD2<Float>, _ depth: Float, _ coat: inout Coat) {
        coat.colour = colour
        coat.height = fall * step(0, bevel, depth)
        switch style {
        case 1: coat.tone(1 + strength * 1.4 * noise.value(length(place) * 0.9, 5))
        case 2: coat.tone(1 + strength * 1.4 * noise.value(place.x / 70, place.y))
        case 3:
            let grain = noise.fractal(place.x / 1.8, place.y / 1.8, octaves: 2)
            coat.tone(1 + strength * grain)
            coat.height += 0.5 * grain
        default:
            coat.tone(1 + 0.5 * strength * noise.value(place.x / 9, place.y / 9))
        }
    }
}

extension [PracticeFault] {
    /// What befalls metal parts.
    static var metalPart: [PracticeFault] {
        .flaws([
            "scratched": .scratch, "dented": .dent, "rusty": .rust, "contaminated": .dust, "stained": .stain,
            "chipped": .chip, "cracked": .crack,
        ])
    }

    /// What befalls plastic parts.
    static var plasticPart: [PracticeFault] {
        .flaws([
            "scratched": .scratch, "cracked": .crack, "chipped": .chip, "contaminated": .fibre,
            "discoloured": .discolour, "burnt": .burn, "with an inclusion": .inclusion,
        ])
    }
}
