extension Scene {
    /// A moulded cover of dark plastic; as a web, an extruded profile.
    static func moulding(_ plan: ScenePlan) -> Scene {
        var plan = plan
        let drawing = plan.isWeb ? profile(&plan) : cover(&plan)
        var scene = Scene(drawing: drawing, fine: sparkGrain(plan), plan: plan, isSheet: plan.isWeb)
        scene.materials[Int(MaterialIndex.body)] = Material(
            0.90, 0.99, 1.14, fine: Texel(0.42, 0.10, 0.30, 0), coarse: Texel(0.9, 0.07, 0.25, 0))
        // Polished: ribs and rim.
        scene.materials[Int(MaterialIndex.second)] = Material(
            0.92, 0.99, 1.12, fine: Texel(0.10, 0.04, 0.1, 0), coarse: Texel(0.8, 0.06, 0.2, 0))
        scene.light.slant = SIMD2(0.7, 0.85)
        scene.light.ambient = 0.38
        scene.light.diffuse = 0.78
        scene.light.specular = 0.75
        scene.light.roughness = SIMD2(0.22, 0.22)
        scene.light.glance = SIMD2(0.26, 0.28)
        scene.light.spread = SIMD2(0.55, 0.55)
        scene.letterSize = 24 * plan.scale
        return scene
    }

    private static func cover(_ plan: inout ScenePlan) -> Drawing {
        let s = plan.scale, width = plan.pixels(540), height = plan.pixels(390)
        var drawing = Drawing(
            width: width, height: height, repeats: false, texel: Texel(0, 0.19, 0.45, -1000),
            material: MaterialIndex.body)
        let middle = SIMD2(Float(width), Float(height)) / 2
        let flash = Noise(seed: plan.seed &+ 71)
        let block = Shape.box(middle, middle - 14 * s, radius: 52 * s)
        // A thin flash stands out of the parting line here and there.
        drawing.outline(
            Shape(box: block.box) {
                block.distance($0) - 3 * s * max(0, flash.value($0.x / (30 * s), $0.y / (30 * s)) - 0.25)
            })
        drawing.fill(.frame(middle, middle - 31 * s, 8 * s), material: MaterialIndex.second) {
            $0.x += 4 * s * step(0, -7 * s, $1)
        }
        for rib in 0..<9 {
            let x = middle.x + (22 + Float(rib) * 21) * s
            drawing.fill(
                .line(SIMD2(x, middle.y - 92 * s), SIMD2(x, middle.y + 92 * s), 6.5 * s),
                material: MaterialIndex.second
            ) { $0.x += 6 * s * step(0, -6.5 * s, $1) }
        }
        let mark = middle + SIMD2(-120, -30) * s
        drawing.fill(.ring(mark, 56 * s, 4.5 * s), material: MaterialIndex.second) {
            $0.x += 3 * s * step(0.5, -3 * s, $1)
        }
        drawing.write("LW", at: mark + SIMD2(-31, -22) * s, size: 44 * s, weight: 4.2 * s) {
            $0.x = max($0.x, 3 * s * step(0.5, -3.2 * s, $1))
        }
        let number = "PA6-" + Lettering.number(&plan.random).suffix(2)
        drawing.write(number, at: mark + SIMD2(-56, 78) * s, size: 19 * s, weight: 1.9 * s) {
            $0.x = max($0.x, 1.5 * s * step(0.5, -1.5 * s, $1))
        }
        for corner in [SIMD2<Float>(-1, -1), [1, -1], [-1, 1], [1, 1]] {
            let centre = middle + corner * (middle - 68 * s)
            drawing.fill(.disc(centre, 23 * s), material: MaterialIndex.second) {
                $0.x += 4 * s * step(0, -4 * s, $1)
            }
            drawing.fill(.disc(centre, 12 * s)) {
                $0.x -= 14 * s * step(0, -6 * s, $1)
                $0.y = 0.19 - 0.15 * step(-1, -6 * s, $1)
                $0.z = 0.1
            }
        }
        // Ejector pins leave faint rings, the gate a small stump.
        for pin in [SIMD2<Float>(-40, -112), [-186, 96], [-8, 112]] {
            drawing.fill(.ring(middle + pin * s, 12 * s, 1.2 * s)) { texel, _ in texel.x -= 0.8 * s }
        }
        drawing.fill(.disc(middle + SIMD2(-22, 60) * s, 5 * s)) { $0.x += 2 * s * step(0, -3 * s, $1) }
        drawing.bevel(width: 13 * s, height: 9 * s)
        return drawing
    }

    /// A profile along y: two ribs, a groove, and a raised number every 480 lines.
    private static func profile(_ plan: inout ScenePlan) -> Drawing {
        let s = plan.scale, width = plan.pixels(320), height = plan.pixels(480)
        var drawing = Drawing(
            width: width, height: height, repeats: true, texel: Texel(0, 0.19, 0.45, -1000),
            material: MaterialIndex.body)
        for (x, halfWidth, rise) in [(60, 13, 7), (112, 13, 7), (250, 9, -6)] as [(Float, Float, Float)] {
            drawing.everywhere { texel, point in
                texel.x += rise * s * step(0, -halfWidth * s, abs(point.x - x * s) - halfWidth * s)
            }
        }
        let number = Lettering.number(&plan.random)
        drawing.write(number, at: SIMD2(196, 130) * s, size: 22 * s, weight: 2.2 * s, turned: true) {
            $0.x = max($0.x, 1.8 * s * step(0.5, -1.8 * s, $1))
        }
        return drawing
    }

    /// The grain that spark erosion leaves in the mould.
    private static func sparkGrain(_ plan: ScenePlan) -> Swatch {
        let fine = Noise(seed: plan.seed &+ 72), flow = Noise(seed: plan.seed &+ 73)
        return Swatch(width: 512, height: 499) { x, y in
            let u = Float(x) / 512, v = Float(y) / 499
            let a = fine.fractal(u * 128, v * 124, octaves: 2, columns: 128, rows: 124)
            let b = flow.fractal(u * 14, v * 12, octaves: 3, columns: 14, rows: 12)
            return Texel(a, 0.4 * a + 0.6 * b, 0.6 * a + 0.4 * b, 0)
        }
    }
}
