import Capture
import Imaging
import Synchronization
import Testing

/// The image, the number and the position of a strip come from the same lines.
struct LinePositionTests {
    private static let height = 20, overlap = 5

    /// Strips of blocks of the material's lines, each block with what is said of it.
    private func strips(
        _ steps: [ScriptedCamera.Step], countsPerLine: Double = 0,
        clock: @escaping @Sendable () -> Int = { 0 }
    ) throws -> [StripCopy] {
        let layout = try StripLayout(
            height: Self.height, overlap: Self.overlap, lentStrips: 3, countsPerLine: countsPerLine)
        let camera = LineScanCamera(
            ScriptedCamera(steps, width: CodedLines.width), layout: layout, timeoutMilliseconds: 400,
            clock: clock)
        return CaptureTests.strips(of: camera)
    }

    private func block(
        _ lines: Range<Int>, lost: UInt32 = 0, encoder: Int? = nil, hasError: Bool = false
    ) -> ScriptedCamera.Step {
        var header = FrameHeader()
        header.lostCount = lost
        header.hasError = hasError
        if let encoder {
            header.encoder = Int32(truncatingIfNeeded: encoder)
            header.hasEncoder = true
        }
        return .block(header, rows: CodedLines.lines(lines))
    }

    @Test("lost buffers move the numbering on by their lines, at every place, with no stale row")
    func lostBuffers() throws {
        for lostAt in 1..<12 {
            for lostCount in [1, 2, 7] {
                var steps: [ScriptedCamera.Step] = [], line = 0
                for index in 0..<24 {
                    let lost = index == lostAt ? lostCount : 0
                    line += lost * 6
                    steps.append(block(line..<line + 6, lost: UInt32(lost)))
                    line += 6
                }
                let strips = try strips(steps + [.ended])
                #expect(strips.allSatisfy { $0.isAtItsPosition && $0.hasNoStaleRow })
                #expect(strips.allSatisfy { !$0.header.lineFlags.contains(.uncertain) })
                #expect(strips.reduce(0) { $0 + $1.header.lostCount } == UInt32(lostCount))
                let seen = Set(strips.flatMap { $0.realRows.map(CodedLines.number) })
                #expect(seen.count == 24 * 6, "every line that came is in a strip")
            }
        }
    }

    @Test("a damaged block counts as lost, and none of its rows is shown")
    func damagedBlock() throws {
        let steps = (0..<20).map { block($0 * 6..<$0 * 6 + 6, hasError: $0 == 7) }
        let strips = try strips(steps + [.ended])
        #expect(strips.allSatisfy { $0.isAtItsPosition && $0.hasNoStaleRow })
        let seen = Set(strips.flatMap { $0.realRows.map(CodedLines.number) })
        #expect(seen.isDisjoint(with: 42..<48) && seen.count == 19 * 6)
    }

