import Imaging
import SimulatedLine
import Testing

struct DeterminismTests {
    @Test("a frame does not depend on the frames rendered before it", arguments: Lines.all)
    func framesAreIndependent(surface: Surface, form: LineSettings.Form) throws {
        let settings = Lines.settings(surface, form, defectsPerMillion: 500_000)
        var first = try ProductionLine(settings)
        var second = try ProductionLine(settings)
        let forwards = (0..<6).map { first.part($0) }
        let backwards = (0..<6).reversed().map { second.part($0) }
        #expect(forwards == backwards.reversed())
        #expect(Set(forwards.map(\.grey)).count == 6)
    }

    @Test("another seed, another frame number and another surface give other pixels")
    func everythingCounts() throws {
        var a = try ProductionLine(Lines.settings(.cast, .parts, seed: 1))
        var b = try ProductionLine(Lines.settings(.cast, .parts, seed: 2))
        #expect(a.part(0).grey != b.part(0).grey)
        #expect(a.part(0).grey != a.part(1).grey)
    }

    @Test("rendering into memory of the caller gives the bytes of part(_:)", arguments: Lines.all)
    func callersMemory(surface: Surface, form: LineSettings.Form) throws {
        var line = try ProductionLine(Lines.settings(surface, form, defectsPerMillion: 500_000))
        for index in [0, 9] {
            let part = line.part(index)
            var grey = [UInt8](repeating: 1, count: part.grey.count)
            var colour = [UInt8](repeating: 1, count: part.colour.pixels.count)
            var mask = grey
            var target = colour.mutableSpan
            try line.render(part: index, as: .rgb24, into: &target)
            target = grey.mutableSpan
            let defect = try line.render(part: index, as: .grey, into: &target)
            target = mask.mutableSpan
            try line.copyMask(into: &target)
            #expect(grey == part.grey && colour == part.colour.pixels && mask == part.mask)
            #expect(defect == part.defect)
        }
    }

    /// One digest per surface of frame 0 with seed 1 at 192 x 144, in grey, as parts and as a web. They change
    /// when what the line looks like changes, and never from machine to machine.
    private static let pins: [Surface: (parts: UInt64, web: UInt64)] = [
        .brushed: (0xbd7a_c328_f76a_ae02, 0x1079_1847_2422_7dc0),
        .cast: (0x3874_cdcc_3bda_1429, 0x506f_c923_ddf4_bacb),
        .woven: (0xdb2e_0fd5_96b5_df60, 0x521d_b9c3_0937_2a3f),
        .board: (0xd0ee_dde0_5c54_524b, 0xd4cf_e356_3b66_439f),
        .tile: (0x4dbe_fa7a_85cc_f3a6, 0x770a_f425_5f94_0868),
        .moulding: (0x2d1e_a9ff_5a67_8a10, 0x1f26_df75_31d5_6721),
    ]

    @Test("the first frame of every surface has the same bytes on every machine", arguments: Surface.allCases)
    func pinned(surface: Surface) throws {
        var parts = try ProductionLine(Lines.settings(surface, .parts, seed: 1, defectsPerMillion: 1_000_000))
        var web = try ProductionLine(Lines.settings(surface, .web, seed: 1, defectsPerMillion: 1_000_000))
        let found = (Lines.digest(parts.part(0).grey), Lines.digest(web.part(0).grey))
        let pin = try #require(DeterminismTests.pins[surface])
        #expect(
            found == pin,
            "\(surface): (0x\(String(found.0, radix: 16)), 0x\(String(found.1, radix: 16)))")
    }
}
