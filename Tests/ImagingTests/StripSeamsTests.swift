import Imaging
import Testing

struct StripSeamsTests {
    private let strips = (0..<4).map { StripLines(strip: $0, first: $0 * 80, count: 100) }

    private func box(_ strip: Int, line: Int, count: Int, x: Int = 10, width: Int = 5) -> StripBox {
        StripBox(
            Region(x: x, y: line - strip * 80, width: width, height: count), strip: strip,
            firstLine: strip * 80)
    }

    @Test("a defect that both strips saw in their overlap is one, and the earlier strip's")
    func overlap() {
        var boxes = [box(0, line: 85, count: 6), box(1, line: 85, count: 6)]
        StripSeams.assign(&boxes, among: strips)
        #expect(boxes.count == 1)
        #expect(boxes[0].strip == 0 && boxes[0].line == 85 && boxes[0].lineCount == 6)
    }

    @Test("a defect that reaches out of the overlap belongs to the strip with its centre, whole")
    func reachingOut() {
        var boxes = [box(0, line: 90, count: 10), box(1, line: 90, count: 60)]
        StripSeams.assign(&boxes, among: strips)
        #expect(boxes.count == 1)
        #expect(boxes[0].strip == 1 && boxes[0].line == 90 && boxes[0].lineCount == 60)
    }

    @Test("boxes that only share an edge are one, and those a pixel apart are two")
    func edges() {
        var touching = [box(0, line: 90, count: 10), box(1, line: 100, count: 10)]
        StripSeams.assign(&touching, among: strips)
        #expect(touching.count == 1)
        var apart = [box(0, line: 90, count: 9), box(1, line: 100, count: 10)]
        StripSeams.assign(&apart, among: strips)
        #expect(apart.map(\.strip) == [0, 1])
        var beside = [box(0, line: 85, count: 6), box(1, line: 85, count: 6, x: 16)]
        StripSeams.assign(&beside, among: strips)
        #expect(beside.count == 2)
    }

    @Test("boxes of one strip stay apart unless a neighbour's box joins them")
    func sameStrip() {
        var boxes = [box(0, line: 82, count: 6), box(0, line: 88, count: 6)]
        StripSeams.assign(&boxes, among: strips)
        #expect(boxes.count == 2)
        boxes.append(box(1, line: 84, count: 8))
        StripSeams.assign(&boxes, among: strips)
        #expect(boxes.count == 1 && boxes[0].line == 82 && boxes[0].lineCount == 12)
    }

    @Test("a crack along the web through four strips is one defect")
    func longCrack() {
        var boxes = (0..<4).map { box($0, line: $0 * 80, count: 100) }
        StripSeams.assign(&boxes, among: strips)
        #expect(boxes.count == 1 && boxes[0].lineCount == 340 && boxes[0].strip == 1)
    }

    @Test("every box that was found lies inside one that is reported")
    func nothingLost() {
        var state: UInt64 = 0x5EED
        func random(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        for _ in 0..<200 {
            let original = (0..<1 + random(12)).map { _ in
                let strip = random(4)
                return box(
                    strip, line: strip * 80 + random(80), count: 1 + random(20), x: random(60),
                    width: 1 + random(20))
            }
            var boxes = original
            StripSeams.assign(&boxes, among: strips)
            for part in original {
                #expect(
                    boxes.contains {
                        $0.x <= part.x && $0.line <= part.line && part.x + part.width <= $0.x + $0.width
                            && part.line + part.lineCount <= $0.line + $0.lineCount
                    })
            }
        }
    }
}
