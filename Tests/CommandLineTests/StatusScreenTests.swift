import Testing
import linewatch

/// The screen of `linewatch status --watch`, without a terminal.
struct StatusScreenTests {
    private static let colours = TerminalAbility(colours: .palette, hasBlocks: true)
    private static let plain = TerminalAbility(colours: .none, hasBlocks: false)

    private static func result(_ seq: UInt64, verdict: Int) -> ResultRow {
        var result = ResultRow()
        (result.seq, result.job, result.verdict, result.camera) = (seq, Int(seq), verdict, 1)
        (result.score, result.x, result.y, result.width, result.height) = (13_250, 512, 88, 40, 22)
        (result.latencyMicroseconds, result.time) = (41_200, 1_795_230_293_123 + Int64(seq) * 100)
        result.reasonName = verdict == 2 ? "anomaly" : ""
        return result
    }

    private static var picture: WatchPicture {
        var report = StationReport()
        (report.station, report.server, report.state, report.isReady) = ("ST10", "linewatchd/0.1.0", 5, true)
        report.alarms = AlarmRow.all(in: 1)
        (report.counters.ok, report.counters.ng, report.time) = (97, 3, 1_795_230_293_123)
        var camera = StationReport.CameraRow()
        (camera.id, camera.name, camera.state, camera.fps) = (1, "top", "streaming", 30)
        report.cameras = [camera]
        let results = (1...40).map { result($0, verdict: $0 % 4 == 0 ? 2 : 1) }
        let thumbnail = Thumbnail(
            pixels: [UInt8](repeating: 200, count: 3 * 64 * 48), width: 64, height: 48, columns: 16, rows: 6)
        let defects = results.filter { $0.verdict == 2 }.suffix(4).reversed().enumerated().map {
            WatchPicture.Defect(result: $0.element, picture: $0.offset == 0 ? nil : thumbnail)
        }
        return WatchPicture(
            report: report, results: results, defects: defects, trouble: nil, secondsFromUTC: 0)
    }

    @Test("whatever the size of the window, no line is wider and there are not more lines than fit")
    func sizes() {
        for width in [1, 20, 40, 79, 80, 132, 300] {
            for height in [1, 2, 5, 10, 24, 50, 120] {
                for ability in [Self.colours, Self.plain] {
                    let lines = StatusScreen(width: width, ability: ability).lines(
                        Self.picture, height: height)
                    #expect(lines.count <= height, "\(lines.count) lines of \(height)")
                    #expect(lines.allSatisfy { $0.width <= max(width, 20) })
                }
            }
        }
    }

    @Test("a large window shows state, alarm, camera, defects with their pictures, and newest results first")
    func content() {
        let lines = StatusScreen(width: 120, ability: Self.colours).lines(Self.picture, height: 50).map(
            \.plain)
        #expect(lines[0].hasPrefix("ST10  running") && lines[0].hasSuffix("linewatchd/0.1.0  03:04:53"))
        #expect(lines[1].hasPrefix("ALARM  camera lost"))
        #expect(lines.contains { $0.contains("OK 97 (97.0 %)") })
        #expect(lines.contains { $0.contains("(no picture)") && $0.contains("\u{2580}") })
        #expect(lines.contains { $0.hasPrefix("40 cam 1          36 cam 1") })
        let heading = lines.firstIndex { $0.hasPrefix("time") } ?? 0
        #expect(lines[heading + 1].contains(" 40 ") && lines[heading + 2].contains(" 39 "))
        #expect(lines[heading + 1].contains("NG") && lines[heading + 1].contains("1.3"))
        #expect(lines.last == "q quits")
    }

    @Test("a daemon that does not answer is said above what was last known")
    func trouble() {
        var picture = Self.picture
        picture.trouble = "Nobody answers. Trying again."
        let lines = StatusScreen(width: 100, ability: Self.plain).lines(picture, height: 40).map(\.plain)
        #expect(lines[1] == "Nobody answers. Trying again.")
        #expect(picture.summary.plain == "Nobody answers. Trying again.")
    }

    @Test("the bar shows every verdict that occurs, and fills its length")
    func bar() {
        var counters = StationReport.Counters()
        (counters.ok, counters.ng) = (999_999, 1)
        let bar = StatusScreen(width: 50, ability: Self.plain).bar(counters)
        #expect(bar.plain == String(repeating: "o", count: 49) + "#")
        #expect(StatusScreen(width: 50, ability: Self.plain).bar(.init()).plain == "no results yet")
    }

    @Test("the line for output that is no screen has state, cameras, counters and alarms")
    func summary() {
        let text = Self.picture.summary.plain
        for words in ["03:04:53  ST10  running", "cameras 1/1", "NG 3 (3.0 %)", "alarms: camera lost"] {
            #expect(text.contains(words), "\(text)")
        }
    }
}

/// Text in styles.
struct StyledLineTests {
    @Test("a line is clipped by columns, a wide character never in half")
    func clipping() {
        var line = StyledLine("ab", .bold)
        line.append("\u{68C0}\u{67E5}", .good)
        #expect(line.width == 6)
        #expect(line.clipped(to: 3).plain == "ab")
        #expect(line.clipped(to: 4).plain == "ab\u{68C0}")
        #expect(line.clipped(to: 0).plain == "")
        #expect(line.padded(to: 8).plain == "ab\u{68C0}\u{67E5}  ")
    }

