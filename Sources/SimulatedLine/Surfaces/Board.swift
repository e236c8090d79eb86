extension Scene {
    /// A populated circuit board; as a web, a panel of boards without end.
    static func board(_ plan: ScenePlan) -> Scene {
        var plan = plan
        var layout = BoardLayout(&plan)
        layout.draw(&plan.random)
        let placements = layout.placements
        let dust = Noise(seed: plan.seed &+ 81)
        let fine = Swatch(width: 256, height: 251) { x, y in
            let u = Float(x) / 256, v = Float(y) / 251
            let a = dust.fractal(u * 64, v * 62, octaves: 2, columns: 64, rows: 62)
            return Texel(a, a, a, 0)
        }
        var scene = Scene(
            drawing: layout.intoDrawing(), fine: fine, plan: plan, isSheet: plan.isWeb)
        let smooth = Texel(0.10, 0.05, 0.2, 0), coarse = Texel(0.3, 0.06, 0.2, 0)
        scene.materials[Int(MaterialIndex.body)] = Material(0.19, 0.55, 0.30, fine: smooth, coarse: coarse)
        scene.materials[Int(MaterialIndex.second)] = Material(
            0.96, 1, 1.02, fine: Texel(0.3, 0.10, 0.4, 0), coarse: coarse)
        scene.materials[Int(MaterialIndex.third)] = Material(1.18, 0.98, 0.55, fine: smooth, coarse: coarse)
        scene.materials[Int(MaterialIndex.fourth)] = Material(
            1, 1, 1.02, fine: Texel(0.25, 0.14, 0.3, 0), coarse: coarse)
        scene.materials[Int(MaterialIndex.fifth)] = Material(1.18, 0.95, 0.66, fine: smooth, coarse: coarse)
        scene.materials[Int(MaterialIndex.ink)] = Material(
            0.98, 1, 0.97, fine: Texel(0.05, 0.06, 0.1, 0), coarse: coarse)
        scene.placements = placements
        scene.light.slant = SIMD2(0.45, 0.55)
        scene.light.ambient = 0.50
        scene.light.diffuse = 0.50
        scene.light.specular = 0.38
        scene.light.roughness = SIMD2(0.32, 0.32)
        scene.light.glance = SIMD2(0.30, 0.34)
        scene.letterSize = 15 * plan.scale
        return scene
    }
}

/// Places traces, parts and print on a board.
struct BoardLayout: ~Copyable {
    private var drawing: Drawing
    private let scale: Float
    private let size: SIMD2<Float>
    /// Boxes that are taken: left, top, right, bottom.
    private var taken: [SIMD4<Float>] = []
    /// Boxes of parts with two ends, which are the ones that get lost.
    private(set) var placements: [SIMD4<Float>] = []

    init(_ plan: inout ScenePlan) {
        scale = plan.scale
        let width = plan.pixels(560), height = plan.pixels(400)
        size = SIMD2(Float(width), Float(height))
        drawing = Drawing(
            width: width, height: height, repeats: plan.isWeb, texel: Texel(0, 0.22, 0.5, -1000),
            material: MaterialIndex.body)
        if !plan.isWeb {
            drawing.outline(.box(size / 2, size / 2 - 10 * scale, radius: 7 * scale))
        }
    }

    consuming func intoDrawing() -> Drawing { drawing }

    mutating func draw(_ random: inout Random) {
        traces(&random)
        for corner in [SIMD2<Float>(-1, -1), [1, -1], [-1, 1], [1, 1]] {
            let centre = size / 2 + corner * (size / 2 - 32 * scale)
            drawing.fill(.disc(centre, 15 * scale), material: MaterialIndex.third) {
                texel, _ in texel = Texel(0.8, 0.62, 0.8, texel.w)
            }
            drawing.cut(.disc(centre, 8.5 * scale))
            taken.append(box(centre, SIMD2(repeating: 18 * scale)))
        }
        connector()
        label(&random)
        let chips: [(SIMD2<Float>, Int)] = [([43, 43], 12), ([34, 20], 7), ([34, 20], 7), ([18, 24], 4)]
        for (number, chip) in chips.enumerated() {
            place(chip.0 + 12, &random) { [scale] drawing, centre, random in
                BoardLayout.chip(
                    &drawing, centre, chip.0, pins: chip.1, name: "U\(number + 1)", scale, &random)
            }
        }
        for number in 1...2 {
            place(SIMD2(24, 30), &random) { [scale] drawing, centre, _ in
                BoardLayout.can(&drawing, centre, name: "C\(number)0", scale)
            }
        }
        for number in 1...34 { smallPart(number, &random) }
    }

    private func box(_ centre: SIMD2<Float>, _ half: SIMD2<Float>) -> SIMD4<Float> {
        SIMD4(lowHalf: centre - half, highHalf: centre + half)
    }

