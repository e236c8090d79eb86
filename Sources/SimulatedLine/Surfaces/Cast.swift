extension Scene {
    /// Grey cast iron. As a part: a housing with a turned face, bolt bosses and raised letters.
    static func cast(_ plan: ScenePlan) -> Scene {
        var plan = plan
        let drawing = plan.isWeb ? bare(albedo: 0.37, gloss: 0.20) : housing(&plan)
        var scene = Scene(drawing: drawing, fine: sandGrain(plan), plan: plan, isSheet: plan.isWeb)
        scene.materials[Int(MaterialIndex.body)] = Material(
            1.02, 1, 0.97, fine: Texel(1.7, 0.22, 0.5, 0), coarse: Texel(2.2, 0.22, 0.3, 0))
        // Turned faces.
        scene.materials[Int(MaterialIndex.second)] = Material(
            1, 0.995, 0.98, fine: Texel(0.10, 0.04, 0.1, 0), coarse: Texel(0, 0.10, 0.2, 0))
        scene.light.slant = SIMD2(0.62, 0.72)
        scene.light.ambient = 0.42
        scene.light.diffuse = 0.62
        scene.light.specular = 0.5
        scene.light.roughness = SIMD2(0.45, 0.45)
        scene.light.glance = SIMD2(0.3, 0.3)
        scene.letterSize = 30 * plan.scale
        return scene
    }

    private static func housing(_ plan: inout ScenePlan) -> Drawing {
        let s = plan.scale, width = plan.pixels(540), height = plan.pixels(400)
        var drawing = Drawing(
            width: width, height: height, repeats: false, texel: Texel(0, 0.34, 0.20, -1000),
            material: MaterialIndex.body)
        let middle = SIMD2(Float(width), Float(height)) / 2
        // As cast, no outline is quite straight.
        let wobble = Noise(seed: plan.seed &+ 41)
        let block = Shape.box(middle, middle - 14 * s, radius: 74 * s)
        drawing.outline(
            Shape(box: block.box) { block.distance($0) + 1.6 * wobble.value($0.x / 24, $0.y / 24) })

        drawing.fill(.disc(middle, 142 * s)) { texel, distance in
            texel.x += 15 * s * step(0, -20 * s, distance)
        }
        turnedRing(in: &drawing, around: middle, from: 66 * s, to: 112 * s, plan)
        drawing.cut(.disc(middle, 64 * s))
        for corner in [SIMD2<Float>(-1, -1), [1, -1], [-1, 1], [1, 1]] {
            let centre = middle + corner * (middle - 70 * s)
            drawing.fill(.disc(centre, 44 * s)) { texel, distance in
                texel.x += 9 * s * step(0, -11 * s, distance)
            }
            turnedRing(in: &drawing, around: centre, from: 0, to: 28 * s, plan)
            drawing.cut(.disc(centre, 14 * s))
        }
        let number = String(Lettering.number(&plan.random).prefix(2))
        let places: [(String, SIMD2<Float>)] = [("GG25", [-168, 30]), ("\(number)7", [216, -52])]
        for (text, place) in places {
            let origin = middle + SIMD2(place.x, -abs(place.y) - 22) * s
            drawing.write(
                text, at: origin + SIMD2(0, text.count == 4 ? 0 : 22) * s, size: 27 * s, weight: 3.2 * s,
                turned: true
            ) { texel, distance in
                texel.x = max(texel.x, 4 * s * step(0.5, -3.2 * s, distance))
                texel.y = 0.40
            }
        }
        drawing.bevel(width: 10 * s, height: 8 * s)
        return drawing
    }

    /// A face turned on a lathe: concentric marks, and two fans of light where they face the lamp.
    static func turnedRing(
        in drawing: inout Drawing, around centre: SIMD2<Float>, from inner: Float, to outer: Float,
        _ plan: ScenePlan
    ) {
        let marks = Noise(seed: plan.seed &+ 42)
        let half = (outer - inner) / 2, radius = (outer + inner) / 2
        for y in Int(centre.y - outer) - 1...Int(centre.y + outer) + 1 {
            for x in Int(centre.x - outer) - 1...Int(centre.x + outer) + 1 {
                guard y >= 0, y < drawing.height, x >= 0, x < drawing.width else { continue }
                let way = SIMD2(Float(x), Float(y)) - centre, r = length(way)
                guard abs(r - radius) - half < 1.5 else { continue }
                let facing = (way.x * 0.71 + way.y * 0.71) / max(r, 1)
                let fan = facing * facing * facing * facing
                let groove = marks.value(r * 0.8, 3) * 0.6 + marks.value(r * 0.27, 9) * 0.4
                let texel = drawing.swatch[x, y]
                let turned = Texel(
                    texel.x + 0.25 * groove, 0.50 * (1 + 0.13 * groove) * (0.75 + 0.5 * fan),
                    0.35 + 0.5 * fan, texel.w)
                let cover = min(max(0.5 - (abs(r - radius) - half), 0), 1)
                drawing.swatch[x, y] = texel + (turned - texel) * cover
                if cover > 0.5 { drawing.setMaterial(x, y, MaterialIndex.second) }
            }
        }
    }

    /// The print of the sand: bumps of a few pixels, and pits.
    private static func sandGrain(_ plan: ScenePlan) -> Swatch {
        let bumps = Noise(seed: plan.seed &+ 43), pits = Noise(seed: plan.seed &+ 44)
        let tone = Noise(seed: plan.seed &+ 45)
        return Swatch(width: 512, height: 499) { x, y in
            let u = Float(x) / 512, v = Float(y) / 499
            let bump = bumps.fractal(u * 64, v * 62, octaves: 3, columns: 64, rows: 62)
            // Bent by the bumps, so that no pit shows the grid of the noise.
            let bend = tone.value(u * 60, v * 58, columns: 60, rows: 58)
            let pit =
                max(0, pits.value(u * 90 + 0.7 * bump, v * 88 + 0.7 * bend, columns: 90, rows: 88) - 0.62)
                * 2.6
            let sand = tone.fractal(u * 128, v * 124, octaves: 2, columns: 128, rows: 124)
            return Texel(bump - 0.9 * pit, 0.6 * sand - 0.9 * pit + 0.25 * bump, 0.6 * bump - pit, 0)
        }
    }
}
