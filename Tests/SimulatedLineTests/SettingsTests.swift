import Imaging
import SimulatedLine
import Testing

struct SettingsTests {
    @Test(
        "frames that are too small or too large, and rates that cannot be, are refused with the allowed range"
    )
    func refused() {
        for size in [
            Size(width: 63, height: 480), Size(width: 640, height: 0), Size(width: 16_385, height: 64),
            Size(width: 8_192, height: 4_097),
        ] {
            let settings = Lines.settings(.brushed, .parts, size: size)
            #expect(throws: SimulatedLineError.badSize(size)) { _ = try ProductionLine(settings) }
        }
        for rate in [-1, 1_000_001] {
            let settings = Lines.settings(.brushed, .parts, defectsPerMillion: rate)
            #expect(throws: SimulatedLineError.badDefectRate(rate)) { _ = try ProductionLine(settings) }
        }
        let text = SimulatedLineError.badSize(Size(width: 3, height: 4)).description
        #expect(
            text == "A simulated line cannot have frames of 3x4. Choose sides of 64 to 16384 pixels, "
                + "33554432 pixels in all at most.")
    }

    @Test("every surface renders at odd, tall and wide sizes", arguments: Lines.all)
    func sizes(surface: Surface, form: LineSettings.Form) throws {
        for size in [Size(width: 64, height: 64), Size(width: 67, height: 201), Size(width: 333, height: 65)]
        {
            var line = try ProductionLine(
                Lines.settings(surface, form, size: size, defectsPerMillion: 1_000_000))
            for index in 0..<4 {
                let part = line.part(index)
                // Light and dark places, and neither lost in black nor in white.
                #expect(Set(part.grey).count > 25, "\(size)")
                let mean = part.grey.reduce(0) { $0 + Int($1) } / part.grey.count
                #expect(12...220 ~= mean, "\(size)")
            }
        }
    }

    @Test("another pixel format, too little memory and lines of parts are refused")
    func misuse() throws {
        var line = try ProductionLine(Lines.settings(.tile, .parts))
        var memory = [UInt8](repeating: 0, count: 192 * 144)
        let count = memory.count
        var target = memory.mutableSpan
        #expect(throws: SimulatedLineError.badFormat(.yuyv)) {
            try line.render(part: 0, as: .yuyv, into: &target)
        }
        #expect(throws: SimulatedLineError.targetTooSmall(byteCount: count, needed: 3 * count)) {
            try line.render(part: 0, as: .rgb24, into: &target)
        }
        #expect(throws: SimulatedLineError.notAWeb) {
            try line.render(lines: 0..<4, as: .grey, into: &target)
        }
        #expect(throws: SimulatedLineError.notAWeb) { _ = try line.lines(0..<4) }
    }

    @Test("the contact sheet has a row per surface and six pictures in each")
    func sheet() throws {
        let image = try ContactSheet.drawn(
            of: [.cast, .woven], seed: 1, frameSize: Size(width: 96, height: 72))
        #expect(image.size == Size(width: 6 * 52 + 4, height: 2 * 58 + 4))
    }
}
