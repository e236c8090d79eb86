extension Scene {
    /// Plain-woven linen: every other yarn over, every other under.
    static func woven(_ plan: ScenePlan) -> Scene {
        let pitch = max(6, Int((8 * plan.scale).rounded()))
        var scene = Scene(drawing: weave(plan, pitch: pitch), fine: fibres(plan), plan: plan, isSheet: true)
        // Warp and weft.
        scene.materials[Int(MaterialIndex.body)] = Material(
            1.03, 1, 0.90, fine: Texel(0.28, 0.20, 0.5, 0), coarse: Texel(0, 0.10, 0, 0))
        scene.materials[Int(MaterialIndex.second)] = Material(
            1.06, 1, 0.86, fine: Texel(0.28, 0.20, 0.5, 0), coarse: Texel(0, 0.10, 0, 0))
        scene.light.slant = SIMD2(0.45, 0.5)
        scene.light.ambient = 0.52
        scene.light.diffuse = 0.52
        scene.light.specular = 0.12
        scene.light.roughness = SIMD2(0.5, 0.5)
        scene.light.glance = SIMD2(0.2, 0.2)
        scene.inkIsLight = false
        scene.materials[Int(MaterialIndex.ink)] = Material(0.86, 0.96, 1.2, fine: Texel(), coarse: Texel())
        scene.letterSize = 46 * plan.scale
        return scene
    }

    private static func weave(_ plan: ScenePlan, pitch: Int) -> Drawing {
        let columns = 64, rows = 62
        let width = columns * pitch, height = rows * pitch
        let wave = Noise(seed: plan.seed &+ 51), yarn = Noise(seed: plan.seed &+ 52)
        let slub = Noise(seed: plan.seed &+ 53)
        var drawing = Drawing(
            width: width, height: height, repeats: true, texel: Texel(), material: MaterialIndex.body)
        for y in 0..<height {
            for x in 0..<width {
                // Yarns are never quite straight.
                let u = Float(x) / Float(width), v = Float(y) / Float(height)
                let px = Float(x) / Float(pitch) + 0.20 * wave.value(u * 64, v * 9, columns: 64, rows: 9)
                let py =
                    Float(y) / Float(pitch) + 0.20 * wave.value(u * 9, v * 62 + 0.5, columns: 9, rows: 62)
                let column = Int(px.rounded(.down)), row = Int(py.rounded(.down))
                let fx = px - Float(column), fy = py - Float(row)
                let i = column.wrapped(to: columns), j = row.wrapped(to: rows)
                let side: Float = (i + j) % 2 == 0 ? 1 : -1

                let warpWidth = 0.94 + 0.12 * slub.value(Float(i) * 3.7, v * 11, columns: 0, rows: 11)
                let weftWidth = 0.94 + 0.12 * slub.value(u * 11, Float(j) * 3.7, columns: 11, rows: 0)
                let warp = bulge((fx - 0.5) * 2 / warpWidth), weft = bulge((fy - 0.5) * 2 / weftWidth)
                let warpHeight = warp * 1.2 + side * 0.7 * bulge((fy - 0.5) * 1.7) - (warp > 0 ? 0 : 4)
                let weftHeight = weft * 1.2 - side * 0.7 * bulge((fx - 0.5) * 1.7) - (weft > 0 ? 0 : 4)

                let isWarp = warpHeight > weftHeight
                let height = max(max(warpHeight, weftHeight), -1.4)
                let along = isWarp ? py : px, across = isWarp ? fx : fy
                // The twist of the yarn, and the tone of each.
                let turn = (along * 2.6 + across * 1.4) - (along * 2.6 + across * 1.4).rounded(.down)
                let twist = abs(turn - 0.5) * 2
                let tone = isWarp ? yarn.value(Float(i) * 1.3, 5) : yarn.value(7, Float(j) * 1.3)
                let depth = step(-1.5, 1.1, height)
                let albedo = (0.58 + 0.05 * tone) * (0.42 + 0.58 * depth) * (0.92 + 0.10 * twist)
                let shift = Float(pitch) / 8
                drawing.swatch[x, y] = Texel(height * 1.5 * shift, albedo, 0.5 * depth, -1000)
                drawing.setMaterial(x, y, isWarp ? MaterialIndex.body : MaterialIndex.second)
            }
        }
        return drawing
    }

    /// The cross-section of a yarn: 1 in the middle, 0 at +-1 and beyond.
    private static func bulge(_ t: Float) -> Float { max(0, 1 - t * t).squareRoot() }

    private static func fibres(_ plan: ScenePlan) -> Swatch {
        let fuzz = Noise(seed: plan.seed &+ 54), tone = Noise(seed: plan.seed &+ 55)
        return Swatch(width: 512, height: 499) { x, y in
            let u = Float(x) / 512, v = Float(y) / 499
            let a = fuzz.value(u * 230, v * 225, columns: 230, rows: 225)
            let b = tone.value(u * 60, v * 240, columns: 60, rows: 240)
            return Texel(a, 0.55 * a + 0.45 * b, a, 0)
        }
    }
}
