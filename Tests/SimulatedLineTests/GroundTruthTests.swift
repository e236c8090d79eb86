import Imaging
import SimulatedLine
import Testing

struct GroundTruthTests {
    @Test(
        "the mask holds exactly the pixels that the defect changes, whatever the surface and the kind",
        arguments: Lines.all)
    func maskIsExact(surface: Surface, form: LineSettings.Form) throws {
        var line = try ProductionLine(Lines.settings(surface, form))
        for (number, kind) in DefectKind.allCases.enumerated() {
            let index = 3 + 5 * number
            let flawed = line.part(index, defect: .forced(kind))
            let good = line.part(index, defect: .none)
            let defect = try #require(flawed.defect, "\(kind)")

            #expect(good.defect == nil && good.mask.allSatisfy { $0 == 0 })
            #expect(defect.kind == kind)
            var low = (x: Int.max, y: Int.max), high = (x: 0, y: 0), count = 0, wrong = 0
            for pixel in 0..<flawed.size.pixelCount {
                let change = abs(Int(flawed.grey[pixel]) - Int(good.grey[pixel]))
                let colours = 3 * pixel..<3 * pixel + 3
                let isSameColour = flawed.colour.pixels[colours] == good.colour.pixels[colours]
                guard flawed.mask[pixel] != 0 else {
                    wrong += change == 0 && isSameColour ? 0 : 1
                    continue
                }
                wrong += change >= 2 && !isSameColour ? 0 : 1
                count += 1
                let x = pixel % flawed.size.width, y = pixel / flawed.size.width
                low = (min(low.x, x), min(low.y, y))
                high = (max(high.x, x), max(high.y, y))
            }
            #expect(wrong == 0, "\(kind)")
            #expect(count == defect.changedPixelCount && count > 0, "\(kind)")
            let box = Region(x: low.x, y: low.y, width: high.x - low.x + 1, height: high.y - low.y + 1)
            #expect(box == defect.region, "\(kind)")
        }
    }

    @Test("a colour pixel in the mask has changed, one outside it has not")
    func colourIsExact() throws {
        var line = try ProductionLine(Lines.settings(.board, .parts))
        var changed = 0
        for index in 0..<12 {
            let flawed = line.part(index, defect: .forced(.stain)), good = line.part(index, defect: .none)
            for byte in flawed.colour.pixels.indices
            where flawed.colour.pixels[byte] != good.colour.pixels[byte] {
                #expect(flawed.mask[byte / 3] == 255)
                changed += 1
            }
        }
        #expect(changed > 0)
    }

    @Test("of 4000 parts at 50000 ppm, as many have a defect as chance allows", arguments: Surface.allCases)
    func rate(surface: Surface) throws {
        let line = try ProductionLine(Lines.settings(surface, .parts, defectsPerMillion: 50_000))
        let count = (0..<4_000).count { line.drawnDefect(ofPart: $0) != nil }
        // Five standard deviations of a binomial: sqrt(4000 * 0.05 * 0.95) = 13.8.
        #expect(abs(count - 200) <= 69)
    }

    @Test("no part has a defect at 0 ppm and every part at 1000000 ppm")
    func extremes() throws {
        var good = try ProductionLine(Lines.settings(.cast, .parts, defectsPerMillion: 0))
        var bad = try ProductionLine(Lines.settings(.cast, .parts, defectsPerMillion: 1_000_000))
        for index in 0..<20 {
            #expect(good.part(index).defect == nil)
            let defect = bad.part(index).defect
            #expect(defect != nil && defect?.kind == bad.drawnDefect(ofPart: index))
        }
    }

    @Test("all kinds that a surface usually gets are drawn")
    func kinds() throws {
        for surface in Surface.allCases {
            let line = try ProductionLine(Lines.settings(surface, .parts, defectsPerMillion: 1_000_000))
            let drawn = Set((0..<300).compactMap { line.drawnDefect(ofPart: $0) })
            #expect(drawn == Set(surface.usualDefects))
        }
    }

    @Test("defects range from faint to plain and from a few pixels to hundreds")
    func variety() throws {
        var line = try ProductionLine(
            Lines.settings(
                .brushed, .parts, size: Size(width: 320, height: 240), defectsPerMillion: 1_000_000))
        let defects = (0..<60).compactMap { line.part($0).defect }
        #expect(defects.contains { $0.strength < 0.3 } && defects.contains { $0.strength > 0.7 })
        #expect(defects.contains { $0.changedPixelCount < 60 })
        #expect(defects.contains { $0.changedPixelCount > 400 })
    }
}