    /// Calls `body` with a free place for a box of `half` (in pixels of a frame of 640 x 480), if one is
    /// found.
    private mutating func place(
        _ half: SIMD2<Float>, _ random: inout Random,
        _ body: (inout Drawing, SIMD2<Float>, inout Random) -> Void
    ) {
        let half = half * scale
        for _ in 0..<60 {
            let low = half + 16 * scale, high = size - half - 16 * scale
            let centre = SIMD2(random.uniform(low.x, high.x), random.uniform(low.y, high.y))
            let wanted = box(centre, half)
            let isFree = taken.allSatisfy {
                wanted.z < $0.x || wanted.x > $0.z || wanted.w < $0.y || wanted.y > $0.w
            }
            guard isFree else { continue }
            taken.append(wanted)
            body(&drawing, centre, &random)
            return
        }
    }

    /// Buses of a few lines that run, turn by 45 degrees, run on and end in vias.
    private mutating func traces(_ random: inout Random) {
        let unit = 6 * scale
        for _ in 0..<26 {
            let count = 1 + random.index(below: 5)
            var start = SIMD2(random.uniform(20, size.x - 20), random.uniform(20, size.y - 20))
            let isAcross = random.chance(0.5)
            let forward = isAcross ? SIMD2<Float>(1, 0) : SIMD2<Float>(0, 1)
            let aside = SIMD2(forward.y, forward.x)
            let turn: Float = random.chance(0.5) ? 1 : -1
            let first = random.uniform(30, 150) * scale, second = random.uniform(10, 70) * scale
            let third = random.uniform(30, 170) * scale
            for _ in 0..<count {
                let bend = start + forward * first
                let next = bend + (forward + aside * turn) * second
                let end = next + forward * third
                for (a, b) in [(start, bend), (bend, next), (next, end)] {
                    drawing.fill(.line(a, b, 1.5 * scale)) { texel, distance in
                        texel.y = 0.30
                        texel.x = 0.7 * step(0.5, -1, distance)
                    }
                }
                for via in [start, end] {
                    drawing.fill(.disc(via, 3.6 * scale), material: MaterialIndex.third) { texel, _ in
                        texel.y = 0.55
                        texel.z = 0.9
                        texel.x = 0.9
                    }
                    drawing.fill(.disc(via, 1.6 * scale)) { texel, _ in
                        texel.y = 0.06
                        texel.x = -0.5
                    }
                }
                start += aside * unit - forward * turn * unit * 0.4
            }
        }
    }

    /// A white socket along the upper edge.
    private mutating func connector() {
        let centre = SIMD2(size.x * 0.36, 36 * scale), half = SIMD2<Float>(76, 17) * scale
        taken.append(box(centre, half + 6 * scale))
        drawing.fill(.box(centre, half, radius: 3 * scale), material: MaterialIndex.ink) {
            $0 = Texel(9 * scale * step(0.5, -4 * scale, $1), 0.80, 0.3, $0.w)
        }
        drawing.fill(.box(centre, half - 6 * scale, radius: 2 * scale), material: MaterialIndex.ink) {
            $0 = Texel((9 - 8 * step(0, -5 * scale, $1)) * scale, 0.46, 0.1, $0.w)
        }
        for pin in 0..<10 {
            let place = centre + SIMD2((Float(pin) - 4.5) * 13.5, 0) * scale
            drawing.fill(.box(place, SIMD2(2.6, 5) * scale), material: MaterialIndex.third) {
                $0 = Texel(4 * scale * step(0, -2.6 * scale, $1), 0.72, 0.9, $0.w)
            }
        }
    }

    /// A white sticker with a bar code and a number.
    private mutating func label(_ random: inout Random) {
        let centre = SIMD2(size.x * 0.76, size.y - 62 * scale), half = SIMD2<Float>(68, 30) * scale
        taken.append(box(centre, half + 4 * scale))
        drawing.fill(.box(centre, half, radius: 2 * scale), material: MaterialIndex.ink) {
            $0 = Texel(1.2 * step(0.5, -1.5, $1), 0.82, 0.25, $0.w)
        }
        var x = centre.x - half.x + 10 * scale
        while x < centre.x + half.x - 12 * scale {
            let bar = (1 + Float(random.index(below: 3))) * 1.1 * scale
            drawing.fill(.box(SIMD2(x + bar / 2, centre.y - 8 * scale), SIMD2(bar / 2, 14 * scale))) {
                texel, _ in
                texel.y = 0.09
            }
            x += bar + (1 + Float(random.index(below: 3))) * 1.2 * scale
        }
        let number = "SN" + Lettering.number(&random)
        drawing.write(
            number, at: centre + SIMD2(-54, 12) * scale, size: 11 * scale, weight: 0.9 * scale
        ) { texel, _ in texel.y = 0.12 }
    }

    private static func print(
        _ text: String, in drawing: inout Drawing, at origin: SIMD2<Float>, _ scale: Float
    ) {
        drawing.write(
            text, at: origin, size: 9 * scale, weight: 0.75 * scale, material: MaterialIndex.ink
        ) { texel, _ in texel.y = 0.78 }
    }

