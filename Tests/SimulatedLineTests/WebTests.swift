import Imaging
import SimulatedLine
import Testing

struct WebTests {
    @Test("any split of the lines of a web gives the lines of the whole", arguments: Surface.allCases)
    func splits(surface: Surface) throws {
        let settings = Lines.settings(
            surface, .web, size: Size(width: 96, height: 64), defectsPerMillion: 700_000)
        var line = try ProductionLine(settings)
        let whole = try line.lines(100..<400)
        #expect(!whole.defects.isEmpty)

        var state: UInt64 = 5
        for _ in 0..<6 {
            var pieces: [RenderedLines] = []
            var start = 100
            while start < 400 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                // Mostly a few lines, sometimes more than a segment.
                let count = 1 + Int(state >> 33) % (state >> 60 == 0 ? 150 : 30)
                pieces.append(try line.lines(start..<min(400, start + count)))
                start += count
            }
            #expect(pieces.flatMap(\.grey) == whole.grey)
            #expect(pieces.flatMap(\.mask) == whole.mask)
            for piece in pieces.flatMap(\.defects) { #expect(whole.defects.contains(piece)) }
        }
    }

    @Test("segment n as a frame is lines n * height up to (n + 1) * height")
    func segments() throws {
        let settings = Lines.settings(
            .board, .web, size: Size(width: 96, height: 64), defectsPerMillion: 700_000)
        var line = try ProductionLine(settings)
        let lines = try line.lines(192..<448)
        let parts = (3..<7).map { line.part($0) }
        #expect(parts.flatMap(\.grey) == lines.grey)
        #expect(parts.flatMap(\.mask) == lines.mask)
        #expect(parts.compactMap(\.defect) == lines.defects.map(\.defect))

        var colour = [UInt8](repeating: 0, count: 3 * 96 * 256)
        var target = colour.mutableSpan
        try line.render(lines: 192..<448, as: .rgb24, into: &target)
        #expect(parts.flatMap(\.colour.pixels) == colour)
    }

    @Test("a web without end does not repeat within ten thousand lines")
    func endless() throws {
        var line = try ProductionLine(Lines.settings(.cast, .web, size: Size(width: 64, height: 64)))
        let first = try line.lines(0..<8).grey
        for start in [496, 512, 998, 1_024, 4_096, 10_000] {
            let other = try line.lines(start..<start + 8).grey
            let change = zip(first, other).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
            // Noise alone makes about two grey levels.
            #expect(Double(change) / Double(first.count) > 4, "line \(start)")
        }
    }

    @Test("line numbers of a year of running still give pictures")
    func farAway() throws {
        var line = try ProductionLine(Lines.settings(.woven, .web, size: Size(width: 64, height: 64)))
        let far = 200_000 * 3_600 * 24 * 365
        let lines = try line.lines(far..<far + 64)
        #expect(Set(lines.grey).count > 20)
    }
}
