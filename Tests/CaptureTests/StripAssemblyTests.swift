import Capture
import Imaging
import Testing

struct StripAssemblyTests {
    private static func random(_ state: inout UInt64, below count: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % count
    }

    @Test(
        "the strips of an image are the same for every split of it into blocks, and equal the image",
        arguments: [(16, 4), (16, 8), (7, 0), (1, 0), (64, 30), (13, 6)])
    func everySplit(height: Int, overlap: Int) throws {
        let total = 200
        var state: UInt64 = 0x5EED
        for attempt in 0..<60 {
            // Blocks of one height first, then of any.
            var blocks: [ScriptedCamera.Step] = [], first = 0
            while first < total {
                let wanted = attempt < 40 ? attempt * 5 + 1 : Self.random(&state, below: 40) + 1
                let count = min(total - first, wanted)
                var header = FrameHeader()
                header.sequence = UInt32(blocks.count)
                blocks.append(.block(header, rows: CodedLines.lines(first..<first + count)))
                first += count
            }
            let layout = try StripLayout(height: height, overlap: overlap, lentStrips: 2)
            let camera = LineScanCamera(
                ScriptedCamera(blocks + [.ended], width: CodedLines.width, padding: attempt % 2 * 28),
                layout: layout, timeoutMilliseconds: 1000)
            let strips = strips(of: camera)
            for (index, strip) in strips.enumerated() {
                #expect(strip.header.firstLine == UInt64(index * (height - overlap)))
                let start = Int(strip.header.firstLine), end = min(start + height, total)
                #expect(Array(strip.realRows) == CodedLines.lines(start..<end))
                #expect(strip.hasNoStaleRow)
                #expect(strip.header.lineFlags == (end - start < height ? .incomplete : []))
            }
            let last = try #require(strips.last)
            #expect(Int(last.header.firstLine) + Int(last.header.validLineCount) == total)
        }
    }

    @Test("a strip on loan is never written, however many come after it")
    func loansStay() throws {
        let layout = try StripLayout(height: 8, overlap: 2, lentStrips: 2)
        let blocks = (0..<40).map { block in
            ScriptedCamera.Step.block(FrameHeader(), rows: CodedLines.lines(block * 5..<block * 5 + 5))
        }
        var camera = LineScanCamera(
            ScriptedCamera(blocks, width: CodedLines.width), layout: layout, timeoutMilliseconds: 1000)
        guard case .frame(let held) = camera.next(timeoutMilliseconds: 0) else {
            Issue.record("no strip")
            return
        }
        let before = StripCopy(held)
        var count = 0
        while case .frame = camera.next(timeoutMilliseconds: 0) { count += 1 }
        // The memory came round to the strip that is held, and no line was written over it.
        #expect(count >= 1 && count < 30)
        #expect(StripCopy(held).rows == before.rows)
        _ = consume held
        guard case .frame(let next) = camera.next(timeoutMilliseconds: 0) else {
            Issue.record("no strip after the loan came back")
            return
        }
        #expect(StripCopy(next).isAtItsPosition)
        #expect(StripCopy(next).header.firstLine == UInt64((count + 1) * 6))
    }

    @Test("planes, and colours that need the row below, are refused with the formats that can be had")
    func formats() throws {
        let layout = try StripLayout(height: 8, overlap: 2, lentStrips: 2)
        for format in PixelFormat.allCases {
            let lines = StreamFormat(
                pixelFormat: format, size: Size(width: 64, height: 8), bytesPerRow: 64 * 3)
            if format.planeCount > 1 || format.isBayer {
                #expect(throws: LineScanError.unsuitableFormat(format)) {
                    _ = try StripAssembler(layout, lines: lines)
                }
            } else {
                _ = try StripAssembler(layout, lines: lines)
            }
        }
    }

    @Test("a layout that makes no strip is refused")
    func layouts() {
        #expect(throws: LineScanError.self) { try StripLayout(height: 0, overlap: 0, lentStrips: 1) }
        #expect(throws: LineScanError.self) { try StripLayout(height: 8, overlap: 5, lentStrips: 1) }
        #expect(throws: LineScanError.self) { try StripLayout(height: 8, overlap: -1, lentStrips: 1) }
        #expect(throws: LineScanError.self) { try StripLayout(height: 8, overlap: 4, lentStrips: 65) }
    }
}
