internal import Imaging

extension Scene {
    /// A ground ferrite tile: a shallow arch across y with chamfered edges, speckled, with dark streaks of
    /// grinding.
    static func tile(_ plan: ScenePlan) -> Scene {
        let drawing = plan.isWeb ? bare(albedo: 0.42, gloss: 0.3) : arch(plan)
        var scene = Scene(drawing: drawing, fine: speckle(plan), plan: plan, isSheet: plan.isWeb)
        scene.materials[Int(MaterialIndex.body)] = Material(
            0.99, 1, 1.02, fine: Texel(0.55, 0.30, 0.6, 0), coarse: Texel(0.6, 0.20, 0.3, 0))
        scene.light.slant = SIMD2(0.45, 0.75)
        scene.light.ambient = 0.36
        scene.light.diffuse = 0.62
        scene.light.specular = 0.26
        scene.light.roughness = SIMD2(0.5, 0.24)
        scene.light.glance = SIMD2(0, -0.04)
        scene.light.spread = SIMD2(0.2, 0.1)
        scene.letterSize = 34 * plan.scale
        return scene
    }

    private static func arch(_ plan: ScenePlan) -> Drawing {
        let s = plan.scale
        let width = Int(Float(plan.settings.size.width) * 1.16) + 40, height = plan.pixels(400)
        var drawing = Drawing(
            width: width, height: height, repeats: false, texel: Texel(0, 0.42, 0.3, -1000),
            material: MaterialIndex.body)
        let half = Float(height) / 2
        let chips = Noise(seed: plan.seed &+ 61)
        drawing.everywhere { texel, point in
            let away = point.y - half
            // Edges of ceramics are a little chipped.
            let chip = 1.5 * max(0, chips.value(point.x / 7, away > 0 ? 1 : 5) - 0.2)
            texel.w = abs(away) - half + 12 * s + chip
            texel.x = -away * away * 0.22 / half
        }
        drawing.bevel(width: 11 * s, height: 7 * s)
        drawing.everywhere { texel, _ in
            // The chamfer is ground finer.
            if texel.w > -11 * s { texel.y = 0.50 }
        }
        return drawing
    }

    /// Grains of one and two pixels, and streaks along y that fade in and out.
    private static func speckle(_ plan: ScenePlan) -> Swatch {
        let grain = Noise(seed: plan.seed &+ 62), streaks = Noise(seed: plan.seed &+ 63)
        let fade = Noise(seed: plan.seed &+ 64), dots = Noise(seed: plan.seed &+ 65)
        return Swatch(width: 512, height: 499) { x, y in
            let u = Float(x) / 512, v = Float(y) / 499
            let a = grain.fractal(u * 128, v * 124, octaves: 2, columns: 128, rows: 124)
            let line = streaks.value(u * 256, v * 4, columns: 256, rows: 4)
            let broad = streaks.value(u * 37, v * 2, columns: 37, rows: 2)
            let strength = 0.5 + 0.5 * fade.fractal(u * 6, v * 5, octaves: 2, columns: 6, rows: 5)
            let dark = max(0, broad - 0.12) * strength * 1.7
            // Bent by the grain, so that no dot shows the grid of the noise.
            let spots = dots.value(u * 170 + 0.8 * a, v * 166 + 0.8 * line, columns: 170, rows: 166)
            let dot = max(0, spots - 0.7) * 2.4, light = max(0, -spots - 0.8) * 2.2
            let tone = 0.40 * a + 0.30 * line - dark - dot + light
            return Texel(0.5 * a + 0.6 * line - 0.8 * dot, tone, a - dark + light, 0)
        }
    }
}