    /// A black package with tin-plated pins at two or four sides.
    private static func chip(
        _ drawing: inout Drawing, _ centre: SIMD2<Float>, _ half: SIMD2<Float>, pins: Int, name: String,
        _ scale: Float, _ random: inout Random
    ) {
        let half = half * scale, isSquare = half.x == half.y
        for pin in 0..<pins {
            let share = (Float(pin) + 0.5) / Float(pins) * 2 - 1
            for side in [-1, 1] as [Float] {
                var places = [
                    (
                        SIMD2(share * (half.x - 3 * scale), side * (half.y + 3.5 * scale)),
                        SIMD2<Float>(1.8, 4.6)
                    )
                ]
                if isSquare {
                    places.append(
                        (SIMD2(side * (half.x + 3.5 * scale), share * (half.y - 3 * scale)), SIMD2(4.6, 1.8)))
                }
                for (offset, pinHalf) in places {
                    drawing.fill(
                        .box(centre + offset, pinHalf * scale, radius: scale), material: MaterialIndex.second
                    ) {
                        $0 = Texel(1.8 * scale * step(0.5, -1.8 * scale, $1), 0.62, 0.9, $0.w)
                    }
                }
            }
        }
        drawing.fill(.box(centre, half, radius: 1.5 * scale), material: MaterialIndex.fourth) {
            $0 = Texel(7 * scale * step(0.5, -4.5 * scale, $1), 0.11, 0.30, $0.w)
        }
        drawing.fill(.disc(centre - half + 8 * scale, 3 * scale)) { texel, distance in
            texel.x -= 0.8 * step(0, -2, distance)
            texel.z = 0.6
        }
        let text = isSquare ? "LW32" : "LW" + String(random.index(below: 90) + 10)
        let size = min(half.y * 0.42, half.x * 0.36, 11 * scale)
        drawing.write(
            text, at: centre - SIMD2(Lettering.width(of: text, size: size) / 2, size / 2), size: size,
            weight: 0.7 * scale
        ) { texel, _ in texel.y = 0.42 }
        print(name, in: &drawing, at: centre + SIMD2(-half.x, half.y + 10 * scale), scale)
    }

    /// An electrolytic capacitor from above.
    private static func can(_ drawing: inout Drawing, _ centre: SIMD2<Float>, name: String, _ scale: Float) {
        drawing.fill(.box(centre, SIMD2(21, 21) * scale, radius: 4 * scale), material: MaterialIndex.fourth) {
            $0 = Texel(2 * scale * step(0, -2 * scale, $1), 0.10, 0.2, $0.w)
        }
        drawing.fill(.disc(centre, 19 * scale), material: MaterialIndex.second) {
            $0 = Texel((2 + 7 * step(0.5, -4 * scale, $1)) * scale, 0.66, 0.8, $0.w)
        }
        drawing.fill(.box(centre + SIMD2(-13, 0) * scale, SIMD2(4, 11) * scale, radius: 3 * scale)) {
            texel, _ in
            texel.y = 0.10
            texel.z = 0.2
        }
        print(name, in: &drawing, at: centre + SIMD2(-8, 25) * scale, scale)
    }

    /// A resistor, black with a number, or a tan capacitor, soldered at both ends, lying or standing.
    private mutating func smallPart(_ number: Int, _ random: inout Random) {
        let isResistor = random.chance(0.55), isLying = random.chance(0.6)
        let half: SIMD2<Float> = isLying ? [14, 7] : [7, 14]
        let scale = scale
        var placed: SIMD4<Float>?
        place(half + SIMD2(isLying ? 4 : 4, 12), &random) { drawing, centre, _ in
            let along: SIMD2<Float> = isLying ? [1, 0] : [0, 1]
            for side in [-1, 1] as [Float] {
                let pad = Shape.box(
                    centre + along * side * 11 * scale, SIMD2(repeating: 6.5 * scale), radius: 2 * scale)
                drawing.fill(pad, material: MaterialIndex.second) {
                    $0 = Texel(2.2 * scale * step(0.5, -4 * scale, $1), 0.60, 0.9, $0.w)
                }
            }
            let body = Shape.box(centre, half * scale - 1, radius: scale)
            drawing.fill(body, material: isResistor ? MaterialIndex.fourth : MaterialIndex.fifth) {
                $0 = Texel(
                    4 * scale * step(0.5, -2.5 * scale, $1), isResistor ? 0.10 : 0.46,
                    isResistor ? 0.4 : 0.25, $0.w)
            }
            for side in [-1, 1] as [Float] {
                let cap = Shape.box(
                    centre + along * side * 11.4 * scale, (SIMD2(6, 6) - along * 3.2) * scale, radius: scale)
                drawing.fill(cap, material: MaterialIndex.second) {
                    $0 = Texel(4.2 * scale * step(0.5, -2.5 * scale, $1), 0.68, 0.9, $0.w)
                }
            }
            let name = (isResistor ? "R" : "C") + "\(number)"
            BoardLayout.print(name, in: &drawing, at: centre + SIMD2(-9, half.y + 3) * scale, scale)
            // The pads stick out at both ends; the name beside it stays when the part is missing.
            let taken = (half + along * 4 + 0.5) * scale
            placed = SIMD4(lowHalf: centre - taken, highHalf: centre + taken)
        }
        if let placed { placements.append(placed) }
    }
}