    @Test("when the encoder stops, the time limit closes the strip, zeroed behind its last line")
    func encoderStops() throws {
        let steps =
            (0..<5).map { block($0 * 6..<$0 * 6 + 6) } + [.nothing, .nothing]
            + (5..<10).map { block($0 * 6..<$0 * 6 + 6) } + [.ended]
        // Half a second passes whenever the camera looks.
        let clock = Ticks()
        let strips = try strips(steps, clock: { clock.next() })
        #expect(strips.allSatisfy { $0.isAtItsPosition && $0.hasNoStaleRow })
        #expect(strips[0].header.validLineCount == 20)
        #expect(strips[1].header.firstLine == 15 && strips[1].header.validLineCount == 15)
        #expect(strips[1].header.lineFlags == .incomplete)
        #expect(
            strips[2].header.firstLine == 30, "the next strip starts at the next line, its overlap all new")
        #expect(strips[2].header.validLineCount == 20)
    }

    private final class Ticks: Sendable {
        private let time = Atomic<Int>(0)
        func next() -> Int { time.add(500_000_000, ordering: .relaxed).newValue }
    }

    @Test(
        "the encoder's count of a strip is that of its first line, between any two stamps",
        arguments: [4, -4])
    func interpolation(countsPerLine: Int) throws {
        for blockHeight in [1, 3, 6, 20, 33, 64] {
            let steps = (0..<600 / blockHeight).map {
                block(
                    $0 * blockHeight..<($0 + 1) * blockHeight,
                    encoder: 2_147_483_000 + $0 * blockHeight * countsPerLine)
            }
            for strip in try strips(steps + [.ended], countsPerLine: Double(countsPerLine)) {
                let line = Int(strip.header.firstLine)
                #expect(strip.isAtItsPosition && strip.header.hasEncoder)
                #expect(
                    strip.header.encoder
                        == Int32(truncatingIfNeeded: 2_147_483_000 + line * countsPerLine))
            }
        }
    }

    @Test("lines lost from blocks of unlike heights are counted by the encoder, or the numbers are uncertain")
    func unlikeHeights() throws {
        let heights = [6, 9, 4, 6, 11, 6, 8, 20, 20]
        for hasEncoder in [true, false] {
            var steps: [ScriptedCamera.Step] = [], line = 0
            for (index, height) in heights.enumerated() {
                if index == 4 { line += 17 }
                steps.append(
                    block(
                        line..<line + height, lost: index == 4 ? 2 : 0, encoder: hasEncoder ? line * 8 : nil))
                line += height
            }
            let strips = try strips(steps + [.ended], countsPerLine: 8)
            #expect(strips.allSatisfy { $0.hasNoStaleRow })
            if hasEncoder {
                #expect(strips.allSatisfy { $0.isAtItsPosition && !$0.header.lineFlags.contains(.uncertain) })
            } else {
                #expect(strips.last?.header.lineFlags.contains(.uncertain) == true)
            }
        }
    }

    @Test("moving backwards closes the strip, and what is seen twice is marked until it is passed")
    func reverse() throws {
        // Forwards to position 60, back to 30, forwards again; the encoder says 10 counts a line.
        var steps = stride(from: 0, to: 60, by: 6).map { block($0..<$0 + 6, encoder: $0 * 10) }
        var shown = 60
        for position in stride(from: 59, to: 30, by: -6) {
            steps.append(block(shown..<shown + 6, encoder: position * 10))
            shown += 6
        }
        for position in stride(from: 30, to: 150, by: 6) {
            steps.append(block(shown..<shown + 6, encoder: position * 10))
            shown += 6
        }
        let strips = try strips(steps + [.ended], countsPerLine: 10)
        #expect(strips.allSatisfy { $0.isAtItsPosition && $0.hasNoStaleRow })
        // The stamp of the first block that went back is still above that of the block before.
        let closed = try #require(strips.first { $0.header.lineFlags.contains(.incomplete) })
        #expect(60...66 ~= closed.header.firstLine + UInt64(closed.header.validLineCount))
        #expect(closed.header.lineFlags.contains([.uncertain, .repeated]))
        for strip in strips {
            let lines = Int(strip.header.firstLine)..<Int(strip.header.firstLine) + strip.realRows.count
            let isMarked = strip.header.lineFlags.contains(.repeated)
            // A turn is seen one block late, which may already be in a strip that is out.
            if lines.overlaps(66..<120) { #expect(isMarked, "lines \(lines)") }
            if !lines.overlaps(60..<120) { #expect(!isMarked, "lines \(lines)") }
        }
    }

    @Test("a lost camera makes the numbers uncertain for as long as the stream goes on")
    func lostCamera() throws {
        let lost = CameraTransition(from: .streaming, to: .lost, reason: .deviceGone)
        let steps =
            (0..<5).map { block($0 * 6..<$0 * 6 + 6) } + [.transition(lost)]
            + (5..<10).map { block($0 * 6..<$0 * 6 + 6) } + [.ended]
        let strips = try strips(steps)
        #expect(strips.allSatisfy { $0.hasNoStaleRow })
        #expect(
            strips.filter { $0.header.firstLine < 30 }.allSatisfy {
                !$0.header.lineFlags.contains(.uncertain)
            })
        #expect(
            strips.filter { $0.header.firstLine >= 30 }.allSatisfy {
                $0.header.lineFlags.contains(.uncertain)
            })
    }

    @Test("a stream that is started anew begins at line 0 and is certain of it")
    func startedAnew() throws {
        let lost = CameraTransition(from: .streaming, to: .lost, reason: .deviceGone)
        let layout = try StripLayout(height: Self.height, overlap: Self.overlap, lentStrips: 3)
        let steps =
            [block(0..<6), .transition(lost), block(6..<12), .nothing]
            + (0..<5).map { block($0 * 6..<$0 * 6 + 6) }
        var camera = LineScanCamera(
            ScriptedCamera(steps, width: CodedLines.width), layout: layout, timeoutMilliseconds: 400)
        while true {
            if case .nothing = camera.next(timeoutMilliseconds: 0) { break }
        }
        camera.close()
        var strip: StripCopy?
        while strip == nil, case .frame(let frame) = camera.next(timeoutMilliseconds: 0) {
            strip = StripCopy(frame)
        }
        let first = try #require(strip)
        #expect(first.header.firstLine == 0)
        #expect(first.header.lineFlags == [])
        #expect(first.isAtItsPosition)
    }

    @Test("millimetres follow the encoder over the wrap of its 32 bits, or the line without one")
    func millimetres() {
        var positions = LinePositions(countsPerMillimetre: -4, linesPerMillimetre: 10)
        var strip = FrameHeader()
        strip.firstLine = 25
        #expect(positions.millimetres(of: strip) == 2.5)
        strip.hasEncoder = true
        for step in 0..<5 {
            strip.encoder = Int32(truncatingIfNeeded: -2_147_483_640 - step * 8)
            #expect(positions.millimetres(of: strip) == Double(step) * 2)
        }
        var unknown = LinePositions(countsPerMillimetre: 0, linesPerMillimetre: 0)
        #expect(unknown.millimetres(of: strip) == nil)
    }
}
