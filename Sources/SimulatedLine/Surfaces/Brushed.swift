extension Scene {
    /// Brushed stainless steel. As a part: a plate with countersunk holes, an engraved number and its dot
    /// code.
    static func brushed(_ plan: ScenePlan) -> Scene {
        var plan = plan
        let drawing = plan.isWeb ? bare(albedo: 0.66, gloss: 0.8) : plate(&plan)
        var scene = Scene(drawing: drawing, fine: brushMarks(plan), plan: plan, isSheet: plan.isWeb)
        scene.materials[Int(MaterialIndex.body)] = Material(
            1, 0.99, 0.96, fine: Texel(0.30, 0.15, 0.45, 0), coarse: Texel(0, 0.05, 0.10, 0))
        // Countersinks: turned, hence without marks of the brush.
        scene.materials[Int(MaterialIndex.second)] = Material(
            1, 0.99, 0.97, fine: Texel(0.05, 0.03, 0.1, 0), coarse: Texel(0, 0.05, 0, 0))
        scene.light.slant = SIMD2(0.35, 0.75)
        scene.light.ambient = 0.34
        scene.light.diffuse = 0.34
        scene.light.specular = 0.42
        scene.light.roughness = SIMD2(0.17, 0.75)
        scene.light.spread = SIMD2(0.62, 0.15)
        scene.inkIsLight = false
        scene.materials[Int(MaterialIndex.ink)] = Material(0.86, 0.96, 1.2, fine: Texel(), coarse: Texel())
        scene.letterSize = 24 * plan.scale
        return scene
    }

    /// A sheet without any drawing.
    static func bare(albedo: Float, gloss: Float) -> Drawing {
        Drawing(
            width: 64, height: 64, repeats: true, texel: Texel(0, albedo, gloss, -1000),
            material: MaterialIndex.body)
    }

    private static func plate(_ plan: inout ScenePlan) -> Drawing {
        let s = plan.scale, width = plan.pixels(530), height = plan.pixels(360)
        var drawing = Drawing(
            width: width, height: height, repeats: false, texel: Texel(0, 0.66, 0.8, -1000),
            material: MaterialIndex.body)
        let middle = SIMD2(Float(width), Float(height)) / 2
        drawing.outline(.box(middle, middle - 8 * s, radius: 26 * s))

        for corner in [SIMD2<Float>(-1, -1), [1, -1], [-1, 1], [1, 1]] {
            let centre = middle + corner * (middle - 54 * s)
            // The countersink falls off towards the hole.
            drawing.fill(.disc(centre, 27 * s), material: MaterialIndex.second) { texel, distance in
                texel.x = max(distance * 0.55, -9 * s)
                texel.y = 0.6
                texel.z = 0.55
            }
            drawing.cut(.disc(centre, 13 * s))
        }
        let slot = middle + SIMD2(0, 84 * s)
        drawing.cut(.box(slot, SIMD2(70, 9) * s, radius: 9 * s))

        let number = "LW " + Lettering.number(&plan.random)
        let origin = middle + SIMD2(-176, -64) * s
        drawing.write(number, at: origin, size: 26 * s, weight: 1.9 * s) { texel, distance in
            texel.x = max(distance, -1.3) * 0.9
            texel.y = 0.36
            texel.z = 0.25
        }
        dotCode(in: &drawing, at: middle + SIMD2(110, -78) * s, side: 58 * s, &plan.random)
        drawing.bevel(width: 3.5 * s, height: 2.2 * s)
        return drawing
    }

    /// A code of 14 x 14 engraved cells, the left and lower border filled.
    static func dotCode(
        in drawing: inout Drawing, at origin: SIMD2<Float>, side: Float, _ random: inout Random
    ) {
        let cell = side / 14
        for row in 0..<14 {
            for column in 0..<14 {
                let isBorder =
                    column == 0 || row == 13 || (row == 0 || column == 13) && (row + column) % 2 == 0
                guard isBorder || (row > 0 && column < 13 && random.chance(0.48)) else { continue }
                let centre = origin + SIMD2(Float(column) + 0.5, Float(row) + 0.5) * cell
                drawing.fill(.box(centre, SIMD2(repeating: cell * 0.52))) { texel, _ in
                    texel.x = -0.5
                    texel.y = 0.30
                    texel.z = 0.12
                }
            }
        }
    }

    /// Marks along x: hardly a pixel wide, up to hundreds long.
    private static func brushMarks(_ plan: ScenePlan) -> Swatch {
        let thin = Noise(seed: plan.seed &+ 31), wide = Noise(seed: plan.seed &+ 32)
        let hair = Noise(seed: plan.seed &+ 33)
        return Swatch(width: 512, height: 499) { x, y in
            let u = Float(x) / 512, v = Float(y) / 499
            let a = thin.value(u * 5, v * 499, columns: 5, rows: 499)
            let b = wide.value(u * 11, v * 249, columns: 11, rows: 249)
            let c = wide.value(u * 2, v * 61, columns: 2, rows: 61)
            let d = max(0, abs(hair.value(u * 7, v * 499, columns: 7, rows: 499)) - 0.72)
            let mark = 0.55 * a + 0.35 * b
            return Texel(mark, mark + 0.3 * c + 1.8 * d, mark + 0.35 * c + 1.5 * d, 0)
        }
    }
}