    @Test("styles become sequences only where the terminal has colours, and each piece ends plain")
    func sequences() {
        var line = StyledLine("a", .bad)
        line.append("b")
        line.append("\u{2580}", .cell(upper: Colour(255, 0, 0), lower: Colour(8, 8, 8)))
        #expect(line.text(for: .init(colours: .none, hasBlocks: true)) == "ab\u{2580}")
        #expect(
            line.text(for: .init(colours: .palette, hasBlocks: true))
                == "\u{1B}[1;31ma\u{1B}[0mb\u{1B}[38;5;196;48;5;232m\u{2580}\u{1B}[0m")
        #expect(
            line.text(for: .init(colours: .direct, hasBlocks: true))
                .contains("\u{1B}[38;2;255;0;0;48;2;8;8;8m\u{2580}"))
    }

    @Test("NO_COLOR, a pipe and a terminal without abilities get no colour")
    func abilities() {
        let terminal = ["TERM": "xterm-256color", "LANG": "en_GB.UTF-8"]
        #expect(
            TerminalAbility(environment: terminal, isTerminal: true)
                == .init(colours: .palette, hasBlocks: true))
        #expect(TerminalAbility(environment: terminal, isTerminal: false).colours == .none)
        let modern = terminal.merging(["COLORTERM": "truecolor"]) { $1 }
        #expect(TerminalAbility(environment: modern, isTerminal: true).colours == .direct)
        for (key, value) in [("NO_COLOR", "1"), ("TERM", "dumb"), ("TERM", "")] {
            #expect(
                TerminalAbility(environment: modern.merging([key: value]) { $1 }, isTerminal: true).colours
                    == .none)
        }
        #expect(
            !TerminalAbility(environment: ["LC_ALL": "C", "LANG": "de_DE.UTF-8"], isTerminal: true).hasBlocks)
    }
}

/// Pictures of a few characters.
struct ThumbnailTests {
    private static let colours = TerminalAbility(colours: .direct, hasBlocks: true)
    private static let plain = TerminalAbility(colours: .none, hasBlocks: false)

    /// Grey of `level` with one pixel of `colour`.
    private static func picture(_ level: UInt8, width: Int, height: Int, hot: Int?, _ colour: [UInt8])
        -> [UInt8]
    {
        var pixels = [UInt8](repeating: level, count: 3 * width * height)
        if let hot { pixels.replaceSubrange(3 * hot..<3 * hot + 3, with: colour) }
        return pixels
    }

    @Test("one red pixel of a large grey picture is still seen, in its own cell only")
    func smallDefect() {
        let pixels = Self.picture(120, width: 1_280, height: 960, hot: 500 * 1_280 + 700, [255, 0, 0])
        let thumbnail = Thumbnail(pixels: pixels, width: 1_280, height: 960, columns: 16, rows: 6)
        #expect(thumbnail.isHot.count { $0 } == 1)
        #expect(thumbnail.pixels[6 * 16 + 8] == Colour(255, 0, 0))
        #expect(thumbnail.pixels[0] == Colour(120, 120, 120))
        let text = thumbnail.lines(for: Self.plain).map(\.plain)
        #expect(text.joined().count { $0 == "@" } == 1)
        #expect(Array(text[3])[8] == "@")
    }

    @Test("a cell is the mean of its pixels, and half blocks carry two of them")
    func mean() {
        let pixels: [UInt8] = [0, 0, 0, 100, 100, 100, 200, 200, 200, 250, 250, 250]
        let thumbnail = Thumbnail(pixels: pixels, width: 2, height: 2, columns: 1, rows: 1)
        #expect(thumbnail.pixels == [Colour(50, 50, 50), Colour(225, 225, 225)])
        let line = thumbnail.lines(for: Self.colours)[0]
        #expect(line.pieces.map(\.style) == [.cell(upper: Colour(50, 50, 50), lower: Colour(225, 225, 225))])
    }

    @Test("without colour brightness is one of six shades, dark to light")
    func shades() {
        let levels: [(UInt8, String)] = [(0, " "), (60, "."), (110, ":"), (160, "-"), (210, "="), (255, "+")]
        for (level, shade) in levels {
            let pixels = Self.picture(level, width: 4, height: 4, hot: nil, [])
            let thumbnail = Thumbnail(pixels: pixels, width: 4, height: 4, columns: 2, rows: 1)
            #expect(thumbnail.lines(for: Self.plain).map(\.plain) == [shade + shade], "\(level)")
        }
    }

    @Test("a picture smaller than its cells fills them all")
    func tiny() {
        let thumbnail = Thumbnail(pixels: [1, 2, 3], width: 1, height: 1, columns: 16, rows: 6)
        #expect(thumbnail.pixels == [Colour](repeating: Colour(1, 2, 3), count: 16 * 12))
    }

    @Test("bytes that are no picture are refused, not drawn")
    func damaged() {
        #expect(throws: (any Error).self) {
            try Thumbnail(encoded: [1, 2, 3], path: "x", columns: 16, rows: 6)
        }
    }
}
